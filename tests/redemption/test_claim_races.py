"""The last use between a till that was offline and the counter: one of them has it, on both databases."""

import threading

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.passes import rules as pass_rules
from o2o.passes.models import Pass
from o2o.redemption import rules
from o2o.shops.models import Shop
from tests.racers import race
from tests.redemption.counter import claim, make_till
from tests.redemption.test_races import Till, open_till, redeem, taken


def claims(till: Till, most: int) -> list[rules.TakenClaim]:
    """Make a till with so many claims of the pass, each of one use."""
    begin_write()
    desk = make_till(db.session, db.session.get_one(Shop, till.shop))
    pass_ = db.session.get_one(Pass, till.pass_id)
    made = [claim(pass_, desk, till.staff) for _ in range(most)]
    db.session.commit()
    return made


def take(session: Session, wanted: rules.TakenClaim) -> str:
    begin_write(session)
    row = rules.take_claim(session, taken=wanted, now=clock.now())
    session.commit()
    return "ok" if row else "none"


def test_the_last_use_goes_to_the_till_or_to_the_counter(app: Flask) -> None:
    for _ in range(6):
        till = open_till()
        wanted = claims(till, 1)[0]
        told: list[str] = []

        def attempt(
            session: Session,
            number: int,
            till: Till = till,
            wanted: rules.TakenClaim = wanted,
            told: list = told,
        ) -> None:
            told.append(take(session, wanted) if number else redeem(till, session, "press-001"))

        assert race(app, attempt, times=2, threads=2) == {"ok": 2}
        assert sorted(told) in (["already_used_elsewhere", "ok"], ["none", "ok"])
        assert taken(till) == 1
        db.session.rollback()
    assert checks.broken(db.session) == []


def test_many_hands_carry_out_a_claim_once(app: Flask) -> None:
    till = open_till(5, price=3800)
    wanted = claims(till, 2)
    outcomes = race(app, lambda session, number: take(session, wanted[number % 2]), times=24)
    assert outcomes == {"ok": 24}
    assert taken(till) == 2
    assert checks.broken(db.session) == []


def test_taking_losing_counter_and_worker_never_lock_each_other_out(app: Flask) -> None:
    till = open_till(5, price=3800)
    wanted = claims(till, 3)

    def attempt(session: Session, number: int) -> None:
        one = wanted[number % 3]
        if number % 4 == 0:
            take(session, one)
        elif number % 4 == 1:
            redeem(till, session, f"press-{number:03d}")
        else:
            begin_write(session)
            if number % 4 == 2:
                rules.lose_claim(
                    session, claim_id=one.claim_id, why="conflict:presented_twice", now=clock.now()
                )
            else:
                rules.finalise_due(session, now=clock.now() + rules.UNDO)
            session.commit()

    outcomes = race(app, attempt, times=60)
    assert set(outcomes) <= {"ok", "final"}, outcomes
    assert taken(till) <= 5
    assert checks.broken(db.session) == []


def test_control_without_the_guard_both_take_the_last_use(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read, meet at a barrier, write what was read: the same race must then break I6."""
    till = open_till()
    wanted = claims(till, 1)[0]
    barrier = threading.Barrier(2)
    judge, seen = rules.judge, threading.local()

    def blind_take(
        session: Session, pass_id: str, quantity: int, now: object, *rest: object, **more: object
    ) -> Pass:
        row = update(Pass).where(Pass.id == pass_id).values(uses_left=seen.left - quantity, state="used")
        session.execute(row.execution_options(synchronize_session=False))
        return pass_rules.get_locked(session, pass_id=pass_id)

    def blind_takes(session: Session, *, wanted: list[tuple[str, int]], now: object) -> list[object]:
        return [
            pass_rules._spent(session, blind_take(session, pass_id, quantity, now), quantity)
            for pass_id, quantity in wanted
        ]

    monkeypatch.setattr(rules, "judge", lambda session, **asked: seen.answer)
    monkeypatch.setattr(pass_rules, "_take", blind_take)
    monkeypatch.setattr(pass_rules, "take_all", blind_takes)
    told: list[str] = []

    def careless(session: Session, number: int) -> None:
        session.rollback()
        code = rules.read(session, till.digits)
        seen.answer = judge(session, code=code, shop_id=till.shop, quantity=1, now=clock.now())
        seen.left = session.scalar(select(Pass.uses_left).where(Pass.id == till.pass_id))
        session.rollback()
        barrier.wait(10)
        told.append(take(session, wanted) if number else redeem(till, session, "press-001"))

    race(app, careless, times=2, threads=2)
    assert told == ["ok", "ok"]
    assert taken(till) == 2
    assert [line for line in checks.broken(db.session) if line.startswith("I6")]
