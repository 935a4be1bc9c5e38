"""Every table has a clock or a reason; what is over goes, what is not stays, and the page says so."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.kernel import checks, clock, journal, worker
from o2o.kernel.db import Base, begin_write, db
from o2o.retention import chores, queries
from o2o.retention.clocks import CLOCKS, KEPT, Clock
from tests.factories import make_account, make_paid_order, make_poster, make_role, make_shop, make_terms

T0 = datetime(2025, 1, 15, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
OURS = [one for one in CLOCKS if not one.by]


def test_every_table_has_a_clock_or_a_reason(app: Flask) -> None:
    named = Counter([one.table for one in CLOCKS] + [name for names in KEPT.values() for name in names])
    twice = {name for name, times in named.items() if times > 1}
    assert not twice
    missing = Base.metadata.tables.keys() - named.keys()
    assert not missing, f"say how long {missing} is kept, and why"
    assert named.keys() <= Base.metadata.tables.keys()


def test_other_rooms_clocks_have_a_chore(app: Flask) -> None:
    for one in CLOCKS:
        if one.by:
            assert one.by in worker.JOBS or one.by.startswith("kernel."), one.by
        assert one.since in one.rows.c
    assert {one.by.removeprefix("kernel.") for one in CLOCKS} <= {
        name.removeprefix("kernel.") for name in worker.JOBS
    } | {""}


def test_no_money_and_no_evidence_has_a_clock() -> None:
    safe = {"purchase", "pass", "posting", "leg", "balance", "refund", "redemption", "claim", "act", "seal"}
    assert safe.isdisjoint(one.table for one in CLOCKS)


def plant(session: Session) -> None:
    """Make one row of each clock of this room, all as old as the town."""
    shop = make_shop(session)
    owner = make_role(session, shop, "owner", kind="owner").account_id
    gone = make_account(session, "gone").id
    poster = make_poster(session, shop)
    journal.record(session, "shop.changed", shop_id=shop.id)
    journal.record(session, "test.late")
    claim = {"shop_id": shop.id, "account_id": gone, "state": "rejected", "way": "claim", "reason": ""}
    rows: dict[str, dict[str, Any]] = {
        "posted": {"key": "k", "digest": "d", "location": "/", "at": T0},
        "look": {"shop_id": shop.id, "account_id": gone, "staff_id": owner, "what": "card", "at": T0},
        "invite": {
            "digest": "d" * 64, "shop_id": shop.id, "kind": "staff", "name": "Neu", "created_by": "system",
            "created_at": T0 - 7 * DAY, "expires_at": T0,
        },
        "menu_import": {
            "id": "i" * 16, "shop_id": shop.id, "account_id": owner, "name": "a.csv", "mode": "replace",
            "state": "applied", "lines": [], "faults": [], "seen_version": 0, "created_at": T0,
        },
        "poster_day": {"poster_id": poster.id, "day": T0.date(), "opened": 3},
        "till_pin": {"shop_id": shop.id, "account_id": gone, "salt": "s", "hash": "h", "rounds": 1, "set_at": T0},
        "shop_claim": {**claim, "created_at": T0, "moved_at": T0},
        "report": {
            "shop_id": shop.id, "account_id": gone, "key": "k", "reason": "closed", "text": "words", "at": T0,
            "state": "upheld", "decision": "yes", "decided_at": T0, "decided_by": owner,
        },
        "payout": {
            "shop_id": shop.id, "account_id": owner, "sealed": "s", "tail": "1234", "created_at": T0, "ended_at": T0,
        },
    }  # fmt: skip
    for name, row in rows.items():
        session.execute(insert(Base.metadata.tables[name]).values(**row))
    from o2o.checklist.models import Requirement
    from o2o.checklist.rules import ensure
    from o2o.onboarding.models import Claim

    ensure(session)
    wanted = session.scalars(select(Requirement.id)).first()
    number = session.scalars(select(Claim.id).where(Claim.state == "rejected")).one()
    answer = {"claim_id": number, "requirement_id": wanted, "account_id": gone, "text": "licence 7", "at": T0}
    session.execute(insert(Base.metadata.tables["submission"]).values(**answer, reason=""))
    session.commit()
    journal.deliver(session, everything=True)


def left(one: Clock, now: datetime) -> int:
    found = db.session.scalar(select(func.count()).select_from(one.rows).where(queries.when(one, now)))
    db.session.rollback()
    return found or 0


def rows_of(one: Clock) -> int:
    found = db.session.scalar(select(func.count()).select_from(one.rows)) or 0
    db.session.rollback()
    return found


@pytest.mark.parametrize("one", OURS, ids=lambda one: one.table)
def test_what_is_over_goes_and_not_a_day_before(session: Session, one: Clock) -> None:
    with travel(T0, tick=False):
        plant(session)
    before = rows_of(one)
    just = T0 + one.days * DAY
    chores.end_due(session, now=just)
    assert rows_of(one) == before
    after = just + DAY + timedelta(seconds=1)
    assert left(one, after) >= 1
    assert chores.end_due(session, now=after) >= 1
    assert left(one, after) == 0
    assert rows_of(one) == before if one.empties else rows_of(one) < before
    assert chores.end_due(session, now=after) == 0


def test_emptied_rows_stay_without_words(session: Session) -> None:
    with travel(T0, tick=False):
        plant(session)
    chores.end_due(session, now=T0 + 500 * DAY)
    for name, columns in (
        ("report", ["text", "photo_id"]),
        ("payout", ["sealed", "tail"]),
        ("submission", ["text"]),
    ):
        table = Base.metadata.tables[name]
        rows = session.execute(select(*(table.c[column] for column in columns))).all()
        assert len(rows) == 1
        assert not any(value for row in rows for value in row), name


def test_what_stands_is_never_touched(session: Session) -> None:
    """An open invitation, a pin in use, an undelivered fact, the newest fact, an open report, a live account."""
    with travel(T0, tick=False):
        shop = make_shop(session)
        staff = make_role(session, shop, "staff").account_id
        make_paid_order(session, make_terms(session, shop))
        pins, payouts = Base.metadata.tables["till_pin"], Base.metadata.tables["payout"]
        pin = {"shop_id": shop.id, "account_id": staff, "salt": "s", "hash": "h", "rounds": 1, "set_at": T0}
        session.execute(insert(pins).values(**pin))
        account = {"shop_id": shop.id, "account_id": staff, "sealed": "s", "tail": "1", "created_at": T0}
        session.execute(insert(payouts).values(**account))
        session.commit()
        journal.deliver(session, everything=True)
        begin_write(session)
        stuck = journal.record(session, "shop.changed", shop_id=shop.id).id
        journal.record(session, "shop.changed", shop_id=shop.id)
        session.commit()
    books = {
        name: session.scalar(select(func.count()).select_from(Base.metadata.tables[name])) for name in BOOKS
    }
    session.rollback()
    chores.end_due(session, now=T0 + 4000 * DAY)
    assert session.scalar(select(func.count()).select_from(pins)) == 1
    assert session.execute(select(payouts.c.sealed)).scalar_one() == "s"
    facts = session.scalars(select(journal.Fact.id).order_by(journal.Fact.id)).all()
    assert stuck in facts
    assert books == {
        name: session.scalar(select(func.count()).select_from(Base.metadata.tables[name])) for name in BOOKS
    }
    session.rollback()
    journal.deliver(session, everything=True)
    chores.end_due(session, now=T0 + 4000 * DAY)
    assert len(session.scalars(select(journal.Fact.id)).all()) == 1
    assert [line for line in checks.broken(session) if "I13" not in line] == []


BOOKS = ("purchase", "pass", "posting", "leg", "balance", "book", "intent", "act")


def test_many_rows_go_in_chunks(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "CHUNK", 3)
    posted = Base.metadata.tables["posted"]
    rows = [{"key": f"k{number}", "digest": "d", "location": "/", "at": T0} for number in range(10)]
    session.execute(insert(posted), rows)
    session.commit()
    assert chores.end_due(session, now=T0 + 31 * DAY) == 10


def test_the_page_says_it_in_words(app: Flask, client: FlaskClient) -> None:
    with travel(T0, tick=False):
        begin_write()
        plant(db.session)
    with travel(T0 + 500 * DAY, tick=False):
        page = client.get("/about/retention").get_data(as_text=True)
        for words in ("Menu files", "90 days", "Over today: 1.", "Books: as long as the law wants them"):
            assert words in page
        assert "The oldest row" not in page
        assert "posting" not in page
        client.sign_in("operator")  # type: ignore[attr-defined]
        page = client.get("/about/retention").get_data(as_text=True)
        assert "The oldest row is 500 days old." in page
        assert "posting" in page
        worker.JOBS["retention.chores.end_what_is_over"].chore(db.session)
        assert all(row.rows == 0 for row in queries.counted(db.session, clock.now()) if not row.clock.by)
