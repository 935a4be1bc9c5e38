"""When: two times of the day as people say them, and what a clock of twelve hours leaves open."""

import re
from typing import NamedTuple

from o2o.said_hours.words import pattern, word

DAY, HALF = 1440, 720
_PARTS = {
    "next": r"次日|第二天|翌日|隔天|隔日|(?:the )?next day",
    "dawn": r"凌晨|半夜|午夜|后半夜",
    "am": r"清晨|早晨|早上|早间|上午|早市|早餐|早茶|早(?![上晨间])|mornings?|breakfast",
    "noon": r"中午|正午|午市|午餐|午间|lunch",
    "pm": r"午后|下午|傍晚|afternoons?",
    "evening": r"晚上|晚间|夜里|夜间|夜晚|深夜|晚市|晚餐|夜宵|夜市|晚(?![上间])|夜|evenings?|dinner|nights?",
}
_AFTERWARDS = {"am": "am", "pm": "pm", "inthemorning": "am", "intheafternoon": "pm", "noon": "noon"}
_AFTERWARDS |= {"midnight": "dawn", "intheevening": "evening", "atnight": "evening"}
_PART = "|".join((*_PARTS.values(), "当天|当日"))
_ZH = r"二十[一二三四]?|十[一二三四五六七八九]?|[零〇一二两三四五六七八九]"
_ZH_MINUTES = r"[二三四五]?十[一二三四五六七八九]?|[零〇][一二三四五六七八九五]"
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_EN = {name: number for number, name in enumerate(_NUMBERS, start=1)}
_EN_MINUTES = {"fifteen": 15, "thirty": 30, "forty-five": 45, "forty five": 45}
_DIGITS = {letter: number for number, letter in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_ALONE = {"noon": 12, "midday": 12, "中午": 12, "正午": 12, "midnight": 0, "午夜": 0, "半夜": 0}


def _time(n: int) -> str:
    return rf"""(?:(?P<part{n}>(?:(?:{_PART})(?:时段|时间|供应)?[\s:]*){{1,3}}))?
    (?:(?P<past{n}>half|quarter)\s+past\s+(?P<after{n}>\d{{1,2}}|{"|".join(_EN)})|
    (?P<alone{n}>noon|midday|midnight|中午|正午|午夜|半夜)(?!\s*\d)|
    (?P<four{n}>[012]\d[0-5]\d)(?!\d)|
    (?P<hour{n}>\d{{1,2}}|{_ZH}|{word("|".join(_EN))})
    (?:\s*(?P<mark{n}>[:.h])\s*(?P<minute{n}>\d{{2}})(?!\d)[点分]?|
    \s*(?P<dot{n}>点钟?|时)\s*(?:(?P<half{n}>半)|(?P<quarter{n}>[一三])刻|(?P<rest{n}>\d{{1,2}}(?!\d*\s*[:点时-])|{_ZH_MINUTES})分?)?整?|
    \s+(?P<words{n}>{"|".join(_EN_MINUTES)}))?)
    (?P<suffix{n}>\s*(?:a\.?\s?m(?![a-z])\.?|p\.?\s?m(?![a-z])\.?|noon(?![a-z])|midnight(?![a-z])|o'?clock|hrs?(?![a-z])|h(?![a-z])|
    in the (?:morning|afternoon|evening)|at night))*"""


_UNITS = r"(?!\d|\s*(?:元|块|%|折|人|岁|桌|楼|层|米|个|款|路|km|mins?|minutes|分钟|小时|hours))"
_BETWEEN = (
    rf"\s*(?P<joint>[-–—~〜‐−→]{{1,3}}|一?直?(?:到|至)了?|{word('to|till?|til|until|thru|through|and')}|"
    rf"(?:开门|开始营业|开店|开业|营业)[,\s]*一?直?(?:到|至)?|,?\s*(?:and )?clos(?:es?|ing)(?: at)?|)\s*"
)
_AFTER = r"(?:\s*(?:关门|打烊|下班|收档|收摊|结束|关店))?"
_OPENS = r"(?:(?<![a-z])(?:from|opens?(?: at| from)?)\s+)?"
_BEFORE = rf"(?<![\d¥$€£#-])(?:从|自)?\s*(?P<between>(?<![a-z])between\s+)?{_OPENS}"
SPAN = pattern(rf"{_BEFORE}{_time(1)}{_BETWEEN}(?:from\s+)?{_time(2)}{_AFTER}{_UNITS}")
_LATE = r"late(?: night)?|close|closing(?: time)?|we close|sold out|the end|last guest"
FROM = pattern(
    rf"""{_BEFORE}{_time(1)}\s*(?:[-–—~]{{0,3}}|到|至|{word("to|till?|til|until")})\s*
    (?:{word(_LATE)}|很晚|深夜|通宵|打烊|天亮|(?:卖|售)(?:完|罄)(?:为止|即止)?|关门)|
    (?<![a-z])(?:from|opens? at|从)\s*{_time(2)}{_UNITS}(?:\s*(?:起|开始|开门|营业|onwards?))*|
    (?<!\d){_time(3)}\s*(?:起|以后|之后|开门|开始营业|开始|{word("onwards?")})"""
)
ALONE = pattern(rf"(?<!\d){_time(1)}(?:{_AFTER})")
_EVENLY = re.compile(r"(?<!\d)(?:0\d|1[3-9]|2[0-4])\s*:\s*[0-5]\d")
_TWELVE = re.compile(r"\d\s*[ap]\.?m", re.I)


class Time(NamedTuple):
    """A time as it was said; `part` is the part of the day or "", `plain` says that 24 hours are counted."""

    hour: int
    at: int  # minute of the day as it stands
    part: str = ""
    next_day: bool = False
    plain: bool = False
    english: bool = False
    word: str = ""


class Said(NamedTuple):
    """Minutes from midnight, beyond 1440 on the next day; `end` is None where nobody said it."""

    start: int
    end: int | None
    sure: bool


def counts_24(text: str) -> bool:
    """Tell whether a text writes its times in 24 hours: 9:00 is the morning then."""
    return bool(_EVENLY.search(text)) and not _TWELVE.search(text)


def joined(match: re.Match[str], *, plain: bool, floor: int) -> Said | None:
    """Read a span; None when it is none. `floor` is when the span before it ended, 0 where there is none."""
    first, last = _read(match, 1, plain), _read(match, 2, plain)
    if first is None or last is None:
        return None
    joint = match["joint"].lower()
    if joint == "and" and not match["between"]:
        return None
    later = last.next_day or last.part in ("pm", "evening", "dawn")
    if not joint and not (later and first.part in ("am", "noon")):
        return None
    return span(first, last, floor)


def begun(match: re.Match[str], *, plain: bool, floor: int) -> Said | None:
    """Read an opening time whose closing time was not said."""
    told = [n for n in (1, 2, 3) if any(match[f"{kind}{n}"] for kind in ("after", "alone", "four", "hour"))]
    first = _read(match, told[0], plain) if told else None
    if first is None:
        return None
    return Said(_start(first, None, floor)[0], None, sure=False)


def span(first: Time, last: Time, floor: int) -> Said | None:
    """Put two times on one day: what a clock of twelve hours leaves open is the next such time, and not sure."""
    start, sure = _start(first, last, floor)
    end, end_sure = _end(start, first, last)
    if end <= start:
        end += DAY
    elif last.next_day:
        return None
    if end - start == DAY:
        return Said(0, DAY, sure=start == 0 and last.hour == 24)
    return Said(start, end, sure and end_sure) if end - start < DAY else None


def _fixed(time: Time) -> int | None:
    """Return the minute of the day that one time alone says, or None."""
    hour, part = time.hour % 24, time.part
    if part == "am":
        hour = 0 if time.english and hour == 12 else hour
    elif part == "noon":
        hour = hour + 12 if hour < 9 else hour
    elif part == "pm":
        hour = hour + 12 if hour < 12 else hour
    elif part == "evening":
        hour = 0 if hour == 12 else hour + 12 if 5 <= hour < 12 else hour
    elif part == "dawn":
        hour = 0 if hour == 12 else hour
    elif not (time.next_day or time.plain or time.hour >= 13 or hour == 0):
        return None
    return hour * 60 + time.at % 60


def _start(first: Time, last: Time | None, floor: int) -> tuple[int, bool]:
    fixed = _fixed(first)
    if fixed is not None:
        return fixed, True
    here = first.at % HALF
    if last and not last.part and (last.plain or last.hour >= 13):
        return first.at, first.hour >= 6
    if last and last.english and last.part == "am":
        return here, True
    if last and last.english and last.part == "pm":
        return (here + HALF, first.hour <= 5) if here < last.at % HALF else (first.at, True)
    start = first.at if 6 <= first.hour <= 12 else first.at + HALF
    while start < floor % DAY and start + HALF < DAY:
        start += HALF
    return start, 8 <= first.hour <= 12 and start == first.at


def _end(start: int, first: Time, last: Time) -> tuple[int, bool]:
    fixed = _fixed(last)
    if fixed is not None:
        return fixed, True
    if first.hour >= 13:
        return last.at, last.hour <= 4
    end = last.at % HALF
    while end <= start:
        end += HALF
    later_half = first.part in ("pm", "evening") and end <= DAY
    return end, later_half or (first.word == "上午" and end <= HALF)


def _read(match: re.Match[str], n: int, plain: bool) -> Time | None:
    """Read one time of a match; None when no clock shows it."""
    said = {name: match[f"{name}{n}"] or "" for name in ("part", "suffix", "mark", "dot", "hour")}
    before, after = said["part"].lower(), said["suffix"].lower().replace(".", "").replace(" ", "")
    part = next((name for name, words in _PARTS.items() if name != "next" and re.search(words, before)), "")
    part = _AFTERWARDS.get(after, part)
    hour, minute = _hour(match, n), _minute(match, n)
    if hour is None or minute > 59 or hour > 24 or (hour == 24 and minute):
        return None
    if match[f"alone{n}"]:
        part = "noon" if hour == 12 else "dawn"
    padded = said["hour"].startswith("0") and bool(said["mark"] or said["dot"])
    counted = bool(match[f"four{n}"]) or padded or (plain and said["mark"] == ":")
    is_next, is_english = bool(re.search(_PARTS["next"], before)), after in ("am", "pm")
    return Time(hour, hour * 60 + minute, part, is_next, counted, is_english, before.strip())


def _hour(match: re.Match[str], n: int) -> int | None:
    if alone := match[f"alone{n}"]:
        return _ALONE[alone.lower()]
    if four := match[f"four{n}"]:
        return int(four[:2])
    text = (match[f"after{n}"] or match[f"hour{n}"] or "").lower()
    return _EN[text] if text in _EN else _number(text)


def _minute(match: re.Match[str], n: int) -> int:
    if four := match[f"four{n}"]:
        return int(four[2:])
    if match[f"half{n}"] or (match[f"past{n}"] or "").lower() == "half":
        return 30
    if match[f"past{n}"] or match[f"quarter{n}"]:
        return 45 if match[f"quarter{n}"] == "三" else 15
    if words := match[f"words{n}"]:
        return _EN_MINUTES[words.lower()]
    return _number(match[f"minute{n}"] or match[f"rest{n}"] or "0") or 0


def _number(text: str) -> int | None:
    """Read digits or Chinese numerals up to 99."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.rpartition("十")
    if not ten:
        value = 0
        for letter in ones:
            value = value * 10 + _DIGITS.get(letter, 100)
        return value if ones and value < 100 else None
    return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)
