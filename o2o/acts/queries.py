"""Read what was done; whoever asks for a shop's acts owns it, and for all of them runs the platform."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.acts.models import Act
from o2o.shops.models import Role, Shop

SHOWN = 50


class Wanted(NamedTuple):
    """Which acts are asked for; None asks for nothing in particular, an empty set finds nothing."""

    shop_id: int | None = None
    shops: set[int] | None = None
    people: set[int | None] | None = None
    verbs: set[str] | None = None
    start: datetime | None = None
    since: datetime | None = None
    end: datetime | None = None
    before: int | None = None


class People(NamedTuple):
    """Who the acts of a page are by: the names shops gave them, their account names, and who has left for good."""

    given: dict[tuple[int, int], str]
    handles: dict[int, str]
    erased: set[int]


def acts(session: Session, wanted: Wanted) -> tuple[list[Act], int | None]:
    """List at most SHOWN acts, the newest first, and the id before which the next page begins."""
    rows = select(Act).order_by(Act.id.desc()).limit(SHOWN + 1)
    found = list(session.scalars(_narrowed(rows, wanted)))
    return found[:SHOWN], found[SHOWN - 1].id if len(found) > SHOWN else None


def _narrowed(rows: Select[Act], wanted: Wanted) -> Select[Act]:
    if wanted.shop_id is not None:
        rows = rows.where(Act.shop_id == wanted.shop_id)
    if wanted.shops is not None:
        rows = rows.where(Act.shop_id.in_(wanted.shops))
    if wanted.people is not None:
        rows = rows.where(_by(wanted.people))
    if wanted.verbs is not None:
        rows = rows.where(Act.verb.in_(wanted.verbs))
    if wanted.start is not None:
        rows = rows.where(Act.at >= wanted.start)
    if wanted.since is not None:
        rows = rows.where(Act.at > wanted.since)
    if wanted.end is not None:
        rows = rows.where(Act.at < wanted.end)
    if wanted.before is not None:
        rows = rows.where(Act.id < wanted.before)
    return rows


def _by(people: set[int | None]) -> ColumnElement[bool]:
    known = Act.account_id.in_([one for one in people if one is not None])
    return or_(known, Act.account_id.is_(None)) if None in people else known


def people(session: Session, rows: Iterable[Act]) -> People:
    """Look up who did these acts; a name holds at the shop that gave it, the latest one counts."""
    ids = {row.account_id for row in rows if row.account_id is not None}
    if not ids:
        return People({}, {}, set())
    named = select(Role.account_id, Role.shop_id, Role.name).where(Role.account_id.in_(ids), Role.name != "")
    given = {(row[0], row[1]): row[2] for row in session.execute(named.order_by(Role.id))}
    accounts = session.execute(
        select(Account.id, Account.handle, Account.erased_at).where(Account.id.in_(ids))
    ).all()
    handles = {row.id: row.handle for row in accounts if row.handle}
    return People(given, handles, {row.id for row in accounts if row.erased_at is not None})


def called(session: Session, text: str, *, shop_id: int | None = None) -> set[int | None]:
    """Find the accounts that a shop (or, without one, anybody) calls so, or that have this number ("#12")."""
    found: set[int | None] = set()
    number = text.removeprefix("#")
    if number.isascii() and number.isdigit() and len(number) < 10:
        found.add(int(number))
    names = select(Role.account_id).where(_holds(Role.name, text))
    if shop_id is not None:
        return found | set(session.scalars(names.where(Role.shop_id == shop_id)))
    handles = select(Account.id).where(_holds(Account.handle, text))
    return found | set(session.scalars(names)) | set(session.scalars(handles))


def shops_called(session: Session, text: str, *, most: int = 200) -> set[int]:
    """Find the shops whose name holds a text, or that have this number."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0
    names = or_(*(_holds(column, text) for column in (Shop.name, Shop.name_zh, Shop.name_en)))
    return set(session.scalars(select(Shop.id).where(or_(names, Shop.id == number)).limit(most)))


def shops_of(session: Session, rows: Iterable[Act]) -> dict[int, Shop]:
    """Return the shops in whose name these acts were done."""
    ids = {row.shop_id for row in rows if row.shop_id is not None}
    return {shop.id: shop for shop in session.scalars(select(Shop).where(Shop.id.in_(ids)))} if ids else {}


def start_of(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day begins where the town is."""
    return datetime.combine(day, time.min, zone)


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Return when a day is over where the town is."""
    return start_of(day + timedelta(days=1), zone)


def _holds(column: object, text: str) -> ColumnElement[bool]:
    mask = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.ilike(f"%{mask}%", escape="\\")  # type: ignore[attr-defined, no-any-return]
