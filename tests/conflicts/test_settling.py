"""A conflict settles once, a person decides what the rule leaves open, and money moves as it says."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from o2o.conflicts import policy, queries, rules
from o2o.conflicts.models import CONFLICT_STATES, Conflict
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.journal import Delivery
from o2o.offers.rules import Part
from o2o.passes.models import Pass
from o2o.refunds.models import Refund
from tests.conflicts.town import LATER, NOON, Counter, kinds, plain, whole
from tests.factories import make_paid_order

THREE_DAYS = timedelta(hours=72)


@pytest.fixture
def counter(session: Session) -> Counter:
    return Counter(session)


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
