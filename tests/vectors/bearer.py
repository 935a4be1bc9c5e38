"""Codes of passes without a phone: type 0xA1."""

from parts import DOMAIN, PLAIN, forged, pack, private_key, signed, spell, spellings


def good():
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
            "kind": "bearer",
            "verdict": "ok",
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
    whole = signed(body)
    for kind in (0x00, 0x01, 0xA0, 0xA2, 0xA3, 0xA4, 0xB1, 0xC1, 0xFF):
        yield f"type {kind:#04x} with a bearer's size", spell(kind, whole), "format"
    yield "no signature", spell(0xA1, body), "format"
    yield "one byte short", spell(0xA1, whole[:-1]), "format"
    yield "one byte long", spell(0xA1, whole + b"\0"), "format"


def bad_signatures(body):
    """Yield codes of a sound body whose signature must not hold."""
    forms = dict(forged(private_key("1"), DOMAIN + body)) | {
        "other key": signed(body, private_key("2"))[32:],
        "no domain": signed(body, domain=b"")[32:],
        "domain of the proof": signed(body, domain=b"o2o.proof.v1\0")[32:],
        "domain without its NUL": signed(body, domain=DOMAIN[:-1])[32:],
        "other body": signed(pack(value=1))[32:],
    }
    for name, form in forms.items():
        yield name, spell(0xA1, body + form), "signature"


def bad():
    """Yield name, digits and verdict of codes that must be refused."""
    body = pack()
    yield from bad_bodies(body)
    yield from bad_signatures(body)
    for name, text in spellings(spell(0xA1, signed(body))):
        yield f"spelling: {name}", text, "format"
