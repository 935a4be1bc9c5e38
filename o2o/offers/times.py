"""When terms hold: from purchase to expiry, and on which days and hours; by the town's own clock."""

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from o2o.offers.draft import DAY

if TYPE_CHECKING:
    from o2o.offers.models import Terms


def local_day(at: datetime, timezone: str) -> date:
    """Give the calendar day of a moment in a zone."""
    return at.astimezone(ZoneInfo(timezone)).date()


def day_start(day: date, timezone: str) -> datetime:
    """Give the UTC moment at which a day begins in a zone.

    Where the clocks jump over midnight, fold 0 reads 00:00 with the offset before the jump: the jump itself.
    """
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)


def validity(terms: "Terms", bought_at: datetime, timezone: str) -> tuple[datetime, datetime]:
    """Give (not before, expires) of what is bought now: usable when not before <= t < expires.

    `valid_days` end with the day that comes so many days after the day of purchase, fixed dates with their
    last day; both at midnight in the town's zone, whatever the clocks did in between.
    """
    if terms.valid_until is None:
        last = local_day(bought_at, timezone) + timedelta(days=terms.valid_days or 0)
        return bought_at, day_start(last + timedelta(days=1), timezone)
    first = day_start(terms.valid_from, timezone) if terms.valid_from else bought_at
    return max(first, bought_at), day_start(terms.valid_until + timedelta(days=1), timezone)


def usable_at(terms: "Terms", at: datetime, timezone: str) -> bool:
    """Tell whether the weekday and hour of a moment are inside the terms; the pass's own dates are not asked.

    Hours past midnight belong to the day on which they began: Friday 18:00-02:00 holds on Saturday at 01:30.
    """
    local = at.astimezone(ZoneInfo(timezone))
    start, end = terms.from_minute, terms.to_minute
    if start is None or end is None:
        start, end = 0, DAY
    for days_back in (0, 1):
        weekday = (local.weekday() - days_back) % 7
        minute = local.hour * 60 + local.minute + DAY * days_back
        if terms.weekdays >> weekday & 1 and start <= minute < end:
            return True
    return False
