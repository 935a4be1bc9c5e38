"""Closing against selling, against itself, against redeeming: on both databases, with controls that fail."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.leaving import queries, rules
from o2o.leaving.models import Closing
from o2o.notifications.models import Message
from o2o.orders import rules as orders
from o2o.orders.models import Order
from o2o.orders.sale import lock_shop
from o2o.refunds.models import Refund
from o2o.shops.models import Shop
from tests.factories import make_account
from tests.leaving.going import NOON, Leaver, work
from tests.racers import race

DAY = timedelta(days=1)


def ready() -> tuple[int, int, int, list[int]]:
    """Give a shop, its owner, its offer, and eight guests."""
    begin_write()
    going = Leaver(db.session)
    guests = [make_account(db.session, f"racer-{number}").id for number in range(8)]
    found = going.shop.id, going.owner, going.terms.offer_id, guests
    db.session.commit()
    return found


def order(session: Session, offer: int, account: int, key: str) -> None:
    begin_write(session)
    orders.place(session, account_id=account, offer_id=offer, quantity=1, key=key, now=clock.now())
    session.commit()


def bought_after(session: Session) -> int:
    """Count the orders that got in although the closing was committed before their shop's lock was theirs."""
    return session.scalar(select(func.count(Order.id)).where(Order.state == "held")) or 0


def test_nothing_is_sold_behind_a_closing(app: Flask) -> None:
    shop, owner, offer, guests = ready()

    def attempt(session: Session, number: int) -> None:
        if number == 12:
            begin_write(session)
            rules.announce(session, shop_id=shop, account_id=owner, days=1, now=clock.now())
            session.commit()
            return
        order(session, offer, guests[number % 8], f"k{number}")

    outcomes = race(app, attempt, times=48)
    assert outcomes["ok"] + outcomes["not_on_sale"] == 48
    held = bought_after(db.session)
    assert held == outcomes["ok"] - 1
    db.session.rollback()
    with pytest.raises(RuleBroken, match="not_on_sale"):
        order(db.session, offer, guests[0], "after")
    db.session.rollback()


def test_what_was_read_before_the_lock_may_be_wrong(app: Flask, database: str) -> None:
    """The control: between the page's look and the lock a closing gets in; the row read again says so."""
    shop, owner, _offer, _guests = ready()
    begin_write()
    row = db.session.get_one(Shop, shop)
    assert row.sells(clock.now())
    if database == "sqlite":
        # One writer at a time: what is read inside the transaction stays true until its end.
        db.session.rollback()
        return
    with Session(db.engine) as other:
        begin_write(other)
        rules.announce(other, shop_id=shop, account_id=owner, days=1, now=clock.now())
        other.commit()
    assert row.sells(clock.now())
    assert not lock_shop(db.session, shop).sells(clock.now())
    db.session.rollback()


def test_many_taps_announce_once(app: Flask) -> None:
    shop, owner, _offer, _guests = ready()

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        rules.announce(session, shop_id=shop, account_id=owner, days=1 + number % 9, now=clock.now())
        session.commit()

    assert race(app, attempt, times=24) == {"ok": 24}
    assert db.session.scalar(select(func.count(Closing.id))) == 1
    assert db.session.scalar(select(func.count(Message.id)).where(Message.kind == "shop.closing")) == 1


def test_without_the_lock_the_database_itself_refuses_a_second_one(app: Flask) -> None:
    shop, owner, _offer, _guests = ready()

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        now = clock.now()
        session.add(Closing(shop_id=shop, account_id=owner, asked_at=now, closes_at=now + DAY))
        session.commit()

    outcomes = race(app, attempt, times=8)
    assert outcomes["ok"] == 1
    assert db.session.scalar(select(func.count(Closing.id))) == 1


def test_two_workers_pay_back_once(app: Flask) -> None:
    with travel(NOON, tick=False):
        begin_write()
        going = Leaver(db.session)
        for number in range(5):
            going.sell(f"guest-{number}")
        closing = going.announce(days=1)
        number, at = closing.id, closing.closes_at
        db.session.commit()

    def attempt(session: Session, _number: int) -> None:
        begin_write(session)
        rules.refund_some(session, closing_id=number, now=at, most=2)
        session.commit()
        begin_write(session)
        rules.finish(session, closing_id=number, now=at)
        session.commit()

    with travel(NOON + DAY, tick=False):
        assert race(app, attempt, times=16, threads=4) == {"ok": 16}
        assert db.session.scalar(select(func.count(Refund.id))) == 6
        db.session.rollback()
        work(db.session)
        assert queries.due(db.session, now=clock.now()) == []
        assert checks.broken(db.session) == []


def test_taking_back_and_the_hour_itself(app: Flask) -> None:
    """Whoever gets the shop first decides: it stays whole, or it is gone whole."""
    with travel(NOON, tick=False):
        begin_write()
        going = Leaver(db.session)
        closing = going.announce(days=1)
        number, shop, owner = closing.id, going.shop.id, going.owner
        db.session.commit()

    def attempt(session: Session, turn: int) -> None:
        begin_write(session)
        if turn % 2:
            rules.refund_some(session, closing_id=number, now=NOON + DAY)
        else:
            rules.take_back(session, shop_id=shop, account_id=owner, now=NOON + DAY - timedelta(seconds=1))
        session.commit()

    with travel(NOON + DAY, tick=False):
        outcomes = race(app, attempt, times=8)
        assert outcomes == {"ok": 8}
        row = db.session.get_one(Closing, number)
        assert row.taken_back_at is not None
        assert row.closed_at is None
