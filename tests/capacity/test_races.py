"""The last unit, the person's limit and a flash sale, on both databases, each with a control that fails."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2o.capacity import rules
from o2o.capacity.models import HoldPart, Pool
from o2o.capacity.rules import Claim
from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from tests.racers import race

TOTAL = "offer:1:total"


def buy(session: Session, number: int, *, limit: int, key: str = TOTAL, sell: bool = True) -> None:
    begin_write(session)
    rules.hold_all(
        session,
        claims=[Claim(key, limit, 1)],
        until=clock.now() + timedelta(minutes=10),
        key=f"buyer {number}",
    )
    if sell:
        rules.commit(session, key=f"buyer {number}")
    session.commit()


def sold(app: Flask) -> int:
    with app.app_context():
        return sum(db.session.scalars(select(HoldPart.quantity)).all())


@pytest.mark.parametrize("key", [TOTAL, "offer:1:person:7"], ids=["last unit", "one per person"])
def test_the_last_one_is_sold_once(app: Flask, key: str) -> None:
    outcomes = race(app, lambda session, number: buy(session, number, limit=1, key=key), times=40)
    assert outcomes == {"ok": 1, rules.refuse(key).code: 39}
    assert sold(app) == 1
    assert checks.broken(db.session) == []


def test_200_buyers_at_once_for_20_units(app: Flask) -> None:
    outcomes = race(app, lambda session, number: buy(session, number, limit=20), times=200)
    assert outcomes == {"ok": 20, "sold_out": 180}
    assert sold(app) == 20
    assert checks.broken(db.session) == []


def test_one_key_from_many_hands_is_one_hold(app: Flask) -> None:
    outcomes = race(app, lambda session, number: buy(session, 7, limit=20), times=40)
    assert outcomes == {"ok": 40}
    assert sold(app) == 1
    assert checks.broken(db.session) == []


def test_expired_holds_are_released_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Buyers of several pools sweep each other's old holds and neither deadlock nor release twice."""

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        claims = [Claim(TOTAL, 400, 1), Claim(f"offer:1:person:{number % 5}", 90, 1)]
        until = clock.now() - timedelta(seconds=1) if number % 3 else clock.now() + timedelta(minutes=9)
        rules.hold_all(session, claims=claims, until=until, key=f"buyer {number}")
        session.commit()

    assert race(app, attempt, times=120) == {"ok": 120}
    begin_write()
    rules.release_expired(db.session, now=clock.now())
    db.session.commit()
    assert checks.broken(db.session) == []
    assert db.session.scalars(select(Pool.held).where(Pool.key == TOTAL)).one() == 40


def test_control_without_the_guard_sells_twice(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read, barrier, write: with the conditional UPDATE gone, two buyers get the only one."""
    begin_write()
    rules.hold_all(db.session, claims=[Claim(TOTAL, 1, 1)], until=clock.now(), key="warm-up")
    rules.release(db.session, key="warm-up")
    db.session.commit()
    meet = threading.Barrier(2)
    seen = threading.local()

    def unguarded(session: Session, *, pool_id: int, claim: Claim) -> bool:
        if seen.held + claim.quantity > claim.limit:
            return False
        session.execute(update(Pool).where(Pool.id == pool_id).values(held=seen.held + claim.quantity))
        return True

    def attempt(session: Session, number: int) -> None:
        seen.held = session.scalars(select(Pool.held + Pool.committed).where(Pool.key == TOTAL)).one()
        session.rollback()
        meet.wait(10)
        buy(session, number, limit=1, sell=False)

    monkeypatch.setattr(rules, "take_from_pool", unguarded)
    assert race(app, attempt, times=2, threads=2) == {"ok": 2}
    assert [line[:3] for line in checks.broken(db.session)] == ["I11"]
