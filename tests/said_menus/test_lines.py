"""A typed line as the dish that it says, or as the fault that names it; nothing in between."""

import time
from contextlib import suppress

import pytest

from o2o.kernel.errors import BadInput
from o2o.menu_lines.faults import DOUBTS, MOST, TYPED, WORDS, Fault
from o2o.menu_lines.lines import Line
from o2o.said_menus.reading import left_out, weigh_text

TAKEN = {
    "宫保鸡丁 38": ("宫保鸡丁", "", 3800, "", ""),
    "Kung pao chicken 38.00": ("Kung pao chicken", "", 3800, "", ""),
    "宫保鸡丁  大 ¥48": ("宫保鸡丁", "", 4800, "大", ""),
    "宫保鸡丁38": ("宫保鸡丁", "", 3800, "", ""),
    "12、鱼香肉丝 ………… 28元": ("鱼香肉丝", "", 2800, "", ""),
    "- Soup of the day: 18": ("Soup of the day", "", 1800, "", ""),
    "麻婆豆腐 / Mapo tofu\t￥２６．５": ("麻婆豆腐", "Mapo tofu", 2650, "", ""),
    "Pizza Margherita 披萨 68 (微辣)": ("披萨", "Pizza Margherita", 6800, "", "微辣"),
    "牛肉面（大碗）32": ("牛肉面", "", 3200, "大碗", ""),
    "生蚝 12元/只": ("生蚝", "", 1200, "只", ""),
    "羊肉串 3元一串": ("羊肉串", "", 300, "串", ""),
    "自助 每位 198": ("自助", "", 19800, "位", ""),
    "Draught beer 500ml 24 yuan": ("Draught beer", "", 2400, "500ml", ""),
    "Tea 20 per pot": ("Tea", "", 2000, "pot", ""),
    "石斑鱼（时价）": ("石斑鱼", "", None, "", ""),
    "Fish of the day, market price": ("Fish of the day", "", None, "", ""),
    "大麦茶 免费": ("大麦茶", "", 0, "", ""),
    "红烧鱼 38块5": ("红烧鱼", "", 3850, "", ""),
    "烧鹅一百二十八元": ("烧鹅", "", 12800, "", ""),
    "片皮鸭 二百三块": ("片皮鸭", "", 23000, "", ""),
    "¥38 红烧肉": ("红烧肉", "", 3800, "", ""),
    "Set menu 2 persons ¥88": ("Set menu 2 persons", "", 8800, "", ""),
    "7喜 5": ("7喜", "", 500, "", ""),
    "1.5L可乐 9": ("1.5L可乐", "", 900, "", ""),
    "东坡肉 1,280.00": ("东坡肉", "", 128000, "", ""),
    "\u200b清炒\ufeff时蔬 18": ("清炒时蔬", "", 1800, "", ""),
    "XO酱炒饭 36": ("XO酱炒饭", "", 3600, "", ""),
    "套餐 A 58": ("套餐 A", "", 5800, "", ""),
}
LEFT = {
    "鱼香肉丝 28 38": ("two_prices", "28 38"),
    "Set menu 2 persons 88": ("two_prices", "2 persons 88"),
    "原价48 现价38": ("two_prices", "48 现价38"),
    "拿铁 28/冰 30": ("two_prices", "28/冰 30"),
    "酱鸭 28-38": ("range", "28-38"),
    "酱鸭 28元～38元": ("range", "28元~38元"),
    "酱鸭 28/38": ("range", "28/38"),
    "酱鸭 $12": ("not_a_number", "$12"),
    "酱鸭 12,50": ("not_a_number", "12,50"),
    "酱鸭 1.234": ("too_precise", "1.234"),
    "电话 13800138000": ("too_large", "13800138000"),
    "水煮鱼 68 微辣": ("words_after", "微辣"),
    "38 宫保鸡丁": ("words_after", "宫保鸡丁"),
    "营业时间 10:00-22:00": ("no_price_typed", ""),
    "Coke5": ("no_price_typed", ""),
    "Gluten free": ("no_price_typed", ""),
    "豆腐两块": ("no_price_typed", ""),
    "大 48": ("no_name", ""),
    "¥48": ("no_name", ""),
    "=SUM(A1) 3": ("formula", "=SUM(A1) 3"),
    "豆\ufffd腐 12": ("garbled", ""),
    "长" * 121 + " 12": ("name_long", ""),
    "鱼" * 2001: ("line_long", ""),
    "面（" + "辣" * 301 + "）12": ("name_long", ""),
}


def faults(text: str) -> list[Fault]:
    return weigh_text(text, "CNY").faults


@pytest.mark.parametrize("text", TAKEN)
def test_a_line_is_the_dish_that_it_says(text: str) -> None:
    said = weigh_text(text, "CNY")
    assert (said.faults, [one.line for one in said.lines]) == ([], [_line(*TAKEN[text])])


def _line(name: str, name_en: str, price: int | None, unit: str, note: str) -> Line:
    return Line("", name, name_en, price, unit, note)


@pytest.mark.parametrize("text", LEFT, ids=lambda text: text[:30])
def test_an_odd_line_is_named_and_left_out(text: str) -> None:
    said = weigh_text(text, "CNY")
    assert said.lines == []
    ((_row, _column, code, found, _other, whole, _section),) = said.faults
    assert (code, found) == LEFT[text]
    assert whole == text[:2000]
    assert WORDS[code] % {"found": found, "other": 0, "most": MOST.get(code, 0)}


def test_several_dishes_and_sizes_share_a_line() -> None:
    text = "米饭2元，可乐5元、雪碧6元\n东坡肉58元夫妻肺片38元\n拿铁 中杯25 大杯30\n茶 小¥8/大¥12\n面 9，饭 3"
    said = weigh_text(text, "CNY")
    assert [(row, line.name, line.unit, line.price) for row, line in said.lines] == [
        (1, "米饭", "", 200),
        (1, "可乐", "", 500),
        (1, "雪碧", "", 600),
        (2, "东坡肉", "", 5800),
        (2, "夫妻肺片", "", 3800),
        (3, "拿铁", "中杯", 2500),
        (3, "拿铁", "大杯", 3000),
        (4, "茶", "小", 800),
        (4, "茶", "大", 1200),
        (5, "面", "", 900),
        (5, "饭", "", 300),
    ]
    assert said.faults == []


def test_headings_are_marked_or_named() -> None:
    text = "【凉菜】\n拍黄瓜 12\n# 热菜\n宫保鸡丁 38\n-- 汤 --\n例汤 8\nDrinks:\nCoke 5\n"
    text += "主食\n米饭 2\n老王饭馆\n欢迎光临\n馒头 1"
    said = weigh_text(text, "CNY")
    assert [(line.section, line.name) for _row, line in said.lines] == [
        ("凉菜", "拍黄瓜"),
        ("热菜", "宫保鸡丁"),
        ("汤", "例汤"),
        ("Drinks", "Coke"),
        ("主食", "米饭"),
        ("欢迎光临", "馒头"),
    ]
    assert [(one.row, one.code) for one in said.faults] == [
        (9, "heading"),
        (11, "no_price_typed"),
        (12, "heading"),
    ]


def test_what_is_taken_with_a_doubt_says_so() -> None:
    assert [(one.code, one.found) for one in faults("满100减20")] == [("other_number", "100")]
    # Only one of its numbers has a currency: the other may be a price too.
    assert [(one.code, one.found) for one in faults("Latte S 25/M ¥28")] == [("other_number", "25")]
    assert [one.code for one in faults("凉菜\n拍黄瓜 12")] == ["heading"]
    assert set(DOUBTS) == {"other_number", "heading"}


def test_the_same_dish_twice_is_named_with_its_first_line() -> None:
    text = "面:\n炸酱面 22\n炸酱面 22\n炸酱面 26\n炸酱面 大 26\n小吃:\n炸酱面 22"
    said = weigh_text(text, "CNY")
    assert [(one.row, one.code, one.other) for one in said.faults] == [(3, "twice", 2), (4, "other_price", 2)]
    assert [row for row, _line in said.lines] == [2, 5, 7]


def test_what_was_left_out_reads_the_same_again() -> None:
    text = "烤鸭\n\n热菜:\n宫保鸡丁 38\n水煮鱼 68 微辣\n凉菜\n肺片 28-36\n满100减20"
    once = [one for one in faults(text) if one.code not in DOUBTS]
    again = [one for one in faults(left_out(once)) if one.code not in DOUBTS]
    assert [(one.code, one.found, one.text, one.section) for one in again] == [
        (one.code, one.found, one.text, one.section) for one in once
    ]


def test_every_fault_was_tried() -> None:
    assert TYPED.keys() - {code for code, _found in LEFT.values()} == set(DOUBTS)


@pytest.mark.parametrize("text", ["", "\n \n", "-----\n***", "，。！"])
def test_a_text_that_says_nothing_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as refusal:
        weigh_text(text, "CNY")
    assert (refusal.value.code, refusal.value.params["field"]) == ("no_lines", "text")


def test_more_lines_than_a_menu_holds_are_refused() -> None:
    with pytest.raises(BadInput) as refusal:
        weigh_text("\n".join(f"菜 {number}" for number in range(4001)), "CNY")
    assert refusal.value.code == "many_lines"


@pytest.mark.parametrize(
    "piece", ["a", "一", "1,", "大 ", "宫 a", "(", "- ", "38/", "=-", "¥ ", "宫保 Kung 大 38，"]
)
def test_no_text_takes_long(piece: str) -> None:
    whole = (piece * 20_000)[:20_000]
    started = time.process_time()
    for width in (20_000, 1990, 310):
        with suppress(BadInput):
            weigh_text("\n".join(whole[at : at + width] for at in range(0, len(whole), width)), "CNY")
    assert time.process_time() - started < 5
