"""Say days, hours and moments as people of a language read them; the town's zone, never the server's."""

from datetime import date, datetime, timedelta, tzinfo
from functools import lru_cache

from babel import Locale
from babel.dates import format_date, format_skeleton

EVERY_DAY = 0b111_1111
DAY_MINUTES = 1440
DASH = "–"
_SECOND = timedelta(seconds=1)


@lru_cache(maxsize=256)
def weekday_span(mask: int, locale: str) -> str:
    """Return the weekdays of a bit mask (Monday = 1), neighbours joined; empty for every day."""
    if mask == EVERY_DAY:
        return ""
    names = _locale(locale).days["format"]["abbreviated"]
    runs: list[list[int]] = []
    for day in range(7):
        if not mask >> day & 1:
            continue
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    chinese = locale.startswith("zh")
    spans = [_run(run, names, chinese) for run in runs]
    return ("、" if chinese else ", ").join(spans)


def hour_span(from_minute: int | None, to_minute: int | None) -> str:
    """Return "11:00–14:00" of minutes of the day, which may pass midnight; empty without limits."""
    if from_minute is None or to_minute is None:
        return ""
    return f"{_clock(from_minute)}{DASH}{_clock(to_minute)}"


def day_words(at: datetime, zone: tzinfo, locale: str) -> str:
    """Return the day of a moment: 31 Dec 2026, 2026年12月31日."""
    words: str = format_date(at.astimezone(zone), format="medium", locale=_locale(locale))
    return words


def span_words(first: date, last: date, locale: str) -> str:
    """Return one day or a span of them with the weekday, without the year: Thu 1 Oct, 10月1日周四 – 10月7日周三."""
    days = [first] if first == last else [first, last]
    return f" {DASH} ".join(format_skeleton("MMMEd", day, locale=_locale(locale)) for day in days)


def last_moment(until: datetime) -> datetime:
    """Step back into the last day on which something holds."""
    return until.replace(microsecond=0) - _SECOND


def time_words(at: datetime, zone: tzinfo) -> str:
    """Return the time of day of a moment, 24 hours: 14:02."""
    return at.astimezone(zone).strftime("%H:%M")


def moment_words(at: datetime, zone: tzinfo, locale: str) -> str:
    """Return day and time of a moment without the year: 31 Dec 14:02, 12月31日 14:02."""
    local = at.astimezone(zone)
    day: str = format_skeleton("MMMd", local, locale=_locale(locale))
    return f"{day} {time_words(at, zone)}"


def dated_words(at: datetime, now: datetime, zone: tzinfo, locale: str) -> str:
    """Return day and time of a moment, with the year where it is not this one: for what is kept for years."""
    if at.astimezone(zone).year == now.astimezone(zone).year:
        return moment_words(at, zone, locale)
    return f"{day_words(at, zone, locale)} {time_words(at, zone)}"


def _run(days: list[int], names: dict[int, str], chinese: bool) -> str:
    if len(days) == 1:
        return names[days[0]]
    between = DASH
    if chinese:
        between = "至" if len(days) > 2 else "、"
    return f"{names[days[0]]}{between}{names[days[-1]]}"


def _clock(minute: int) -> str:
    # 24:00 closes a day; anything later belongs to the next one.
    shown = minute if minute == DAY_MINUTES else minute % DAY_MINUTES
    return f"{shown // 60:02d}:{shown % 60:02d}"


@lru_cache(maxsize=16)
def _locale(name: str) -> Locale:
    return Locale.parse(name.replace("-", "_"))
