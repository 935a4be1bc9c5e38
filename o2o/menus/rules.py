"""What happens to menus: lines written, moved, taken off; sections renamed; everything put back as it was."""

from collections.abc import Callable, Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import insert_ignore
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.menu_lines.lines import MOST_LINES, Kept, Line, gather, key
from o2o.menus import queries
from o2o.menus.models import Menu, MenuLine

EDITED = N_("Somebody changed this menu meanwhile. Look at it again, then save.")


def add(session: Session, *, shop_id: int, version: int, line: Line) -> int:
    """Put a line at the end of its section; return its key."""
    return _edit(session, shop_id, version, lambda kept: [*kept, Kept(None, line)], find=line)


def change(session: Session, *, shop_id: int, version: int, line_id: int, line: Line) -> None:
    """Write a line anew; in another section it comes last. NotAllowed when it is not on this menu."""

    def write(kept: list[Kept]) -> list[Kept]:
        place = _place(kept, line_id)
        fresh = Kept(line_id, line)
        if kept[place].line.section == line.section:
            return [*kept[:place], fresh, *kept[place + 1 :]]
        return [*kept[:place], *kept[place + 1 :], fresh]

    _edit(session, shop_id, version, write)


def move(session: Session, *, shop_id: int, version: int, line_id: int, by: int) -> None:
    """Move a line by so many places within its section (-1 is up); past either end it stays there."""

    def write(kept: list[Kept]) -> list[Kept]:
        place = _place(kept, line_id)
        section = kept[place].line.section
        inside = [here for here, one in enumerate(kept) if one.line.section == section]
        target = max(inside[0], min(inside[-1], place + by))
        fresh = [*kept[:place], *kept[place + 1 :]]
        fresh.insert(target, kept[place])
        return fresh

    _edit(session, shop_id, version, write)


def remove(session: Session, *, shop_id: int, version: int, line_id: int) -> None:
    """Take a line off the menu; NotAllowed when it is not on it."""

    def write(kept: list[Kept]) -> list[Kept]:
        place = _place(kept, line_id)
        return [*kept[:place], *kept[place + 1 :]]

    _edit(session, shop_id, version, write)


def rename_section(session: Session, *, shop_id: int, version: int, section: str, name: str) -> None:
    """Give a section another name; under one that is there already its lines come last. NotAllowed for none."""

    def write(kept: list[Kept]) -> list[Kept]:
        moved = [one for one in kept if one.line.section == section]
        if not moved:
            raise NotAllowed
        is_there = any(one.line.section == name for one in kept) and name != section
        fresh = [Kept(one.id, one.line._replace(section=name)) for one in moved]
        if is_there:
            return [one for one in kept if one.line.section != section] + fresh
        named = iter(fresh)
        return [next(named) if one.line.section == section else one for one in kept]

    _edit(session, shop_id, version, write)


def move_section(session: Session, *, shop_id: int, version: int, section: str, by: int) -> None:
    """Move a section with its lines by so many places (-1 is up); NotAllowed for none."""

    def write(kept: list[Kept]) -> list[Kept]:
        names = list(dict.fromkeys(one.line.section for one in kept))
        if section not in names:
            raise NotAllowed
        place = names.index(section)
        names.insert(max(0, place + by), names.pop(place))
        return [one for name in names for one in kept if one.line.section == name]

    _edit(session, shop_id, version, write)


def clear(session: Session, *, shop_id: int) -> None:
    """Wipe a shop's menu, without a way back; menu_changes.rules.clear() also what was brought for it."""
    for table in (MenuLine, Menu):
        session.execute(delete(table).where(table.shop_id == shop_id))


def seen(session: Session, *, shop_id: int, version: int) -> Menu:
    """Return the menu, locked, if nobody changed it since; RuleBroken edited (409) otherwise."""
    menu = locked(session, shop_id=shop_id)
    if menu.version != version:
        raise RuleBroken("edited", EDITED)
    return menu


def locked(session: Session, *, shop_id: int) -> Menu:
    """Return the menu, begun when it is the first time, and hold off other changes until the commit."""
    first = {"shop_id": shop_id, "version": 0, "updated_at": clock.now()}
    insert_ignore(session, Menu.__table__, first)  # type: ignore[arg-type]
    return session.get_one(Menu, shop_id, with_for_update=True, populate_existing=True)


def write(session: Session, *, menu: Menu, kept: Sequence[Kept]) -> None:
    """Write the whole menu in this order: rows keep their keys, the others are made or deleted.

    RuleBroken twice (422, field "name") for the same thing twice in a section, full (422) for too many lines.
    """
    if len(kept) > MOST_LINES:
        raise RuleBroken("full", N_("A menu holds at most %(most)s lines."), status=422, most=MOST_LINES)
    names = [key(one.line) for one in kept]
    if len(set(names)) < len(names):
        sentence = N_("This section has one of this name and unit already.")
        raise RuleBroken("twice", sentence, status=422, field="name")
    rows = {row.id: row for row in session.scalars(select(MenuLine).where(MenuLine.shop_id == menu.shop_id))}
    staying = {one.id for one in kept}
    gone = [line_id for line_id in rows if line_id not in staying]
    if gone:
        session.execute(delete(MenuLine).where(MenuLine.shop_id == menu.shop_id, MenuLine.id.in_(gone)))
    for position, one in enumerate(gather(kept), 1):
        row = rows.get(one.id or 0)
        if row is None:
            # One that an undo brings back keeps its key.
            row = MenuLine(id=one.id, shop_id=menu.shop_id)
            session.add(row)
        row.position = position
        for name, value in one.line._asdict().items():
            setattr(row, name, value)
    menu.version += 1
    menu.updated_at = clock.now()
    session.flush()


def _edit(
    session: Session,
    shop_id: int,
    version: int,
    change: Callable[[list[Kept]], list[Kept]],
    *,
    find: Line | None = None,
) -> int:
    menu = seen(session, shop_id=shop_id, version=version)
    write(session, menu=menu, kept=change(queries.kept(session, shop_id)))
    if find is None:
        return 0
    return next(one.id or 0 for one in queries.kept(session, shop_id) if one.line == find)


def _place(kept: Sequence[Kept], line_id: int) -> int:
    for place, one in enumerate(kept):
        if one.id == line_id:
            return place
    raise NotAllowed
