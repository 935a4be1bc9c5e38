"""Files of the trade and broken ones: every row is a line or a named fault, and no file is a defect."""

import csv
import io
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.read_only import EmptyCell

from o2o.kernel.errors import BadInput
from o2o.menu_lines import faults
from o2o.menu_lines.cells import is_blank
from o2o.menu_lines.columns import header
from o2o.menu_lines.lines import MOST_LINES, Line
from o2o.menu_lines.reading import read
from o2o.menu_lines.weighing import Weighed, weigh
from tests.menus.town import as_book, book, packed, unpacked


def weighed(content: bytes) -> Weighed:
    """Read a file to the end."""
    return weigh(read(content), "CNY")


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["lf", "crlf", "cr"])
def test_encodings_and_separators(code: str, separator: str, end: str) -> None:
    rows = [
        ("小满咖啡 菜单", "", ""),
        ("品名", "售价（元）", "类别"),
        ("拿铁，热；大", "28", "咖啡"),
        ("鿔", "3", ""),
    ]
    text = end.join(separator.join(row) for row in rows) + end
    assert [one.line for one in weighed(text.encode(code)).lines] == [
        Line("咖啡", "拿铁，热；大", price=2800),
        Line("", "鿔", price=300),
    ]


@pytest.mark.parametrize(
    ("names", "fields"),
    [
        ("Product Name,Unit Price (CNY),Category,Size,Remark", {"name", "price", "section", "unit", "note"}),
        ("商品名称,单价(元),菜单分类,规格,描述", {"name", "price", "section", "unit", "note"}),
        ("name_zh,name_en,price,tags_zh", {"name", "name_en", "price", "section"}),
        ("name_en,price,quantity,tags", {"name", "price", "section"}),
        ("菜名,原价,现价", {"name", "price"}),
    ],
    ids=["en", "zh", "delivery", "instore", "two-prices"],
)
def test_headers_by_other_names(names: str, fields: set[str]) -> None:
    columns = header(read(names.encode() + b"\n"))[1]
    assert set(columns.at) == fields
    if "现价" in names:
        assert columns.called[columns.at["price"]] == "现价"
        assert columns.unused == ["原价"]


@pytest.mark.parametrize("name", ["delivery_products_zh_en", "instore_products_en"])
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_real_files_come_as_they_are(shared: Path, name: str, form: str) -> None:
    """All rows of all shops at once; only what stands in one section twice is left out."""
    raw = (shared / "menus" / f"{name}.csv").read_bytes()
    records = list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    said = weighed(raw if form == "csv" else as_book(raw))
    assert len(said.lines) + len(said.faults) == len(records)
    assert set(Counter(fault.code for fault in said.faults)) == {"twice", "other_price"}
    for one in said.lines:
        record = records[one.row - 2]
        assert one.line.name == " ".join((record.get("name_zh") or record["name_en"]).split())
        assert one.line.price == round(float(record["price"]) * 100)
        assert one.line.section == (record.get("tags_zh") or record.get("tags") or "").split("|")[0].strip()


@pytest.mark.parametrize("name", ["delivery_stores_zh_en", "instore_shops_en"])
def test_a_list_of_shops_is_no_menu(shared: Path, name: str) -> None:
    with pytest.raises(BadInput, match="no_price_column"):
        weighed((shared / "menus" / f"{name}.csv").read_bytes())


def with_part(name: str, content: bytes) -> bytes:
    """Replace a part of a good workbook."""
    return packed({**unpacked(book(("name", "price"), ("a", 1))), name: content})


SHEET = "xl/worksheets/sheet1.xml"
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
OPEN = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
SHUT = b"</sheetData></worksheet>"
FILES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "blank": (b"\xef\xbb\xbf \r\n,,\r\n", "empty"),
    "no-header": ("拿铁,28\n美式,22\n".encode(), "no_header"),
    "no-price": (b"name,tags\nTea,hot\n", "no_price_column"),
    "no-name": (b"price,category\n5,hot\n", "no_name_column"),
    "header-twice": (b"name,price,Price (CNY)\nTea,5,6\n", "column_twice"),
    "header-only": (b"name,price\n\n", "no_rows"),
    "too-many": (b"name,price\n" + b"".join(b"t%d,1\n" % n for n in range(MOST_LINES + 1)), "too_many_rows"),
    "too-large": (b"name,price\n" + b"x" * faults.MOST_BYTES, "file_large"),
    "latin-1": ("name,price\nCafé,5\n".encode("latin-1"), "encoding"),
    "utf-32": ("name,price\n".encode("utf-32-le"), "not_a_sheet"),
    "cut-utf-16": ("name,price\n".encode("utf-16")[:-1], "encoding"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not_a_sheet"),
    "pdf": (b"%PDF-1.7\n", "not_a_sheet"),
    "page": (b"<table><tr><td>name</td></tr></table>", "not_a_sheet"),
    "old-excel": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old_excel"),
    "locked": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "locked"),
    "word": (packed({"word/document.xml": b"<x/>"}), "not_a_sheet"),
    "cut-zip": (book(("name", "price"), ("a", 1))[:900], "damaged"),
    "no-sheet": (packed({"xl/workbook.xml": b"<workbook/>"}), "damaged"),
    "no-xml": (with_part(SHEET, b"x < y"), "damaged"),
    "zip-bomb": (with_part("xl/media/big.png", bytes(13 * 1024 * 1024)), "bomb"),
    "many-parts": (packed({"xl/workbook.xml": b"", **{f"p{n}": b"" for n in range(500)}}), "bomb"),
    "many-cells": (with_part(SHEET, OPEN + b"<row>" + b"<c/>" * 500_000 + b"</row>" + SHUT), "bomb"),
    "many-styles": (with_part("xl/styles.xml", b"<styleSheet>" + b"<xf/>" * 50_000 + b"</styleSheet>"), "bomb"),
    "far-row": (with_part(SHEET, OPEN + b'<row r="9999999999"><c t="str"><v>x</v></c></row>' + SHUT), "bomb"),
    "wide-merge": (
        with_part(SHEET, OPEN + b'<row r="1"><c t="str"><v>x</v></c></row></sheetData>'
                  b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'), "bomb"),
    "entities": (with_part(SHEET, LAUGHS + OPEN + SHUT), "dtd"),
    "entities-utf-16": (with_part("xl/workbook.xml", LAUGHS.decode().encode("utf-16") + b""), "dtd"),
    "entities-elsewhere": (with_part("docProps/none.bin", LAUGHS + b"<x/>"), "dtd"),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_taken_says_why(case: str) -> None:
    content, code = FILES[case]
    with pytest.raises(BadInput) as refusal:
        weighed(content)
    assert refusal.value.code == code
    assert refusal.value.params["field"] == "file"
    assert refusal.value.sentence % refusal.value.params


def test_every_refusal_was_tried() -> None:
    tried = {code for _content, code in FILES.values()}
    assert faults.FILES.keys() - tried == {"no_file", "two_files"}


def test_a_hidden_sheet_is_no_menu() -> None:
    made = Workbook()
    made.active.append(["name", "price"])
    made.active.append(["Old", 1])
    made.active.sheet_state = "hidden"
    shown = made.create_sheet("Now")
    shown.append(["name", "price"])
    shown.append(["Tea", 5])
    out = io.BytesIO()
    made.save(out)
    assert [one.line.name for one in weighed(out.getvalue()).lines] == ["Tea"]


def test_a_stray_cell_far_below_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reader fills the gap with a million rows of sixty cells; nobody may look at each of them."""
    looks: list[int] = []
    monkeypatch.setattr(EmptyCell, "data_type", property(lambda _cell: looks.append(1) or "n"))
    cells = b'<row r="1"><c r="A1" t="str"><v>x</v></c></row><row r="9000"><c r="A9000" t="str"><v>y</v></c></row>'
    assert [row.number for row in read(with_part(SHEET, OPEN + cells + SHUT))] == [1, 9000]
    assert len(looks) < 200


@pytest.mark.parametrize("blank", ["\u200b", " \u2060\ufeff", "\u3164", "\u2800", "\ufe0f"])
def test_a_name_that_shows_nothing_is_missing(blank: str) -> None:
    said = weighed(f"name,price\n{blank},3\n{blank}茶,4\n".encode())
    assert [fault.code for fault in said.faults] == ["no_name"]
    assert [one.row for one in said.lines] == [3]


def test_a_zip_with_a_password_is_locked() -> None:
    content = bytearray(book(("name", "price"), ("a", 1)))
    start = content.index(b"PK\x01\x02")
    content[start + 8] |= 1
    with pytest.raises(BadInput, match="locked"):
        read(bytes(content))


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
CELL = st.one_of(
    st.none(), TEXT, st.integers(), st.floats(), st.booleans(), st.dates(), st.times(),
    st.sampled_from(["名称", "name", "price", "价格", "25", "¥3", "20-30", "=1", "'x", '"', "a" * 200]),
)  # fmt: skip
TABLE = st.lists(st.lists(CELL, max_size=5), max_size=12)


@given(TABLE)
@settings(max_examples=300, deadline=None)
def test_any_table_is_lines_and_faults_and_nothing_else(cells: list[list[Any]]) -> None:
    from o2o.menu_lines.cells import Row

    rows = [Row(3, ["name", "price", "section"])]
    rows += [Row(number, row) for number, row in enumerate(cells, 4) if not all(map(is_blank, row))]
    if len(rows) == 1:
        return
    said = weigh(rows, "CNY")
    good, bad = {one.row for one in said.lines}, {fault.row for fault in said.faults}
    assert good & bad == set()
    assert good | bad == {row.number for row in rows[1:]}
    for fault in said.faults:
        assert faults.ROWS[fault.code] % {"found": fault.found, "other": 1, "most": 1}


@given(st.binary(max_size=300) | TEXT.map(str.encode) | TEXT.map(lambda text: f"name,price\n{text}".encode()))
@settings(max_examples=300, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    """Whatever else is raised fails here."""
    with suppress(BadInput):
        said = weighed(content)
        assert said.lines or said.faults
