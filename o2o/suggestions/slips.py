"""What a typed text may have been meant as: one letter wrong, missing, too many or swapped; for Chinese one syllable.

The dictionary is not blown up by its own neighbourhoods. A query's neighbours are enumerated and each is one look-up
in the index of keys; initials are so short that a letter is also taken out on one side and put in on the other
(symmetric delete: rmh and rjm share rm). Everything is bounded by the length of what was typed.
"""

from collections.abc import Sequence

from o2o.vocabulary.queries import SYLLABLES

LETTERS = "abcdefghijklmnopqrstuvwxyz"
SHORTEST_WORD = 4
LONGEST_WORD = 24
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# Keys beside and diagonally below or above each other on the keyboard that pinyin is typed on.
BESIDE = {
    row[i]: "".join(
        other[j]
        for down, other in enumerate(ROWS)
        for j in range(max(0, i - 1), min(len(other), i + 2))
        if abs(down - up) <= 1 and (down, j) != (up, i)
    )
    for up, row in enumerate(ROWS)
    for i in range(len(row))
}
INITIALS_LENGTHS = range(3, 9)
MOST_SYLLABLES = 8
ENUMERATED = sorted(SYLLABLES)


def of_word(word: str) -> list[str]:
    """Give every word one slip away: swapped, missing, wrong and extra letters, at most about 1,300."""
    cuts = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    swapped = [a + b[1] + b[0] + b[2:] for a, b in cuts if len(b) > 1]
    dropped = [a + b[1:] for a, b in cuts if b]
    added = [a + letter + b for a, b in cuts for letter in LETTERS]
    changed = [a + letter + b[1:] for a, b in cuts if b for letter in LETTERS]
    return [other for other in dict.fromkeys((*swapped, *added, *dropped, *changed)) if other != word]


def of_initials(typed: str) -> dict[str, float]:
    """Give initials that may have been meant, each with how far they are.

    Swapped letters and a neighbouring key are what fingers do most (½ each, together less than any other slip, 1);
    farthest (1½) is a letter out on one side and one in on the other, where the first letter stays.
    """
    found: dict[str, float] = {}
    for i in range(1, len(typed)):
        rest = typed[:i] + typed[i + 1 :]
        for j in range(1, len(rest) + 1):
            found.update((rest[:j] + letter + rest[j:], 1.5) for letter in LETTERS)
    found.update((other, 1.0) for other in of_word(typed))
    swapped = [typed[:i] + typed[i + 1] + typed[i] + typed[i + 2 :] for i in range(len(typed) - 1)]
    for word, far in (*((word, 0.45) for word in swapped), (typed, 0.0)):
        beside = {word[:i] + key + word[i + 1 :] for i in range(len(word)) for key in BESIDE.get(word[i], "")}
        found.update((other, min(found.get(other, 2.0), far + 0.5)) for other in beside)
    found.update((word, 0.45) for word in swapped)
    return {other: far for other, far in found.items() if other != typed}


def of_syllables(sounds: Sequence[str]) -> tuple[list[str], list[str]]:
    """Give the sounds one syllable away: (whole ones to look up, beginnings to be read on and compared).

    A wrong or missing syllable inside is tried with every syllable there is when it comes second, so that the first
    alone would be too common a beginning; further on its beginning is enough.
    """
    count = len(sounds)
    whole: dict[str, None] = {"".join(sounds): None}
    begun: dict[str, None] = {}
    for i in range(count - 1):
        whole["".join((*sounds[:i], sounds[i + 1], sounds[i], *sounds[i + 2 :]))] = None
    if count > 2:
        whole.update(("".join((*sounds[:i], *sounds[i + 1 :])), None) for i in range(count))
    rests = [sounds[1:]] if count > 1 else []
    rests += [sounds[2:]] if count > 2 else []
    for rest in rests:
        whole.update(("".join((sounds[0], syllable, *rest)), None) for syllable in ENUMERATED)
    for i in range(2, count):
        begun["".join(sounds[:i])] = None
    return list(whole), list(begun)


def cost(typed: Sequence[tuple[str, str]], meant: Sequence[tuple[str, str]]) -> float:
    """Compare characters and sounds: 0 for the same, ¼ for the same sound, 1 for wrong, missing or extra."""
    before = [float(i) for i in range(len(meant) + 1)]
    older: list[float] = []
    for i, one in enumerate(typed, 1):
        row = [float(i)]
        for j, other in enumerate(meant, 1):
            same = 0.0 if one[0] == other[0] else 0.25 if one[1] == other[1] else 1.0
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + same)
            if i > 1 and j > 1 and one[0] == meant[j - 2][0] and typed[i - 2][0] == other[0]:
                best = min(best, older[j - 2] + 1)
            row.append(best)
        older, before = before, row
    return before[-1]
