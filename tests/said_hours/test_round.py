"""A week that is said in words is the week that was meant; and no text, whatever it is, takes long or fails."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from o2o.said_hours.hearing import Span, hear

ZH_DAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
ZH_NUMBERS = ("零", "一", "两", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二")
STEP = 15
Week = list[list[Span]]


def clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


@st.composite
def days(draw: st.DrawFn) -> list[Span]:
    """Draw a day: closed, always, or one or two spans, the last of them perhaps past midnight."""
    kind = draw(st.sampled_from(("closed", "always", "one", "one", "two")))
    if kind == "closed":
        return []
    if kind == "always":
        return [("00:00", "24:00")]
    count = 2 if kind == "one" else 4
    marks = sorted(draw(st.sets(st.integers(1, 119), min_size=count, max_size=count)))
    minutes = [mark * STEP for mark in marks]
    if minutes[-2] >= 1440 or minutes[-1] - 1440 >= minutes[0]:
        minutes = [minute // 2 // STEP * STEP for minute in minutes]
    if len(set(minutes)) < count:
        return []
    pairs = zip(minutes[::2], minutes[1::2], strict=True)
    return [(clock(start), "24:00" if end == 1440 else clock(end)) for start, end in pairs]


def plain(text: str) -> str:
    return text


def zh_hour(text: str) -> str:
    """Say a time as people do: the part of the day, Chinese numerals, half hours."""
    hour, minute = int(text[:2]), int(text[3:])
    part = (
        "凌晨"
        if hour < 5
        else "早上"
        if hour < 12
        else "中午"
        if hour == 12
        else "下午"
        if hour < 18
        else "晚上"
    )
    if text == "24:00":
        return "晚上十二点"
    shown = hour if hour <= 12 else hour - 12
    rest = {0: "", 15: "一刻", 30: "半", 45: "四十五分"}[minute]
    return f"{part}{ZH_NUMBERS[shown]}点{rest}"


def en_hour(text: str) -> str:
    hour, minute = int(text[:2]), int(text[3:])
    if text == "24:00":
        return "midnight"
    shown = f"{hour % 12 or 12}" + (f":{minute:02d}" if minute else "")
    return f"{shown}{'am' if hour < 12 else 'pm'}"


STYLES = {
    # name: days, a time, between times, between spans, between days, closed, always
    "numbers": (ZH_DAYS, plain, "-", " ", "；", "休息", "24小时营业"),
    "spoken": (ZH_DAYS, zh_hour, "到", "，", "，", "休息", "二十四小时"),
    "dictated": (ZH_DAYS, zh_hour, "到", "", "", "不营业", "24小时"),
    "lines": (EN_DAYS, plain, " – ", ", ", "\n", "Closed", "Open 24 hours"),
    "english": (EN_DAYS, en_hour, " to ", " and ", "; ", "closed", "24 hours"),
}


def said(week: Week, style: str) -> str:
    """Say a week day by day."""
    names, hour, to, also, then, closed, always = STYLES[style]

    def words(day: list[Span]) -> str:
        if day == [("00:00", "24:00")]:
            return always
        return also.join(f"{hour(start)}{to}{hour(end)}" for start, end in day) or closed

    gap = "" if names is ZH_DAYS else " "
    return then.join(f"{name}{gap}{words(day)}" for name, day in zip(names, week, strict=True))


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=150, deadline=None)
@given(week=st.lists(days(), min_size=7, max_size=7))
def test_a_week_comes_back_as_it_was_said(style: str, week: Week) -> None:
    heard = hear(said(week, style))
    assert heard.week == [sorted(day) for day in week], said(week, style)
    assert heard.left == []
    # 10:00-10:15 alone may be a quarter of an hour, or twelve and a quarter.
    doubted = {doubt.kind for doubt in heard.doubts}
    assert doubted <= ({"read"} if STYLES[style][1] is plain else set()), (said(week, style), heard.doubts)


@settings(max_examples=100, deadline=None)
@given(day=days(), full=st.booleans(), style=st.sampled_from(sorted(STYLES)))
def test_one_day_stands_for_all(day: list[Span], full: bool, style: str) -> None:
    """ "Every day" says the same as seven days do, in full-width letters too."""
    _names, hour, to, also, _then, closed, always = STYLES[style]
    what = also.join(f"{hour(start)}{to}{hour(end)}" for start, end in day) or closed
    text = f"每天 {always if day == [('00:00', '24:00')] else what}"
    if full:
        text = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)
    assert hear(text).week == [sorted(day)] * 7, text


PIECES = (
    *(
        "周一",
        "周末",
        "每天",
        "其余",
        "除",
        "外",
        "到",
        "-",
        "9",
        "10:30",
        "点",
        "半",
        "休息",
        "24小时",
        "晚上",
        "早",
        "次日",
    ),
    *(",", "。", "\n", " ", ":", "（", "１", "零", "十", "½", "\u200b", "午休", "外卖", "节假日"),
    *("Mon", "closed", "to", "am", "pm", "till late", "except", "holidays", "from", "and", "a"),
)
REPEATED = (
    *(
        "9",
        "9点",
        "周一",
        "周一到",
        "早 ",
        "9 - ",
        "9:",
        "：",
        "到",
        "除",
        "二十",
        "、",
        "（",
        "午休",
        "周一9点到18点",
    ),
    *("Mon", "Mon-", "am ", "10-22,", "closed ", "\n", "a", "\ufdfa", "half past ", "1 1 1-", "from 9 "),
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(max_size=300), st.lists(st.sampled_from(PIECES), max_size=80).map("".join)))
def test_every_text_has_an_answer(text: str) -> None:
    heard = hear(text)
    assert len(heard.week) == 7
    for start, end in [span for day in heard.week for span in day or []]:
        assert (len(start), len(end)) in ((5, 0), (5, 5))
        assert start != end
    assert all(left and len(left) < 1_500 for left in heard.left)


@pytest.mark.parametrize("piece", REPEATED, ids=repr)
def test_ten_kilobytes_take_no_time(piece: str) -> None:
    """Whatever is repeated: a second of the processor, many times what it takes."""
    text = (piece * (10_000 // len(piece.encode()) + 1))[:10_000]
    began = time.process_time()
    hear(text)
    assert time.process_time() - began < 1.0
