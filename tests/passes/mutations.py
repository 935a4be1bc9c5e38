"""Codes that were tampered with: a stream of seeded damage to good ones, none of which is a good one again."""

import random
from collections.abc import Callable, Iterator, Sequence

from o2o.kernel import tokens

# What a scanner, a keyboard or a forger might put into a text.
STRAY = "0123456789" * 3 + "+-_ .,eExX\n\t\0/?:aF\u00b2\u0660\u0966\uff10\u200b\ufeff\U0001d7ce"
# Where the fields of a code end, after its type byte: taking these whole is what a forger would try.
SEAMS = tuple(1 + end for end in (0, 1, 2, 10, 14, 18, 22, 26, 27, 28, 32, 64, 96, 128, 132, 164))


def change_digits(text: str, pick: random.Random, _: Sequence[str]) -> str:
    """Put one to four other digits in."""
    digits = list(text)
    for _ in range(pick.randint(1, 4)):
        digits[pick.randrange(len(digits))] = pick.choice("0123456789")
    return "".join(digits)


def swap_digits(text: str, pick: random.Random, _: Sequence[str]) -> str:
    """Let two digits change places, half of the time neighbours."""
    first = pick.randrange(len(text) - 1)
    second = first + 1 if pick.random() < 0.5 else pick.randrange(len(text))
    digits = list(text)
    digits[first], digits[second] = digits[second], digits[first]
    return "".join(digits)


def insert(text: str, pick: random.Random, _: Sequence[str]) -> str:
    """Put a digit or a stray character in."""
    at = pick.randint(0, len(text))
    return text[:at] + pick.choice(STRAY) + text[at:]


def replace(text: str, pick: random.Random, _: Sequence[str]) -> str:
    """Put a stray character in the place of a digit."""
    at = pick.randrange(len(text))
    return text[:at] + pick.choice(STRAY) + text[at + 1 :]


def cut(text: str, pick: random.Random, _: Sequence[str]) -> str:
    """Leave out digits at the end, at the start or inside."""
    first, last = sorted(pick.sample(range(len(text) + 1), 2))
    return pick.choice((text[:first], text[last:], text[:first] + text[last:], text[: first + 1]))


def change_bytes(text: str, pick: random.Random, _: Sequence[str]) -> str:
    """Change one to three bytes, sometimes one bit."""
    raw = bytearray(_bytes(text))
    for _ in range(pick.randint(1, 3)):
        raw[pick.randrange(len(raw))] ^= pick.choice((pick.randrange(1, 256), 1 << pick.randrange(8)))
    return _text(raw)


def resize(text: str, pick: random.Random, _: Sequence[str]) -> str:
    """Leave bytes out, add some, or call the code another type."""
    raw = bytearray(_bytes(text))
    at = pick.randint(1, len(raw))
    if pick.random() < 0.4:
        del raw[at : at + pick.randint(1, 40)]
    elif pick.random() < 0.6:
        raw[at:at] = pick.randbytes(pick.randint(1, 40))
    else:
        del raw[pick.choice(SEAMS) :]
    if pick.random() < 0.5:
        raw[0] = pick.choice((0xA1, 0xA2, 0xA3, 0xB1, 0xC1, pick.randrange(256)))
    return _text(raw)


def cross(text: str, pick: random.Random, others: Sequence[str]) -> str:
    """Take one run of fields from another code."""
    raw, donor = bytearray(_bytes(text)), _bytes(pick.choice(others))
    first, last = sorted(pick.sample((*SEAMS, len(raw)), 2))
    raw[first:last] = donor[first:last]
    return _text(raw)


def move(text: str, pick: random.Random, others: Sequence[str]) -> str:
    """Put another code's signature, or another part of 64 bytes, in a signature's place."""
    raw, donor = bytearray(_bytes(text)), _bytes(pick.choice(others))
    at, source = pick.choice((33, 65, 133)), pick.choice((33, 65, 133))
    raw[at : at + 64] = donor[source : source + 64]
    return _text(raw)


DAMAGE: tuple[Callable[[str, random.Random, Sequence[str]], str], ...] = (
    change_digits,
    swap_digits,
    insert,
    replace,
    cut,
    change_bytes,
    change_bytes,
    resize,
    cross,
    move,
)


def mutations(originals: Sequence[str], *, seed: int, count: int) -> Iterator[str]:
    """Yield `count` damaged codes, the same for the same seed; what came out whole is never yielded."""
    pick = random.Random(seed)
    whole = set(originals)
    while count:
        damaged = pick.choice(DAMAGE)(pick.choice(originals), pick, originals)
        if damaged not in whole:
            count -= 1
            yield damaged


def _bytes(text: str) -> bytes:
    kind, body = tokens.from_digits(text)
    return bytes([kind]) + body


def _text(raw: bytes | bytearray) -> str:
    return str(int.from_bytes(raw, "big"))
