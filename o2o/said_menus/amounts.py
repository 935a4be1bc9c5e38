"""Where the prices stand in a line that somebody typed or said, and how they are written."""

import re
from typing import NamedTuple

# One sign for one sign: what is found in the plain line is cut out of the typed one.
PLAIN = str.maketrans("０１２３４５６７８９￥．／－～：，；（）｜＄　\t", "0123456789¥./-~:,;()|$  ")
PIECES = "份个只碗杯瓶壶盘盅煲锅例位套串片粒根条扎听罐打"
_SHORT = r"(?:ml|cl|dl|kg|oz|pcs?|[lg])(?![A-Za-z])"
_MEASURE = rf"(?:\d+(?:\.\d+)?\s?(?:{_SHORT}|毫升|升|公斤|千克|克|斤|两|寸|人份|[{PIECES}]))"
_MARK = r"(?:[A-Z]{0,2}\$|[¥€£₩฿₽]|(?<![A-Za-z])(?:CNY|RMB|EUR|USD|GBP|HKD|JPY)(?![A-Za-z]))"
_BEHIND = rf"(?:块钱|块(?!\d)|[元圆円]|{_MARK}|(?:yuan|rmb|euros?|dollars?)(?![A-Za-z]))"
_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+,\d{1,2}(?!\d)|\d+(?:[.。]\d+)?)"
_END = r"(?=$|[\s,、;。|()\]])"
_PER = rf"(?=/(?!\d)|每|一[{PIECES}])"
_ZH = "零〇一二两三四五六七八九十百千"
# "38块5" is 38.50; said in words an amount needs its currency, and 块 alone may be pieces below ten.
_TENTHS = r"\d+[块元]\d[角毛]?(?!\d)"
_SPOKEN = rf"(?:[{_ZH}]{{1,9}}(?:块钱|元)|[{_ZH}]{{0,7}}[十百千][{_ZH}]{{0,7}}块)(?:{_END}|{_PER})"
_MARKED = (
    rf"(?:{_TENTHS}|{_SPOKEN}|{_MARK}\s?{_NUMBER}(?:\s?{_BEHIND})?|(?<![A-Za-z\d.:#]){_NUMBER}\s?{_BEHIND})"
)
MARKED = re.compile(_MARKED, re.I)
# A bare number is a price where it stands apart: before the end, a sign that parts, or the words of its unit.
BARE = re.compile(rf"(?<![A-Za-z\d.:#%]){_NUMBER}(?:{_END}|{_PER})(?!\s?{_SHORT})", re.I)
_ONE = rf"(?:{_MARK}\s?)?(?<![A-Za-z\d.:]){_NUMBER}(?:\s?{_BEHIND})?"
RANGE = re.compile(rf"{_ONE}\s*(?:[-~–—〜至到/]|(?<=\s)to(?=\s))\s*{_ONE}{_END}", re.I)
# "/份", "每份", "一份", "per cup", "/500g"
_UNIT = rf"(?:{_MEASURE}|[^\d\s,、;。|()/]+(?:\s[A-Za-z]+)*)"
PER = re.compile(rf"\s*(?:/\s*|每|per\s+|一(?=[{PIECES}]))({_UNIT})", re.I)
SIZES = (
    "特大|超大|加大|大|中|小|[大中小半一整两双][份碗杯盘盆只壶瓶锅例打]|超大杯|"
    "S|M|L|XL|XXL|small|medium|large|regular|half|full|single|double"
)
SIZE = re.compile(rf"{SIZES}|{_MEASURE}|[每/／]\s*[{PIECES}]", re.I)
WORDS = {"块钱|圆|yuan": "元", "euros?": "€", "dollars?": "$"}
_DIGITS = {sign: number for number, sign in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}


class Price(NamedTuple):
    """A price in a plain line: from where to where, what to read as money, whether a currency stands beside it."""

    start: int
    end: int
    text: str
    is_marked: bool


def plain(text: str) -> str:
    """Write a line with the signs that prices are written with, one for one."""
    return text.translate(PLAIN)


def prices(line: str) -> list[Price]:
    """Find the prices of a plain line: those with a currency where any has one, else bare numbers that stand apart."""
    marked = [Price(*one.span(), _amount(one[0]), is_marked=True) for one in MARKED.finditer(line)]
    return marked or [Price(*one.span(), one[0], is_marked=False) for one in BARE.finditer(line)]


def _amount(text: str) -> str:
    """Write what people say as money is written: 38块5 as 38.5元, 三十八块 as 38元."""
    if tenths := re.fullmatch(r"(\d+)[块元](\d)[角毛]?", text):
        return f"{tenths[1]}.{tenths[2]}元"
    for words, sign in WORDS.items():
        text = re.sub(rf"\s?(?:{words})$", sign, text, flags=re.I)
    spoken = text.rstrip("元块")
    return f"{_number(spoken)}元" if spoken and set(spoken) <= set(_ZH) else text


def _number(text: str) -> int:
    """Read a Chinese number below ten thousand; digits alone stand one after the other."""
    if not any(one in _TENS for one in text):
        return int("".join(str(_DIGITS[one]) for one in text))
    total = digit = 0
    for one in text:
        if one in _TENS:
            total, digit = total + (digit or 1) * _TENS[one], 0
        else:
            digit = _DIGITS[one]
    # 一百二 is 120: a last digit right behind a hundred counts tens.
    before = _TENS.get(text[-2:-1], 0)
    return total + (digit * before // 10 if before > 10 else digit)
