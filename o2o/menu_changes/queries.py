"""Getters of the files brought for a menu, and what each of them would do or did."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel.errors import NotAllowed
from o2o.menu_changes.models import MenuImport
from o2o.menu_lines.faults import Fault
from o2o.menu_lines.lines import Kept, Line, Outcome, outcome
from o2o.menus import queries as menus


class Brief(NamedTuple):
    """An import in a list, without its rows."""

    id: str
    name: str
    state: str
    created_at: datetime


def bringing(session: Session, *, shop_id: int, import_id: str, lock: bool = False) -> MenuImport:
    """Return an import of this shop; NotAllowed otherwise."""
    row = session.get(MenuImport, import_id, with_for_update=lock or None, populate_existing=lock)
    if row is None or row.shop_id != shop_id:
        raise NotAllowed
    return row


def bringings(session: Session, shop_id: int, *, most: int) -> list[Brief]:
    """List a shop's imports, the newest first."""
    columns = (MenuImport.id, MenuImport.name, MenuImport.state, MenuImport.created_at)
    rows = select(*columns).where(MenuImport.shop_id == shop_id)
    return [Brief(*row) for row in session.execute(rows.order_by(MenuImport.created_at.desc()).limit(most))]


def preview(session: Session, row: MenuImport) -> Outcome:
    """Say what applying would do to the menu as it is now, or what it did."""
    current = menus.kept(session, row.shop_id) if row.before is None else formerly(row)
    return outcome(current, brought(row), row.mode)


def lost(session: Session, row: MenuImport) -> Outcome:
    """Say what was done to the menu since an import, all of which an undo would take back."""
    after = outcome(formerly(row), brought(row), row.mode).kept
    return outcome(after, [one.line for one in menus.kept(session, row.shop_id)], "replace")


def brought(row: MenuImport) -> list[Line]:
    """Return a file's good lines."""
    return [Line(*line) for _number, *line in row.lines]


def faults(row: MenuImport) -> list[Fault]:
    """Return what was wrong with a file's other rows."""
    return [Fault(*fault) for fault in row.faults]


def formerly(row: MenuImport) -> list[Kept]:
    """Return the menu as it was before an import."""
    return [Kept(line_id, Line(*line)) for line_id, *line in row.before or []]
