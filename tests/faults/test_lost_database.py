"""F7: PostgreSQL throws its clients out, between requests and within one; the next request finds it again."""

from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from o2o.kernel import checks
from o2o.kernel.db import db
from o2o.orders.models import Order
from o2o.passes.models import Pass
from tests import postgres
from tests.orders.buying import count, order, sell, state, to_bank
from tests.visitor import Visitor


@pytest.fixture
def other(app: Flask, database: str) -> str:
    """Say which database loses its clients; on SQLite there is nobody to be thrown out by."""
    return str(db.engine.url.database) if database == "postgresql" else ""


def throw_out(name: str) -> int:
    """End every connection to the database, as a restart does; nothing on SQLite."""
    if not name:
        return 0
    address = postgres.cluster().format(name="postgres").replace("+psycopg", "")
    with psycopg.connect(address, autocommit=True) as admin:
        ended = admin.execute(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        return int(ended.fetchone()[0])  # type: ignore[index]


def test_a_connection_lost_between_requests_is_not_noticed(client: Visitor, other: str) -> None:
    client.sign_in("guest")
    url = order(client, sell())
    between_requests(other)
    assert client.get(url).status_code == 200
    between_requests(other)
    bank = to_bank(client, url)
    between_requests(other)
    client.post(bank, data={"answer": "approve"})
    assert state(url) == "paid"


def between_requests(other: str) -> None:
    """Throw out while no request runs; the test's own context holds a session open from one to the next."""
    db.session.rollback()
    assert bool(throw_out(other)) == bool(other)


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_a_request_cut_before_its_commit_writes_nothing(client: Visitor, other: str, language: str) -> None:
    client.sign_in("guest")
    offer_id = sell()
    form, cut = {"quantity": 1, "idempotency_key": "k"}, []

    def before_commit(session: Session) -> None:
        if not cut:
            cut.append(throw_out(other) if other else None)

    event.listen(Session, "before_commit", before_commit)
    try:
        said = {"Accept-Language": language}
        answer = client.post(f"/offers/{offer_id}/orders", data=form, headers=said)
    finally:
        event.remove(Session, "before_commit", before_commit)
    assert cut
    if other:
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
        assert ("very busy" if language == "en" else "现在太忙了") in answer.get_data(as_text=True)
        assert count(Order) == 0
    again = client.post(f"/offers/{offer_id}/orders", data=form)
    assert (again.status_code, count(Order)) == (303, 1)
    assert checks.broken(db.session) == []


def test_a_page_whose_connection_goes_is_busy_for_once(client: Visitor, other: str) -> None:
    client.sign_in("guest")
    url = order(client, sell())
    lost: list[int] = []

    def before(connection: Any, cursor: Any, statement: str, *_more: Any) -> None:
        if other and not lost and "FROM purchase" in statement:
            lost.append(throw_out(other))

    event.listen(db.engine, "before_cursor_execute", before)
    try:
        first = client.get(url)
    finally:
        event.remove(db.engine, "before_cursor_execute", before)
    assert (first.status_code, bool(lost)) == ((503, True) if other else (200, False))
    assert client.get(url).status_code == 200
    assert (count(Order), count(Pass)) == (1, 0)
    assert checks.broken(db.session) == []
