"""Getters of menus; what guests may see of one is decided by whoever shows it."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.kernel.errors import NotAllowed
from o2o.menu_lines.lines import Kept, Line, gather
from o2o.menus.models import Menu, MenuLine


class Section(NamedTuple):
    """A part of a menu under one heading; the lines above the first heading have none."""

    name: str
    lines: list[MenuLine]


class Heading(NamedTuple):
    """A section by its name, how many lines it has, and how many stand before it."""

    name: str
    size: int
    before: int


def version(session: Session, shop_id: int) -> int:
    """Return the number of a menu's last change; 0 before the first."""
    return session.scalar(select(Menu.version).where(Menu.shop_id == shop_id)) or 0


def has(session: Session, shop_id: int) -> bool:
    """Tell whether there is anything on a shop's menu."""
    return session.scalar(select(MenuLine.id).where(MenuLine.shop_id == shop_id).limit(1)) is not None


def of_shop(session: Session, shop_id: int, *, offset: int = 0, most: int | None = None) -> list[Section]:
    """List a shop's menu by section in its order, at most `most` lines after `offset`."""
    rows = select(MenuLine).where(MenuLine.shop_id == shop_id).order_by(MenuLine.position, MenuLine.id)
    return sections(session.scalars(rows.offset(offset).limit(most)))


def sections(lines: Iterable[MenuLine]) -> list[Section]:
    """Put lines that are in order under their headings."""
    found: list[Section] = []
    for line in lines:
        if not found or found[-1].name != line.section:
            found.append(Section(line.section, []))
        found[-1].lines.append(line)
    return found


def headings(session: Session, shop_id: int) -> list[Heading]:
    """List the sections of a menu in their order."""
    first = func.min(MenuLine.position).label("first")
    rows = (
        select(MenuLine.section, func.count(), first)
        .where(MenuLine.shop_id == shop_id)
        .group_by(MenuLine.section)
        .order_by(first)
    )
    found: list[Heading] = []
    before = 0
    for name, size, _first in session.execute(rows):
        found.append(Heading(name, size, before))
        before += size
    return found


def line(session: Session, *, shop_id: int, line_id: int) -> MenuLine:
    """Return a line of this shop's menu; NotAllowed otherwise."""
    row = session.get(MenuLine, line_id)
    if row is None or row.shop_id != shop_id:
        raise NotAllowed
    return row


def before(session: Session, row: MenuLine) -> int:
    """Count the lines above one, for the page on which it stands."""
    above = select(func.count()).where(MenuLine.shop_id == row.shop_id, MenuLine.position < row.position)
    return session.scalar(above) or 0


def kept(session: Session, shop_id: int) -> list[Kept]:
    """List a menu as plain values in its order."""
    columns = (MenuLine.id, *(getattr(MenuLine, name) for name in Line._fields))
    rows = select(*columns).where(MenuLine.shop_id == shop_id).order_by(MenuLine.position, MenuLine.id)
    return gather(Kept(row[0], Line(*row[1:])) for row in session.execute(rows))
