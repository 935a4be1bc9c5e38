"""The codes that posters carry: 65 random bits, short enough for a sparse QR, and readable aloud."""

import secrets
import unicodedata
from typing import Final

# Crockford's base32 in small letters: no i, l, o or u to mistake for something else.
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH: Final = 13
TYPED_LIMIT: Final = 64
PATH: Final = "/c/"
_LOOKALIKES: Final = str.maketrans("oil", "011")


def new_code() -> str:
    """Make an unguessable code."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def normal(text: str) -> str | None:
    """Return the one stored form of a typed code, None when it cannot be one.

    Case, spaces, dashes and full-width forms do not matter; o reads as 0, i and l as 1.
    """
    if len(text) > TYPED_LIMIT:
        return None
    folded = unicodedata.normalize("NFKC", text)
    kept = "".join(char for char in folded if not (char.isspace() or unicodedata.category(char) == "Pd"))
    code = kept.lower().translate(_LOOKALIKES)
    if not kept.isascii() or len(code) != LENGTH or not set(code) <= set(ALPHABET):
        return None
    return code


def grouped(code: str) -> str:
    """Spell a code in groups, as people read it aloud: 7k2m-q8x4-0w3vz."""
    return f"{code[:4]}-{code[4:8]}-{code[8:]}"


def address(base_url: str, code: str) -> str:
    """Give the address that a poster's QR holds."""
    return f"{base_url}{PATH}{code}"


def scanned(text: str, base_url: str) -> str | None:
    """Return the code in what a camera read or a person typed; None for whatever is not a code of this town.

    An address must be this site's own, letter by letter: nothing is parsed, so that no spelling of another
    origin (userinfo, look-alike letters, other schemes, other ports) can pass for it.
    """
    text = text.strip()
    own = f"{base_url}{PATH}"
    if text.startswith(own):
        code = text.removeprefix(own)
        return code if normal(code) == code else None
    return normal(text)
