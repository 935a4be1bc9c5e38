"""Conflicts follow the fold, whichever order tills report in, and go when the evidence does."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.conflicts import rules
from o2o.notifications.models import Message
from o2o.offers.rules import Part
from tests.conflicts.town import LATER, Counter, annul, kinds, plain, whole

FIVE = {"uses": 5, "contents": (Part("美式咖啡", 5, 2000),), "price": 7601}


@pytest.fixture
def counter(session: Session) -> Counter:
    return Counter(session)


CASES: dict[str, tuple[dict[str, Any], dict[str, Any], str, str]] = {
    "far steps": ({"seconds": 0}, {"seconds": 600}, "presented_twice", "holder"),
    "one showing": ({"seconds": 0}, {"seconds": 60}, "one_showing_two_tills", "shop"),
    "typed": ({"seconds": 0}, {"seconds": 600, "kind": "typed"}, "copy_possible", "shop"),
    "other phone": ({"seconds": 0}, {"seconds": 600, "gen": 1}, "two_phones", "review"),
    "late": ({"seconds": 0}, {"seconds": 600, "late": True}, "late_claim", "shop"),
    "times disagree": ({"seconds": 0}, {"seconds": 600, "drift": 30}, "stale_proof", "shop"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_loser_becomes_a_conflict_with_its_cause(counter: Counter, case: str) -> None:
    first, second, cause, bears = CASES[case]
    won, lost = counter.claim(0, **first), counter.claim(1, **second)
    (row,) = counter.fold()
    assert (row.claim_id, row.cause, row.bears, row.state) == (lost.id, cause, bears, "open")
    assert (row.amount, row.currency, row.against) == (3800, "CNY", won.id)
    assert [strike.state for strike in counter.strikes()] == ["standing"] * (cause == "presented_twice")
    assert whole(counter.session) == []


def test_reconciling_again_changes_nothing(counter: Counter) -> None:
    row = counter.twice()
    before, strike = (row.id, row.opened_at), counter.strikes()[0].id
    for later in (1, 100):
        rules.reconcile(counter.session, pass_id=counter.pass_.id, now=LATER + timedelta(minutes=later))
    assert [(one.id, one.opened_at) for one in counter.conflicts()] == [before]
    assert [one.id for one in counter.strikes()] == [strike]
    assert kinds(counter.session, counter.owner) == ["conflict.opened"]
    assert kinds(counter.session, counter.pass_.account_id) == ["strike.given"]
    told = counter.session.scalars(select(Message).where(Message.kind == "strike.given")).one()
    assert (told.values["won"], told.values["at"]) == ("12:00 · 前台", "12:10 · 吧台")


def test_the_order_in_which_tills_report_makes_no_difference(counter: Counter) -> None:
    given = [
        (0, {"seconds": 0}),
        (1, {"seconds": 600}),
        (1, {"seconds": 660, "kind": "typed"}),
        (0, {"seconds": 1200}),
    ]
    seen = set()
    for order in permutations(range(4)):
        with counter.session.begin_nested() as attempt:
            names = {}
            for number in order:
                till, claim = given[number]
                names[counter.claim(till, **claim).id] = number
                counter.fold()
            rows = plain(counter.conflicts())
            named = sorted((names[row[0]], names[row[1]], *row[2:]) for row in rows)
            struck = sorted(strike.state for strike in counter.strikes() if strike.state != "lifted")
            seen.add((tuple(named), tuple(struck)))
            attempt.rollback()
        counter.session.expire_all()
    assert len(seen) == 1
    assert len(next(iter(seen))[0]) == 3


def test_amounts_are_the_price_of_the_uses(session: Session) -> None:
    counter = Counter(session, **FIVE)
    counter.claim(0, 0, quantity=4)
    counter.claim(1, 600, quantity=2)
    (row,) = counter.fold()
    assert row.amount == 1521 + 1520


def test_a_conflict_goes_and_comes_with_the_evidence(counter: Counter) -> None:
    row = counter.twice()
    winner, loser = row.against, row.claim_id
    claim = counter.session.get_one(rules.Claim, winner)
    annul(counter, claim.id, seconds=30)
    assert [one.state for one in counter.fold()] == ["gone"]
    (strike,) = counter.strikes()
    assert (strike.state, strike.why, strike.decided_by) == ("lifted", "evidence changed", None)
    assert whole(counter.session) == []
    # A third showing takes nothing: it loses against the one that counts now; the first stays undone.
    counter.claim(0, 1200)
    rows = {one.claim_id: one for one in counter.fold()}
    assert rows[loser].state == "gone"
    assert sorted(one.state for one in rows.values()) == ["gone", "open"]
    # An earlier use that comes in late pushes the second one out again.
    counter.claim(0, -600)
    again = {one.claim_id: one for one in counter.fold(LATER + timedelta(minutes=5))}[loser]
    assert (again.state, again.opened_at) == ("open", LATER + timedelta(minutes=5))
    # What that does to the third one is the fold's word: it met its own till's earlier use.
    assert {one.state for one in counter.strikes() if one.conflict_id == again.id} == {"standing"}
    assert whole(counter.session) == []
