"""What the vectors are made of: keys, bodies, signatures and spellings, by `struct` and `cryptography` alone."""

import hashlib
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

DOMAIN = b"o2o.voucher.v1\0"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

PLAIN = {
    "kid": 1,
    "flags": 0,
    "pass_id": "0123456789abcdef",
    "terms_id": 7,
    "scope_id": 42,
    "not_before": 29_500_000,
    "expires": 29_630_000,
    "uses": 1,
    "gen": 0,
    "value": 1250,
}


def private_key(name):
    """Derive a key that everybody may know from its name."""
    seed = int.from_bytes(hashlib.sha256(b"o2o test vector key " + name.encode()).digest(), "big")
    return ec.derive_private_key(seed % (ORDER - 1) + 1, ec.SECP256R1())


def pack(**changes):
    """Return a body: the plain token with `changes`, 32 bytes, or 64 with the `device` of a phone (hex)."""
    token = PLAIN | changes
    body = struct.pack(
        ">BB8sIIIIBBI",
        token["kid"],
        token["flags"],
        bytes.fromhex(token["pass_id"]),
        *(token[name] for name in ("terms_id", "scope_id", "not_before", "expires", "uses", "gen", "value")),
    )
    return body + bytes.fromhex(token.get("device", ""))


def signature(key, message):
    """Return (r, s), s low."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(SHA256(), deterministic_signing=True)))
    return r, min(s, ORDER - s)


def join(r, s):
    """Return r‖s."""
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def signed(body, key=None, domain=DOMAIN):
    """Return body and signature."""
    return body + join(*signature(key or private_key("1"), domain + body))


def spell(kind, raw):
    """Return the digits of a code."""
    return str(int.from_bytes(bytes([kind]) + raw, "big"))


def public(key):
    """Return the public point as two hex numbers."""
    point = key.public_key().public_numbers()
    return {"x": f"{point.x:064x}", "y": f"{point.y:064x}"}


def forged(key, message):
    """Yield 64 bytes in the place of a sound signature by `key` of `message`, none of which may hold."""
    r, s = signature(key, message)
    yield "high s", join(r, ORDER - s)
    yield "r is 0", join(0, s)
    yield "s is 0", join(r, 0)
    yield "r and s are 0", join(0, 0)
    yield "r is the order", join(ORDER, s)
    yield "s is the order", join(r, ORDER)
    yield "r plus the order, cut", join((r + ORDER) % 2**256, s)
    yield "r negative", join(ORDER - r, s)
    yield "r and s all ones", b"\xff" * 64
    yield "s is half the order and one", join(r, ORDER // 2 + 1)
    yield "r and s swapped", join(s, r) if r <= ORDER // 2 else join(s, ORDER - r)


def spellings(text):
    """Yield other ways to write a good code, all refused: a right has one spelling."""
    forms = {
        "empty": "",
        "zero": "0",
        "one zero before": "0" + text,
        "plus sign": "+" + text,
        "minus sign": "-" + text,
        "space before": " " + text,
        "space after": text + " ",
        "line end": text + "\n",
        "line begins": "\n" + text,
        "NUL after": text + "\0",
        "byte order mark": "\ufeff" + text,
        "zero width space": text + "\u200b",
        "underscore": text[:3] + "_" + text[3:],
        "comma": text[:3] + "," + text[3:],
        "space inside": text[:3] + " " + text[3:],
        "decimal point": text + ".0",
        "exponent": text[:-1] + "e1",
        "hexadecimal": hex(int(text)),
        "letters": "not a code",
        "address": "https://o2o.example/c/" + text,
        "full-width digits": "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in text),
        "one full-width digit": chr(ord(text[0]) - ord("0") + 0xFF10) + text[1:],
        "Arabic-Indic digits": "".join(chr(ord(digit) - ord("0") + 0x0660) for digit in text),
        "Devanagari last digit": text[:-1] + chr(ord(text[-1]) - ord("0") + 0x0966),
        "superscript two after": text + "\u00b2",
        "one digit more": text + "0",
        "twice": text + text,
        "longest number plus one digit": "9" * 476,
        "far too long": "1" * 5000,
        "half a byte more": str(int(text) << 4),
    }
    yield from forms.items()
