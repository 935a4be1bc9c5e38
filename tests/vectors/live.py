"""Codes of passes bound to a phone: type 0xA2 without a proof, 0xA3 with the phone's proof of half a minute."""

import hashlib
import struct

from parts import (
    DOMAIN,
    PLAIN,
    forged,
    join,
    pack,
    private_key,
    public,
    signature,
    signed,
    spell,
    spellings,
)

PROOF_DOMAIN = b"o2o.proof.v1\0"
P = 0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF
STEP = 59_130_000
GREATEST = 2**32 - 1


def phone(name):
    """Return a holder's key and the fields that bind a token to it."""
    key = private_key(f"phone {name}")
    return key, bind(public(key)["x"], int(public(key)["y"], 16) & 1)


def bind(x, parity, flags=0):
    """Return the fields that bind a token to a device key."""
    return {"device": x, "flags": flags | 2 | parity}


def phone_of_parity(parity):
    """Return the first of the numbered phones whose y has this parity."""
    phones = (phone(str(number)) for number in range(1, 100))
    return next((key, fields) for key, fields in phones if fields["flags"] & 1 == parity)


def proof_message(token, step, order=">"):
    """Return what a phone signs."""
    return PROOF_DOMAIN + hashlib.sha256(token).digest() + struct.pack(f"{order}I", step)


def prove(token, key, step=STEP):
    """Return step and signature."""
    return struct.pack(">I", step) + join(*signature(key, proof_message(token, step)))


def good():
    """Yield bound and live codes that hold, each with its fields; without a proof the verdict is a copy."""
    even, odd = phone_of_parity(0), phone_of_parity(1)
    cases = {
        "plain": (even, {}, STEP),
        "odd y": (odd, {}, STEP + 1),
        "second key": (even, {"kid": 2}, STEP),
        "fourth phone of five uses": (odd, {"uses": 5, "gen": 3, "value": 990_000}, STEP - 3),
        "online only, asks for ID, highest kind": (even, {"more": 0b0111_1100}, STEP),
        "group scope": (odd, {"scope_id": 0x8000_0001, "terms_id": GREATEST}, STEP),
        "first step": (even, {}, 0),
        "last step": (odd, {"expires": GREATEST}, GREATEST),
        "step of the highest bit": (odd, {}, 2**31),
    }
    for name, ((key, fields), changes, step) in cases.items():
        token = PLAIN | fields | {"flags": fields["flags"] | changes.get("more", 0)}
        token |= {field: value for field, value in changes.items() if field != "more"}
        whole = signed(pack(**token), private_key(str(token["kid"])))
        code = {"token": token}
        if step not in (0, GREATEST, 2**31):
            text = spell(0xA2, whole)
            yield {"name": f"bound, {name}", "kind": "bound", "verdict": "copy", "text": text} | code
        text = spell(0xA3, whole + prove(whole, key, step))
        yield {"name": f"live, {name}", "kind": "live", "verdict": "ok", "text": text, "step": step} | code


def bad_bodies():
    """Yield codes whose signatures hold and whose body must be refused all the same."""
    key, fields = phone("1")
    sound = signed(pack(**fields))
    bodies = {
        "without the flag of a device key": pack(**fields | {"flags": 0}),
        "parity without the flag of a device key": pack(**fields | {"flags": 1}),
        "unknown flag": pack(**fields | {"flags": fields["flags"] | 0x80}),
        "no uses": pack(**fields, uses=0),
        "ends when it begins": pack(**fields, expires=PLAIN["not_before"]),
    }
    for name, body in bodies.items():
        whole = signed(body)
        yield f"bound: {name}", spell(0xA2, whole), "format"
        yield f"live: {name}", spell(0xA3, whole + prove(whole, key)), "format"
    yield "bound: unknown key", spell(0xA2, signed(pack(**fields, kid=3))), "unknown_key"
    whole = signed(pack(**fields, kid=3))
    yield "live: unknown key", spell(0xA3, whole + prove(whole, key)), "unknown_key"
    shown = sound + prove(sound, key)
    for kind in (0x00, 0xA0, 0xA1, 0xA3, 0xA4, 0xB1, 0xC1):
        yield f"type {kind:#04x} with a bound code's size", spell(kind, sound), "format"
    for kind in (0x00, 0xA0, 0xA1, 0xA2, 0xA4, 0xB1, 0xC1):
        yield f"type {kind:#04x} with a live code's size", spell(kind, shown), "format"
    for kind, whole in ((0xA2, sound), (0xA3, shown)):
        yield f"type {kind:#04x}, one byte short", spell(kind, whole[:-1]), "format"
        yield f"type {kind:#04x}, one byte long", spell(kind, whole + b"\0"), "format"
    yield (
        "live: bearer token with a proof",
        spell(0xA3, signed(pack()) + prove(signed(pack()), key)),
        "format",
    )
    yield "live: proof without its step", spell(0xA3, sound + prove(sound, key)[4:]), "format"


def bad_issuers():
    """Yield codes that the issuer did not sign, the live ones with a sound proof."""
    key, fields = phone("1")
    body = pack(**fields)
    forms = dict(forged(private_key("1"), DOMAIN + body)) | {
        "other key": signed(body, private_key("2"))[64:],
        "phone's key": signed(body, key)[64:],
        "without the device key": signed(body[:32])[32:],
        "domain of the proof": signed(body, domain=PROOF_DOMAIN)[64:],
    }
    for name, form in forms.items():
        whole = body + form
        yield f"bound: issuer's {name}", spell(0xA2, whole), "signature"
        yield f"live: issuer's {name}", spell(0xA3, whole + prove(whole, key)), "signature"


def bad_proofs():
    """Yield codes that the issuer signed and the phone did not, at this step, for this token."""
    key, fields = phone("1")
    whole = signed(pack(**fields))
    other = signed(pack(**fields, gen=1))
    step = struct.pack(">I", STEP)
    forms = {f"phone's {name}": form for name, form in forged(key, proof_message(whole, STEP))} | {
        "other phone": prove(whole, phone("2")[0])[4:],
        "issuer's key": prove(whole, private_key("1"))[4:],
        "proof of another token": prove(other, key)[4:],
        "proof of the step before": prove(whole, key, STEP - 1)[4:],
        "proof of the step after": prove(whole, key, STEP + 1)[4:],
        "step in little-endian": join(*signature(key, proof_message(whole, STEP, "<"))),
        "no domain": join(*signature(key, proof_message(whole, STEP)[len(PROOF_DOMAIN) :])),
        "domain of the token": join(
            *signature(key, DOMAIN + proof_message(whole, STEP)[len(PROOF_DOMAIN) :])
        ),
        "token not hashed": join(*signature(key, PROOF_DOMAIN + whole + step)),
        "issuer's signature not in the hash": join(*signature(key, proof_message(whole[:64], STEP))),
        "no step": join(*signature(key, proof_message(whole, STEP)[:-4])),
        "issuer's signature": whole[-64:],
        "nothing": bytes(64),
    }
    for name, form in forms.items():
        yield f"live: {name}", spell(0xA3, whole + step + form), "proof"
    swapped = signed(pack(**bind(fields["device"], 1 - (fields["flags"] & 1))))
    yield "live: swapped parity", spell(0xA3, swapped + prove(swapped, key)), "proof"
    x = int(fields["device"], 16)
    for name, at in {
        "beside the phone's": off_curve(x),
        "1": 1,
        "the field": P,
        "all ones": 2**256 - 1,
    }.items():
        whole = signed(pack(**bind(f"{at:064x}", 0)))
        yield f"bound: no point has x {name}", spell(0xA2, whole), "copy"
        yield f"live: no point has x {name}", spell(0xA3, whole + prove(whole, key)), "proof"


def bad():
    """Yield name, digits and verdict of codes that must be refused."""
    yield from bad_bodies()
    yield from bad_issuers()
    yield from bad_proofs()
    for name, text in spellings(next(code["text"] for code in good() if code["kind"] == "live")):
        yield f"live spelling: {name}", text, "format"


def square(x):
    """Return x³ - 3x + b, of which y is a root."""
    b = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
    return (x**3 - 3 * x + b) % P


def off_curve(x):
    """Return the next x that no point has (Euler's criterion)."""
    while pow(square(x), (P - 1) // 2, P) == 1:
        x += 1
    return x


def points():
    """Yield x and parity of device keys with the y that belongs to them, or null."""
    for name in ("1", "2", "3"):
        point = public(phone(name)[0])
        y = int(point["y"], 16)
        yield {"x": point["x"], "parity": y & 1, "y": point["y"]}
        yield {"x": point["x"], "parity": 1 - (y & 1), "y": f"{P - y:064x}"}
        yield {"x": f"{off_curve(int(point['x'], 16)):064x}", "parity": y & 1, "y": None}
    root = pow(square(0), (P + 1) // 4, P)
    for parity in (0, 1):
        yield {"x": "0" * 64, "parity": parity, "y": f"{root if root & 1 == parity else P - root:064x}"}
    # x + P is the same number to arithmetic and another to a reader of bytes: only the small one is a point.
    for x in (P, P + 5, 2**256 - 1, 1):
        yield {"x": f"{x:064x}", "parity": 0, "y": None}
