"""Days on which a shop's week does not hold, against a naive reckoning in zones whose clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from o2o.places.hours import FAR, holidays, parse
from o2o.places.hours_special import Minutes
from o2o.places.hours_week import from_week

ZONES = (
    "Asia/Shanghai", "Europe/Berlin", "Europe/Helsinki", "America/New_York", "Australia/Lord_Howe",
    "America/St_Johns", "Africa/Casablanca",
)  # fmt: skip
BERLIN = {"timezone": "Europe/Berlin", "country": "DE", "lat": 52.5, "lng": 13.4}
Day = list[Minutes]


def berlin(*clock: int) -> datetime:
    return datetime(*clock, tzinfo=ZoneInfo("Europe/Berlin"))  # type: ignore[arg-type,misc]


def instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    return wall.replace(tzinfo=zone).astimezone(UTC)


def naive(at: datetime, week: list[Day], special: dict[date, Minutes | None], zone: ZoneInfo) -> bool:
    """Look at every day whose hours could reach this moment."""
    today = at.astimezone(zone).date()
    for back in range(3):
        day = today - timedelta(days=back)
        spans = week[day.weekday()]
        if day in special:
            one = special[day]
            spans = [] if one is None else [one]
        if any(instant(day, first, zone) <= at < instant(day, last, zone) for first, last in spans):
            return True
    return False


def quarters(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low // 15, high // 15).map(lambda quarter: quarter * 15)


SPANS = st.one_of(
    st.just([]),
    st.tuples(quarters(360, 600), quarters(660, 900)).map(lambda span: [span]),
    # Past midnight into the hours that clocks skip and repeat.
    st.tuples(quarters(1020, 1380), quarters(1395, 1740)).map(lambda span: [span]),
    st.tuples(quarters(360, 600), quarters(660, 900), quarters(1020, 1380), quarters(1395, 1740)).map(
        lambda four: [four[:2], four[2:]]
    ),
)
ALWAYS: list[Day] = [[(0, 1440)]] * 7
WEEKS = st.one_of(st.lists(SPANS, min_size=7, max_size=7), st.just(ALWAYS))
EXTRA = st.one_of(
    st.none(),
    st.tuples(quarters(0, 1380), quarters(15, 1440)).map(lambda pair: (pair[0], pair[0] + pair[1])),
)
# Around the days on which clocks change, and ordinary ones.
FIRST = st.sampled_from(
    [date(2026, 3, 26), date(2026, 10, 22), date(2026, 3, 5), date(2026, 10, 30), date(2026, 4, 2),
     date(2026, 7, 1), date(2026, 12, 29), date(2026, 2, 12), date(2026, 3, 19)]
)  # fmt: skip


def written(week: list[Day]) -> str:
    def clock(minute: int) -> str:
        return "24:00" if minute == 1440 else f"{minute // 60 % 24:02d}:{minute % 60:02d}"

    return from_week([[(clock(first), clock(last)) for first, last in spans] for spans in week])


@settings(max_examples=120, deadline=None)
@given(
    WEEKS, st.dictionaries(st.integers(0, 9), EXTRA, max_size=6), FIRST, st.sampled_from(ZONES),
    st.lists(quarters(-600, 11 * 1440), min_size=5, max_size=40),
)  # fmt: skip
@example(ALWAYS, {3: None, 4: (120, 165)}, date(2026, 3, 26), "Europe/Berlin", [3 * 1440, 4 * 1440 + 150])
@example([[(1080, 1560)]] * 7, {3: None}, date(2026, 10, 22), "Europe/Berlin", [3 * 1440 + 60, 4 * 1440])
def test_open_is_what_a_naive_reckoning_says(
    week: list[Day], numbers: dict[int, Minutes | None], first: date, zone_name: str, minutes: list[int]
) -> None:
    zone = ZoneInfo(zone_name)
    special = {first + timedelta(days=number): span for number, span in numbers.items()}
    plain = parse(written(week), timezone=zone_name, country=None, lat=0.0, lng=0.0)
    assert plain
    hours = plain.on_days(special)
    for minute in minutes:
        at = instant(first, 0, zone) + timedelta(minutes=minute)
        wanted = naive(at, week, special, zone)
        said = hours.state(at)
        assert (said.open, said.unknown) == (wanted, False), (at, special)
        interval = hours.next_interval(at)
        assert bool(interval and interval[0] <= at < interval[1]) == wanted
        if interval:
            assert at < interval[1]
            assert naive(interval[0], week, special, zone)
            assert interval[1] == FAR or not naive(interval[1], week, special, zone)
            assert interval[0] <= at or not naive(interval[0] - timedelta(minutes=1), week, special, zone)
        if said.until:
            assert naive(said.until, week, special, zone) != wanted


def test_a_closed_day_does_not_send_last_nights_guests_home() -> None:
    plain = parse("Fr,Sa 18:00-02:00", **BERLIN)  # type: ignore[arg-type]
    assert plain
    hours = plain.on_days({date(2026, 11, 21): None})
    assert hours.state(berlin(2026, 11, 21, 1, 30)).open
    assert not hours.state(berlin(2026, 11, 21, 19)).open
    assert not hours.state(berlin(2026, 11, 22, 1)).open
    assert hours.next_interval(berlin(2026, 11, 21, 12)) == (
        berlin(2026, 11, 27, 18),
        berlin(2026, 11, 28, 2),
    )
    assert hours.week(date(2026, 11, 20))[4:] == [(4, [("18:00", "02:00")]), (5, []), (6, [])]


def test_always_open_but_for_a_morning() -> None:
    plain = parse("24/7", **BERLIN)  # type: ignore[arg-type]
    assert plain
    hours = plain.on_days({date(2026, 11, 18): (720, 1440)})
    assert hours.state(berlin(2026, 11, 17, 12)).until == berlin(2026, 11, 18, 0)
    assert hours.next_interval(berlin(2026, 11, 18, 3)) == (berlin(2026, 11, 18, 12), FAR)
    assert hours.week(date(2026, 11, 18))[2] == (2, [("12:00", "24:00")])


def test_a_special_night_runs_into_an_ordinary_day() -> None:
    plain = parse("Mo-Su 10:00-20:00", **BERLIN)  # type: ignore[arg-type]
    assert plain
    hours = plain.on_days({date(2026, 12, 31): (1200, 2040)})
    assert hours.next_interval(berlin(2026, 12, 31, 12)) == (
        berlin(2026, 12, 31, 20),
        berlin(2027, 1, 1, 10) + timedelta(hours=10),
    )


def test_remarks_give_way_too() -> None:
    plain = parse('10:00-20:00 unknown "by appointment"', **BERLIN)  # type: ignore[arg-type]
    assert plain
    hours = plain.on_days({date(2026, 11, 20): None, date(2026, 11, 21): (600, 720)})
    noon = berlin(2026, 11, 20, 11)
    assert [hours.state(noon + timedelta(days=day)).unknown for day in (-1, 0, 1, 2)] == [
        True,
        False,
        False,
        True,
    ]
    assert [hours.state(noon + timedelta(days=day)).open for day in (0, 1)] == [False, True]


def test_nothing_special_is_the_same_object() -> None:
    plain = parse("10:00-20:00", **BERLIN)  # type: ignore[arg-type]
    assert plain
    assert plain.on_days({}) is plain


@pytest.mark.parametrize(
    ("country", "wanted"),
    [
        ("CN", [date(2026, 9, 25), date(2026, 10, 1)]),
        ("fi", [date(2026, 12, 6), date(2026, 12, 25), date(2026, 12, 26)]),
        ("XX", []),
        ("", []),
    ],
)
def test_public_holidays_of_a_country(country: str, wanted: list[date]) -> None:
    found = holidays(country, date(2026, 9, 1), date(2026, 12, 31))
    assert found == sorted(set(found))
    assert set(wanted) <= set(found)
    assert bool(found) == bool(wanted)
