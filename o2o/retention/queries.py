"""The clocks at work: what is over is counted."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Date, Integer, func, select
from sqlalchemy.orm import Session

from o2o.retention.clocks import CLOCKS, Clock


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


def _days(oldest: Any, now: datetime) -> int | None:
    if oldest is None:
        return None
    if isinstance(oldest, int):
        return max(0, (int(now.timestamp()) - oldest) // 86400)
    return max(0, (now.date() - (oldest.date() if isinstance(oldest, datetime) else oldest)).days)
