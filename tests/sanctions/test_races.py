"""Operators, owner and worker at once: one row a step, one outcome an appeal; and a control without the lock."""

import time

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.conduct import queries as record
from o2o.conduct.models import Sanction
from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.journal import Fact
from o2o.sanctions import rules
from o2o.shops import queries as shops
from tests.racers import race
from tests.sanctions.town import GRAVE, Street, appealed, impose, open_street

TIMES = 16


@pytest.fixture
def street(app: Flask) -> Street:
    begin_write()
    made = open_street(db.session)
    db.session.commit()
    return made


def count(table: type, *where: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table).where(*where)) or 0  # type: ignore[arg-type]


def strike(street: Street, session: Session, number: int) -> None:
    """Suspend the shop, each time as another of the two operators, in their own words."""
    by = (street.operator, street.second)[number % 2]
    given = {"rule": GRAVE, "evidence": f"As {by} saw it", "by": by, "now": clock.now()}
    begin_write(session)
    rules.impose(session, shop_id=street.shop_id, step="suspend", **given)
    session.commit()


def test_two_operators_impose_one_row(app: Flask, street: Street) -> None:
    outcomes = race(app, lambda session, number: strike(street, session, number), times=TIMES)
    assert outcomes == {"ok": TIMES // 2, "step_stands": TIMES // 2}
    assert count(Sanction) == count(Fact, Fact.name == "sanction.imposed") == 1
    assert checks.broken(db.session) == []


def test_without_the_shops_lock_they_collide(
    app: Flask, street: Street, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: looking alone lets several write; only the index is left, and its refusal is no sentence."""
    whole, looked = shops.shop, record.standing

    def slowly(session: Session, shop_id: int) -> dict[str, Sanction]:
        found = looked(session, shop_id)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(
        shops,
        "shop",
        lambda session, shop_id, lock=False, behind=False: whole(session, shop_id, behind=behind),
    )
    monkeypatch.setattr(record, "standing", slowly)
    outcomes = race(app, lambda session, number: strike(street, session, number), times=TIMES)
    collided = sum(times for outcome, times in outcomes.items() if "uq_sanction_step" in outcome)
    assert (collided > 0) == (database == "postgresql")
    assert count(Sanction) == 1


def test_an_appeal_has_one_outcome(app: Flask, street: Street) -> None:
    begin_write()
    street.shop = db.session.get_one(shops.Shop, street.shop_id)
    sanction_id = appealed(db.session, street, impose(db.session, street)).id
    db.session.commit()

    def decide(session: Session, number: int) -> None:
        begin_write(session)
        given = {"sanction_id": sanction_id, "by": street.second, "now": clock.now()}
        rules.decide(session, uphold=number % 2 == 0, words="Seen.", **given)
        session.commit()

    outcomes = race(app, decide, times=TIMES)
    assert outcomes["ok"] == outcomes["decided"] == TIMES // 2
    assert count(Fact, Fact.name == "sanction.decided") == 1


def test_steps_and_lifting_at_once_leave_the_shop_as_written(app: Flask, street: Street) -> None:
    def press(session: Session, number: int) -> None:
        begin_write(session)
        rows = select(Sanction.id).where(Sanction.shop_id == street.shop_id)
        first = session.scalar(rows.order_by(Sanction.id.desc()).limit(1))
        if number % 2 or first is None:
            session.rollback()
            strike(street, session, number)
        else:
            given = {"by": street.operator, "words": "No.", "now": clock.now()}
            rules.lift(session, sanction_id=first, **given)
            session.commit()

    outcomes = race(app, press, times=TIMES)
    assert set(outcomes) <= {"ok", "step_stands", "decided"}
    assert count(Sanction, record.STANDS) <= 1
    assert checks.broken(db.session) == []
