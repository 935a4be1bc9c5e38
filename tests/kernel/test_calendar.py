"""Days, hours and moments in both languages."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from o2o.kernel.calendar import day_words, hour_span, moment_words, time_words, weekday_span

SHANGHAI = ZoneInfo("Asia/Shanghai")
LATE = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("mask", "locale", "said"),
    [
        (127, "en", ""),
        (0b0011111, "en", "Mon–Fri"),
        (0b0011111, "zh-Hans", "周一至周五"),
        (0b1100000, "zh_Hans", "周六、周日"),
        (0b1010111, "en", "Mon–Wed, Fri, Sun"),
    ],
)
def test_weekdays_are_joined(mask, locale, said):
    assert weekday_span(mask, locale) == said


def test_hours_may_pass_midnight():
    assert hour_span(None, None) == ""
    assert hour_span(660, 840) == "11:00–14:00"
    assert hour_span(1080, 1440) == "18:00–24:00"
    assert hour_span(1080, 1560) == "18:00–02:00"


def test_moments_are_said_in_the_towns_zone():
    assert day_words(LATE, SHANGHAI, "en") == "Jan 1, 2027"
    assert day_words(LATE, SHANGHAI, "zh-Hans") == "2027年1月1日"
    assert time_words(LATE, SHANGHAI) == "00:05"
    assert moment_words(LATE, SHANGHAI, "zh-Hans") == "1月1日 00:05"
