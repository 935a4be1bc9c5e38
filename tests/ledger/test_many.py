"""Many postings at once are what they are one by one: chain, legs, balances, keys; and no two take one number."""

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.kernel import checks
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.ledger import queries, rules
from o2o.ledger.models import ACCOUNTS, Book, Leg, Posting
from o2o.ledger.rules import Draft
from tests.counting import counting
from tests.racers import race

SALE = {"cash": 5000, "voucher_liability": -5000}
accounts = st.sampled_from(sorted(ACCOUNTS))


@st.composite
def drafts(draw: st.DrawFn) -> Draft:
    """Draw a transaction; the content follows from the key, so that a key may come again."""
    number = draw(st.integers(0, 12))
    names = sorted(ACCOUNTS)
    one, other = names[number % len(names)], names[(number * 3 + 1) % len(names)]
    amount = 10**number + number
    legs = {one: amount, other: -amount} if one != other else dict(SALE)
    return Draft(f"key {number}", "test", f"test:{number}", "CNY" if number % 2 else "JPY", legs)


def state(session: Session) -> tuple[list[tuple], list[tuple], dict, list[tuple]]:
    """Return all that the books say."""
    postings = session.scalars(select(Posting).order_by(Posting.book, Posting.seq))
    chain = [(row.book, row.seq, row.key, row.subject, row.prev, row.hash) for row in postings]
    keyed = select(Posting.key, Leg.account, Leg.currency, Leg.amount).join(Leg, Leg.posting_id == Posting.id)
    legs = sorted(tuple(row) for row in session.execute(keyed))
    heads = [(row.name, row.seq, row.head) for row in session.scalars(select(Book).order_by(Book.name))]
    return chain, legs, queries.balances(session, "platform"), heads


def put(session: Session, postings: list[Draft], book: str = "platform") -> list[Posting]:
    return rules.post_all(session, book=book, shop_id=None, postings=postings)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(wanted=st.lists(drafts(), max_size=12), cuts=st.sets(st.integers(0, 12)))
def test_many_at_once_are_the_same_books(session: Session, wanted: list[Draft], cuts: set[int]) -> None:
    found = []
    places = sorted(cut for cut in cuts if cut < len(wanted))
    pieces = [wanted[a:b] for a, b in zip([0, *places], [*places, len(wanted)], strict=True)]
    for ways in ([[draft] for draft in wanted], pieces, [wanted]):
        session.rollback()
        begin_write(session)
        with travel(datetime(2026, 5, 1, 8, tzinfo=UTC), tick=False):
            made = [posting.key for piece in ways for posting in put(session, piece)]
        assert made == [draft.key for draft in wanted]
        assert checks.broken(session) == []
        found.append(state(session))
    assert found[0] == found[1] == found[2]


def test_a_key_that_is_there_is_not_posted_again(session: Session) -> None:
    first = Draft("a", "test", "test:1", "CNY", SALE)
    (there,) = put(session, [first])
    again, new, twice = put(session, [first, first._replace(key="b"), first._replace(key="b")])
    assert (again.id, new.id) == (there.id, twice.id)
    assert [posting.seq for posting in (again, new)] == [1, 2]
    assert put(session, []) == []
    assert checks.broken(session) == []


@pytest.mark.parametrize("there", [True, False])
def test_other_content_refuses_all_of_them(session: Session, there: bool) -> None:
    first = Draft("a", "test", "test:1", "CNY", SALE)
    other = first._replace(legs={"cash": 1, "voucher_liability": -1})
    if there:
        put(session, [first])
    before = state(session)[:3]
    with pytest.raises(RuleBroken, match="key_reused"):
        put(session, [first._replace(key="b"), other] if there else [first, other])
    with pytest.raises(ValueError):
        put(session, [first._replace(key="c"), first._replace(key="d", legs={"cash": 1})])
    assert state(session)[:3] == before
    assert checks.broken(session) == []


def test_the_book_is_asked_once(session: Session) -> None:
    def cost(many: int, at: int) -> int:
        with counting() as statements:
            put(session, [Draft(f"{at + n}", "test", "test:1", "CNY", SALE) for n in range(many)])
        return len([one for one in statements if "INSERT INTO posting" not in one])

    cost(1, 0)
    assert cost(1, 100) == cost(40, 200)


def test_many_writers_of_many_make_one_chain(app: Flask) -> None:
    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        keys = [f"key {number // 2 * 3 + step}" for step in range(3)]
        put(session, [Draft(key, "test", "test:1", "CNY", SALE) for key in keys], f"book {number % 4 // 2}")
        session.commit()

    assert race(app, attempt, times=40) == {"ok": 40}
    assert checks.broken(db.session) == []
    assert {book.name: book.seq for book in queries.books(db.session)} == {"book 0": 30, "book 1": 30}


def test_control_without_the_lock_two_want_one_number(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both read the head, meet at a barrier, then write: only the unique number and the head's guard are left."""
    begin_write()
    put(db.session, [Draft("first", "test", "test:1", "CNY", SALE)])
    db.session.commit()
    barrier, seen = threading.Barrier(2), threading.local()
    monkeypatch.setattr(rules, "_lock", lambda session, book, shop_id: seen.head)

    def careless(session: Session, number: int) -> None:
        session.rollback()
        row = session.get_one(Book, "platform")
        seen.head = Book(name=row.name, seq=row.seq, head=row.head)
        session.rollback()
        barrier.wait(10)
        begin_write(session)
        put(session, [Draft(f"{number} {step}", "test", "test:1", "CNY", SALE) for step in range(3)])
        session.commit()

    outcomes = race(app, careless, times=2, threads=2)
    assert outcomes["ok"] == 1, outcomes
    assert len(outcomes) == 2
    assert checks.broken(db.session) == []
