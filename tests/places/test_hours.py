"""Opening hours: open now, the next interval, the week, and strings that nobody should have written."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from o2o.osm.read import read_town
from o2o.places.hours import FAR, parse
from o2o.places.hours_week import from_week, to_week

HELSINKI = {"timezone": "Europe/Helsinki", "country": "FI", "lat": 60.17, "lng": 24.94}
BEIJING = {"timezone": "Asia/Shanghai", "country": "CN", "lat": 39.99, "lng": 116.32}


def hki(*parts):
    return datetime(*parts, tzinfo=ZoneInfo("Europe/Helsinki"))


def test_open_closed_and_when_it_changes():
    hours = parse("Mo-Fr 10:00-20:00; Sa 10:00-18:00", **HELSINKI)
    friday_noon = hki(2026, 11, 20, 12)
    assert hours.state(friday_noon) == (True, False, hki(2026, 11, 20, 20).astimezone(UTC))
    assert hours.next_interval(friday_noon) == (hki(2026, 11, 20, 10), hki(2026, 11, 20, 20))
    saturday_night = hki(2026, 11, 21, 22)
    assert hours.state(saturday_night) == (False, False, hki(2026, 11, 23, 10))
    opens, closes = hours.next_interval(saturday_night)
    assert (opens, closes) == (hki(2026, 11, 23, 10), hki(2026, 11, 23, 20))
    assert opens.tzinfo is UTC


def test_the_second_of_opening_and_closing():
    hours = parse("10:00-20:00", **HELSINKI)
    assert hours.state(hki(2026, 11, 20, 10)).open
    assert not hours.state(hki(2026, 11, 20, 20)).open
    assert not hours.state(hki(2026, 11, 20, 9, 59, 59)).open


def test_past_midnight_belongs_to_the_evening_before():
    hours = parse("Fr-Sa 22:00-04:00", **HELSINKI)
    assert hours.state(hki(2026, 11, 22, 3)).open
    assert not hours.state(hki(2026, 11, 20, 3)).open
    assert hours.next_interval(hki(2026, 11, 22, 3)) == (hki(2026, 11, 21, 22), hki(2026, 11, 22, 4))
    assert hours.week(date(2026, 11, 20))[4] == (4, [("22:00", "04:00")])
    assert hours.week(date(2026, 11, 20))[6] == (6, [])


@pytest.mark.parametrize(
    ("raw", "until"),
    [
        ("Fr,Sa 18:00-02:00; Su-Th 18:00-23:00", 26),
        ("Su-Th 18:00-23:00; Fr,Sa 18:00-02:00", 26),
        ("Mo-Th 11:00-22:00; Fr-Sa 11:00-02:00; Su 12:00-20:00; PH off", 26),
        ("Mo-Sa 11:00-02:00; Sa 11:00-23:00", 23),
        ("Mo-Fr 09:00-17:00; Sa 18:00-01:30", 25.5),
    ],
)
def test_the_next_days_rule_does_not_close_the_evening_before(raw, until):
    hours = parse(raw, **BEIJING)
    saturday = datetime(2026, 11, 21, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert hours.state(saturday + timedelta(hours=20)).until == saturday + timedelta(hours=until)


@pytest.mark.parametrize("raw", ["24/7", "Mo-Su 00:00-24:00", "open"])
def test_always_open(raw):
    hours = parse(raw, **HELSINKI)
    now = hki(2026, 11, 20, 12)
    assert hours.state(now) == (True, False, None)
    opened, until = hours.next_interval(now)
    assert opened <= now < until == FAR
    assert hours.week(now.date()) == [(day, [("00:00", "24:00")]) for day in range(7)]


@pytest.mark.parametrize("raw", ["off", "closed", "2017 Jul 1 - 2017 Aug 8 10:00-12:00"])
def test_never_open(raw):
    hours = parse(raw, **HELSINKI)
    assert hours.state(hki(2026, 11, 20, 12)) == (False, False, None)
    assert hours.next_interval(hki(2026, 11, 20, 12)) is None


def test_a_remark_is_unknown_not_open():
    for raw in ('"by appointment"', "unknown"):
        assert parse(raw, **HELSINKI).state(hki(2026, 11, 20, 12)) == (False, True, None)
        assert parse(raw, **HELSINKI).next_interval(hki(2026, 11, 20, 12)) is None
    saturday = parse('Mo-Fr 10:00-18:00; Sa "by appointment"', **HELSINKI)
    assert saturday.state(hki(2026, 11, 21, 3)).unknown
    assert parse('Mo-Fr 10:00-18:00 "ring the bell"', **HELSINKI).state(hki(2026, 11, 20, 12)).open
    assert parse('24/7 "ring the bell"', **HELSINKI).state(hki(2026, 11, 20, 12)).open


def test_holidays_are_the_countrys():
    raw = "Mo-Su 10:00-20:00; PH off"
    independence_day = datetime(2026, 12, 6, 12)
    for place, is_open in ((HELSINKI, False), (BEIJING, True)):
        there = independence_day.replace(tzinfo=ZoneInfo(place["timezone"]))
        assert parse(raw, **place).state(there).open is is_open
    national_day = datetime(2026, 10, 1, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert not parse(raw, **BEIJING).state(national_day).open
    assert parse(raw, **HELSINKI).week(date(2026, 12, 6))[6] == (6, [])


def test_an_unknown_country_has_no_holidays_but_hours():
    hours = parse("10:00-20:00; PH off", **{**HELSINKI, "country": "XX"})
    assert hours.state(hki(2026, 12, 6, 12)).open
    assert parse("10:00-20:00; PH off", **{**HELSINKI, "country": None}).state(hki(2026, 12, 6, 12)).open


def test_the_towns_zone_counts_not_the_callers():
    hours = parse("10:00-20:00", **BEIJING)
    assert hours.state(datetime(2026, 11, 20, 2, 30, tzinfo=UTC)).open
    assert not hours.state(datetime(2026, 11, 20, 12, 30, tzinfo=UTC)).open


def test_days_when_the_clocks_change():
    night = parse("Sa 22:00-05:00", **HELSINKI)
    autumn = night.next_interval(hki(2026, 10, 24, 23))
    assert autumn[1] - autumn[0] == timedelta(hours=8)
    spring = night.next_interval(hki(2026, 3, 28, 23))
    assert spring[1] - spring[0] == timedelta(hours=6)
    assert night.week(date(2026, 10, 24))[5] == (5, [("22:00", "05:00")])


def test_state_and_interval_agree_through_both_clock_changes():
    for raw in ("03:15-03:45", "02:00-04:00", "Sa 22:00-05:00", "00:00-03:30,03:40-24:00"):
        hours = parse(raw, **HELSINKI)
        for first in (datetime(2026, 3, 28, 21, tzinfo=UTC), datetime(2026, 10, 24, 20, tzinfo=UTC)):
            for minutes in range(0, 10 * 60, 7):
                at = first + timedelta(minutes=minutes)
                interval = hours.next_interval(at)
                assert hours.state(at).open == (interval[0] <= at < interval[1])
                assert interval[0] < interval[1]
                assert at < interval[1]


def test_the_sun_of_the_place():
    noon = hki(2026, 11, 22, 12)
    up, down = parse("sunrise-sunset", **HELSINKI).next_interval(noon)
    # Almanac for Helsinki, 22 November: 08:36 and 15:35, local time.
    assert abs(up - hki(2026, 11, 22, 8, 36)) < timedelta(minutes=3)
    assert abs(down - hki(2026, 11, 22, 15, 35)) < timedelta(minutes=3)


def test_a_weekend_in_one_stretch_is_cut_at_midnights():
    week = parse("Fr 18:00-24:00; Sa 00:00-24:00; Su 00:00-12:00", **HELSINKI).week(date(2026, 11, 20))
    assert week[4:] == [(4, [("18:00", "24:00")]), (5, [("00:00", "24:00")]), (6, [("00:00", "12:00")])]


def test_json_ld_of_one_week():
    items = parse("Mo-Fr 10:00-20:00; Sa 18:00-24:00", **HELSINKI).specification(date(2026, 11, 20))
    assert [(item["opens"], item["closes"]) for item in items] == [("10:00", "20:00"), ("18:00", "23:59")]
    assert items[0]["dayOfWeek"] == ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
    assert (items[0]["validFrom"], items[0]["validThrough"]) == ("2026-11-16", "2026-11-22")


@pytest.mark.parametrize(
    "raw",
    [
        "",
        None,
        " ",
        "Seasonal, only summer time",
        "10-20",
        "周一至周五 10:00-20:00",
        "Mo 10:00\n-12:00",
        "\0",
        "x" * 256,
    ],
)
def test_what_cannot_be_parsed_is_none(raw):
    assert parse(raw, **HELSINKI) is None


def test_equal_strings_share_one_object_unless_the_sun_matters():
    assert parse("10:00-20:00", **HELSINKI) is parse("10:00-20:00", **{**HELSINKI, "lat": 60.3})
    assert parse("sunrise-20:00", **HELSINKI) is not parse("sunrise-20:00", **{**HELSINKI, "lat": 64.0})


GRAMMAR = (
    'Mo Tu-Fr Su PH SH Jan Feb 29 30 week 53 1-53 /2 - , ; || "x" 10:00 24:00 48:00 10:00-20:00 00:01 + " '
    "sunrise (sunset+02:00) easter +1 -999999 days 2026 9999 1000-9999/8999 off open unknown 24/7 [1] [-1] 99"
)


@settings(max_examples=300, deadline=2_000)
@given(
    st.one_of(st.text(max_size=300), st.lists(st.sampled_from(GRAMMAR.split()), max_size=40).map(" ".join))
)
def test_no_string_throws(raw):
    hours = parse(raw, **HELSINKI)
    to_week(raw)
    if hours:
        at = hki(2026, 10, 25, 12)
        interval = hours.next_interval(at)
        assert hours.state(at).open == bool(interval and interval[0] <= at < interval[1])
        assert len(hours.week(at.date())) == 7
        hours.specification(at.date())


def test_real_strings_are_mostly_understood(shared):
    places = read_town(shared / "osm/helsinki.osm.pbf").places
    raws = [place.opening_hours for place in places if place.opening_hours]
    assert len(raws) > 500
    assert sum(parse(raw, **HELSINKI) is not None for raw in raws) > 0.97 * len(raws)


def test_a_week_becomes_a_string():
    day = [("10:00", "20:00")]
    assert from_week([day] * 5 + [[("10:00", "18:00")], []]) == "Mo-Fr 10:00-20:00; Sa 10:00-18:00"
    assert from_week([day, [], day, day, [], [], [("20:00", "02:00"), ("09:00", "12:00")]]) == (
        "Mo 10:00-20:00; We-Th 10:00-20:00; Su 09:00-12:00,20:00-02:00"
    )
    assert from_week([[("00:00", "24:00")]] * 7) == "24/7"
    assert from_week([[]] * 7) == "off"


@pytest.mark.parametrize(
    "week",
    [
        [],
        [[]] * 8,
        [[("10:00", "10:00")]] * 7,
        [[("9:00", "10:00")]] * 7,
        [[("10:00", "25:00")]] * 7,
        [[("x", "y")]] * 7,
    ],
)
def test_a_bad_week_is_refused(week):
    with pytest.raises(ValueError):
        from_week(week)


def test_simple_strings_become_a_week():
    nine = [("09:00", "21:00")]
    assert to_week("Mo-Fr 9:00-21:00, Sa 9:00-19:00") == [nine] * 5 + [[("09:00", "19:00")], []]
    assert to_week("09:00-21:00; We off") == [nine, nine, [], nine, nine, nine, nine]
    assert to_week("Sa-Mo,We 09:00-21:00") == [nine, [], nine, [], [], nine, nine]
    assert to_week("Mo 09:00-12:00,13:00-17:00;")[0] == [("09:00", "12:00"), ("13:00", "17:00")]
    assert to_week("closed") == [[]] * 7


@pytest.mark.parametrize(
    "raw",
    [
        "Mo-Fr 10:00-20:00; PH off",
        "Apr-Sep 10:00-20:00",
        '10:00-20:00 "x"',
        "sunrise-sunset",
        "18:00+",
        "x",
        "",
        None,
    ],
)
def test_what_a_table_cannot_hold_is_left_as_text(raw):
    assert to_week(raw) is None


minutes = st.integers(0, 24 * 4 - 1).map(lambda n: f"{n // 4:02}:{n % 4 * 15:02}")
days = st.lists(st.tuples(minutes, minutes).filter(lambda span: span[0] != span[1]), max_size=2, unique=True)


@given(st.lists(days, min_size=7, max_size=7))
def test_a_week_comes_back_and_the_library_understands_it(week):
    raw = from_week(week)
    assert to_week(raw) == [sorted(spans) for spans in week]
    assert parse(raw, **HELSINKI) is not None
