"""Files of the trade and broken ones: every row is a line or a named fault, and no file is a defect."""

from datetime import date, datetime, time
from typing import Any

import pytest

from o2o.kernel.errors import BadInput
from o2o.menu_lines import faults
from o2o.menu_lines.reading import read
from o2o.menu_lines.weighing import Weighed, weigh
from tests.menus.town import book, packed, table, unpacked

HEAD = ("分类", "名称", "英文名", "价格", "单位", "备注")


def weighed(content: bytes) -> Weighed:
    return weigh(read(content), "CNY")


def found(content: bytes) -> list[tuple[int, str, str]]:
    return [fault[:3] for fault in weighed(content).faults]


# What stands in one row under HEAD, the column that is named, and the fault.
BROKEN: list[tuple[tuple[Any, ...], str, str]] = [
    (("咖啡", "", "", "25"), "名称", "no_name"),
    (("咖啡", "长" * 121, "", "25"), "名称", "name_long"),
    (("咖啡", "拿铁", "L" * 161, "25"), "英文名", "name_en_long"),
    (("长" * 81, "拿铁", "", "25"), "分类", "section_long"),
    (("咖啡", "拿铁", "", "25", "杯" * 21), "单位", "unit_long"),
    (("咖啡", "拿铁", "", "25", "", "x" * 301), "备注", "note_long"),
    (("咖啡", "拿铁", "", ""), "价格", "no_price"),
    (("咖啡", "拿铁", "", "二十五"), "价格", "not_a_number"),
    (("咖啡", "拿铁", "", "$25"), "价格", "not_a_number"),
    (("咖啡", "拿铁", "", "1.000,00"), "价格", "not_a_number"),
    (("咖啡", "拿铁", "", "-5"), "价格", "negative"),
    (("咖啡", "拿铁", "", "1.234"), "价格", "too_precise"),
    (("咖啡", "拿铁", "", "99999999999"), "价格", "too_large"),
    (("咖啡", "拿铁", "", "20-30"), "价格", "range"),
    (("咖啡", "拿铁", "", "¥20 ~ 30元"), "价格", "range"),
    (("咖啡", "拿铁", "", "=12*2"), "价格", "formula"),
    (("咖啡", '=HYPERLINK("http://evil")', "", "25"), "名称", "formula"),
    (("咖啡", "+1", "", "25"), "名称", "formula"),
    (("咖啡", "@SUM(A1)", "", "25"), "名称", "formula"),
    (("＝x", "拿铁", "", "25"), "分类", "formula"),
    (("咖啡", "拿\x07铁", "", "25"), "名称", "control"),
    (("咖啡", "\u202e铁拿", "", "25"), "名称", "control"),
    (("咖啡", "拿\ufffd", "", "25"), "名称", "garbled"),
    (("咖啡", "拿铁", "", "25", "", "n" * 32_001), "备注", "cell_long"),
    (HEAD, "", "header_again"),
]
FULL = 6


@pytest.mark.parametrize("number", range(len(BROKEN)), ids=[f"{n}-{row[2]}" for n, row in enumerate(BROKEN)])
@pytest.mark.parametrize("make", [table, book], ids=["csv", "xlsx"])
def test_a_broken_row_is_named_and_the_others_are_taken(make: Any, number: int) -> None:
    row, column, code = BROKEN[number]
    if make is book and "\x07" in row[1]:
        # XML cannot hold it; a workbook's other hidden signs are tried by the next row.
        return
    padded = [*row, *[""] * (FULL - len(row))]
    good = [["咖啡", "美式", "", "22", "", ""], ["", "水", "", "0", "", ""]]
    content = make(HEAD, good[0], padded, good[1])
    said = weighed(content)
    assert [fault[:3] for fault in said.faults] == [(3, column, code)]
    assert [one.row for one in said.lines] == [2, 4]
    assert code in faults.ROWS


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        (date(2026, 3, 5), "date"),
        (datetime(2026, 3, 5, 12), "date"),
        (time(12, 30), "date"),
        (True, "boolean"),
        ("#REF!", "error_cell"),
        ("#DIV/0!", "error_cell"),
        (12.345, "too_precise"),
        (-3, "negative"),
        (1e20, "too_large"),
    ],
    ids=["date", "datetime", "time", "boolean", "ref", "div", "precise", "negative", "large"],
)
def test_typed_cells_of_a_workbook(cell: Any, code: str) -> None:
    """Excel makes dates of prices, and cells that show an error."""
    assert found(book(("name", "price"), ("a", cell), ("b", 1))) == [(2, "price", code)]


def test_a_date_for_a_name_and_a_number_for_a_name() -> None:
    said = weighed(book(("name", "price"), (date(2026, 3, 5), 1), (555, 25.5), (0.1 + 0.2, 0.1 + 0.2)))
    (fault,) = said.faults
    assert (fault.column, fault.code, fault.found) == ("name", "date", "2026-03-05 00:00:00")
    assert [(one.line.name, one.line.price) for one in said.lines] == [("555", 2550), ("0.3", 30)]


def test_formulas_of_a_workbook() -> None:
    """Their last results count; without one there is no price."""
    content = book(("name", "price"), ("a", "=12*2"), ("=A2", 3), formulas=True)
    assert found(content) == [(2, "price", "no_price"), (3, "name", "no_name")]
    parts = unpacked(content)
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = (
        parts[sheet]
        .replace(b"<f>12*2</f><v />", b"<f>12*2</f><v>24</v>")
        .replace(b"<f>12*2</f><v></v>", b"<f>12*2</f><v>24</v>")
    )
    assert weighed(packed(parts)).lines[0].line.price == 2400


def test_merged_cells() -> None:
    """A merged heading is a section; a merged name or price stands for nothing."""
    rows = [
        ("分类", "名称", "价格"),
        ("咖啡", "拿铁", 28),
        ("", "美式", 22),
        ("甜点", "蛋糕", 30),
        ("甜点", "", ""),
    ]
    said = weighed(book(*rows, ("酒", "x", 5), merged=("A2:A3", "B4:B5", "C4:C5")))
    assert [one.line[:2] for one in said.lines] == [
        ("咖啡", "拿铁"),
        ("咖啡", "美式"),
        ("甜点", "蛋糕"),
        ("酒", "x"),
    ]
    assert [fault[:3] for fault in said.faults] == [(5, "名称", "merged"), (5, "价格", "merged")]


def test_the_same_twice() -> None:
    rows = [
        ("section", "name", "price"),
        ("A", "Tea", "5"),
        ("a", "TEA", "5.00"),
        ("A", "Tea", "6"),
        ("B", "Tea", "6"),
    ]
    assert [(fault.row, fault.code, fault.other) for fault in weighed(table(*rows)).faults] == [
        (3, "twice", 2),
        (4, "other_price", 2),
    ]


def test_cells_too_many_or_too_few() -> None:
    content = b"name,price\nTea,5,hot\nTea; green\nMilk,3,,\n\n,\nWater,0\n"
    assert found(content) == [(2, "", "too_many"), (3, "", "too_few")]
    assert [one.line.name for one in weighed(content).lines] == ["Milk", "Water"]


def test_a_quotation_mark_left_open_costs_its_own_row_only() -> None:
    content = b'name,price\n"Tea,5\nMilk,3\n"Co"la,4\nWater,0\n"Juice, fresh",9\n"Rum,8\n'
    assert found(content) == [(2, "", "quote"), (4, "", "quote"), (7, "", "quote")]
    assert [one.line.name for one in weighed(content).lines] == ["Milk", "Water", "Juice, fresh"]
    swallowed = b'name,price\n"Tea,5\n' + b"x,1\n" * 60_000
    with pytest.raises(BadInput, match="too_many_rows"):
        read(swallowed)
    assert found(b"name,price\n" + b"x" * 200_000 + b",1\nTea,5\n") == [(2, "", "cell_long")]


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("¥25", 2500), ("￥25", 2500), ("25元", 2500), ("CNY 25", 2500), ("２５．５", 2550), ("25。5", 2550),
        (" 1,250.00 ", 125_000), ("0", 0), ("时价", None), ("Ask", None),
    ],
    ids=["yen", "wide-yen", "yuan", "code", "full-width", "stop", "thousands", "free", "market", "ask"],
)  # fmt: skip
def test_prices_as_people_write_them(text: str, price: int | None) -> None:
    (one,) = weighed(table(("name", "price"), ("Tea", text))).lines
    assert one.line.price == price


def test_every_fault_was_tried() -> None:
    tried = {row[2] for row in BROKEN} | {"date", "boolean", "error_cell", "merged", "twice", "other_price"}
    assert faults.ROWS.keys() - tried == {"too_many", "too_few", "quote"}
    assert len(faults.ROWS) >= 20
