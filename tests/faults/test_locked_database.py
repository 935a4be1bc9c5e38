"""F8: another process holds SQLite's write lock: changes answer 503 within the patience, pages are read on."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import make_url
from time_machine import travel

from o2o.accounts import login
from o2o.kernel import checks, clock
from o2o.kernel import db as database
from o2o.kernel.db import db
from o2o.kernel.errors import Busy
from o2o.kernel.sqlite import sqlite3
from o2o.orders.models import Order
from tests.orders.buying import count, sell
from tests.visitor import Visitor

pytestmark = pytest.mark.sqlite_only("PostgreSQL locks rows; readers and other writers go on")


@pytest.fixture
def hasty(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Shorten the five seconds of patience, which storage asserts at every start, for the test's sake."""

    def connect(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA busy_timeout = 100")

    monkeypatch.setattr(database, "PATIENCE", 0.1)
    event.listen(db.engine, "connect", connect)
    db.engine.dispose()
    yield
    event.remove(db.engine, "connect", connect)


def test_a_writer_that_holds_on_delays_no_reader(app: Flask, client: Visitor, hasty: None) -> None:
    client.sign_in("guest")
    offer_id = sell()
    address, form = f"/offers/{offer_id}/orders", {"quantity": 1, "idempotency_key": "k"}
    first = client.post(address, data={**form, "idempotency_key": "first"}).location
    db.session.rollback()
    other = sqlite3.connect(make_url(app.config["O2O"].database_url).database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        for page in ("/", f"/offers/{offer_id}", "/shops/1", first, "/wallet", "/me", "/inbox", "/readyz"):
            assert client.get(page).status_code == 200, page
        for door, sent in ((address, form), (f"{first}/pay", {}), ("/sign-in/none", {}), ("/sign-out", {})):
            for accept, kind in (
                ("text/html", "text/html"),
                ("application/json", "application/problem+json"),
            ):
                refused = client.post(door, data=sent, headers={"Accept": accept})
                assert (refused.status_code, refused.mimetype) == (503, kind), door
                assert refused.headers["Retry-After"] == "5"
    finally:
        other.execute("ROLLBACK")
        other.close()
    assert client.post(address, data=form).status_code == 303
    assert count(Order) == 2
    assert checks.broken(db.session) == []


def test_what_is_done_is_answered_though_the_visit_cannot_be_noted(
    client: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The note that somebody was here comes after the commit: it must not turn a yes into an error."""

    def busy() -> None:
        raise Busy

    with travel(clock.now(), tick=False) as now:
        client.sign_in("guest")
        offer_id = sell()
        now.shift(timedelta(minutes=11))
        monkeypatch.setattr(login, "begin_write", busy)
        form = {"quantity": 1, "idempotency_key": "k"}
        assert client.post(f"/offers/{offer_id}/orders", data=form).status_code == 303
    assert count(Order) == 1


def test_the_patience_is_five_seconds(app: Flask) -> None:
    """What the test above shortens is what a town waits, at both doors."""
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 5000
    assert database.PATIENCE == 5.0
