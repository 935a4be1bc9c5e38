"""F2: the power goes between and within writes; what was acknowledged is there, and nothing is there by half.

With synchronous=FULL a commit is on the disk before it is acknowledged, and what comes after is the end of the log. So
a cut leaves the log as long as it was at the last acknowledgement, or torn somewhere behind it.
"""

from contextlib import ExitStack
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from o2o.kernel import checks, storage
from o2o.kernel.db import db
from o2o.ledger.models import Posting
from o2o.orders.models import Order
from tests.orders.buying import order, sell, to_bank
from tests.visitor import Visitor

PURCHASES = 2
# Bytes of what came next that still got there: none, part of a frame's head (24 bytes), a frame and the next head.
TORN = (0, 20, 4120)

pytestmark = pytest.mark.sqlite_only("PostgreSQL keeps its own log; that it syncs is asserted at the start")


def start_again(file: Path, kept: bytes, log: bytes) -> None:
    """Start on what the disk holds: the file, and so much of its log."""
    db.session.rollback()
    db.engine.dispose()
    file.write_bytes(kept)
    file.with_name("o2o.db-wal").write_bytes(log)
    file.with_name("o2o.db-shm").unlink(missing_ok=True)


def buy(guest: Visitor, offer_id: int, number: int) -> str:
    """Buy and pay; return the order's id once that is acknowledged."""
    bought = order(guest, offer_id, idempotency_key=f"k{number}")
    assert guest.post(to_bank(guest, bought), data={"answer": "approve"}).status_code == 303
    return bought.rsplit("/", 1)[1]


@pytest.mark.skipif(storage.journal_mode() != "wal", reason="this SQLite writes no log")
def test_what_was_acknowledged_outlives_the_power(app: Flask, client: Visitor) -> None:
    client.sign_in("guest")
    offer_id, file = sell(), Path(sa.make_url(app.config["O2O"].database_url).database or "")
    log, kept = file.with_name("o2o.db-wal"), file.read_bytes()
    acknowledged, marks = [], [log.stat().st_size]
    for number in range(PURCHASES):
        acknowledged.append(buy(client, offer_id, number))
        marks.append(log.stat().st_size)
    written = log.read_bytes()
    # Else the log began anew on the way, and its length says nothing.
    assert marks == sorted(set(marks))
    assert file.read_bytes() == kept
    for done, mark in enumerate(marks):
        for torn in TORN:
            # What a disk did not get to is what was there before, or anything.
            ends = written[: mark + torn] + b"\xa5" * 600
            start_again(file, kept, ends)
            assert db.session.scalar(sa.text("PRAGMA integrity_check")) == "ok"
            paid = sa.select(Order.id).where(Order.state == "paid").order_by(Order.created_at)
            assert db.session.scalars(paid).all() == acknowledged[:done], (done, torn)
            sales = sa.select(sa.func.count()).where(Posting.kind == "sale")
            assert db.session.scalar(sales) == done
            assert checks.broken(db.session) == []


def test_every_connection_waits_for_the_disk(app: Flask) -> None:
    """FULL is not kept in the file: each of a pool's connections says it anew, those beyond its size too."""
    size = db.engine.pool.size()  # type: ignore[attr-defined]
    with ExitStack() as held:
        lines = [held.enter_context(db.engine.connect()) for _ in range(size + 2)]
        assert {line.exec_driver_sql("PRAGMA synchronous").scalar() for line in lines} == {2}
        assert len({id(line.connection.driver_connection) for line in lines}) == size + 2
