"""A dish written in any of the usual ways is the dish that was meant; and no line is lost, whatever it is."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from o2o.kernel.errors import BadInput
from o2o.kernel.money import format_money, plain_money
from o2o.menu_lines.faults import DOUBTS
from o2o.menu_lines.lines import Line, tidy
from o2o.said_menus.reading import UNSEEN, weigh_text

ZH_WORDS = (
    "宫保鸡丁",
    "牛肉面",
    "三杯鸡",
    "八宝饭",
    "水煮鱼",
    "XO酱炒饭",
    "7喜",
    "大盘鸡",
    "小笼包",
    "拿铁",
    "西红柿炒蛋",
)
EN_WORDS = ("Kung pao chicken", "Flat white", "Soup of the day", "Large prawns", "V8 juice", "Fish & chips")
ZH_UNITS = ("", "大", "中杯", "500ml", "半只", "大碗")
EN_UNITS = ("", "large", "S", "XL", "330ml", "half")
PRICES = st.one_of(st.integers(0, 999).map(lambda yuan: yuan * 100), st.integers(0, 999_999))
BETWEEN = (" ", "  ", "\t", " ...... ", "……", ": ", "，", " | ", " - ", " = ")
BEFORE = ("", "- ", "• ", "3. ", "12、", "(4) ")


@st.composite
def dishes(draw: st.DrawFn) -> tuple[str, Line]:
    """Draw a dish, and a line that says it."""
    is_zh = draw(st.booleans())
    name = draw(st.sampled_from(ZH_WORDS if is_zh else EN_WORDS))
    unit = draw(st.sampled_from(ZH_UNITS if is_zh else EN_UNITS))
    price = draw(st.none() | PRICES)
    money = draw(st.sampled_from(ways(price)))
    way = draw(st.sampled_from((" {}", "（{}）", " ({})"))) if unit else ""
    text = draw(st.sampled_from(BEFORE)) + name + way.format(unit) + draw(st.sampled_from(BETWEEN)) + money
    return text, Line("", name, price=price, unit=unit)


def ways(price: int | None) -> list[str]:
    """Write a price as people do."""
    if price is None:
        return ["时价", "面议", "ask", "Market price"]
    number = plain_money(price, "CNY")
    short = number.removesuffix(".00")
    full = short.translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))
    said = [
        number,
        short,
        full,
        f"¥{short}",
        f"￥ {short}",
        f"{short}元",
        f"{short} 元",
        f"{short}块钱",
        f"RMB {short}",
    ]
    return [*said, format_money(price, "CNY", "zh_Hans"), format_money(price, "CNY", "en")]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(dishes())
def test_a_written_dish_is_the_dish_that_was_meant(written: tuple[str, Line]) -> None:
    text, line = written
    said = weigh_text(text, "CNY")
    assert ([one.line for one in said.lines], [one for one in said.faults if one.code not in DOUBTS]) == (
        [line],
        [],
    )


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(dishes(), min_size=1, max_size=8, unique_by=lambda one: (one[1].name, one[1].unit)))
def test_a_written_menu_keeps_its_order_and_headings(menu: list[tuple[str, Line]]) -> None:
    text = "\n".join(
        f"第{place}类：\n{written}" for place, (written, _line) in zip("一二三四五六七八", menu, strict=False)
    )
    said = weigh_text(text, "CNY")
    wanted = [
        line._replace(section=f"第{place}类")
        for place, (_text, line) in zip("一二三四五六七八", menu, strict=False)
    ]
    assert [one.line for one in said.lines] == wanted
    assert [one.row for one in said.lines] == [2 * place for place in range(1, len(menu) + 1)]


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.text(
        st.sampled_from("宫保鸡丁大小份一二十百元块¥$€.,:，、（）()/-~#*=[] ab大S每123456789\n\t"),
        max_size=120,
    )
)
def test_every_line_is_a_dish_a_heading_or_a_fault(text: str) -> None:
    if not re.search(r"\w", text):
        with pytest.raises(BadInput):
            weigh_text(text, "CNY")
        return
    said = weigh_text(text, "CNY")
    named = {one.row for one in said.lines} | {one.row for one in said.faults}
    sections = {one.line.section for one in said.lines} | {one.section for one in said.faults}
    for number, row in enumerate(text.splitlines(), 1):
        words = tidy(UNSEEN.sub("", row))
        if re.search(r"\w", words) and number not in named:
            # A heading that nothing follows leaves no trace but its mark.
            assert any(name and name in words for name in sections) or re.search(r"[#:：\])\-=~*]", words)
    for one in said.lines:
        assert one.line.name == tidy(one.line.name) != ""
