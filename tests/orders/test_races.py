"""Many hands at once: double pay, the last voucher, 200 buyers; each guard with a control that fails."""

import threading

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from o2o.capacity import rules as capacity
from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.orders import chores, rules
from o2o.orders.models import Order
from o2o.passes.models import Pass
from o2o.payments import rules as payments
from o2o.payments.models import Intent
from tests.factories import make_account, make_shop, make_terms
from tests.racers import race


@pytest.fixture
def offer(session: Session) -> int:
    """Give an offer with 20 vouchers, 2 a person, and 200 people."""
    terms = make_terms(session, make_shop(session), total_cap=20, per_person=2)
    for number in range(200):
        make_account(session, f"g{number}")
    offer_id = terms.offer_id
    session.commit()
    return offer_id


def place(session: Session, account_id: int, offer_id: int, key: str, quantity: int = 1) -> Order:
    begin_write(session)
    order = rules.place(
        session, account_id=account_id, offer_id=offer_id, quantity=quantity, key=key, now=clock.now()
    )
    session.commit()
    return order


def pending(session: Session, order: Order, ref: str) -> str:
    begin_write(session)
    order, intent = rules.start_paying(
        session, account_id=order.account_id, order_id=order.id, now=clock.now(), provider="test"
    )
    payments.note_pending(session, intent_id=intent.id, opened=payments.Opened(ref, "/bank"))
    intent_id = intent.id
    session.commit()
    return intent_id


def capture(session: Session, intent_id: str) -> None:
    begin_write(session)
    rules.capture(session, intent_id=intent_id, now=clock.now())
    session.commit()


def count(table: type) -> int:
    found = db.session.scalar(select(func.count()).select_from(table)) or 0
    db.session.rollback()
    return found


def test_200_buyers_pay_for_20_vouchers(app: Flask, offer: int) -> None:
    def attempt(session: Session, number: int) -> None:
        order = place(session, number + 1, offer, "k")
        capture(session, pending(session, order, f"ref-{number}"))

    assert race(app, attempt, times=200) == {"ok": 20, "sold_out": 180}
    assert count(Pass) == 20
    assert checks.broken(db.session) == []


def test_one_person_gets_no_more_than_the_limit(app: Flask, offer: int) -> None:
    outcomes = race(app, lambda session, number: place(session, 1, offer, f"k{number}"), times=24)
    assert outcomes == {"ok": 2, "per_person": 22}
    assert checks.broken(db.session) == []


def test_a_double_tap_is_one_order(app: Flask, offer: int) -> None:
    assert race(app, lambda session, number: place(session, 1, offer, "k"), times=24) == {"ok": 24}
    assert count(Order) == 1


def test_two_tabs_open_one_payment(app: Flask, offer: int) -> None:
    order = place(db.session, 1, offer, "k")
    order_id, account_id = order.id, order.account_id
    db.session.rollback()

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        rules.start_paying(
            session, account_id=account_id, order_id=order_id, now=clock.now(), provider="test"
        )
        session.commit()

    assert race(app, attempt, times=24) == {"ok": 24}
    assert count(Intent) == 1


def test_everybody_reports_one_capture(app: Flask, offer: int) -> None:
    """Webhook, its duplicate, the return and the worker at once: one set of passes, one posting."""
    intent_id = pending(db.session, place(db.session, 1, offer, "k", 2), "ref")
    assert race(app, lambda session, number: capture(session, intent_id), times=24) == {"ok": 24}
    assert count(Pass) == 2
    assert checks.broken(db.session) == []


def test_control_without_the_guard_issues_twice(
    app: Flask, offer: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read, barrier, write: with the conditional UPDATE of the intent gone, two reports issue two passes."""
    intent_id = pending(db.session, place(db.session, 1, offer, "k"), "ref")
    meet = threading.Barrier(2)
    seen = threading.local()

    def unguarded(session: Session, *, intent_id: str) -> bool:
        session.execute(update(Intent).where(Intent.id == intent_id).values(state="captured"))
        return seen.state != "captured"

    def blind(session: Session, order: Order, state: str) -> None:
        session.execute(update(Order).where(Order.id == order.id).values(state=state))

    def unlocked(session: Session, order_id: str, **_ignored: object) -> Order:
        order = session.get_one(Order, order_id)
        set_committed_value(order, "state", seen.order)
        return order

    def attempt(session: Session, number: int) -> None:
        seen.state = session.scalars(select(Intent.state).where(Intent.id == intent_id)).one()
        seen.order = session.scalars(select(Order.state)).one()
        session.rollback()
        meet.wait(10)
        capture(session, intent_id)

    monkeypatch.setattr(payments, "note_captured", unguarded)
    monkeypatch.setattr("o2o.orders.sale.locked", unlocked)
    monkeypatch.setattr("o2o.orders.sale.move", blind)
    assert race(app, attempt, times=2, threads=2) == {"ok": 2}
    assert count(Pass) == 2
    assert "I14" in {line.split()[0] for line in checks.broken(db.session)}


def test_buyers_and_an_owner_at_once_do_not_deadlock(app: Flask, offer: int) -> None:
    """The owner's changes lock shop, then pool; buyers take the same way round."""
    from o2o.offers import rules as offers

    def attempt(session: Session, number: int) -> None:
        if number % 4 == 0:
            begin_write(session)
            draft = offers.Draft(
                title="Two",
                contents=(offers.Part("x", 1, 3800),),
                price=3800,
                valid_days=9,
                total_cap=50 + number,
            )
            offers.revise(session, offer_id=offer, draft=draft)
            session.commit()
            return
        capture(session, pending(session, place(session, number + 1, offer, "k"), f"ref-{number}"))

    assert race(app, attempt, times=60) == {"ok": 60}
    assert checks.broken(db.session) == []


def test_expiry_and_capture_at_once(app: Flask, offer: int) -> None:
    """Whoever is first, the guest has the voucher or the money, never both and never neither."""
    intents = [pending(db.session, place(db.session, n + 1, offer, "k"), f"ref-{n}") for n in range(10)]
    begin_write()
    db.session.execute(update(Order).values(hold_until=clock.now()))
    db.session.commit()

    def attempt(session: Session, number: int) -> None:
        if number % 2:
            session.rollback()
            chores.expire(session)
        else:
            capture(session, intents[number // 2])

    assert race(app, attempt, times=20) == {"ok": 20}
    assert count(Pass) == 10
    assert checks.broken(db.session) == []
    assert capacity.refuse("offer:1:total").code == "sold_out"
