"""Posting, chaining, sealing; and that nothing posted can be changed."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.kernel import checks
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.ledger import chores, queries, rules
from o2o.ledger.models import Balance, Book, Posting, Seal
from o2o.ledger.triggers import create_triggers, drop_triggers
from tests.racers import race

SALE = {"cash": 5000, "voucher_liability": -5000}


def post(session: Session, key: str, legs: dict[str, int] | None = None, book: str = "platform") -> Posting:
    return rules.post(
        session,
        book=book,
        shop_id=None,
        key=key,
        kind="test",
        subject="test:1",
        currency="CNY",
        legs=legs or SALE,
    )


def codes() -> list[str]:
    return [line.split()[0] for line in checks.broken(db.session)]


def test_postings_chain_and_balances_add_up(session: Session) -> None:
    first = post(session, "a")
    second = post(session, "b", {"voucher_liability": 1200, "shop_pending": -1200, "platform_fee": 0})
    post(session, "c", book="other")
    assert (first.seq, second.seq, second.prev) == (1, 2, first.hash)
    assert queries.balances(session, "platform") == {
        ("cash", "CNY"): 5000,
        ("shop_pending", "CNY"): -1200,
        ("voucher_liability", "CNY"): -3800,
    }
    assert queries.balance(session, book="platform", account="cash", currency="CNY") == 5000
    assert queries.balance(session, book="platform", account="refunds_due", currency="CNY") == 0
    assert sum(queries.totals(session).values()) == 0
    assert next(legs for _, legs in queries.postings(session, subject="test:1")) == SALE
    assert checks.broken(session) == []


def test_the_same_key_posts_once(session: Session) -> None:
    assert post(session, "a").id == post(session, "a").id
    assert queries.balance(session, book="platform", account="cash", currency="CNY") == 5000
    for legs, book in (({"cash": 1, "voucher_liability": -1}, "platform"), (SALE, "other")):
        with pytest.raises(RuleBroken, match="key_reused"):
            post(session, "a", legs, book)
    assert checks.broken(session) == []


@pytest.mark.parametrize(
    "legs",
    [{"cash": 1}, {"cash": 0, "refunds_due": 0}, {"cash": 1, "pocket": -1}, {"cash": 2, "refunds_due": -1}],
)
def test_what_does_not_balance_is_a_defect_of_the_caller(session: Session, legs: dict[str, int]) -> None:
    with pytest.raises(ValueError):
        post(session, "a", legs)


def test_many_writers_make_one_chain(app: Flask) -> None:
    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        post(session, f"key {number // 2}", book=f"book {number % 4 // 2}")
        session.commit()

    assert race(app, attempt, times=80) == {"ok": 80}
    assert checks.broken(db.session) == []
    heads = {book.name: book.seq for book in queries.books(db.session)}
    assert heads == {"book 0": 20, "book 1": 20}


@pytest.mark.parametrize("table", ["posting", "leg", "seal"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_posted_rows_are_final(session: Session, table: str, statement: str) -> None:
    with travel(datetime(2026, 5, 1, 8, tzinfo=UTC), tick=False):
        post(session, "a")
        session.commit()
    assert chores.seal_days(session) == 1
    column = {"posting": "subject", "leg": "amount", "seal": "seq"}[table]
    begin_write(session)
    with pytest.raises(DBAPIError, match="never changes"):
        session.execute(text(statement.format(table, column, column)))
    session.rollback()
    begin_write(session)
    create_triggers(session.connection())
    session.commit()


def test_days_are_sealed_once(session: Session) -> None:
    with travel(datetime(2026, 5, 1, 23, 59, tzinfo=UTC), tick=False) as now:
        last = post(session, "a").hash
        session.commit()
        assert chores.seal_days(session) == 0
        now.shift(timedelta(minutes=2))
        begin_write(session)
        post(session, "b")
        session.commit()
        assert chores.seal_days(session) == 1
        assert chores.seal_days(session) == 0
        row = session.scalars(select(Seal)).one()
        assert (row.day.isoformat(), row.seq, row.head) == ("2026-05-01", 1, last)
    assert checks.broken(session) == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("UPDATE posting SET subject = 'test:2' WHERE seq = 2", {"I9"}),
        ("UPDATE posting SET at = at + 1 WHERE seq = 1", {"I9"}),
        (
            "UPDATE leg SET amount = amount + 1 WHERE account = 'cash' AND posting_id = 1",
            {"I1", "I2", "I3", "I9"},
        ),
        ("UPDATE leg SET amount = -amount WHERE posting_id = 2", {"I3", "I9"}),
        ("UPDATE book SET head = prev FROM posting WHERE posting.seq = 3", {"I9"}),
        ("UPDATE balance SET amount = 0 WHERE account = 'cash'", {"I3"}),
        ("UPDATE seal SET head = 'x'", {"I9"}),
        ("DELETE FROM leg WHERE posting_id = 2", {"I1", "I3", "I9"}),
        ("DELETE FROM leg WHERE posting_id = 3; DELETE FROM posting WHERE seq = 3", {"I3", "I9"}),
    ],
)
def test_every_kind_of_damage_is_found(session: Session, damage: str, found: set[str]) -> None:
    with travel(datetime(2026, 5, 1, 8, tzinfo=UTC), tick=False):
        for key in "abc":
            post(session, key)
        session.commit()
    chores.seal_days(session)
    begin_write(session)
    connection = session.connection()
    drop_triggers(connection)
    for statement in damage.split("; "):
        connection.exec_driver_sql(statement)
    assert set(codes()) == found
    session.rollback()


def test_the_head_and_its_book_are_written_together(session: Session) -> None:
    post(session, "a")
    session.rollback()
    begin_write(session)
    assert session.scalars(select(Book)).all() == []
    assert session.scalars(select(Balance)).all() == []
