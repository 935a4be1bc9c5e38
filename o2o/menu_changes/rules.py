"""What happens to a file's lines: kept to be looked at, taken over in one go, put back, dropped; all of it wiped."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from o2o.acts import rules as acts
from o2o.kernel import clock
from o2o.kernel.db import new_id
from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.menu_changes import queries
from o2o.menu_changes.models import IMPORT_STATES, MenuImport
from o2o.menu_lines.lines import Kept, outcome
from o2o.menu_lines.weighing import Weighed
from o2o.menus import queries as menu_queries
from o2o.menus import rules as menus
from o2o.menus.models import MenuLine

MODES = ("add", "replace")
# What one may still go back to; older ones have been overtaken.
KEPT_IMPORTS = 10
NOT_NOW = N_("This import cannot do that any more. Look at where it stands.")


def keep(
    session: Session, *, shop_id: int, account_id: int, name: str, mode: str, weighed: Weighed
) -> MenuImport:
    """Keep what a file says for a look; the menu stays as it is. An earlier one still waiting is dropped."""
    waiting = select(MenuImport).where(MenuImport.shop_id == shop_id, MenuImport.state == "previewed")
    for old in session.scalars(waiting):
        _move(old, "dropped")
    row = MenuImport(id=new_id(), shop_id=shop_id, account_id=account_id, name=name[:120], mode=mode)
    row.state = "previewed"
    row.lines = [[number, *line] for number, line in weighed.lines]
    row.faults = [list(fault) for fault in weighed.faults]
    row.seen_version, row.created_at = menu_queries.version(session, shop_id), clock.now()
    session.add(row)
    session.flush()
    _forget(session, shop_id)
    acts.note(session, mode=mode, good=len(weighed.lines), faults=len(weighed.faults))
    return row


def apply(session: Session, *, shop_id: int, import_id: str) -> MenuImport:
    """Write a file's good lines into the menu; a second time changes nothing.

    RuleBroken edited (409) when the menu changed since the preview: see look_again(); moved (409) when it was dropped
    or undone, full (422) when the menu would be too long, nothing (422) without a good line.
    """
    row = queries.bringing(session, shop_id=shop_id, import_id=import_id, lock=True)
    if row.state == "applied":
        return row
    _may(row, "applied")
    if not row.lines:
        raise RuleBroken("nothing", N_("There is no good line to take over."), status=422)
    menu = menus.seen(session, shop_id=shop_id, version=row.seen_version)
    current = menu_queries.kept(session, shop_id)
    made = outcome(current, queries.brought(row), row.mode)
    menus.write(session, menu=menu, kept=made.kept)
    row.before = [[one.id, *one.line] for one in current]
    row.made_version, row.applied_at = menu.version, clock.now()
    _move(row, "applied")
    acts.note(session, added=len(made.added), changed=len(made.changed), removed=len(made.removed))
    return row


def look_again(session: Session, *, shop_id: int, import_id: str) -> None:
    """Set a preview against the menu as it is now."""
    row = queries.bringing(session, shop_id=shop_id, import_id=import_id, lock=True)
    if row.state == "previewed":
        row.seen_version = menu_queries.version(session, shop_id)
        session.flush()


def drop(session: Session, *, shop_id: int, import_id: str) -> None:
    """Put a preview away; a second time changes nothing."""
    row = queries.bringing(session, shop_id=shop_id, import_id=import_id, lock=True)
    if row.state != "dropped":
        _may(row, "dropped")
        _move(row, "dropped")


def undo(session: Session, *, shop_id: int, import_id: str, version: int) -> None:
    """Write the menu as it was before an import, with keys and order; a second time changes nothing.

    `version` is the menu's that the person saw: RuleBroken edited (409) when it changed since, so that nobody loses
    what they did not see; see lost().
    """
    row = queries.bringing(session, shop_id=shop_id, import_id=import_id, lock=True)
    if row.state == "undone":
        return
    _may(row, "undone")
    menu = menus.seen(session, shop_id=shop_id, version=version)
    menus.write(session, menu=menu, kept=_with_free_keys(session, shop_id, queries.formerly(row)))
    row.undone_at = clock.now()
    _move(row, "undone")
    acts.note(session, lines=len(row.before or []))


def clear(session: Session, *, shop_id: int) -> None:
    """Wipe a shop's menu and everything that was brought for it, without a way back."""
    menus.clear(session, shop_id=shop_id)
    session.execute(delete(MenuImport).where(MenuImport.shop_id == shop_id))


def _with_free_keys(session: Session, shop_id: int, kept: Sequence[Kept]) -> list[Kept]:
    """Give up keys that other menus took meanwhile: SQLite uses those of deleted rows again."""
    ids = [one.id for one in kept]
    others = select(MenuLine.id).where(MenuLine.id.in_(ids), MenuLine.shop_id != shop_id)
    taken = set(session.scalars(others))
    return [Kept(None, one.line) if one.id in taken else one for one in kept]


def _may(row: MenuImport, state: str) -> None:
    if state not in IMPORT_STATES[row.state]:
        raise RuleBroken("moved", NOT_NOW)


def _move(row: MenuImport, state: str) -> None:
    if state not in IMPORT_STATES[row.state]:
        raise ValueError(state)
    row.state = state
    if state in ("dropped", "undone"):
        # Nobody needs them any more, and they are large.
        row.lines, row.faults, row.before = [], [], None


def _forget(session: Session, shop_id: int) -> None:
    """Delete all but the last few imports."""
    mine = select(MenuImport.id).where(MenuImport.shop_id == shop_id)
    recent: Any = mine.order_by(MenuImport.created_at.desc(), MenuImport.id).limit(KEPT_IMPORTS)
    session.execute(delete(MenuImport).where(MenuImport.shop_id == shop_id, MenuImport.id.not_in(recent)))
