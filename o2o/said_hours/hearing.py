"""Read opening hours as somebody says them: a week, what to look at twice, and what was not understood."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import NamedTuple

from o2o.said_hours import pairs
from o2o.said_hours.scan import Item, scan
from o2o.said_hours.times import DAY, Said
from o2o.said_hours.words import ALL, STRONG

Span = tuple[str, str]  # ("10:00", "20:00"); as o2o.places.hours has it, but "" is an end that nobody said
ROUND_THE_CLOCK: list[Span] = [("00:00", "24:00")]
MOST_LEFT = 20
WEAKEST = 8  # of what was excepted: any hours said of that very day stand above it


class Doubt(NamedTuple):
    """What should be looked at twice.

    `kind`: read (how it was taken) · end (no closing time) · every_day (no days were said) · again (taken for the days
    before) · twice (of these days) · unsaid (of these days) · order (they pair in two ways) · overlap · holidays.
    """

    kind: str
    said: str = ""
    read: str = ""
    days: tuple[int, ...] = ()


class Heard(NamedTuple):
    """What was understood: seven days, Monday first, each its spans, or None where nothing was said of it."""

    week: list[list[Span] | None]
    doubts: list[Doubt]
    left: list[str]


@dataclass(slots=True)
class Claim:
    """Days, and what is said of them; `weight` orders claims of the same day, the smallest stands."""

    days: frozenset[int]
    items: list[Item]
    weight: int
    order: int
    spans: list[Said] = field(default_factory=list)


@dataclass(slots=True)
class _Reading:
    """One way to pair days and hours, being read."""

    claims: list[Claim] = field(default_factory=list)
    pauses: list[tuple[frozenset[int], Item]] = field(default_factory=list)
    rest: list[Claim] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


def hear(text: str) -> Heard:
    """Read a text in Chinese or English; every text gives an answer, in time that grows with its length."""
    found = scan(text)
    items, excepted = _without(found.items)
    reading = _read(pairs.cut(items), excepted)
    other = _read(pairs.cut(items, longer=False), excepted)
    week, doubts = _week(reading)
    if _week(other)[0] != week:
        doubts = [Doubt("order"), *doubts]
    left = list(dict.fromkeys(found.left + reading.left))[:MOST_LEFT]
    return Heard([None if day is None else [_span(one) for one in day] for day in week], doubts, left)


def _without(items: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Take what is excepted out of the days beside it; return the items that stay, and the excepted ones."""
    kept = list(items)
    for number, item in enumerate(items):
        others = [n for n, one in enumerate(kept) if item.minus and one.days and not one.minus]
        for n in [n for n in others if n < number][-1:] or others[:1]:
            kept[n] = replace(kept[n], days=kept[n].days - item.days)
    return [item for item in kept if not item.minus], [item for item in items if item.minus]


def _read(groups: Iterable[Sequence[Item]], excepted: Sequence[Item]) -> _Reading:
    reading = _Reading()
    if any(item.holiday for item in excepted):
        reading.doubts.append(Doubt("holidays"))
    days = frozenset(day for item in excepted for day in item.days)
    if days:
        reading.claims.append(Claim(days, [], WEAKEST, -1))
    for order, group in enumerate(groups):
        _take(reading, list(group), order)
    named = frozenset[int]().union(*(claim.days for claim in reading.claims if claim.days != ALL))
    for claim in reading.rest:
        claim.days, claim.weight = claim.days | (ALL - named), len(ALL)
        if claim.days and (claim.spans or named):
            reading.claims.append(claim)
    return reading


def _take(reading: _Reading, group: list[Item], order: int) -> None:
    """Read one group of items as a claim."""
    when = [item for item in group if item.is_days]
    what = [item for item in group if not item.is_days]
    pauses = [item for item in what if item.kind == "pause"]
    what = [item for item in what if item.kind != "pause"]
    if any(item.holiday for item in when) and Doubt("holidays") not in reading.doubts:
        reading.doubts.append(Doubt("holidays"))
    days = frozenset[int]().union(*(item.days for item in when))
    has_rest = any(item.rest for item in when)
    partly = any(item.kind == "partly" for item in what)
    if partly or any(item.season or item.service for item in when) or (when and not days and not has_rest):
        if not all(item.holiday for item in when) or what:
            reading.left.append(" ".join(item.text for item in group))
        return
    is_closed = any(item.kind == "closed" for item in what)
    # A break said after a day off is one of the days that are open.
    reading.pauses += [(ALL if is_closed or not when or has_rest else days, item) for item in pauses]
    if not what or (not when and is_closed):
        if not pauses:
            reading.left.append(" ".join(item.text for item in group))
        return
    if not when:
        days = _days_before(reading, group)
    claim = Claim(days, what, len(days), order)
    claim.spans = _spans(reading, what)
    (reading.rest if has_rest else reading.claims).append(claim)


def _days_before(reading: _Reading, group: Sequence[Item]) -> frozenset[int]:
    """Return the days of hours that name none: those of the hours before, or every day."""
    said = " ".join(item.text for item in group)
    before = [claim for claim in reading.claims if claim.spans]
    if not before:
        if not any(item.kind == "always" for item in group):
            reading.doubts.append(Doubt("every_day", said))
        return ALL
    if group[0].gap == STRONG:
        reading.doubts.append(Doubt("again", said, days=tuple(sorted(before[-1].days))))
    return before[-1].days


def _spans(reading: _Reading, what: Sequence[Item]) -> list[Said]:
    """Return the open hours that are said, and doubt what is not sure."""
    spans = []
    for item in what:
        if item.said and item.said.end is None:
            reading.doubts.append(Doubt("end", item.text, _clock(item.said.start)))
        elif item.said and not item.said.sure:
            reading.doubts.append(Doubt("read", item.text, "–".join(_span(item.said))))
        if item.said:
            spans.append(item.said)
    for item in what:
        if item.kind == "maybe_always" and not spans:
            reading.doubts.append(Doubt("read", item.text, "–".join(ROUND_THE_CLOCK[0])))
        if item.kind == "always" or (item.kind == "maybe_always" and not spans):
            spans.append(Said(0, DAY, sure=True))
    return spans


def _week(reading: _Reading) -> tuple[list[list[Said] | None], list[Doubt]]:
    """Lay the claims over each other, the one of fewest days on top, and cut the breaks out."""
    doubts = list(dict.fromkeys(reading.doubts))
    week: list[list[Said] | None] = [None] * 7
    twice, overlapping = set(), set()
    for day in range(7):
        about = [claim for claim in reading.claims if day in claim.days]
        if not about:
            continue
        top = min(about, key=lambda claim: (claim.weight, -claim.order))
        same = [claim for claim in about if claim.days == top.days and claim.weight == top.weight]
        spans = [span for claim in sorted(same, key=lambda one: one.order) for span in claim.spans]
        if len({bool(claim.spans) for claim in same}) > 1:
            twice.add(day)
            spans = top.spans
        if any(_argues(claim, top) for claim in about if claim not in same):
            twice.add(day)
        week[day] = sorted(set(spans))
        if _overlap(week[day] or []):
            overlapping.add(day)
    _pause(reading, week, doubts)
    for kind, days in (("twice", twice), ("overlap", overlapping)):
        if days:
            doubts.append(Doubt(kind, days=tuple(sorted(days))))
    unsaid = [day for day in range(7) if week[day] is None]
    if unsaid and len(unsaid) < 7:
        doubts.append(Doubt("unsaid", days=tuple(unsaid)))
    return week, doubts


def _argues(under: Claim, top: Claim) -> bool:
    """Tell whether what lies under a claim is no general rule that this one plainly bends."""
    if under.weight == WEAKEST or under.days > top.days:
        return bool(under.spans and top.spans) and not _overlap(sorted({*under.spans, *top.spans}))
    return True


def _overlap(spans: Sequence[Said]) -> bool:
    return any(one.end is not None and one.end > other.start for one, other in pairwise(spans))


def _pause(reading: _Reading, week: list[list[Said] | None], doubts: list[Doubt]) -> None:
    """Cut the breaks out of the days they are said of."""
    for days, item in reading.pauses:
        if item.said is None or not any(week[day] for day in days):
            reading.left.append(item.text)
            continue
        if not item.said.sure:
            doubts.append(Doubt("read", item.text, "–".join(_span(item.said))))
        for day in days:
            spans = week[day]
            if spans:
                week[day] = [piece for span in spans for piece in _around(span, item.said)]


def _around(span: Said, pause: Said) -> list[Said]:
    end = span.end if span.end is not None else DAY
    if pause.end is None or pause.end <= span.start or pause.start >= end:
        return [span]
    first = [Said(span.start, pause.start, sure=True)] if pause.start > span.start else []
    return first + ([Said(pause.end, span.end, sure=True)] if pause.end < end else [])


def _span(said: Said) -> Span:
    if said.end is None:
        return _clock(said.start), ""
    return _clock(said.start), "24:00" if said.end == DAY else _clock(said.end)


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"
