"""Sign, verify and spell codes: P-256 signatures, digits for QR codes, short codes for typing."""

import hashlib
import re
import secrets
import unicodedata
from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

PrivateKey = ec.EllipticCurvePrivateKey
PublicKey = ec.EllipticCurvePublicKey

SIGNATURE_BYTES: Final = 64
BEARER: Final = 0xA1
BOUND: Final = 0xA2
LIVE: Final = 0xA3
# Bytes after the type byte. A type that is not here is refused (0xB1 and 0xC1 are reserved, so not here).
CODE_BYTES: Final = {BEARER: 96, BOUND: 128, LIVE: 196}

# Order of the group of P-256 (FIPS 186-5 / SEC 2 section 2.4.2, secp256r1).
ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HALF_ORDER: Final = ORDER // 2

_CURVE: Final = ec.SECP256R1()
# RFC 6979: the same body and key give the same signature, so a pass keeps one QR however often it is drawn.
_SIGNING: Final = ec.ECDSA(SHA256(), deterministic_signing=True)
_VERIFYING: Final = ec.ECDSA(SHA256())

# int() also takes signs, spaces, underscores and digits of every script: a right must have one spelling.
_CANONICAL: Final = re.compile(r"[1-9][0-9]*")
_LONGEST: Final = len(str(256 ** (1 + max(CODE_BYTES.values()))))

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SHORT_CODE_LENGTH: Final = 12
_TYPED_LIMIT: Final = 64
_LOOKALIKES: Final = str.maketrans("OIL", "011")
_MINUS_SIGN: Final = "\u2212"
_SHORT_DOMAIN: Final = b"o2o.short.v1\0"
_HASH_DIGITS: Final = 32


def sign(key: PrivateKey, domain: bytes, body: bytes) -> bytes:
    """Return the 64-byte r‖s signature with low s of `body` under `domain`.

    `domain` ends in its only NUL byte, so that no signature made for one purpose holds for another.
    Raises ValueError for a domain of another form or a key on another curve.
    """
    _check_curve(key)
    r, s = decode_dss_signature(key.sign(_message(domain, body), _SIGNING))
    if s > HALF_ORDER:
        s = ORDER - s
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def holds(key: PublicKey, domain: bytes, body: bytes, signature: bytes) -> bool:
    """Tell whether `signature` (64 bytes, r‖s, low s) of `body` under `domain` was made by `key`.

    A high s is refused although the curve accepts it: else anybody could write a second form of a code.
    Raises ValueError for a domain of another form or a key on another curve.
    """
    _check_curve(key)
    message = _message(domain, body)
    if len(signature) != SIGNATURE_BYTES:
        return False
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:], "big")
    if not (0 < r < ORDER and 0 < s <= HALF_ORDER):
        return False
    try:
        key.verify(encode_dss_signature(r, s), message, _VERIFYING)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=512)
def point(x: bytes, parity: int) -> PublicKey | None:
    """Return the key whose 32-byte x and parity of y (0 or 1) are given; None when no such point is on the curve.

    SEC 1 section 2.3.4: y is a square root of x³ - 3x + b, and of the two roots the one with that parity.
    Remembered, for a till looks, confirms and syncs: a new key costs two thirds of a signature check more.
    """
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, bytes((2 + parity,)) + x)
    except ValueError:
        return None


def digits(kind: int, body: bytes) -> str:
    """Spell a code as the decimal digits of int(type byte ‖ body), the text of a numeric QR code.

    Raises ValueError when the type is unknown or the body has not its exact size.
    """
    if CODE_BYTES.get(kind) != len(body):
        raise ValueError(f"no code of type {kind:#x} has {len(body)} bytes")
    return str(int.from_bytes(bytes([kind]) + body, "big"))


def from_digits(text: str) -> tuple[int, bytes]:
    """Read (type, body) back from scanned digits; the only accepted spelling is the one `digits` writes.

    Raises ValueError for other characters than ASCII digits, a leading zero, too many digits, an unknown type
    and a size that is not the type's.
    """
    if len(text) > _LONGEST:
        raise ValueError("too many digits")
    if not _CANONICAL.fullmatch(text):
        raise ValueError("only ASCII digits without a leading zero")
    number = int(text)
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    kind, body = raw[0], raw[1:]
    if CODE_BYTES.get(kind) != len(body):
        raise ValueError("unknown type or wrong size")
    return kind, body


def new_short_code() -> str:
    """Return 12 random characters of Crockford's base32 (60 bits), for typing where a camera cannot read."""
    return "".join(secrets.choice(ALPHABET) for _ in range(SHORT_CODE_LENGTH))


def normal_code(text: str) -> str:
    """Return the one stored form of a typed short code.

    Case, spaces, hyphens and full-width forms do not matter; O reads as 0, I and L as 1 (Crockford's base32).
    Raises ValueError when 12 characters of the alphabet do not remain.
    """
    if len(text) > _TYPED_LIMIT:
        raise ValueError("too long for a short code")
    folded = unicodedata.normalize("NFKC", text)
    kept = "".join(char for char in folded if not _separates(char))
    if not kept.isascii():
        raise ValueError("a short code has only Latin letters and digits")
    code = kept.upper().translate(_LOOKALIKES)
    if len(code) != SHORT_CODE_LENGTH:
        raise ValueError(f"a short code has {SHORT_CODE_LENGTH} characters")
    if not set(code) <= set(ALPHABET):
        raise ValueError("a character that short codes never use")
    return code


def grouped(code: str) -> str:
    """Return a short code in three groups of four, as people read it aloud: ABCD-EFGH-JKMN."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


def code_hash(code: str) -> str:
    """Return what a till keeps of a short code in its stored form: 32 hex digits, from which no code is read."""
    return hashlib.sha256(_SHORT_DOMAIN + code.encode("ascii")).hexdigest()[:_HASH_DIGITS]


def _separates(char: str) -> bool:
    return char.isspace() or char == _MINUS_SIGN or unicodedata.category(char) == "Pd"


def _message(domain: bytes, body: bytes) -> bytes:
    if domain.find(b"\0") != len(domain) - 1 or len(domain) < 2:
        raise ValueError("a signing domain ends in its only NUL byte")
    return domain + body


def _check_curve(key: PrivateKey | PublicKey) -> None:
    if key.curve.name != ec.SECP256R1.name:
        raise ValueError("only P-256 keys sign and verify here")
