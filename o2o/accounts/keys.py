"""Spell recovery keys and codes, and keep only their digests."""

import hashlib
import hmac
import secrets
import unicodedata
from typing import Final

from o2o.kernel.tokens import ALPHABET

KEY_BYTES: Final = 16
CODE_BYTES: Final = 10
CODES: Final = 10
# 128 and 80 bits in characters of five bits each.
LENGTHS: Final = (26, 16)
_LOOKALIKES: Final = str.maketrans("OIL", "011")
_TYPED_LIMIT: Final = 100


def new_nonce() -> str:
    """Make the random part of one form: 128 bits as 32 hex characters."""
    return secrets.token_hex(16)


def recovery_key(secret: str, nonce: str) -> str:
    """Return the key that belongs to this form: pressing its button twice gives one key, not two."""
    return _spell(_derive(secret, f"recovery-key:{nonce}", KEY_BYTES))


def recovery_codes(secret: str, nonce: str) -> list[str]:
    """Return the ten codes that belong to this form."""
    return [_spell(_derive(secret, f"recovery-code:{number}:{nonce}", CODE_BYTES)) for number in range(CODES)]


def normal(text: str) -> str | None:
    """Return the one form of a typed key or code, or None when it can be neither.

    Case, spaces, dashes and full-width forms do not matter; O reads as 0, I and L as 1 (Crockford's base32).
    """
    if len(text) > _TYPED_LIMIT:
        return None
    folded = unicodedata.normalize("NFKC", text).upper().translate(_LOOKALIKES)
    bare = "".join(char for char in folded if not char.isspace() and unicodedata.category(char) != "Pd")
    return bare if len(bare) in LENGTHS and set(bare) <= set(ALPHABET) else None


def digest(text: str) -> str:
    """Return what is stored: keys have so many random bits that a slow hash would add nothing."""
    return hashlib.sha256(text.encode()).hexdigest()


def _derive(secret: str, label: str, size: int) -> bytes:
    return hmac.digest(secret.encode(), label.encode(), "sha256")[:size]


def _spell(raw: bytes) -> str:
    number = int.from_bytes(raw, "big")
    length = -(-len(raw) * 8 // 5)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))
