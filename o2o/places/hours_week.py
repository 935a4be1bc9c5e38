"""The weekly table of the owner's console and the opening_hours string it stands for."""

from __future__ import annotations

import re

from o2o.places.hours import LONGEST, Span

Week = list[list[Span]]  # seven days, Monday first; each a list of (start, end)

_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_TIME = r"(?:[01]?\d|2[0-3]):[0-5]\d"
_SPAN = re.compile(rf"({_TIME})\s*-\s*({_TIME}|24:00)")
_DAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_FURTHER_RULE = re.compile(rf"(?<=\d)\s*,\s*(?={_DAY})")
_RULE = re.compile(
    rf"(?P<days>{_DAY}(?:\s*-\s*{_DAY})?(?:\s*,\s*{_DAY}(?:\s*-\s*{_DAY})?)*)?\s*"
    rf"(?P<times>off|closed|{_SPAN.pattern}(?:\s*,\s*{_SPAN.pattern})*)"
)


def from_week(week: Week) -> str:
    """Write a weekly table as an opening_hours string: Mo-Fr 10:00-20:00; Sa 10:00-18:00.

    An end before its start means past midnight. Raises ValueError for anything but seven days of HH:MM pairs.
    """
    if len(week) != 7:
        raise ValueError("a week has seven days")
    texts = [",".join(_checked(span) for span in sorted(spans)) for spans in week]
    if set(texts) == {"00:00-24:00"}:
        return "24/7"
    if not any(texts):
        return "off"
    rules = []
    first = 0
    for day in range(1, 8):
        if day < 7 and texts[day] == texts[first]:
            continue
        if texts[first]:
            days = _DAYS[first] if first == day - 1 else f"{_DAYS[first]}-{_DAYS[day - 1]}"
            rules.append(f"{days} {texts[first]}")
        first = day
    return "; ".join(rules)


def to_week(raw: str | None) -> Week | None:
    """Read a string that a weekly table can hold; None when it has holidays, seasons or remarks."""
    text = (raw or "").strip()
    if not text or len(text) > LONGEST:
        return None
    if text == "24/7":
        return [[("00:00", "24:00")] for _ in _DAYS]
    week: Week = [[] for _ in _DAYS]
    for rule in text.rstrip("; ").split(";"):
        for position, part in enumerate(_FURTHER_RULE.split(rule)):
            match = _RULE.fullmatch(part.strip())
            if match is None:
                return None
            spans = [(start.zfill(5), end.zfill(5)) for start, end in _SPAN.findall(match["times"])]
            if any(start == end for start, end in spans):
                return None
            for day in _days(match["days"]):
                # After a semicolon a rule replaces the day's hours, after a comma it adds to them.
                week[day] = (week[day] if position else []) + spans
    return week


def _days(text: str | None) -> list[int]:
    if not text:
        return list(range(7))
    found = []
    for part in text.replace(" ", "").split(","):
        first, _, last = part.partition("-")
        start, end = _DAYS.index(first), _DAYS.index(last or first)
        found += [day % 7 for day in range(start, end + 1 if end >= start else end + 8)]
    return found


def _checked(span: Span) -> str:
    text = f"{span[0]}-{span[1]}"
    if not _SPAN.fullmatch(text) or span[0] == span[1] or len(text) != 11:
        raise ValueError("a span is two different times such as 10:00 and 20:00")
    return text
