"""Placing, paying, cancelling, expiring; money in time, late, twice."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.capacity.models import Hold, Pool
from o2o.kernel import checks, clock, journal
from o2o.kernel.db import begin_write
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.journal import Fact
from o2o.ledger.queries import balances, shop_book
from o2o.notifications.models import Message
from o2o.offers import rules as offers
from o2o.offers.models import Terms
from o2o.orders import queries, rules
from o2o.orders.models import Order
from o2o.passes.models import Pass
from o2o.payments import rules as payments
from o2o.payments.models import Intent, Payback
from tests.factories import make_account, make_order, make_paid_order, make_shop, make_terms


def open_intent(session: Session, order: Order, ref: str = "ref-1") -> Intent:
    order, intent = rules.start_paying(
        session, account_id=order.account_id, order_id=order.id, now=clock.now(), provider="test"
    )
    payments.note_pending(session, intent_id=intent.id, opened=payments.Opened(ref, f"/bank/{ref}"))
    return intent


def book(session: Session, order: Order) -> dict[str, int]:
    assert checks.broken(session) == []
    found = balances(session, shop_book(order.shop_id))
    return {account: amount for (account, _), amount in found.items() if amount}


def terms(session: Session, **values: object) -> Terms:
    return make_terms(session, make_shop(session), **values)


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_purchase_from_hold_to_pass(session: Session) -> None:
    order = make_paid_order(session, terms(session, total_cap=5, per_person=3), quantity=3)
    assert (order.state, order.total, order.unit_price) == ("paid", 11400, 3800)
    passes = queries.passes_of(session, order.id)
    assert [one.paid for one in passes] == [3800] * 3
    assert queries.order_of_pass(session, passes[0].id).id == order.id
    assert book(session, order) == {"cash": 11400, "voucher_liability": -11400}
    assert session.scalars(select(Hold.state)).all() == ["committed"]
    assert session.scalars(select(Message.kind)).all() == ["order.paid"]
    facts = set(session.scalars(select(Fact.name)))
    assert {"order.paid", "pass.issued"} <= facts


def test_a_free_coupon_is_had_at_once(session: Session) -> None:
    order = make_order(session, terms(session, price=0, per_person=1), takes_money=False)
    assert (order.state, order.total) == ("paid", 0)
    assert len(queries.passes_of(session, order.id)) == 1
    assert book(session, order) == {}
    with pytest.raises(RuleBroken, match="per_person"):
        make_order(session, session.get_one(Terms, order.terms_id), key="again")


def test_a_town_without_payments_sells_nothing(session: Session) -> None:
    with pytest.raises(RuleBroken, match="no_payments"):
        make_order(session, terms(session), takes_money=False)


@pytest.mark.parametrize("quantity", [0, -1, 21])
def test_a_quantity_has_bounds(session: Session, quantity: int) -> None:
    with pytest.raises(BadInput):
        make_order(session, terms(session), quantity=quantity)


def test_the_same_key_is_the_same_order(session: Session) -> None:
    offer = terms(session, total_cap=5)
    first = make_order(session, offer)
    assert make_order(session, offer).id == first.id
    assert make_order(session, offer, key="other").id != first.id
    assert make_order(session, offer, "guest2").id != first.id
    with pytest.raises(RuleBroken, match="key_reused"):
        make_order(session, offer, quantity=2)
    assert session.scalars(select(Pool.held)).one() == 3


def test_sold_out_paused_and_ended_are_said(session: Session) -> None:
    offer = terms(session, total_cap=1)
    make_order(session, offer)
    asked = {"account_id": 1, "offer_id": offer.offer_id, "quantity": 1, "now": clock.now(), "key": "late"}
    with pytest.raises(RuleBroken, match="sold_out"):
        rules.precheck(session, terms_id=None, **asked)
    with pytest.raises(RuleBroken, match="terms_changed"):
        rules.precheck(session, terms_id=offer.id + 1, **asked)
    with pytest.raises(RuleBroken, match="sold_out"):
        make_order(session, offer, key="b")
    offers.pause(session, offer_id=offer.offer_id)
    with pytest.raises(RuleBroken, match="not_on_sale"):
        make_order(session, offer, key="c")


def test_pay_extends_the_hold_once(session: Session) -> None:
    order = make_order(session, terms(session, total_cap=5))
    start = order.created_at
    for minute in (3, 9):
        with travel(start + timedelta(minutes=minute), tick=False):
            open_intent(session, order)
            session.refresh(order)
            assert order.hold_until == start + timedelta(minutes=13)
    assert session.scalars(select(Hold.until)).one() == order.hold_until
    assert count(session, Intent) == 1
    with travel(start + timedelta(minutes=14), tick=False), pytest.raises(RuleBroken, match="hold_over"):
        open_intent(session, order)


def test_a_decline_leaves_the_place_and_a_new_try(session: Session) -> None:
    order = make_order(session, terms(session))
    first = open_intent(session, order)
    payments.note_failed(session, intent_id=first.id)
    placed = queries.own_order(session, account_id=order.account_id, order_id=order.id)
    assert queries.face(placed, clock.now()) == "declined"
    second = open_intent(session, order, "ref-2")
    assert second.id != first.id
    rules.capture(session, intent_id=second.id, now=clock.now())
    assert book(session, order)["cash"] == 3800
    # The bank changes its mind about the first one: that money buys nothing and goes back.
    rules.capture(session, intent_id=first.id, now=clock.now())
    assert count(session, Pass) == 1
    assert session.scalars(select(Payback.amount)).all() == [3800]
    assert book(session, order) == {"cash": 7600, "voucher_liability": -3800, "refunds_due": -3800}


def test_capture_twice_is_once(session: Session) -> None:
    order = make_order(session, terms(session), quantity=2)
    intent = open_intent(session, order)
    for _ in range(3):
        assert rules.capture(session, intent_id=intent.id, now=clock.now()).state == "paid"
    assert count(session, Pass) == 2
    assert book(session, order) == {"cash": 7600, "voucher_liability": -7600}


def expired(session: Session, cap: int) -> tuple[Order, Intent, datetime]:
    order = make_order(session, terms(session, total_cap=cap))
    intent = open_intent(session, order)
    session.commit()
    journal.deliver(session)
    begin_write(session)
    later = clock.now() + timedelta(minutes=12)
    with travel(later, tick=False):
        assert rules.due(session, now=later) == [order.id]
        assert rules.expire(session, order_id=order.id, now=later)
        assert not rules.expire(session, order_id=order.id, now=later)
    session.refresh(order)
    assert order.state == "expired"
    return order, intent, later


def test_late_money_buys_what_is_still_there(session: Session) -> None:
    order, intent, later = expired(session, 1)
    with travel(later, tick=False):
        assert rules.capture(session, intent_id=intent.id, now=later).state == "paid"
        assert book(session, order) == {"cash": 3800, "voucher_liability": -3800}
        assert session.scalars(select(Pool.committed)).one() == 1


def test_late_money_goes_back_when_the_place_is_gone(session: Session) -> None:
    order, intent, later = expired(session, 1)
    with travel(later, tick=False):
        make_order(session, session.get_one(Terms, order.terms_id), "guest2")
        rules.capture(session, intent_id=intent.id, now=later)
        session.refresh(order)
        assert order.state == "returned"
        assert book(session, order) == {"cash": 3800, "refunds_due": -3800}
        assert "order.returned" in session.scalars(select(Message.kind)).all()
        payback = session.scalars(select(Payback)).one()
        for _ in range(2):
            rules.return_done(session, payback=payback, provider_ref="back-1")
        assert book(session, order) == {}


def test_late_money_for_a_paused_offer_goes_back(session: Session) -> None:
    order, intent, later = expired(session, 5)
    with travel(later, tick=False):
        offers.pause(session, offer_id=session.get_one(Terms, order.terms_id).offer_id)
        assert rules.capture(session, intent_id=intent.id, now=later).state == "returned"
        assert count(session, Pass) == 0


def test_money_for_a_cancelled_order_goes_back(session: Session) -> None:
    order = make_order(session, terms(session, total_cap=1))
    intent = open_intent(session, order)
    for _ in range(2):
        rules.cancel(session, account_id=order.account_id, order_id=order.id)
    assert session.scalars(select(Pool.held)).one() == 0
    rules.capture(session, intent_id=intent.id, now=clock.now())
    assert order.state == "returned"
    assert book(session, order) == {"cash": 3800, "refunds_due": -3800}
    with pytest.raises(RuleBroken, match="order_closed"):
        open_intent(session, order)


def test_a_paid_order_cannot_be_cancelled(session: Session) -> None:
    order = make_paid_order(session, terms(session))
    with pytest.raises(RuleBroken, match="order_closed"):
        rules.cancel(session, account_id=order.account_id, order_id=order.id)


def test_an_order_is_its_owners(session: Session) -> None:
    order = make_order(session, terms(session))
    other = make_account(session, "guest2").id
    for attempt in (
        lambda: queries.own_order(session, account_id=other, order_id=order.id),
        lambda: rules.cancel(session, account_id=other, order_id=order.id),
        lambda: rules.cancel(session, account_id=order.account_id, order_id="0" * 16),
    ):
        with pytest.raises(NotAllowed):
            attempt()


def test_the_price_stays_what_it_was(session: Session) -> None:
    offer = terms(session)
    order = make_order(session, offer)
    offers.revise(
        session,
        offer_id=offer.offer_id,
        draft=offers.Draft(
            title="Dearer", contents=(offers.Part("x", 1, 9900),), price=9900, valid_days=3, total_cap=9
        ),
    )
    intent = open_intent(session, order)
    rules.capture(session, intent_id=intent.id, now=clock.now())
    assert [one.paid for one in queries.passes_of(session, order.id)] == [3800]
    assert book(session, order)["cash"] == 3800


def test_the_checks_see_what_is_missing(session: Session) -> None:
    order = make_paid_order(session, terms(session))
    session.commit()
    begin_write(session)
    connection = session.connection()
    for damage, found in (
        ("DELETE FROM purchase_pass", {"I14"}),
        ("UPDATE intent SET state = 'failed'", {"I4", "I14"}),
        ("UPDATE purchase SET state = 'expired'", {"I7", "I14"}),
        ("UPDATE pass SET account_id = (SELECT max(id) FROM account)", {"I10"}),
    ):
        nested = connection.begin_nested()
        make_account(session, "guest2")
        session.flush()
        connection.exec_driver_sql(damage)
        session.expire_all()
        assert {line.split()[0] for line in checks.broken(session)} == found, damage
        nested.rollback()
        session.expire_all()
    assert order.id
