"""Facts are delivered once, failures keep their error, and nothing is lost."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.kernel import checks, clock, journal
from o2o.kernel.db import begin_write, db
from o2o.kernel.journal import REACTIONS, Delivery, Fact, deliver, reacts_to, record


@pytest.fixture
def heard(app: Flask) -> Iterator[list[int]]:
    """Listen for facts named test.rang; fail while `broken` is in the list."""
    calls: list[int] = []

    @reacts_to("test.rang")
    def listen(session: Session, fact: Fact) -> None:
        if fact.ids.get("broken"):
            raise ValueError("the bell is broken")
        calls.append(fact.ids["bell"])

    yield calls
    REACTIONS.pop("test.rang")


def ring(**ids: object) -> None:
    begin_write()
    record(db.session, "test.rang", **ids)
    db.session.commit()


def test_a_fact_is_delivered_after_the_commit_and_once(heard: list[int]) -> None:
    ring(bell=1)
    assert heard == []
    assert deliver(db.session) == 1
    assert deliver(db.session) == 0
    assert deliver(db.session, everything=True) == 0
    assert heard == [1]


def test_a_fact_rolled_back_never_happened(heard: list[int]) -> None:
    begin_write()
    record(db.session, "test.rang", bell=1)
    db.session.rollback()
    deliver(db.session, everything=True)
    assert heard == []


def test_many_facts_are_written_and_delivered_like_one(heard: list[int]) -> None:
    begin_write()
    many = journal.record_all(db.session, "test.rang", [{"bell": number} for number in range(3)])
    (one,) = journal.record_all(db.session, "test.rang", [{"bell": 3}])
    assert journal.record_all(db.session, "test.rang", []) == []
    assert journal.record_all(db.session, "test.nobody", [{"bell": 4}])[0].id > one.id
    assert [fact.ids["bell"] for fact in many] == [0, 1, 2]
    db.session.commit()
    assert deliver(db.session) == 4
    assert heard == [0, 1, 2, 3]


def test_the_worker_delivers_what_a_request_left(heard: list[int]) -> None:
    ring(bell=1)
    db.session.info.clear()
    assert deliver(db.session, everything=True) == 1
    assert heard == [1]


def test_a_failure_is_kept_tried_again_and_parked(heard: list[int]) -> None:
    ring(bell=1, broken=True)
    deliver(db.session)
    row = db.session.scalars(select(Delivery)).one()
    assert (row.state, row.tries) == ("pending", 1)
    assert "broken" in (row.error or "")
    db.session.rollback()
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(journal.TRIES):
            traveller.shift(timedelta(hours=1))
            deliver(db.session, everything=True)
    row = db.session.scalars(select(Delivery)).one()
    assert row.state == "parked"
    assert heard == []


def test_one_failure_does_not_stop_the_next(heard: list[int]) -> None:
    ring(bell=1, broken=True)
    ring(bell=2)
    deliver(db.session, everything=True)
    assert heard == [2]
    assert db.session.scalar(select(func.count()).select_from(Fact)) == 2


def stuck() -> list[str]:
    lines = checks.broken(db.session)
    db.session.rollback()
    return lines


def test_a_fact_that_waits_too_long_is_named(heard: list[int]) -> None:
    ring(bell=1)
    assert stuck() == []
    with time_machine.travel(clock.now() + timedelta(minutes=11), tick=False):
        (line,) = stuck()
        assert line.startswith("I13 every fact is delivered")
        assert line.endswith("test_journal.listen: pending after 0 tries")
        deliver(db.session, everything=True)
        assert stuck() == []


def test_a_parked_fact_is_named_with_its_error_by_flask_check(app: Flask, heard: list[int]) -> None:
    ring(bell=1, broken=True)
    with time_machine.travel(clock.now(), tick=False) as traveller:
        for _ in range(journal.TRIES):
            traveller.shift(timedelta(hours=1))
            deliver(db.session, everything=True)
    (line,) = stuck()
    assert "parked after 8 tries, last error ValueError('the bell is broken')" in line
    checked = app.test_cli_runner().invoke(args=["check"])
    assert (checked.exit_code, checked.output.strip()) == (1, line)
