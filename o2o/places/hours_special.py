"""Days on which a shop's week does not hold: what stands on them instead, laid over the ordinary timeline.

What runs past midnight belongs to the day it starts, as in the week's table: a closed Saturday does not send Friday
night's guests home. A stretch of a day and more is cut at midnights. All of it is wall time of the place's zone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from opening_hours import State

DAY = timedelta(days=1)
FAR = datetime(2100, 1, 1, tzinfo=UTC)  # the end of "always", a time that SQL can compare
Minutes = tuple[int, int]  # of the day; the second may lie past midnight, up to 2880


class Stretch(NamedTuple):
    """A time in UTC in which one state holds."""

    start: datetime
    end: datetime
    state: State


@dataclass(frozen=True, slots=True)
class Special:
    """The days that are special in a zone (as half-open times in UTC), and when it is open on them."""

    zone: ZoneInfo
    days: tuple[tuple[datetime, datetime], ...]
    dates: frozenset[date]
    spans: tuple[tuple[datetime, datetime], ...]

    def laid_over(self, steps: Iterable[Stretch]) -> Iterator[Stretch]:
        """Yield the ordinary stretches with the special days in their place; neighbours of one state are joined."""
        return joined(part for step in steps for part in self._parts(step))

    def _parts(self, step: Stretch) -> Iterator[Stretch]:
        for part in self._ordinary(step):
            if part.state == State.OPEN:
                yield part
            else:
                yield from _painted(part, self.spans, State.OPEN)

    def _ordinary(self, step: Stretch) -> Iterator[Stretch]:
        """Take from a stretch what belongs to a special day."""
        if step.state == State.CLOSED:
            return iter((step,))
        begin, finish = (at.astimezone(self.zone).replace(tzinfo=None) for at in (step.start, step.end))
        if finish - begin >= DAY:
            return _painted(step, self.days, State.CLOSED)
        return iter((step._replace(state=State.CLOSED) if begin.date() in self.dates else step,))


def special(days: Mapping[date, Minutes | None], zone: ZoneInfo) -> Special:
    """Make the special days of a place: closed (None), or open from one minute of the day to another."""
    whole = tuple(_times(day, (0, 1440), zone) for day in sorted(days))
    spans = (_times(day, minutes, zone) for day, minutes in days.items() if minutes is not None)
    return Special(zone, whole, frozenset(days), tuple(sorted(span for span in spans if span[0] < span[1])))


def joined(steps: Iterable[Stretch], horizon: datetime = FAR) -> Iterator[Stretch]:
    """Join neighbours of one state; what is joined beyond the horizon goes on for ever, and is the last."""
    last: Stretch | None = None
    for step in steps:
        if last and last.state == step.state and step.start <= last.end:
            last = last._replace(end=max(last.end, step.end))
            if last.end > horizon:
                yield last._replace(end=FAR)
                return
            continue
        if last:
            yield last
        last = step
    if last:
        yield last


def _painted(step: Stretch, places: Iterable[tuple[datetime, datetime]], state: State) -> Iterator[Stretch]:
    """Give a stretch another state where these times lie in it; they are in order of their start."""
    cursor = step.start
    for begin, finish in places:
        start, end = max(begin, cursor), min(finish, step.end)
        if start >= end:
            continue
        if cursor < start:
            yield Stretch(cursor, start, step.state)
        yield Stretch(start, end, state)
        cursor = end
    if cursor < step.end:
        yield Stretch(cursor, step.end, step.state)


def _times(day: date, minutes: Minutes, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Turn minutes of a local day into UTC; an hour that the clocks skip is the one after it."""
    midnight = datetime.combine(day, time())
    first, last = (
        (midnight + timedelta(minutes=minute)).replace(tzinfo=zone).astimezone(UTC) for minute in minutes
    )
    return first, last
