"""Conflicts follow the fold, settle once, and money moves as the rule says."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2o.conflicts import policy, queries, rules
from o2o.conflicts.models import CONFLICT_STATES, Conflict
from o2o.kernel.checks import CHECKS
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.journal import Delivery
from o2o.notifications.models import Message
from o2o.offers.rules import Part
from o2o.passes.models import Pass
from o2o.refunds.models import Refund
from tests.conflicts.town import LATER, NOON, Counter, plain
from tests.factories import make_paid_order

FIVE = {"uses": 5, "contents": (Part("美式咖啡", 5, 2000),), "price": 7601}
THREE_DAYS = timedelta(hours=72)


def whole(session: Session) -> list[str]:
    """Run the checks that conflicts may break."""
    return [line for code in ("I1", "I2", "I3", "I6", "I19") for line in CHECKS[code][1](session)]


@pytest.fixture
def counter(session: Session) -> Counter:
    return Counter(session)


def kinds(session: Session, account_id: int) -> list[str]:
    rows = select(Message.kind).where(Message.account_id == account_id).order_by(Message.id)
    return [kind for kind in session.scalars(rows) if kind.startswith(("conflict", "strike"))]


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
    assert {one.state for one in counter.strikes()} == {"standing"}
    assert whole(counter.session) == []


def annul(counter: Counter, of: str, *, seconds: int) -> None:
    """Let the till that took a use undo it."""
    from o2o.claims.models import Entry

    taken = counter.session.get_one(Entry, of)
    counter.session.add(
        Entry(
            claim_id="9" * 8 + of[8:], till_id=taken.till_id, shop_id=taken.shop_id, seq=900, staff_id=taken.staff_id,
            act="annul", pass_id=taken.pass_id, status="stored", reason="ok", prev="", hash="0" * 64, is_linked=True,
            raw=f'{{"of": "{of}"}}', at=taken.at + timedelta(seconds=seconds), received_at=LATER,
        )
    )  # fmt: skip
    counter.session.flush()


def test_it_settles_when_every_till_has_spoken(counter: Counter) -> None:
    session, row = counter.session, counter.twice()
    assert rules.settle_due(session, now=LATER + timedelta(minutes=14)) == 0
    counter.hear()
    now = LATER + timedelta(minutes=15)
    counter.make_final(now)
    counter.commit()
    counter.hear()
    counter.make_final(now)
    assert rules.settle_due(session, now=now) == 0, "no mark was there to be heard"
    counter.commit()
    counter.hear([0])
    assert rules.settle_due(session, now=now) == 0, "one till is silent"
    counter.hear()
    assert rules.settle_due(session, now=now) == 1
    assert (row.state, row.settled_at) == ("settled", now)
    assert rules.settle_due(session, now=now) == 0
    assert whole(session) == []


def test_a_silent_till_is_waited_for_three_days(counter: Counter) -> None:
    session, row = counter.session, counter.twice()
    counter.hear()
    for now in (LATER + timedelta(hours=1), LATER + THREE_DAYS - timedelta(seconds=1)):
        counter.make_final(now)
        assert rules.settle_due(session, now=now) == 0
        counter.commit()
    counter.make_final(LATER + THREE_DAYS)
    assert rules.settle_due(session, now=LATER + THREE_DAYS) == 1
    assert row.state == "settled"


def settled(counter: Counter) -> Conflict:
    """Settle what is open after three days."""
    counter.make_final(LATER + timedelta(hours=1))
    counter.make_final(LATER + THREE_DAYS)
    rules.settle_due(counter.session, now=LATER + THREE_DAYS)
    return counter.conflicts()[0]


def test_what_is_settled_stays(counter: Counter) -> None:
    counter.twice()
    row = settled(counter)
    before = plain([row])
    claim = counter.session.get_one(rules.Claim, row.claim_id)
    claim.standing, claim.cause = "won", None
    counter.session.flush()
    rules.reconcile(counter.session, pass_id=counter.pass_.id, now=LATER)
    assert plain(counter.conflicts()) == before
    assert CONFLICT_STATES["settled"] == ()


def test_the_cover_is_paid_once_per_holder_and_up_to_the_cap(session: Session) -> None:
    dear = {"price": 8000, "contents": (Part("套餐", 1, 9000),)}
    one = Counter(session, **dear)
    one.twice()
    assert one.covers() == []
    row = settled(one)
    (cover,) = one.covers()
    assert (cover.account_id, cover.amount) == (one.pass_.account_id, policy.COVER_CAP)
    assert one.book() == {"cash": 8000, "shop_payable": -13000, "platform_cover": 5000}
    assert row.bears == "holder"
    one.pass_ = one.sell()
    one.twice()
    settled(one)
    other = Counter(session, owner="other", **dear)
    other.twice()
    settled(other)
    assert [found.conflict_id for found in one.covers()] == [row.id]
    second = Counter(session, guest="somebody", owner="third")
    second.twice()
    settled(second)
    assert sorted(found.amount for found in second.covers()) == [3800, 5000]
    assert second.book() == {"cash": 3800, "shop_payable": -7600, "platform_cover": 3800}
    assert whole(session) == []


def test_a_free_pass_moves_no_money(session: Session) -> None:
    counter = Counter(session, price=0)
    counter.twice()
    assert settled(counter).state == "settled"
    assert counter.covers() == []
    assert counter.book() == {}


@pytest.mark.parametrize(("minutes", "bears"), [(-30, "platform"), (30, "shop"), (-24 * 60, "shop")])
def test_after_a_refund_the_lists_age_decides(session: Session, minutes: int, bears: str) -> None:
    counter = Counter(session)
    order = make_paid_order(session, counter.terms, "guest", key="refunded")
    from o2o.orders import queries as orders
    from o2o.refunds import rules as refunds

    counter.pass_ = orders.passes_of(session, order.id)[0]
    asked = refunds.request(session, pass_id=counter.pass_.id, cause="guest", now=NOON)
    counter.claim(0, 3600, list_at=asked.requested_at + timedelta(minutes=minutes))
    (row,) = counter.fold()
    assert (row.cause, row.bears, row.against) == ("after_refund", bears, None)
    assert session.get_one(Refund, asked.id).state == "requested"
    settled(counter)
    assert [found.amount for found in counter.covers()] == ([3800] if bears == "platform" else [])
    assert kinds(session, counter.owner) == ["conflict.alone"]
    assert kinds(session, counter.pass_.account_id) == ["conflict.uncounted"]


def test_a_held_use_waits_for_a_person(session: Session) -> None:
    for pay, bears, left in ((True, "nobody", 0), (False, "shop", 1)):
        counter = Counter(session, owner=f"owner-{bears}")
        claim = counter.claim(0, 0, drift=30)
        (row,) = counter.fold()
        assert (row.claim_id, row.cause, row.bears) == (claim.id, "stale_proof", "nobody")
        assert rules.settle_due(session, now=LATER + THREE_DAYS) == 0
        waiting, _ = queries.waiting(session, number=1)
        assert [found.conflict.id for found in waiting] == [row.id]
        assert kinds(session, counter.pass_.account_id) == []
        given = {"conflict_id": row.id, "by": counter.operator.id, "now": LATER}
        rules.decide(session, pay=pay, **given)
        rules.decide(session, pay=pay, **given)
        assert (row.state, row.bears, row.decision) == ("settled", bears, "paid" if pay else "unpaid")
        with pytest.raises(RuleBroken, match="decided"):
            rules.decide(session, pay=not pay, **given)
        assert session.get_one(Pass, counter.pass_.id, populate_existing=True).uses_left == left
        assert counter.covers() == []
    assert queries.waiting(session, number=1)[0] == []
    assert whole(session) == []


@pytest.mark.parametrize("pay", [True, False])
def test_two_phones_are_decided_once_nothing_can_change(counter: Counter, pay: bool) -> None:
    session = counter.session
    counter.claim(0, 0)
    counter.claim(1, 600, gen=1)
    (row,) = counter.fold()
    given = {"conflict_id": row.id, "by": counter.operator.id, "pay": pay}
    with pytest.raises(RuleBroken, match="not_final"):
        rules.decide(session, now=LATER, **given)
    settled(counter)
    assert row.state == "open", "nobody decided"
    rules.decide(session, now=LATER + THREE_DAYS, **given)
    assert (row.state, row.bears) == ("settled", "platform" if pay else "shop")
    assert [found.amount for found in counter.covers()] == [3800] * pay
    assert whole(session) == []


def test_only_what_waits_can_be_decided(counter: Counter) -> None:
    row = counter.twice()
    given = {"by": counter.operator.id, "pay": True, "now": LATER}
    with pytest.raises(RuleBroken, match="nothing_to_decide"):
        rules.decide(counter.session, conflict_id=row.id, **given)
    with pytest.raises(NotAllowed):
        rules.decide(counter.session, conflict_id="f" * 16, **given)


def test_the_check_names_what_is_missing(counter: Counter) -> None:
    session, row = counter.session, counter.twice()
    settled(counter)
    session.delete(counter.covers()[0])
    session.delete(counter.strikes()[0])
    session.flush()
    assert [line for line in whole(session) if "no strike" in line]
    session.delete(row)
    session.flush()
    assert whole(session) == [], "the reaction to the fold is still on its way"
    session.execute(update(Delivery).values(state="done"))
    assert [line for line in whole(session) if "no live conflict" in line]
