"""Write pass.json: pass codes with the verdict that every reader must give, in Python and in JavaScript.

Run `python tests/vectors/make.py` from the project's root; the same bytes come out each time. It packs and
signs with `struct` and `cryptography` alone: so the file tests o2o's own code and does not copy its mistakes.

How to read the file: `good` have a `text` and the `token` in it; `bad` have a `text` and the `verdict`;
`flips` turn one bit of the number that the digits of the good code `of` spell (bit 0 is the lowest): every
bit of `first`..`last` gives `verdict`; `truncations` keep the first n digits of `of`, 0 <= n < all, and give
`verdict`.
"""

import hashlib
import json
import struct
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

HERE = Path(__file__).parent
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
    """Return a 32-byte body: the plain token with `changes`."""
    token = PLAIN | changes
    return struct.pack(
        ">BB8sIIIIBBI",
        token["kid"],
        token["flags"],
        bytes.fromhex(token["pass_id"]),
        *(token[name] for name in ("terms_id", "scope_id", "not_before", "expires", "uses", "gen", "value")),
    )


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


def good_codes():
    """Yield codes that hold, each with its fields."""
    cases = {
        "plain": {},
        "second key": {"kid": 2},
        "online only": {"flags": 0b0000_0100},
        "asks for ID": {"flags": 0b0000_1000},
        "highest kind": {"flags": 0b0111_0000},
        "group scope": {"scope_id": 0x8000_0001},
        "five uses, third phone": {"uses": 5, "gen": 2},
        "everything at its greatest": {
            "flags": 0b0111_1100,
            "pass_id": "f" * 16,
            "terms_id": 2**32 - 1,
            "scope_id": 2**32 - 1,
            "not_before": 2**32 - 2,
            "expires": 2**32 - 1,
            "uses": 255,
            "gen": 255,
            "value": 2**32 - 1,
        },
        "everything at its least": {
            "pass_id": "0" * 16,
            "terms_id": 0,
            "scope_id": 0,
            "not_before": 0,
            "expires": 1,
            "value": 0,
        },
    }
    for name, changes in cases.items():
        token = PLAIN | changes
        yield {
            "name": name,
            "text": spell(0xA1, signed(pack(**changes), private_key(str(token["kid"])))),
            "token": token,
        }


def bad_bodies(body):
    """Yield codes whose signature holds and whose body must be refused all the same."""
    for bit, name in enumerate(("device key parity", "device key", "", "", "", "", "", "unknown flag")):
        if name:
            yield f"bearer with flag: {name}", spell(0xA1, signed(pack(flags=1 << bit))), "format"
    yield "no uses", spell(0xA1, signed(pack(uses=0))), "format"
    yield "ends when it begins", spell(0xA1, signed(pack(expires=PLAIN["not_before"]))), "format"
    yield "ends before it begins", spell(0xA1, signed(pack(expires=PLAIN["not_before"] - 1))), "format"
    yield "unknown key", spell(0xA1, signed(pack(kid=3))), "unknown_key"
    yield "key number zero", spell(0xA1, signed(pack(kid=0))), "unknown_key"
    device = bytes(31) + b"\1"
    bound = signed(pack(flags=2) + device)
    yield "bound, not accepted here", spell(0xA2, bound), "format"
    yield "live, not accepted here", spell(0xA3, bound + bytes(68)), "format"
    whole = signed(body)
    for kind in (0x00, 0x01, 0xA0, 0xA2, 0xA3, 0xA4, 0xB1, 0xC1, 0xFF):
        yield f"type {kind:#04x} with a bearer's size", spell(kind, whole), "format"
    yield "no signature", spell(0xA1, body), "format"
    yield "one byte short", spell(0xA1, whole[:-1]), "format"
    yield "one byte long", spell(0xA1, whole + b"\0"), "format"


def bad_signatures(body):
    """Yield codes of a sound body whose signature must not hold."""
    r, s = signature(private_key("1"), DOMAIN + body)
    forms = {
        "high s": join(r, ORDER - s),
        "r is 0": join(0, s),
        "s is 0": join(r, 0),
        "r and s are 0": join(0, 0),
        "r is the order": join(ORDER, s),
        "s is the order": join(r, ORDER),
        "r plus the order, cut": join((r + ORDER) % 2**256, s),
        "r negative": join(ORDER - r, s),
        "r and s all ones": b"\xff" * 64,
        "s is half the order and one": join(r, ORDER // 2 + 1),
        "r and s swapped": join(s, r) if r <= ORDER // 2 else join(s, ORDER - r),
        "other key": signed(body, private_key("2"))[32:],
        "no domain": signed(body, domain=b"")[32:],
        "domain of the proof": signed(body, domain=b"o2o.proof.v1\0")[32:],
        "domain without its NUL": signed(body, domain=DOMAIN[:-1])[32:],
        "other body": signed(pack(value=1))[32:],
    }
    for name, form in forms.items():
        yield name, spell(0xA1, body + form), "signature"


def bad_spellings(text):
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
    }
    for name, form in forms.items():
        yield f"spelling: {name}", form, "format"


def flips(body):
    """Return the verdict of each flipped bit of the 97 bytes, run by run, from the highest bit down."""
    runs = []

    def run(width, verdict):
        last = runs[-1]["first"] - 1 if runs else 775
        runs.append({"first": last - width + 1, "last": last, "verdict": verdict})

    run(8, "format")  # type byte
    for bit in range(7, -1, -1):  # key 1: flipped to 0, 3, 5, 9, 17 ... none of which is known
        run(1, "unknown_key" if PLAIN["kid"] ^ (1 << bit) not in (1, 2) else "signature")
    for bit in range(7, -1, -1):  # flags: 0 and 1 need a device key, 7 has no meaning
        run(1, "format" if bit in (0, 1, 7) else "signature")
    run(64 + 32 + 32, "signature")  # pass, terms, scope
    for name in ("not_before", "expires"):
        for bit in range(31, -1, -1):
            window = PLAIN | {name: PLAIN[name] ^ (1 << bit)}
            run(1, "signature" if window["not_before"] < window["expires"] else "format")
    for bit in range(7, -1, -1):
        run(1, "signature" if PLAIN["uses"] ^ (1 << bit) else "format")
    run(8 + 32 + 512, "signature")  # gen, value, r and s
    assert runs[-1]["first"] == 0, runs[-1]
    return {"of": "plain", "runs": merged(runs)}


def merged(runs):
    """Join neighbouring runs of one verdict."""
    kept = []
    for piece in runs:
        if kept and kept[-1]["verdict"] == piece["verdict"]:
            kept[-1]["first"] = piece["first"]
        else:
            kept.append(dict(piece))
    return kept


def vectors():
    """Return the whole file as data."""
    good = list(good_codes())
    body = pack()
    bad = [*bad_bodies(body), *bad_signatures(body), *bad_spellings(good[0]["text"])]
    return {
        "about": "Made by make.py; see there. The keys are public knowledge: never use them for passes.",
        "domain": DOMAIN.decode(),
        "keys": {kid: public(private_key(kid)) for kid in ("1", "2")},
        "good": good,
        "bad": [{"name": name, "text": text, "verdict": verdict} for name, text, verdict in bad],
        "flips": flips(body),
        "truncations": {"of": "plain", "verdict": "format"},
    }


def as_text():
    """Return the file's text."""
    return json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    (HERE / "pass.json").write_text(as_text(), encoding="ascii")
