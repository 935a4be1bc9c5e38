"""Write pass.json: pass codes with the verdict that every reader must give, in Python and in JavaScript.

Run `python tests/vectors/make.py` from the project's root; the same bytes come out each time. It packs and
signs with `struct` and `cryptography` alone: so the file tests o2o's own code and does not copy its mistakes.

How to read the file: `good` have a `text`, its `kind`, the `token` in it, a live one its `step`; the `verdict`
of a bound code is `copy`, for it has no proof. `bad` have a `text` and the `verdict`. `flips` turn one bit of
the number that the digits of the good code `of` spell (bit 0 is the lowest): every bit of `first`..`last`
gives `verdict`. `truncations` keep the first n digits of `of`, 0 <= n < all, and give `verdict`.
`freshness` judges a drift in steps, `steps` number half minutes, `points` find y by x and parity (null: no
such point), `short_codes` bring what was typed into its stored `code` (null: none) and that to its `hash`.
"""

import hashlib
import json
from pathlib import Path

import bearer
import live
from parts import DOMAIN, PLAIN, private_key, public

HERE = Path(__file__).parent
# Typed, and what it must become.
TYPED = {
    "ABCD-EFGH-JKMN": "ABCDEFGHJKMN",
    "abcdefghjkmn": "ABCDEFGHJKMN",
    "0123 4567 89AZ": "0123456789AZ",
    "oooo-iiii-llll": "000011111111",
    "OOOO IIII LLLL": "000011111111",
    "  PQRS\u2010TVWX\u2014YZ01\n": "PQRSTVWXYZ01",
    "PQRS\u2212TVWX\uff0dYZ01": "PQRSTVWXYZ01",
    "\u3000\uff30\uff31\uff32\uff33\uff34\uff36\uff37\uff38\uff39\uff3a\uff10\uff11\u00a0": "PQRSTVWXYZ01",
    "PQRS\x1cTVWX\x85YZ01": "PQRSTVWXYZ01",
    "ABCDEFGHJKMN" + " " * 52: "ABCDEFGHJKMN",
    "ABCDEFGHJKMN" + " " * 53: None,
    "": None,
    "ABCDEFGHJKM": None,
    "ABCDEFGHJKMNP": None,
    "ABCDEFGHJKMU": None,
    "ABCDEFGHJKM!": None,
    "ABCDEFGHJKM_": None,
    "ABCDEFGHJKM\u00c9": None,
    "ABCDEFGHJKM\u0131": None,
    "ABCDEFGHJKM\u00df": None,
    "\ufeffABCDEFGHJKMN": None,
    "ABCDEFGHJKMN\u200b": None,
    "ABCDEFGHJKM\u0665": None,
    "ABCDEFGHJKMN\0": None,
    "\U0001f600" * 40: None,
}


def flips(name, flags, sections):
    """Return the verdict of each flipped bit of the plain token's code, run by run, from the highest bit down.

    `sections` are (bits, verdict) of what follows the 33 bytes of type and body.
    """
    runs = []
    end = 8 * 33 + sum(width for width, _ in sections)

    def run(width, verdict):
        last = runs[-1]["first"] - 1 if runs else end - 1
        runs.append({"first": last - width + 1, "last": last, "verdict": verdict})

    run(8, "format")  # type byte
    for bit in range(7, -1, -1):  # key 1: flipped to 0, 3, 5, 9, 17 ... none of which is known
        run(1, "unknown_key" if PLAIN["kid"] ^ (1 << bit) not in (1, 2) else "signature")
    for bit in range(7, -1, -1):  # flags: 1 goes with the type, 0 needs a device key, 7 has no meaning
        run(1, "format" if bit in (1, 7) or (bit == 0 and not flags & 2) else "signature")
    run(64 + 32 + 32, "signature")  # pass, terms, scope
    for field in ("not_before", "expires"):
        for bit in range(31, -1, -1):
            window = PLAIN | {field: PLAIN[field] ^ (1 << bit)}
            run(1, "signature" if window["not_before"] < window["expires"] else "format")
    for bit in range(7, -1, -1):
        run(1, "signature" if PLAIN["uses"] ^ (1 << bit) else "format")
    run(8 + 32, "signature")  # gen, value
    for width, verdict in sections:
        run(width, verdict)
    assert runs[-1]["first"] == 0, runs[-1]
    return {"of": name, "runs": merged(runs)}


def merged(runs):
    """Join neighbouring runs of one verdict."""
    kept = []
    for piece in runs:
        if kept and kept[-1]["verdict"] == piece["verdict"]:
            kept[-1]["first"] = piece["first"]
        else:
            kept.append(dict(piece))
    return kept


def freshness():
    """Yield the verdict of every drift, in steps, with both clocks confirmed and with one that is not."""
    for drift in range(-25, 26):
        is_green = -3 <= drift <= 1
        yield {"drift": drift, "proven": True, "verdict": "ok" if is_green else "stale_code"}
        unproven = "ok" if is_green else "amber" if -20 <= drift <= 20 else "clock"
        yield {"drift": drift, "proven": False, "verdict": unproven}
    # A till one hour back, one day forward; and the largest steps there are.
    for drift in (120, -2880, 2**32 - 1, 1 - 2**32):
        yield {"drift": drift, "proven": True, "verdict": "stale_code"}
        yield {"drift": drift, "proven": False, "verdict": "clock"}


def steps():
    """Yield instants in milliseconds since the epoch and their step."""
    for ms in (0, 1, 29_999, 30_000, 1_795_334_400_000, 1_795_334_429_999, 1_795_334_430_000):
        yield {"ms": ms, "step": ms // 30_000}
    # Europe's clocks go back at 2026-10-25 01:00 UTC: steps run on.
    for ms in range(1_792_889_940_000, 1_792_890_060_001, 30_000):
        yield {"ms": ms, "step": ms // 30_000}


def short_codes():
    """Yield what people type with the stored form and what a till keeps of it."""
    for typed, code in TYPED.items():
        kept = hashlib.sha256(b"o2o.short.v1\0" + code.encode()).hexdigest()[:32] if code else None
        yield {"typed": typed, "code": code, "hash": kept}


def vectors():
    """Return the whole file as data."""
    good = [*bearer.good(), *live.good()]
    bad = [*bearer.bad(), *live.bad()]
    return {
        "about": "Made by make.py; see there. The keys are public knowledge: never use them for passes.",
        "domain": DOMAIN.decode(),
        "proof_domain": live.PROOF_DOMAIN.decode(),
        "keys": {kid: public(private_key(kid)) for kid in ("1", "2")},
        "good": good,
        "bad": [{"name": name, "text": text, "verdict": verdict} for name, text, verdict in bad],
        "flips": [
            flips("plain", 0, [(512, "signature")]),
            flips("bound, plain", 2, [(256 + 512, "signature")]),
            flips("live, plain", 2, [(256 + 512, "signature"), (32 + 512, "proof")]),
        ],
        "truncations": [
            {"of": name, "verdict": "format"} for name in ("plain", "bound, plain", "live, plain")
        ],
        "freshness": list(freshness()),
        "steps": list(steps()),
        "points": list(live.points()),
        "short_codes": list(short_codes()),
    }


def as_text():
    """Return the file's text."""
    return json.dumps(vectors(), indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    (HERE / "pass.json").write_text(as_text(), encoding="ascii")
