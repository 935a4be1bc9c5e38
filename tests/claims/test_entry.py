"""The form of a till's entry: strict, hashed as a browser does it, signed by the till."""

import json
import random
from typing import Any

import pytest

from o2o.claims.entry import FIELDS, KEYS, Malformed, claim_id_of, digest, is_signed, parse
from o2o.claims.reading import read
from o2o.kernel import clock, tokens
from tests.claims.tillkit import TillPhone
from tests.tills.phones import make_phone

TILL = TillPhone("0123456789abcdef", 7, 3, make_phone())
GOOD = TILL.write(
    {
        "act": "redeem",
        "quantity": 1,
        "text": "1" * 475,
        "pass": "f" * 16,
        "note": '柜台 \u2028 \x1f "\\ 🍜',
        "drift": -2,
    },
    clock.now(),
)
WRONG: dict[str, list[Any]] = {
    "claim_id": [
        "",
        "x",
        GOOD["claim_id"].upper(),
        GOOD["claim_id"][:14] + "1" + GOOD["claim_id"][15:],
        None,
        5,
    ],
    "seq": [0, -1, 2**31, 1.0, True, "1", None],
    "prev": ["0" * 63, "G" * 64, None],
    "till": ["", "0" * 15, "0123456789ABCDEF"],
    "shop": [0, 2**31, "7"],
    "staff": [0, None],
    "act": ["", "Redeem", "delete"],
    "pass": ["f" * 15, "g" * 16, None],
    "gen": [-1, 256, False],
    "quantity": [0, 21, 1.5],
    "text": ["", "1" * 8001, "a\ud800b", None],
    "verdict": ["refused", "maybe"],
    "reason": ["a" * 31, "<b>", None],
    "at": [-1, 2**63, 1e12, "0"],
    "offset": [10**18, -(10**18), 0.5, None],
    "drift": [2**31, 0.0, "1", True],
    "list": [-1, None],
    "list_age": [-1, 2**40],
    "mode": ["", "ONLINE"],
    "of": ["x" * 65, "é", None],
    "note": ["x" * 501, "\udfff", 3],
    "app": ["x" * 41, None],
    "hash": ["0" * 63, "A" * 64],
    "signature": ["0" * 127, "0" * 129],
}
# Numbered, not spelt: a name made of a random claim would differ from process to process.
CASES = [
    pytest.param(name, value, id=f"{name}-{number}")
    for name, values in WRONG.items()
    for number, value in enumerate(values)
]


def test_a_good_entry_is_itself() -> None:
    line = parse(json.loads(json.dumps(GOOD)))
    assert digest(line) == GOOD["hash"]
    assert is_signed(line, TILL.phone.key.public_key())
    assert json.loads(line.raw) == GOOD
    assert clock.millis(line.corrected) == GOOD["at"] + GOOD["offset"]


def test_the_hash_is_that_of_the_browsers_json() -> None:
    """JSON.stringify escapes what json.dumps escapes: quotes, backslash, control characters; nothing else."""
    entry = {**GOOD, "note": '\b\t\n\f\r\x00\x7f"\\/é\u2028🍜', "drift": None, "at": 1, "offset": 2}
    line = parse(TILL.sign(entry))
    written = json.dumps(list(line[: len(FIELDS)]), ensure_ascii=False, separators=(",", ":"))
    assert '"\\b\\t\\n\\f\\r\\u0000\x7f\\"\\\\/é\u2028🍜"' in written
    assert ",null," in written


@pytest.mark.parametrize(("name", "value"), CASES)
def test_every_wrong_field_is_named(name: str, value: Any) -> None:
    with pytest.raises(Malformed):
        parse({**GOOD, name: value})


def test_keys_are_all_there_and_no_more() -> None:
    assert set(WRONG) == KEYS
    for name in KEYS:
        with pytest.raises(Malformed, match="keys"):
            parse({key: value for key, value in GOOD.items() if key != name})
    with pytest.raises(Malformed, match="keys"):
        parse({**GOOD, "more": 1})
    for value in (None, [], "x", 5, True):
        with pytest.raises(Malformed):
            parse(value)


@pytest.mark.parametrize("offset", [-(2**40), 253_402_128_000_000])
def test_a_moment_outside_of_time_is_refused(offset: int) -> None:
    with pytest.raises(Malformed, match="at"):
        parse({**GOOD, "at": 1000, "offset": offset})


def test_a_signature_in_either_form_holds_and_no_other() -> None:
    line, key = parse(GOOD), TILL.phone.key.public_key()
    r, s = line.signature[:64], int(line.signature[64:], 16)
    assert is_signed(line._replace(signature=f"{r}{tokens.ORDER - s:064x}"), key)
    for bad in (
        f"{r}{0:064x}",
        f"{r}{tokens.ORDER:064x}",
        f"{r}{2**256 - 1:064x}",
        f"{0:064x}{s:064x}",
        "f" * 128,
    ):
        assert not is_signed(line._replace(signature=bad), key)
    assert not is_signed(line, make_phone().key.public_key())
    assert not is_signed(line._replace(quantity=2), key)


def test_every_field_is_under_the_hash() -> None:
    line = parse(GOOD)
    for place, name in enumerate(FIELDS):
        changed = 5 if isinstance(line[place], int) else "changed"
        assert digest(line._make((*line[:place], changed, *line[place + 1 :]))) != line.hash, name


def test_rubbish_never_raises() -> None:
    """Whatever is thrown at it, a batch of rubbish is a list of refusals."""
    chance = random.Random(7)
    values = [
        None,
        True,
        0,
        -1,
        2**70,
        1.5,
        float("nan"),
        "",
        "\ud800",
        "x" * 9000,
        [],
        {},
        [[]],
        {"claim_id": 1},
    ]
    batch: list[Any] = list(values)
    for _ in range(500):
        entry = dict(GOOD)
        for name in chance.sample(sorted(KEYS), chance.randint(1, 4)):
            entry[name] = chance.choice(values)
        batch.append(entry)
    key = TILL.phone.key.public_key()
    found = read(batch, till_id=TILL.id, shop_id=TILL.shop, till_key=key, issuer_keys={}, withdrawn_keys={})
    assert len(found) == len(batch)
    assert all(entry.refusal for entry in found)


def test_only_a_sound_claim_id_is_repeated_to_the_till() -> None:
    assert claim_id_of(GOOD) == GOOD["claim_id"]
    for value in ({}, {"claim_id": "<b>"}, {"claim_id": "\ud800"}, None, [], {"claim_id": 7}):
        assert claim_id_of(value) is None
