"""How a menu reads: prices, names in the reader's language, pages of it, and the file that it is saved to."""

import csv
import io
from typing import Any, NamedTuple, Protocol

from flask import request
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from o2o.kernel.errors import BadInput
from o2o.kernel.money import format_money, plain_money
from o2o.kernel.words import N_
from o2o.menu_lines.cells import guarded
from o2o.menu_lines.lines import Kept
from o2o.menus import queries
from o2o.menus.queries import Heading, Section

PAGE_LINES = 50
MOST_CHIPS = 24
LAST_PAGE = 1000
HEADS = {
    "zh": ("分类", "名称", "英文名", "价格", "单位", "备注"),
    "en": ("section", "name", "name_en", "price", "unit", "note"),
}
FIELDS = HEADS["en"]


class Said(Protocol):
    """A line, from the database or as a plain value."""

    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...
    @property
    def price(self) -> int | None: ...
    @property
    def unit(self) -> str: ...


class Shown(NamedTuple):
    """A page of a menu: its sections by number, all headings with their page, its length, and whether more follows."""

    sections: list[tuple[int, Section]]
    headings: list[tuple[int, Heading, int]]
    size: int
    number: int
    more: bool


def number_of_page() -> int:
    """Read which page is asked for; BadInput for what is none."""
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LAST_PAGE):
        raise BadInput("bad_page", N_("There is no such page."))
    return int(text)


def shown(session: Session, shop_id: int, number: int, *, most: int = PAGE_LINES) -> Shown:
    """Give one page of a menu."""
    found = queries.headings(session, shop_id)
    size = sum(one.size for one in found)
    numbers = {one.name: place for place, one in enumerate(found)}
    lines = queries.of_shop(session, shop_id, offset=(number - 1) * most, most=most)
    return Shown(
        sections=[(numbers.get(one.name, 0), one) for one in lines],
        headings=[(numbers[one.name], one, one.before // most + 1) for one in found],
        size=size,
        number=number,
        more=size > number * most,
    )


def price_words(line: Said, currency: str, locale: str) -> str:
    """Say a line's price with its unit."""
    if line.price is None:
        return _("Ask for the price")
    money = format_money(line.price, currency, locale) if line.price else _("Free")
    return f"{money} / {line.unit}" if line.unit else money


def name_words(line: Said, locale: str) -> tuple[str, str]:
    """Say a line's name in the reader's language, and the other one to point at."""
    if locale.startswith("zh") or not line.name_en:
        return line.name, line.name_en
    return line.name_en, line.name


def words(currency: str, locale: str) -> dict[str, Any]:
    """Give templates what says prices and names."""
    return {
        "price_of": lambda line: price_words(line, currency, locale),
        "name_of": lambda line: name_words(line, locale),
    }


def as_csv(kept: list[Kept], currency: str, locale: str) -> bytes:
    """Write a menu as CSV for a spreadsheet program: UTF-8 with its mark, nothing in it begins a formula.

    Read again by reading.py it is the same menu.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    is_zh = locale.startswith("zh")
    writer.writerow(HEADS["zh" if is_zh else "en"])
    for _id, line in kept:
        price = "" if line.price is None else plain_money(line.price, currency).removesuffix(".00")
        texts = line._asdict() | {"price": price or ("时价" if is_zh else "ask")}
        writer.writerow([guarded(texts[field]) for field in FIELDS])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
