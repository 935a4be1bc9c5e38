"""What the worker does with what was kept long enough: it goes, some rows at a time."""

from datetime import datetime
from typing import Any

from sqlalchemy import Subquery, Table, delete, select, tuple_, update
from sqlalchemy.orm import Session

from o2o.kernel import clock as clocks
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.retention.clocks import CLOCKS, Clock
from o2o.retention.queries import when

CHUNK = 2000


@chore(every=6 * 3600)
def end_what_is_over(session: Session) -> int:
    """Delete or empty what was kept long enough."""
    return end_due(session, now=clocks.now())


def end_due(session: Session, *, now: datetime) -> int:
    """End what is over by the clocks of this room, CHUNK rows a transaction; return how many rows."""
    return sum(_end(session, clock, now) for clock in CLOCKS if not clock.by)


def _end(session: Session, clock: Clock, now: datetime) -> int:
    total, table, over = 0, clock.rows, when(clock, now)
    while True:
        waiting = session.execute(select(*table.primary_key.columns).where(over).limit(1)).first()
        session.rollback()
        if waiting is None:
            return total
        begin_write(session)
        some = select(*table.primary_key.columns).where(over).limit(CHUNK).subquery()
        total += session.execute(_statement(clock, table, some)).rowcount  # type: ignore[attr-defined]
        session.commit()


def _statement(clock: Clock, table: Table, some: Subquery) -> Any:
    keys = list(table.primary_key.columns)
    mine = tuple_(*keys).in_(select(*some.c)) if len(keys) > 1 else keys[0].in_(select(*some.c))
    return update(table).where(mine).values(**clock.empties) if clock.empties else delete(table).where(mine)
