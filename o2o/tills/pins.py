"""PINs that say who acts on a shared phone: which ones are taken, and what is kept of them."""

import hashlib
import itertools
import re
import secrets
from typing import NamedTuple

from o2o.kernel.errors import BadInput
from o2o.kernel.words import N_

# Tills check PINs with no network and on old phones: more rounds would keep a queue waiting.
ROUNDS = 100_000
SALT_BYTES = 16
SPELLING = re.compile(r"[0-9]{4,6}")


class Kept(NamedTuple):
    """What is kept of a PIN: PBKDF2-HMAC-SHA-256 of its ASCII digits; salt and hash in hex."""

    salt: str
    hash: str
    rounds: int


def keep(pin: str) -> Kept:
    """Derive what is kept of a PIN, before any transaction is open: it takes some hundredths of a second.

    BadInput "bad_pin" unless it has 4 to 6 ASCII digits, "weak_pin" for one digit only or digits in a row.
    """
    if not SPELLING.fullmatch(pin):
        raise BadInput("bad_pin", N_("A PIN has 4 to 6 digits."), status=422, field="pin")
    if is_weak(pin):
        sentence = N_("Anybody would try this PIN first. Please choose another.")
        raise BadInput("weak_pin", sentence, status=422, field="pin")
    salt = secrets.token_bytes(SALT_BYTES)
    return Kept(salt.hex(), derive(pin, salt, ROUNDS), ROUNDS)


def derive(pin: str, salt: bytes, rounds: int) -> str:
    """Return PBKDF2-HMAC-SHA-256 (RFC 8018) of a PIN as 64 hex digits."""
    return hashlib.pbkdf2_hmac("sha256", pin.encode("ascii"), salt, rounds).hex()


def is_weak(pin: str) -> bool:
    """Tell whether every digit follows the one before by the same step of -1, 0 or 1; after 9 comes 0."""
    steps = {(int(after) - int(before)) % 10 for before, after in itertools.pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}
