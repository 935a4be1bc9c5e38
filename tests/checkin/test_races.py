"""Tabs, double presses and replays at once: one visit on both databases, and a control without the guard."""

import threading
import time
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.checkin import rules
from o2o.checkin.models import LastVisit, Poster, Visit
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.journal import Fact
from o2o.notifications.models import Message
from tests.factories import make_account, make_poster, make_role, make_shop, make_visit
from tests.racers import race
from tests.visitor import Visitor

THREADS = 8


@pytest.fixture
def door(app: Flask) -> tuple[str, int]:
    """Give a poster's code and a guest."""
    begin_write()
    code = make_poster(db.session, make_shop(db.session)).code
    guest = make_account(db.session, "guest").id
    db.session.commit()
    return code, guest


def arrive(door: tuple[str, int], session: Session, key: str) -> None:
    code, guest = door
    begin_write(session)
    given = {"bucket": "none", "claimed_at": None, "now": clock.now()}
    rules.arrive(session, code=code, account_id=guest, key=key, **given)
    session.commit()


def count(table: type, *where: object) -> int:
    found = db.session.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]
    db.session.rollback()
    return found


@pytest.mark.parametrize(
    "key_of", [lambda number: f"press-{number}", lambda number: "press"], ids=["tabs", "replay"]
)
def test_many_presses_make_one_visit(app: Flask, door: tuple[str, int], key_of: Callable[[int], str]) -> None:
    outcomes = race(
        app, lambda session, number: arrive(door, session, key_of(number)), times=40, threads=THREADS
    )
    assert outcomes == {"ok": 40}
    assert count(Visit) == count(LastVisit) == count(Fact, Fact.name == "visit.made") == 1


def test_five_tabs_through_the_page(app: Flask, door: tuple[str, int]) -> None:
    """All answer 303 to the same visit, also where they carry one key."""
    signed_in = Visitor(app, app.response_class)
    signed_in.sign_in("guest")
    cookie = signed_in.get_cookie("o2o")
    assert cookie
    places: list[str] = []

    def press(session: Session, number: int) -> None:
        tab = Visitor(app, app.response_class)
        tab.set_cookie("o2o", cookie.value)
        answer = tab.post(f"/c/{door[0]}", data={"key": f"press-{number % 3}", "bucket": "none"})
        assert answer.status_code == 303, answer.get_data(as_text=True)
        places.append(answer.location)

    assert race(app, press, times=15, threads=5) == {"ok": 15}
    assert len(set(places)) == 1
    assert count(Visit) == 1


def test_two_tills_confirm_once(app: Flask) -> None:
    begin_write()
    shop = make_shop(db.session)
    staff = [make_role(db.session, shop, f"staff-{number}").account_id for number in range(4)]
    visit_id, shop_id = make_visit(db.session, make_poster(db.session, shop)).id, shop.id
    db.session.commit()

    def confirm(session: Session, number: int) -> None:
        begin_write(session)
        given = {"shop_id": shop_id, "staff_id": staff[number % 4], "now": clock.now()}
        rules.confirm(session, visit_id=visit_id, **given)
        session.commit()

    assert race(app, confirm, times=16, threads=THREADS) == {"ok": 16}
    assert count(Fact, Fact.name == "visit.confirmed") == count(Message) == 1


def test_nobody_gets_in_by_a_code_that_was_rotated_before(app: Flask, door: tuple[str, int]) -> None:
    """Whatever order they come in, a visit by the old code is older than its end."""
    poster = db.session.scalars(select(Poster)).one()
    poster_id, shop_id = poster.id, poster.shop_id
    db.session.rollback()

    def attempt(session: Session, number: int) -> None:
        if number == 3:
            begin_write(session)
            rules.rotate(session, shop_id=shop_id, poster_id=poster_id, now=clock.now())
            session.commit()
            return
        begin_write(session)
        person = make_account(session, f"guest-{number}").id
        session.commit()
        arrive((door[0], person), session, "press")

    outcomes = race(app, attempt, times=12, threads=THREADS)
    assert set(outcomes) <= {"ok", "poster_gone"}
    assert count(Visit) == outcomes["ok"] - 1
    arrive_late = race(app, lambda session, number: arrive(door, session, "late"), times=1, threads=1)
    assert arrive_late == {"poster_gone": 1}


def test_control_without_the_guard_makes_two_visits(
    app: Flask, door: tuple[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read, meet at a barrier, write: the same race must then make two visits."""
    barrier = threading.Barrier(2)
    seen = threading.local()

    def blind(session: Session, visit: Visit, now: object) -> bool:
        if seen.last is not None:
            return False
        session.merge(
            LastVisit(account_id=visit.account_id, shop_id=visit.shop_id, visit_id=visit.id, at=now)
        )
        session.flush()
        return True

    monkeypatch.setattr(rules, "_take_turn", blind)

    def careless(session: Session, number: int) -> None:
        session.rollback()
        seen.last = session.scalars(select(LastVisit)).one_or_none()
        session.rollback()
        barrier.wait(10)
        with turns:
            arrive(door, session, f"press-{number}")

    turns = threading.Lock()
    assert race(app, careless, times=2, threads=2) == {"ok": 2}
    assert count(Visit) == 2


def test_a_code_that_is_being_rotated_is_waited_for(app: Flask, door: tuple[str, int]) -> None:
    """The old code dies with the commit: who read it a moment before waits, and is then refused."""
    poster = db.session.scalars(select(Poster)).one()
    poster_id, shop_id = poster.id, poster.shop_id
    db.session.rollback()
    ended, came = threading.Event(), threading.Event()

    def attempt(session: Session, number: int) -> None:
        if number == 1:
            assert ended.wait(10)
            came.set()
            arrive(door, session, "late")
            return
        begin_write(session)
        rules.rotate(session, shop_id=shop_id, poster_id=poster_id, now=clock.now())
        ended.set()
        assert came.wait(10)
        time.sleep(0.3)  # the guest has read the row by now
        session.commit()

    assert race(app, attempt, times=2, threads=2) == {"ok": 1, "poster_gone": 1}
    assert count(Visit) == 0
