"""A shop with a menu, files that say the same in both forms, and who works there."""

import csv
import io
import zipfile
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel.db import begin_write, db
from o2o.menu_changes import rules as menu_changes
from o2o.menu_lines.lines import Line
from o2o.menu_lines.reading import read
from o2o.menu_lines.weighing import weigh
from o2o.menus import queries, rules
from o2o.menus.models import MenuLine
from o2o.shops.models import Shop
from tests import factories

LINES = (
    Line("咖啡", "拿铁", "Latte", 2800, "杯", "云南小粒"),
    Line("咖啡", "美式", "Americano", 2200),
    Line("甜点", "今日蛋糕", "Cake of the day", None, "块"),
    Line("", "白开水", "", 0),
)
COLUMNS = [getattr(MenuLine, name) for name in ("id", "position", *Line._fields)]


def add_lines(session: Session, shop_id: int, lines: Sequence[Line] = LINES) -> None:
    """Write lines by hand, one after the other."""
    for line in lines:
        version = queries.version(session, shop_id)
        rules.add(session, shop_id=shop_id, version=version, line=line)


def open_shop(lines: Sequence[Line] = LINES) -> Shop:
    """Make a shop of "owner" with a menu, and commit."""
    begin_write()
    shop = factories.make_shop(db.session)
    factories.make_role(db.session, shop, "owner", kind="owner")
    add_lines(db.session, shop.id, lines)
    db.session.commit()
    return shop


def rows(shop_id: int) -> list[tuple[Any, ...]]:
    """Read every column of a menu, fresh from the database."""
    found = db.session.execute(select(*COLUMNS).where(MenuLine.shop_id == shop_id).order_by(MenuLine.id))
    listed = [tuple(row) for row in found]
    db.session.rollback()
    return listed


def table(*rows: Sequence[Any]) -> bytes:
    """Write a CSV file."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def book(*rows: Sequence[Any], merged: Sequence[str] = (), formulas: bool = False) -> bytes:
    """Write a workbook of one sheet; text that begins like a formula stays text unless `formulas`."""
    made = Workbook()
    sheet = made.active
    for row in rows:
        sheet.append(list(row))
        for cell in sheet[sheet.max_row] if not formulas else ():
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type
    for area in merged:
        sheet.merge_cells(area)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def as_book(content: bytes) -> bytes:
    """Write what a CSV file says as a workbook, numbers as numbers."""
    read = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    return book(*([_value(cell) for cell in row] for row in read))


def _value(text: str) -> Any:
    return float(text) if text.replace(".", "", 1).isdigit() and len(text) < 10 else text


def packed(parts: dict[str, bytes]) -> bytes:
    """Pack parts into a zip file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """Return the parts of a zip file."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def make_menu(session: Session, shop: Shop, owner_id: int, side: str) -> dict[str, Any]:
    """Write a line on a shop's menu, and bring a file that waits for a look."""
    add_lines(session, shop.id, [Line("面", "炸酱面", "Noodles with soybean paste", 2200)])
    said = weigh(read(b"name,price\nSoup,18\nTea,\n"), "CNY")
    given = {"account_id": owner_id, "name": f"CANARY-LINE-{side}.csv", "mode": "add"}
    brought = menu_changes.keep(session, shop_id=shop.id, **given, weighed=said)
    (line,) = queries.kept(session, shop.id)
    return {"menu_line": line.id, "menu_import": brought.id}
