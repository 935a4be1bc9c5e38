"""The clocks at work: what is over is counted, and ended some rows at a time."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Date, Integer, Subquery, Table, delete, func, select, tuple_, update
from sqlalchemy.orm import Session

from o2o.kernel.db import begin_write
from o2o.leaving.clocks import CLOCKS, Clock

CHUNK = 2000


class Due(NamedTuple):
    """A clock with how many rows are over, and the oldest row's age in days, None where there is no row."""

    clock: Clock
    rows: int
    oldest: int | None


def counted(session: Session, now: datetime) -> list[Due]:
    """Count what is over today, all clocks in one statement."""
    numbers = []
    for clock in CLOCKS:
        column = clock.rows.c[clock.since]
        numbers.append(select(func.count()).select_from(clock.rows).where(when(clock, now)).scalar_subquery())
        numbers.append(select(func.min(column)).scalar_subquery())
    row = session.execute(select(*(one.label(f"n{number}") for number, one in enumerate(numbers)))).one()
    return [Due(clock, row[2 * at], _days(row[2 * at + 1], now)) for at, clock in enumerate(CLOCKS)]


def when(clock: Clock, now: datetime) -> Any:
    """Say which rows are over; a clock that counts in seconds or days is given the same moment in its own."""
    kind = clock.rows.c[clock.since].type
    if isinstance(kind, Integer):
        return clock.rows.c[clock.since] < int(now.timestamp())
    return clock.due(now.date() if isinstance(kind, Date) else now)  # type: ignore[arg-type]


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


def _days(oldest: Any, now: datetime) -> int | None:
    if oldest is None:
        return None
    if isinstance(oldest, int):
        return max(0, (int(now.timestamp()) - oldest) // 86400)
    return max(0, (now.date() - (oldest.date() if isinstance(oldest, datetime) else oldest)).days)
