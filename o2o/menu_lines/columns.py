"""Which column of a file says what, by the names that shops and their programs give them."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, NamedTuple

from o2o.menu_lines.cells import Row, excerpt, is_blank, text_of
from o2o.menu_lines.faults import refuse

# The first known name wins where a file has several: Chinese before English, the price now before the one crossed out.
FIELDS = {
    "name": "name 名称 菜名 品名 菜品 菜品名称 商品名称 商品名 商品 产品名称 产品 项目 项目名称 名字 name_zh 中文名"
    " 中文名称 product product_name item item_name dish dish_name title name_en 英文名",
    "name_en": "name_en english_name name_in_english 英文名 英文名称 英文",
    "price": "现价 售价 sale_price price 价格 单价 价钱 金额 unit_price 原价",
    "section": "section 分类 类别 category 类目 菜单分类 分组 group tags_zh tags tag 标签 tags_en",
    "unit": "unit 单位 规格 size 份量",
    "note": "note 备注 描述 说明 简介 notes description details remark",
}
TAGS = ("tagszh", "tags", "tag", "标签", "tagsen")
# Only so many rows may stand above the header: the shop's name, a date.
HEADER_WITHIN = 10
BESIDE = re.compile(r"\(.*?\)|\[.*?\]")
JOINTS = re.compile(r"[\s_\-:*.]+")


class Columns(NamedTuple):
    """Where each field stands, what the header calls it, how wide the table is, and what nobody reads."""

    at: dict[str, int]
    called: list[str]
    are_tags: bool
    unused: list[str]

    @property
    def width(self) -> int:
        """Count the columns."""
        return len(self.called)


def plain(cell: Any) -> str:
    """Reduce a column's name to what it means: “Price (CNY)” and “PRICE” are one."""
    text = unicodedata.normalize("NFKC", text_of(cell)[:200]).casefold()
    return JOINTS.sub("", BESIDE.sub("", text))


SYNONYMS = {field: [plain(name) for name in names.split()] for field, names in FIELDS.items()}


def places(names: Sequence[str]) -> dict[str, int]:
    """Find the fields among reduced names; a column serves one field only."""
    found: dict[str, int] = {}
    for field, synonyms in SYNONYMS.items():
        known = (names.index(synonym) for synonym in synonyms if synonym in names)
        place = next((place for place in known if place not in found.values()), None)
        if place is not None:
            found[field] = place
    return found


def score(row: Sequence[Any]) -> int:
    """Say how much a row looks like a header."""
    return len(places([plain(cell) for cell in row]))


def header(rows: Sequence[Row]) -> tuple[int, Columns]:
    """Find the header among rows that are not blank; BadInput when there is none, or one that says too little."""
    near = [
        (places([plain(cell) for cell in row.cells]), here) for here, row in enumerate(rows[:HEADER_WITHIN])
    ]
    full = [here for found, here in near if "name" in found and "price" in found]
    if not full:
        half = next((found for found, _here in near if "name" in found or "price" in found), None)
        # One known word alone may be a dish that is called so: below it the file may have no header at all.
        if half is None or len(half) < 2:
            raise refuse("no_header")
        raise refuse("no_price_column" if "name" in half else "no_name_column")
    row = rows[full[0]]
    wide = max(place for place, cell in enumerate(row.cells) if not is_blank(cell)) + 1
    names = [plain(cell) for cell in row.cells[:wide]]
    at = places(names)
    for place in at.values():
        if names.count(names[place]) > 1:
            raise refuse("column_twice", column=excerpt(row.cells[place]))
    called = [excerpt(cell) for cell in row.cells[:wide]]
    unused = [text for place, text in enumerate(called) if text and place not in at.values()]
    section = at.get("section")
    return full[0], Columns(at, called, section is not None and names[section] in TAGS, unused)
