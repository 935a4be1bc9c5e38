"""Validity and hours by the wall clock of the town, clock changes included."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from o2o.offers.models import Terms
from o2o.offers.times import day_start, usable_at, validity


def at(text: str, zone: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "bought", "days", "expires"),
    [
        ("Asia/Shanghai", "2026-03-02T23:59", 1, "2026-03-04T00:00"),
        ("Asia/Shanghai", "2026-12-31T12:00", 30, "2027-01-31T00:00"),
        # clocks go forward in between: 1 day is the whole next day, which has 23 hours
        ("Europe/Helsinki", "2026-03-28T12:00", 1, "2026-03-30T00:00"),
        ("Europe/Helsinki", "2026-10-24T12:00", 1, "2026-10-26T00:00"),
    ],
)
def test_days_after_purchase_end_at_midnight(zone: str, bought: str, days: int, expires: str) -> None:
    moment = at(bought, zone)
    assert validity(Terms(valid_days=days), moment, zone) == (moment, at(expires, zone))


def test_fixed_dates_begin_with_the_first_and_end_with_the_last_day() -> None:
    zone = "Asia/Shanghai"
    terms = Terms(valid_from=date(2026, 5, 1), valid_until=date(2026, 5, 3))
    early, late = at("2026-04-01T10:00", zone), at("2026-05-02T10:00", zone)
    assert validity(terms, early, zone) == (at("2026-05-01T00:00", zone), at("2026-05-04T00:00", zone))
    assert validity(terms, late, zone)[0] == late
    assert validity(Terms(valid_until=date(2026, 5, 3)), early, zone)[0] == early


def test_a_day_without_midnight_starts_with_the_jump() -> None:
    # Cairo, 24 April 2026: 00:00 became 01:00
    start = day_start(date(2026, 4, 24), "Africa/Cairo")
    assert start.astimezone(ZoneInfo("Africa/Cairo")).hour == 1
    assert (start - timedelta(minutes=1)).astimezone(ZoneInfo("Africa/Cairo")).day == 23


@pytest.mark.parametrize(
    ("weekdays", "hours", "moment", "fits"),
    [
        (127, (None, None), "2026-03-02T03:00", True),
        (0b0011111, (None, None), "2026-03-07T12:00", False),
        (127, (660, 840), "2026-03-02T10:59", False),
        (127, (660, 840), "2026-03-02T11:00", True),
        (127, (660, 840), "2026-03-02T14:00", False),
        # Friday 18:00 to 02:00: Saturday's small hours belong to Friday
        (0b0010000, (1080, 1560), "2026-03-06T18:00", True),
        (0b0010000, (1080, 1560), "2026-03-07T01:59", True),
        (0b0010000, (1080, 1560), "2026-03-07T02:00", False),
        (0b0010000, (1080, 1560), "2026-03-07T18:30", False),
        (0b0010000, (1080, 1560), "2026-03-06T01:30", False),
        # Sunday night runs into Monday
        (0b1000000, (1380, 1500), "2026-03-09T00:30", True),
    ],
)
def test_weekdays_and_hours(weekdays: int, hours: tuple, moment: str, fits: bool) -> None:
    terms = Terms(weekdays=weekdays, from_minute=hours[0], to_minute=hours[1])
    assert usable_at(terms, at(moment, "Asia/Shanghai"), "Asia/Shanghai") is fits


def test_both_hours_of_the_autumn_change_count() -> None:
    terms = Terms(weekdays=127, from_minute=180, to_minute=240)
    for fold in (0, 1):
        assert usable_at(terms, at("2026-10-25T03:30", "Europe/Helsinki", fold), "Europe/Helsinki")
