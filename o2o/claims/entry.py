"""One entry of a till's ledger as it comes over the wire: its form, its hash, its signature. No database."""

import hashlib
import json
import re
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from o2o.kernel import clock, tokens

DOMAIN: Final = b"o2o.entry.v1\0"
# In the order in which they are hashed; a till's browser does the same (static/js/till-ledger.js).
FIELDS: Final = (
    "claim_id", "seq", "prev", "till", "shop", "staff", "act", "pass", "gen", "quantity", "text", "verdict", "reason",
    "at", "offset", "drift", "list", "list_age", "mode", "of", "note", "app",
)  # fmt: skip
KEYS: Final = {*FIELDS, "hash", "signature"}
GREATEST: Final = 2**31 - 1
# 9999-12-30: a moment that every clock here can hold, with a day to spare.
LAST_MOMENT: Final = 253_402_128_000_000
CLAIM_ID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")

_DIGEST = re.compile(r"[0-9a-f]{64}")
_ID = re.compile(r"[0-9a-f]{16}")
_PATTERNS: Final = {
    "claim_id": CLAIM_ID,
    "prev": re.compile(r"([0-9a-f]{64})?"),
    "till": _ID,
    "act": re.compile(r"redeem|annul|refuse"),
    "pass": re.compile(r"([0-9a-f]{16})?"),
    # A till writes down whatever it was shown; the largest QR code holds 7,089 digits.
    "text": re.compile(r".{0,8000}", re.DOTALL),
    "verdict": re.compile(r"ok|refused"),
    "reason": re.compile(r"[a-z_]{0,30}"),
    "mode": re.compile(r"online|offline|override"),
    "of": re.compile(r"[0-9A-Za-z-]{0,64}"),
    "note": re.compile(r".{0,500}", re.DOTALL),
    "app": re.compile(r".{0,40}", re.DOTALL),
    "hash": _DIGEST,
    "signature": re.compile(r"[0-9a-f]{128}"),
}
_RANGES: Final = {
    "seq": (1, GREATEST),
    "shop": (1, GREATEST),
    "staff": (1, GREATEST),
    "gen": (0, 255),
    "quantity": (0, 20),
    "at": (0, LAST_MOMENT),
    "offset": (-LAST_MOMENT, LAST_MOMENT),
    "drift": (-GREATEST, GREATEST),
    "list": (0, GREATEST),
    "list_age": (0, GREATEST),
}


class Malformed(Exception):
    """Say which field of an entry is not what it must be."""


class Line(NamedTuple):
    """A well-formed entry; times in milliseconds, `at` by the till's own clock, `offset` server minus till."""

    claim_id: str
    seq: int
    prev: str
    till: str
    shop: int
    staff: int
    act: str
    pass_id: str
    gen: int
    quantity: int
    text: str
    verdict: str
    reason: str
    at: int
    offset: int
    drift: int | None
    list: int
    list_age: int
    mode: str
    of: str
    note: str
    app: str
    hash: str
    signature: str

    @property
    def corrected(self) -> datetime:
        """Give the entry's time on the server's clock, as the till knew it."""
        return clock.from_millis(self.at + self.offset)

    @property
    def listed(self) -> datetime:
        """Give the moment at which the till had fetched the lists it used."""
        return self.corrected - timedelta(seconds=self.list_age)

    @property
    def raw(self) -> str:
        """Give the entry's JSON with its hash and signature, for keeping."""
        keys = (*FIELDS, "hash", "signature")
        return json.dumps(dict(zip(keys, self, strict=True)), ensure_ascii=False, separators=(",", ":"))


def parse(value: Any) -> Line:
    """Read one entry; Malformed for a missing, unknown or wrong field, or an act whose fields do not fit it."""
    if not isinstance(value, dict) or set(value) != KEYS:
        raise Malformed("keys")
    for name, pattern in _PATTERNS.items():
        _check_text(name, value[name], pattern)
    for name, (least, most) in _RANGES.items():
        _check_number(name, value[name], least, most)
    line = Line._make(value[name] for name in (*FIELDS, "hash", "signature"))
    if not 0 <= line.at + line.offset <= LAST_MOMENT:
        raise Malformed("at")
    if line.act == "redeem" and (line.verdict != "ok" or line.quantity < 1 or not line.text):
        raise Malformed("act")
    if line.act == "annul" and not line.of:
        raise Malformed("of")
    return line


def claim_id_of(value: Any) -> str | None:
    """Give the claim id of whatever came, when it has one that can be repeated to the till."""
    given = value.get("claim_id") if isinstance(value, dict) else None
    return given if isinstance(given, str) and CLAIM_ID.fullmatch(given) else None


def digest(line: Line) -> str:
    """Return the hash that an entry must carry: SHA-256 of its fields as one JSON list."""
    text = json.dumps(list(line[: len(FIELDS)]), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def is_signed(line: Line, key: tokens.PublicKey) -> bool:
    """Tell whether the entry's hash is its own and the till's key signed it; both forms of s are good here."""
    if digest(line) != line.hash:
        return False
    r, s = int(line.signature[:64], 16), int(line.signature[64:], 16)
    if s > tokens.HALF_ORDER:
        # A browser does not choose between s and n - s, and an entry is known by its hash, never by its signature.
        s = tokens.ORDER - s
    if s < 0:
        return False
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    return tokens.holds(key, DOMAIN, bytes.fromhex(line.hash), signature)


def _check_text(name: str, given: Any, pattern: re.Pattern[str]) -> None:
    if not isinstance(given, str) or not pattern.fullmatch(given):
        raise Malformed(name)
    try:
        given.encode()
    except UnicodeEncodeError as error:
        raise Malformed(name) from error


def _check_number(name: str, given: Any, least: int, most: int) -> None:
    if name == "drift" and given is None:
        return
    # True is an int in Python; a float never is one in a till's hash.
    if type(given) is not int or not least <= given <= most:
        raise Malformed(name)
