"""POST /till/sync under attack: strange bytes and numbers, strangers; clear answers, never a 500, nothing leaked."""

import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from o2o.claims.models import Claim, Entry
from o2o.kernel import checks, clock, tokens
from o2o.kernel.db import begin_write, db
from o2o.passes.models import Pass
from o2o.shops.models import Role
from o2o.tills import rules as tills
from o2o.tills.models import Till
from tests.claims.test_views import message, post, refused
from tests.claims.tillkit import Counter, TillPhone, ago, open_counter
from tests.counting import counting
from tests.factories import make_account
from tests.visitor import Visitor


def kept() -> tuple[int, int]:
    db.session.rollback()
    return tuple(db.session.scalar(select(func.count()).select_from(table)) or 0 for table in (Entry, Claim))  # type: ignore[return-value]


STRANGE = {
    "seq": [0, -1, 2**31, 2**63, True, 1.0, "1", None],
    "quantity": [-1, 0, 21, 10**400, True, 1.5, float("nan"), float("inf")],
    "at": [-1, 10**18, 2**63, 1e999, "now", False],
    "offset": [-(10**18), 10**18, 0.5, None],
    "gen": [-1, 256, True],
    "drift": [2**31, -(2**31) - 1, 0.0, True],
    "list": [-1, 2**31, None],
    "list_age": [-1, 2**31, float("-inf")],
    "staff": [0, -1, 2**31, "1"],
    "act": ["REDEEM", "redeem\n", "", None, ["redeem"]],
    "pass": ["F" * 16, "0" * 15, "٠" * 16, None],
    "claim_id": ["0f0f0f0f-0000-1000-8000-000000000001", "x", "", 7, "0F0F0F0F-0000-4000-8000-000000000001"],
    "text": ["", "1" * 8001, None, 12, {"a": 1}],
    "mode": ["ONLINE", "", None],
    "note": ["x" * 501, None, "\ud800", 5],
    "of": ["x" * 65, "a b", "\u0430"],
    "hash": ["0" * 63, "G" * 64, None],
    "signature": ["0" * 127, "z" * 128, None],
}


def test_every_strange_field_is_refused_alone(staff: Visitor, counter: Counter, till: TillPhone) -> None:
    good = till.redeem(counter.sell(), ago(hours=1))
    bad = [{**good, name: value} for name, values in STRANGE.items() for value in values]
    bad += [
        {**good, "more": 1},
        {name: good[name] for name in good if name != "note"},
        [],
        5,
        None,
        "x",
        [[[]]],
    ]
    for start in range(0, len(bad), 199):
        said = post(staff, message(till, [*bad[start : start + 199], good])).json
        reasons = {word["reason"] for word in said["verdicts"][:-1]}
        assert reasons == {"format"}, reasons
        assert said["verdicts"][-1]["verdict"] in ("stored", "duplicate")
    assert kept() == (1, 1)
    assert checks.broken(db.session) == []


@pytest.mark.parametrize(
    "change",
    [
        {"text": "１２３４" * 120},
        {"text": "0" + "1" * 475},
        {"text": "9" * 8000},
        {"text": "٣" * 475},
        {"text": "\x00" * 40},
        {"text": "\u202e0123456789AB"},
        {"note": "\x00\u202e<script>'\";--", "text": "x"},
        {"app": "\x00" * 40},
        {"list_age": 2**31 - 1},
        {"at": 0, "offset": 0},
        {"at": 253_402_128_000_000, "offset": 0},
        {"drift": -(2**31) + 1},
        {"pass": "f" * 16, "gen": 255},
        {"staff": 2**31 - 1},
        {"mode": "online", "text": "9" * 475},
        {"mode": "online", "quantity": 20},
        {"mode": "override"},
        {"act": "annul", "of": "0" * 64, "quantity": 0},
        {"act": "refuse", "verdict": "ok", "pass": "f" * 16},
        {"prev": "f" * 64},
    ],
    ids=repr,
)
def test_whatever_a_till_signs_is_answered(
    staff: Visitor, counter: Counter, till: TillPhone, change: dict[str, Any]
) -> None:
    sold = counter.sell()
    till.ledger.append(till.sign({**till.redeem(sold, ago(minutes=30)), **change}))
    till.ledger.pop(0)
    answer = post(staff, message(till, till.ledger))
    assert answer.status_code == 200
    (word,) = answer.json["verdicts"]
    assert word["verdict"] in ("stored", "rejected", "conflict")
    assert post(staff, message(till, till.ledger)).json["verdicts"][0]["verdict"] != "stored"
    # Kept, so its till has no gap and nobody's money waits for it.
    assert db.session.get_one(Till, till.id).head == 1
    assert checks.broken(db.session) == []


def test_a_key_said_twice_is_judged_by_what_was_signed(
    staff: Visitor, counter: Counter, till: TillPhone
) -> None:
    good = till.redeem(counter.sell(), ago(hours=1))
    text = json.dumps(message(till, [good]))
    twice = text.replace('"quantity": 1', '"quantity": 1, "quantity": 5').encode()
    assert post(staff, twice).json["verdicts"][0]["reason"] == "signature"
    head = text.replace('"head": 1', '"head": 1, "head": "x"').encode()
    refused(post(staff, head), 400, "bad_batch")
    assert kept() == (0, 0)


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5000, "-0.0", "1E2", "true"]
)
def test_numbers_that_are_none(staff: Visitor, till: TillPhone, number: str) -> None:
    text = json.dumps(message(till, [])).replace('"cursor": 0', f'"cursor": {number}')
    answer = post(staff, text.encode())
    refused(answer, 400, answer.json["code"])
    assert answer.json["code"] in ("bad_json", "bad_batch")


def test_a_full_batch_of_honest_entries_goes_through_whole(
    staff: Visitor, counter: Counter, till: TillPhone
) -> None:
    sold = counter.sell()
    for number in range(200):
        till.refuse(sold.live(ago(hours=1)), ago(hours=1), note="客" * 100, reason=f"r{'x' * (number % 9)}")
    body = json.dumps(message(till, till.ledger)).encode()
    assert 256 * 1024 < len(body) < 1_000_000
    answer = post(staff, body)
    assert answer.status_code == 200
    assert {word["verdict"] for word in answer.json["verdicts"]} == {"stored"}


def test_a_megabyte_of_rubbish_is_cheap(staff: Visitor, till: TillPhone) -> None:
    halves = b'"' + b"\\ud800" * 150_000 + b'"'
    rubbish = [b"[" + b"9" * 999_000 + b"]", b"{" * 900_000, halves, b"[[],".ljust(990_000, b" ")]
    for body in rubbish:
        refused(post(staff, body), 400, "bad_json" if body[:1] != b'"' else "bad_batch")
    many = json.dumps({**message(till, []), "entries": [0] * 300_000}).encode()
    refused(post(staff, many), 413, "too_many")


def test_statements_per_entry_are_bounded(staff: Visitor, counter: Counter, till: TillPhone) -> None:
    counts = []
    for size in (5, 25):
        start = len(till.ledger)
        for number in range(size):
            till.redeem(counter.sell(f"guest{start + number}"), ago(hours=1))
        with counting() as seen:
            assert post(staff, message(till, till.ledger[start:])).status_code == 200
        counts.append(len(seen))
    assert (counts[1] - counts[0]) / 20 <= 30, counts


def test_no_shop_hears_of_another(app: Flask, counter: Counter, till: TillPhone) -> None:
    other = open_counter()
    theirs = other.sell("secret-guest")
    mine = counter.sell("guest2")
    begin_write()
    owner = make_account(db.session, "owner").id
    tills.set_pin(db.session, shop_id=other.shop, account_id=other.staff, pin="483920", now=clock.now())
    for role in db.session.scalars(select(Role).where(Role.shop_id == other.shop)):
        role.ended_at = None if role.account_id == other.staff else clock.now()
    db.session.commit()
    visitor = Visitor(app, app.response_class)
    visitor.sign_in("owner" if owner else "")
    entry = till.redeem(theirs, ago(hours=1))
    said = post(visitor, message(till, [entry, till.refuse(theirs.live(ago(hours=1)), ago(hours=1))])).json
    text = json.dumps(said)
    assert said["verdicts"][0]["reason"] == "wrong_shop"
    secret = (
        theirs.pass_id,
        theirs.short_code,
        tokens.code_hash(theirs.short_code),
        "secret-guest",
        "guest2",
    )
    assert not [word for word in (*secret, mine.short_code) if word in text]
    assert [row[1] for row in said["delta"]["codes"]] == [mine.pass_id]
    db.session.rollback()
    assert db.session.get_one(Pass, theirs.pass_id).uses_left == 1
