"""One pass, many tills: exactly `uses` win, on both databases, and a control without the guard that fails."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.passes import queries as passes
from o2o.passes import rules as pass_rules
from o2o.passes.models import Pass
from o2o.redemption import rules, verdict
from o2o.redemption.models import Redemption
from tests.factories import make_pass, make_role, make_shop, make_terms
from tests.racers import race

THREADS = 8


@dataclass(frozen=True)
class Till:
    """What a race needs of the counter."""

    shop: int
    staff: int
    pass_id: str
    digits: str


def open_till(uses: int = 1, price: int = 0) -> Till:
    begin_write()
    shop = make_shop(db.session)
    staff = make_role(db.session, shop, "staff").account_id
    terms = make_terms(db.session, shop, uses=uses, price=price)
    pass_ = make_pass(db.session, terms)
    till = Till(shop.id, staff, pass_.id, passes.digits(pass_))
    db.session.commit()
    return till


def redeem(till: Till, session: Session, nonce: str, quantity: int = 1) -> str:
    code = rules.read(session, till.digits)
    begin_write(session)
    answer = rules.redeem(
        session,
        shop_id=till.shop,
        staff_id=till.staff,
        text=code,
        quantity=quantity,
        nonce=nonce,
        now=clock.now(),
    )
    session.commit()
    return answer.reason


def taken(till: Till) -> int:
    live = Redemption.annulled_at.is_(None)
    of_it = select(func.sum(Redemption.quantity)).where(Redemption.pass_id == till.pass_id, live)
    return db.session.scalar(of_it) or 0


def run(app: Flask, attempt: Callable[[Session, int], str], times: int) -> dict[str, int]:
    """Race, and count reasons; every error counts under its own name."""
    reasons: dict[str, int] = {}
    lock = threading.Lock()

    def once(session: Session, number: int) -> None:
        reason = attempt(session, number)
        with lock:
            reasons[reason] = reasons.get(reason, 0) + 1

    outcomes = race(app, once, times=times, threads=THREADS)
    assert outcomes == {"ok": times}, outcomes
    return reasons


@pytest.mark.parametrize("uses", [1, 5])
def test_exactly_its_uses_win(app: Flask, uses: int) -> None:
    till = open_till(uses)
    reasons = run(app, lambda session, number: redeem(till, session, f"press-{number:03d}"), 40)
    assert reasons == {"ok": uses, "already_used_here": 40 - uses}
    assert taken(till) == uses
    assert checks.broken(db.session) == []


def test_presses_of_two_uses_never_take_the_fifth(app: Flask) -> None:
    till = open_till(5)
    reasons = run(app, lambda session, number: redeem(till, session, f"press-{number:03d}", 2), 24)
    assert reasons == {"ok": 2, "not_enough_uses": 22}
    assert taken(till) == 4
    assert checks.broken(db.session) == []


def test_one_nonce_from_many_hands_is_one_use(app: Flask) -> None:
    till = open_till(20)
    assert run(app, lambda session, number: redeem(till, session, "press-007"), 32) == {"ok": 32}
    assert taken(till) == 1
    assert checks.broken(db.session) == []


def test_a_refund_and_a_till_never_both_win(app: Flask) -> None:
    for _ in range(6):
        till = open_till()

        def attempt(session: Session, number: int, till: Till = till) -> str:
            if number % 2:
                return redeem(till, session, f"press-{number:03d}")
            begin_write(session)
            pass_rules.begin_refund(session, pass_id=till.pass_id, cause="guest")
            session.commit()
            return "refund"

        outcomes = race(app, attempt, times=2, threads=2)
        state = db.session.scalar(select(Pass.state).where(Pass.id == till.pass_id))
        assert (state, taken(till)) in {("used", 1), ("refunding", 0)}, outcomes
        assert set(outcomes) <= {"ok", "not_refundable"}
        db.session.rollback()
    assert checks.broken(db.session) == []


def test_an_undo_pressed_twice_gives_one_use_back(app: Flask) -> None:
    till = open_till(5)
    redeem(till, db.session, "press-001", 2)
    first = db.session.scalars(select(Redemption.id)).one()
    db.session.rollback()

    def undo(session: Session, number: int) -> str:
        begin_write(session)
        rules.annul(
            session,
            shop_id=till.shop,
            redemption_id=first,
            staff_id=till.staff,
            reason="mistake",
            now=clock.now(),
        )
        session.commit()
        return "undone"

    assert run(app, undo, 16) == {"undone": 16}
    assert db.session.scalar(select(Pass.uses_left).where(Pass.id == till.pass_id)) == 5
    assert checks.broken(db.session) == []


def test_tills_undo_and_worker_never_lock_each_other_out(app: Flask) -> None:
    tills = [open_till(5, price=3800) for _ in range(2)]

    def attempt(session: Session, number: int) -> str:
        till = tills[number % 2]
        if number % 5 == 4:
            begin_write(session)
            rules.finalise_due(session, now=clock.now() + rules.UNDO)
            session.commit()
            return "final"
        if number % 3:
            return redeem(till, session, f"press-{number:03d}")
        last = session.scalars(select(Redemption.id).where(Redemption.pass_id == till.pass_id)).first()
        begin_write(session)
        if last is None:
            return "nothing to undo"
        names = {"shop_id": till.shop, "staff_id": till.staff, "reason": "mistake"}
        rules.annul(session, redemption_id=last, now=clock.now(), **names)
        session.commit()
        return "undone"

    outcomes = race(app, attempt, times=60, threads=THREADS)
    assert set(outcomes) <= {"ok", "too_late"}, outcomes
    assert checks.broken(db.session) == []


def reform(till: Till, session: Session) -> str:
    begin_write(session)
    given = {"form": "paper", "device": None, "why": "print", "now": clock.now()}
    pass_rules.reform(session, pass_id=till.pass_id, **given)
    session.commit()
    return "reformed"


def test_a_new_form_and_the_old_ones_last_use_never_both_win(app: Flask) -> None:
    for _ in range(6):
        till = open_till()
        outcomes: list[str] = []

        def attempt(session: Session, number: int, till: Till = till, told: list[str] = outcomes) -> None:
            told.append(redeem(till, session, "press-001") if number else reform(till, session))

        raced = race(app, attempt, times=2, threads=2)
        gen, state = db.session.execute(select(Pass.gen, Pass.state).where(Pass.id == till.pass_id)).one()
        if gen:
            assert sorted(outcomes) == ["reformed", "superseded"]
        else:
            assert (outcomes, raced["pass_not_open"]) == (["ok"], 1)
        assert (state, taken(till)) == (("valid", 0) if gen else ("used", 1))
        db.session.rollback()
    assert checks.broken(db.session) == []


def test_control_without_the_forms_guard_an_old_copy_redeems(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judge, let the pass change its form, spend without asking which: the old copy must then win."""
    till = open_till()
    guarded = pass_rules._take
    judge, seen = rules.judge, threading.local()
    judged, reformed = threading.Event(), threading.Event()

    def blind_take(session: Session, pass_id: str, quantity: int, now: object, gen: object = None) -> object:
        return guarded(session, pass_id, quantity, now)

    monkeypatch.setattr(rules, "judge", lambda session, **asked: seen.answer)
    monkeypatch.setattr(pass_rules, "_take", blind_take)

    def attempt(session: Session, number: int) -> None:
        if number:
            code = rules.read(session, till.digits)
            seen.answer = judge(session, code=code, shop_id=till.shop, quantity=1, now=clock.now())
            session.rollback()
            judged.set()
            assert reformed.wait(10)
            assert redeem(till, session, "press-001") == "ok"
        else:
            assert judged.wait(10)
            reform(till, session)
            reformed.set()

    assert race(app, attempt, times=2, threads=2) == {"ok": 2}
    assert db.session.scalar(select(Pass.gen).where(Pass.id == till.pass_id)) == 1
    assert taken(till) == 1


def test_control_without_the_guard_double_redeems(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read, meet at a barrier, write what was read: the same race must then break I6."""
    till = open_till()
    barrier = threading.Barrier(2)
    seen = threading.local()
    judge = verdict.judge

    def blind_take(
        session: Session, pass_id: str, quantity: int, now: object, gen: int | None = None
    ) -> Pass:
        row = update(Pass).where(Pass.id == pass_id).values(uses_left=seen.uses_left - quantity, state="used")
        session.execute(row.execution_options(synchronize_session=False))
        return pass_rules.get_locked(session, pass_id=pass_id)

    monkeypatch.setattr(rules, "judge", lambda session, **asked: seen.answer)
    monkeypatch.setattr(pass_rules, "_take", blind_take)

    def careless(session: Session, number: int) -> str:
        session.rollback()
        code = rules.read(session, till.digits)
        seen.answer = judge(session, code=code, shop_id=till.shop, quantity=1, now=clock.now())
        seen.uses_left = seen.answer.uses_left
        session.rollback()
        barrier.wait(10)
        return redeem(till, session, f"press-{number:03d}")

    reasons: list[str] = []
    race(app, lambda session, number: reasons.append(careless(session, number)), times=2, threads=2)
    assert reasons == ["ok", "ok"]
    assert taken(till) == 2
    assert [line for line in checks.broken(db.session) if line.startswith("I6")]
