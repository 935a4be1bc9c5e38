"""When a shop is open: OpenStreetMap's opening_hours grammar, answered in UTC by the opening_hours library.

One timeline answers everything, so that the state on the page, the interval stored for SQL and the week's
table can never disagree. Holidays (PH) are those of the town's country, as the library knows them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from opening_hours import OpeningHours, State

from o2o.places.hours_special import DAY, FAR, Minutes, Special, Stretch, joined, special

LONGEST = 255  # characters; OpenStreetMap's own limit for a value
LOOKBACK = timedelta(days=2)
HORIZON = timedelta(
    days=400
)  # a shop that next opens later than this counts as closed; keeps odd rules quick
MOST_STEPS = 1_000
_SUN = ("sunrise", "sunset", "dawn", "dusk")
_ALL_DAY = ("24/7", "00:00-24:00")
_DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

_WEEK = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAYS = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:\s*-\s*(?:Mo|Tu|We|Th|Fr|Sa|Su))?"
_PLAIN_RULE = re.compile(rf"\s*({_DAYS}(?:\s*,\s*{_DAYS})*)\s+\d[\d:,\s-]*")

Span = tuple[str, str]  # ("10:00", "20:00"); the end may be "24:00", or earlier than the start: past midnight
T = TypeVar("T")


class HoursState(NamedTuple):
    """Whether a shop is open at a time; `until` (UTC) is when that changes, None when it never does."""

    open: bool
    unknown: bool
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Hours:
    """Parsed opening hours of one zone and country. Every method gives an answer, whatever the string was."""

    raw: str
    zone: ZoneInfo
    _rules: OpeningHours
    _special: Special | None = None

    def on_days(self, days: Mapping[date, Minutes | None]) -> Hours:
        """Give the same hours with special days: closed (None), or open from minute to minute of the local day."""
        return replace(self, _special=special(days, self.zone)) if days else self

    def state(self, at: datetime) -> HoursState:
        """Tell whether the shop is open at an aware time, in UTC."""
        for start, end, state in self._timeline(at):
            if start <= at < end:
                return HoursState(state == State.OPEN, state == State.UNKNOWN, end if end < FAR else None)
        return HoursState(open=False, unknown=True, until=None)

    def next_interval(self, at: datetime) -> tuple[datetime, datetime] | None:
        """Give the open interval at or after an aware time as (from, to) in UTC; None when there is none in a
        year.

        Open at `now` means from <= now < to. "Always" ends at FAR.
        """
        for start, end, state in self._timeline(at):
            if state == State.OPEN and end > at:
                return start, end
        return None

    def week(self, day: date) -> list[tuple[int, list[Span]]]:
        """Give the hours of the week that holds a local date, Monday (0) first, its holidays included.

        What runs past midnight stands whole on the day it starts; a stretch of a day and more is cut at
        midnights.
        """
        monday = day - timedelta(days=day.weekday())
        rows: list[tuple[int, list[Span]]] = [(weekday, []) for weekday in range(7)]
        first = datetime.combine(monday, time(), self.zone)
        for start, end, state in self._timeline(first):
            begin = start.astimezone(self.zone).replace(tzinfo=None)
            finish = end.astimezone(self.zone).replace(tzinfo=None)
            if begin.date() > monday + timedelta(days=6):
                break
            if state != State.OPEN:
                continue
            for piece in _cut(begin, finish, monday):
                rows[(piece[0].date() - monday).days][1].append(_span(*piece))
        return rows

    def specification(self, day: date) -> list[dict[str, object]]:
        """Give schema.org openingHoursSpecification items that hold for the week of a local date."""
        monday = day - timedelta(days=day.weekday())
        days_of: dict[Span, list[str]] = {}
        for weekday, spans in self.week(day):
            for span in spans:
                days_of.setdefault(span, []).append(_DAY_NAMES[weekday])
        return [
            {
                "@type": "OpeningHoursSpecification",
                "dayOfWeek": days,
                "opens": opens,
                "closes": "23:59" if closes == "24:00" else closes,
                "validFrom": monday.isoformat(),
                "validThrough": (monday + timedelta(days=6)).isoformat(),
            }
            for (opens, closes), days in days_of.items()
        ]

    def _timeline(self, at: datetime) -> Iterator[Stretch]:
        """Yield stretches in UTC from two days before `at` on, neighbours of one state joined."""
        local = at.astimezone(self.zone)
        start = datetime.combine(local.date() - LOOKBACK, time(), self.zone)
        steps = joined(self._steps(start), at + HORIZON)
        return self._special.laid_over(steps) if self._special else steps

    def _steps(self, start: datetime) -> Iterator[Stretch]:
        intervals = _guarded(lambda: self._rules.intervals(start))
        for _ in range(MOST_STEPS):
            step = _guarded(lambda: next(intervals, None)) if intervals else None
            if step is None:
                return
            begin, finish, state, comment = step
            if comment and state == State.OPEN and self._is_remark(begin, finish):
                state = State.UNKNOWN
            begin_utc = begin.astimezone(UTC)
            # The library gives None for "never ends", whatever its types say.
            finish_utc = min(finish.astimezone(UTC), FAR) if finish else FAR
            if begin_utc < finish_utc:
                yield Stretch(begin_utc, finish_utc, state)
            if finish_utc == FAR:
                return

    def _is_remark(self, begin: datetime, finish: datetime | None) -> bool:
        """Tell whether whole days are "open" only by a remark ("by appointment") that names no hours."""
        midnight = time()
        whole = begin.time() == midnight and (finish is None or finish.time() == midnight)
        return whole and not any(mark in self.raw for mark in _ALL_DAY)


def parse(raw: str | None, *, timezone: str, country: str | None, lat: float, lng: float) -> Hours | None:
    """Parse an opening_hours string for a place; None when it cannot be understood (show it as text then).

    `timezone` is an IANA name, `country` an ISO code for the holidays. Equal strings of a town share one
    object.
    """
    text = (raw or "").strip()
    if not text or len(text) > LONGEST or not text.isprintable():
        return None
    follows_sun = any(word in text.lower() for word in _SUN)
    # A tenth of a degree moves the sun by less than half a minute.
    coords = (round(lat, 1), round(lng, 1)) if follows_sun else None
    return _parse(text, timezone, (country or "").upper() or None, coords)


@lru_cache(maxsize=4096)
def _parse(text: str, timezone: str, country: str | None, coords: tuple[float, float] | None) -> Hours | None:
    zone = ZoneInfo(timezone)

    def build(holidays_of: str | None) -> OpeningHours:
        # auto_country off: finding the country from coordinates would load 100 MB.
        return OpeningHours(
            spilling(text),
            zone,
            holidays_of,
            coords,
            auto_country=False,
            max_interval_days=HORIZON.days,
        )

    # Without a calendar of the country, holidays are ordinary days.
    rules = _guarded(lambda: build(country)) or _guarded(lambda: build(None))
    return Hours(text, zone, rules) if rules else None


def holidays(country: str, first: date, last: date) -> list[date]:
    """List a country's public holidays between two days, both included; none where its calendar is not known."""
    start = datetime.combine(first, time())
    rules = _guarded(lambda: OpeningHours("PH", None, country.upper(), auto_country=False))
    found = []
    intervals = _guarded(lambda: rules.intervals(start)) if rules else None
    for _ in range(MOST_STEPS):
        step = _guarded(lambda: next(intervals, None)) if intervals else None
        if step is None or step[0].date() > last:
            break
        begin, finish, state, _comment = step
        if state == State.OPEN:
            days = range((finish - begin).days) if finish else range(1)
            found += [begin.date() + number * DAY for number in days]
    return [day for day in found if first <= day <= last]


def spilling(text: str) -> str:
    """Join rules of different weekdays by commas, so that an evening's small hours outlive midnight.

    After a semicolon a rule replaces all of its days, in the library also what the evening before left there:
    of "Fr 18:00-02:00; Sa 19:00-23:00" it would close the Friday at midnight. Nobody who writes that means it.
    """
    said = ""
    taken: set[str] = set()
    for rule in text.split(";"):
        match = _PLAIN_RULE.fullmatch(rule)
        days = _days_of(match[1]) if match else set()
        joins = bool(days and taken and not days & taken)
        said += (", " if joins else ";") + rule.strip() if said else rule.strip()
        taken = taken | days if joins else days
    return said


def _days_of(text: str) -> set[str]:
    found = set()
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        start, end = _WEEK.index(first), _WEEK.index(last or first)
        found |= {_WEEK[day % 7] for day in range(start, end + 1 if end >= start else end + 8)}
    return found


def _guarded(call: Callable[[], T]) -> T | None:
    """Call the library; None for any failure, a panic of its Rust side (no Exception) among them."""
    try:
        return call()
    except Exception:
        return None
    except BaseException as failure:
        if type(failure).__name__ != "PanicException":
            raise
        return None


def _cut(begin: datetime, finish: datetime, monday: date) -> Iterator[tuple[datetime, datetime]]:
    """Cut a local stretch of 24 hours and more at midnights, and keep what starts in the week."""
    if finish - begin < DAY:
        if 0 <= (begin.date() - monday).days < 7:
            yield begin, finish
        return
    cursor = max(begin, datetime.combine(monday, time()))
    week_end = datetime.combine(monday, time()) + 7 * DAY
    while cursor < min(finish, week_end):
        midnight = datetime.combine(cursor.date(), time()) + DAY
        yield cursor, min(midnight, finish)
        cursor = midnight


def _span(begin: datetime, finish: datetime) -> Span:
    ends_day = finish.time() == time() and finish.date() > begin.date()
    return f"{begin:%H:%M}", "24:00" if ends_day else f"{finish:%H:%M}"
