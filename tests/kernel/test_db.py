"""The doors of the database: writing transactions, instants, keys that are there already."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2o.kernel.db import WroteOutside, begin_write, db, insert_ignore
from o2o.kernel.journal import Delivery, Fact
from o2o.kernel.limits import LimitHit


def fact(name: str = "x") -> Fact:
    return Fact(
        name=name, ids={}, at=datetime(2026, 3, 1, 8, 0, 0, 5000, tzinfo=UTC), actor="system", request_id="r"
    )


def test_an_instant_comes_back_as_it_went_in(session: Session) -> None:
    session.add(fact())
    session.commit()
    assert session.scalars(select(Fact)).one().at == datetime(2026, 3, 1, 8, 0, 0, 5000, tzinfo=UTC)


def test_begin_write_sees_what_others_committed(session: Session) -> None:
    session.add(fact())
    session.commit()
    row = session.scalars(select(Fact)).one()
    session.rollback()
    with db.engine.begin() as other:
        other.exec_driver_sql("UPDATE fact SET name = 'changed'")
    begin_write()
    assert row.name == "changed"


def test_begin_write_refuses_to_lose_changes(session: Session) -> None:
    session.add(fact())
    with pytest.raises(RuntimeError, match="lose"):
        begin_write()


@pytest.mark.sqlite_only("PostgreSQL needs no writing transaction to be announced")
def test_a_write_outside_the_writing_transaction_is_found(app: Flask) -> None:
    db.session.add(fact())
    with pytest.raises(WroteOutside):
        db.session.flush()
    db.session.rollback()
    with pytest.raises(WroteOutside):
        db.session.execute(update(Fact).values(name="y"))


def test_insert_ignore_counts_only_what_went_in(session: Session) -> None:
    row = {"bucket": "b", "window": 1, "ends": 2, "count": 1}
    assert insert_ignore(session, LimitHit.__table__, row) == 1
    assert insert_ignore(session, LimitHit.__table__, row) == 0
    assert session.scalars(select(Delivery)).all() == []
