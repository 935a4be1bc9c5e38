"""What a search that finds nothing was probably meant as; see slips.py for how near things are looked for."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from sqlalchemy.orm import Session

from o2o.suggestions import slips, statements
from o2o.vocabulary.queries import INITIALS, LONGEST, SOUND, Kinds, Piece, pieces_of, plain, squash

MOST_HITS = 24  # beginnings that are read on
HEAD = 5  # letters of a key by which most neighbours are told to be nowhere
FARTHEST = 1.75  # one slip in a character, and three characters of the same sound


class Key(NamedTuple):
    """A key, the text it belongs to, the piece at which it begins; and for a kind's word its categories."""

    key: str
    text: str
    start: int
    kinds: tuple[str, ...] = ()
    is_synonym: bool = False


class Guess(NamedTuple):
    """A text and how far it is from what was typed; in the order of likeliness."""

    far: float
    longer: int
    is_synonym: bool
    start: int
    text: str
    kinds: tuple[str, ...]


def guesses(session: Session, query: str, kinds: Kinds, most: int = 4) -> list[str]:
    """Give texts that find something and may have been meant, the nearest first; none when nothing is similar."""
    typed = squash(query)
    if typed.isascii():
        found = _words(session, typed, kinds) or _initials(session, typed, kinds)
    else:
        found = _characters(session, pieces_of(query), kinds)
    there = statements.there(session, {key for guess in found for key in guess.kinds})
    best: dict[str, Guess] = {}
    for guess in sorted(found):
        key = squash(guess.text)
        if key != typed and (not guess.kinds or there & set(guess.kinds)):
            best.setdefault(key, guess)
    return [guess.text for guess in best.values()][:most]


def _words(session: Session, typed: str, kinds: Kinds) -> list[Guess]:
    """Look for a Latin word, or pinyin, with one slip."""
    if not slips.SHORTEST_WORD <= len(typed) <= slips.LONGEST_WORD:
        return []
    near = slips.of_word(typed)
    keys = [*near, *(SOUND + plain(word) for word in near)]
    wanted = set(keys)
    found = []
    for one in _begun(session, _first(session, _alive(session, keys, kinds), kinds), kinds):
        pieces = pieces_of(one.text)
        said, heard = "", SOUND
        for end in range(one.start, min(len(pieces), one.start + 9)):
            said, heard = said + pieces[end].text, plain(heard + pieces[end].sound)
            is_word = said in wanted and len(said) >= slips.SHORTEST_WORD
            part = pieces[one.start : end + 1]
            is_sound = heard in wanted and len(part) > 1 and any(piece.is_han for piece in part)
            if is_word or is_sound:
                first = said[:1] if is_word else heard[1:2]
                found.append(_guess(1 + (first != typed[0]) / 4, 0, one, one.start, end + 1))
    return found


def _initials(session: Session, typed: str, kinds: Kinds) -> list[Guess]:
    """Look for a whole name or dish by its initials, with one slip on either side."""
    if len(typed) not in slips.INITIALS_LENGTHS or not typed.isalpha():
        return []
    keys = {INITIALS + word: far for word, far in slips.of_initials(typed).items()}
    hits = [key for key, first in _first(session, list(keys), kinds, whole=True) if first == key]
    found = []
    for one in _equal(session, hits, kinds):
        count = len(pieces_of(one.text))
        if count - one.start == len(one.key) - 1 and not one.is_synonym:
            away = keys[one.key] + (one.key[1] != typed[0]) + (one.start > 0) / 4
            found.append(_guess(away, abs(len(one.key) - 1 - len(typed)), one, one.start, count))
    return found


def _characters(session: Session, typed: Sequence[Piece], kinds: Kinds) -> list[Guess]:
    """Look for Chinese with a wrong, missing, extra or swapped character."""
    count = len(typed)
    if not 2 <= count <= slips.MOST_SYLLABLES:
        return []
    whole, begun = slips.of_syllables([piece.sound for piece in typed])
    first = _first(session, [SOUND + sound for sound in whole], kinds)
    keys = _begun(session, [*first, *((SOUND + sound, SOUND + sound) for sound in begun)], kinds)
    asked = [(piece.text, piece.sound) for piece in typed]
    found: dict[str, Guess] = {}
    for one in dict.fromkeys(keys):
        pieces = pieces_of(one.text)
        for low in {one.start, max(0, one.start - 1)}:
            for high in range(low + max(2, count - 1), min(len(pieces), low + count + 1) + 1):
                said = pieces[low:high]
                away = slips.cost(asked, [(piece.text, piece.sound) for piece in said])
                if is_similar(typed, said, away):
                    guess = _guess(away, abs(high - low - count), one, low, high)
                    found[one.text] = min(found.get(one.text, guess), guess)
    return list(found.values())


def _guess(far: float, longer: int, one: Key, low: int, high: int) -> Guess:
    return Guess(far, longer, one.is_synonym, low, written(pieces_of(one.text), low, high), one.kinds)


def is_similar(typed: Sequence[Piece], said: Sequence[Piece], away: float) -> bool:
    """Tell whether characters may have been meant: enough of them stay, and a short text keeps its ends by sound."""
    if away > FARTHEST:
        return False
    sounds = sum(one.sound == other.sound for one, other in zip(typed, said, strict=False))
    if away < 1:  # the same sounds
        return True
    if sorted(piece.text for piece in typed) == sorted(piece.text for piece in said):
        return True
    kept = {piece.text for piece in typed} & {piece.text for piece in said}
    ends = typed[0].sound == said[0].sound and typed[-1].sound == said[-1].sound
    return bool(kept) and (ends or (len(typed) > 3 and len(kept) * 2 >= len(typed)) or sounds >= 3)


def written(pieces: Sequence[Piece], low: int, high: int) -> str:
    """Write pieces as they stand on the sign: Latin words apart, characters together."""
    text = ""
    for piece in pieces[low:high]:
        text += (" " if text and (text[-1].isascii() or not piece.is_han) else "") + piece.raw
    return text


def _first(
    session: Session, keys: Sequence[str], kinds: Kinds, *, whole: bool = False
) -> list[tuple[str, str]]:
    """Give those keys with which anything begins, each with the first such key; whole ones come first."""
    short = [key[:LONGEST] for key in keys]
    there = statements.first_of(session, short)
    for key in short:
        first = kinds.first(key)
        if first and (key not in there or first < there[key]):
            there[key] = first
    order = [(key, there[key]) for key in dict.fromkeys(short) if key in there]
    return order if whole else sorted(order, key=lambda pair: pair[0] != pair[1])[:MOST_HITS]


def _alive(session: Session, keys: Sequence[str], kinds: Kinds) -> list[str]:
    """Leave out keys of whose heads nothing is a beginning: most neighbours of a word share a few heads."""
    heads = list(dict.fromkeys(key[:HEAD] for key in keys))
    there = {head for head, _first_key in _first(session, heads, kinds, whole=True)}
    return [key for key in keys if key[:HEAD] in there]


def _begun(session: Session, hits: Iterable[tuple[str, str]], kinds: Kinds) -> list[Key]:
    """Read on from beginnings: what they are beginnings of."""
    keys = list(dict.fromkeys(key for key, _first in hits))
    rows = statements.rows_beginning(session, keys, 60)
    found = _texts(session, [(row.key, row.phrase_id, row.start) for row in rows])
    return _of_kinds(kinds, keys) + found


def _equal(session: Session, keys: Sequence[str], kinds: Kinds) -> list[Key]:
    """Give whole keys with their texts."""
    rows = session.execute(statements.WITH_KEYS, {"keys": list(keys)}).all() if keys else []
    of_kinds = [one for one in _of_kinds(kinds, keys) if one.key in set(keys)]
    return of_kinds + _texts(session, [(row.key, row.phrase_id, row.start) for row in rows])


def _of_kinds(kinds: Kinds, keys: Iterable[str]) -> list[Key]:
    return [
        Key(whole, word.text, start, word.keys, not word.is_name)
        for key in keys
        for whole, word, start in kinds.beginning(key, 60)
    ]


def _texts(session: Session, rows: Sequence[tuple[str, int, int]]) -> list[Key]:
    """Put texts in the place of ids."""
    ids = sorted({number for _key, number, _start in rows})
    texts: dict[int, str] = dict(session.execute(statements.TEXTS, {"ids": ids}).all()) if ids else {}  # type: ignore[arg-type]
    return [Key(key, texts[number], start) for key, number, start in rows if number in texts]
