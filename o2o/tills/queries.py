"""Getters of tills, of who stands behind them, and of what they have heard."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from o2o.feed.models import Tiding
from o2o.kernel.errors import NotAllowed
from o2o.shops import queries as shops
from o2o.tills.models import OfflineRules, Till, TillPin


class Limits(NamedTuple):
    """What one till may do offline: passes without a phone's proof, uses, minor units for each and in all."""

    bearer: bool
    most_claims: int
    most_each: int
    most_total: int


class RosterLine(NamedTuple):
    """A member of staff who has a PIN: account, name, and what is kept of the PIN."""

    staff: int
    name: str
    salt: str
    hash: str
    rounds: int


DEFAULT = Limits(bearer=False, most_claims=50, most_each=20000, most_total=200000)


def till(session: Session, till_id: str, *, lock: bool = False) -> Till:
    """Return a till in whatever state, NotAllowed when there is none; `lock` holds it until the commit."""
    row = session.get(Till, till_id, with_for_update=lock or None, populate_existing=lock)
    if row is None:
        raise NotAllowed
    return row


def shop_till(session: Session, *, shop_id: int, till_id: str, lock: bool = False) -> Till:
    """Return a till of this shop; NotAllowed otherwise."""
    row = till(session, till_id, lock=lock)
    if row.shop_id != shop_id:
        raise NotAllowed
    return row


def owners_till(session: Session, *, account_id: int, shop_id: int, till_id: str, lock: bool = False) -> Till:
    """Return a till of a shop that this account owns; NotAllowed otherwise, also for a former owner's."""
    shops.owner_shop(session, account_id=account_id, shop_id=shop_id)
    row = shop_till(session, shop_id=shop_id, till_id=till_id, lock=lock)
    shops.check_own(session, shop_id=shop_id, began=row.asked_at)
    return row


def by_key(session: Session, *, shop_id: int, x: str) -> Till | None:
    """Return the shop's till of this key, in whatever state."""
    return session.scalar(select(Till).where(Till.shop_id == shop_id, Till.x == x))


def tills_of(session: Session, shop_id: int) -> list[Till]:
    """List all tills of a shop but a former owner's, those that wait first and revoked ones last, each by age."""
    order = {"waiting": 0, "active": 1, "revoked": 2}
    mine = Till.shop_id == shop_id, shops.own(Till.asked_at, shops.kept_from(session, shop_id))
    rows = session.scalars(select(Till).where(*mine).order_by(Till.asked_at, Till.id))
    return sorted(rows, key=lambda row: order[row.state])


def active(session: Session, shop_id: int) -> list[Till]:
    """List the tills that may take passes, by age."""
    rows = select(Till).where(Till.shop_id == shop_id, Till.state == "active")
    return list(session.scalars(rows.order_by(Till.asked_at, Till.id)))


def count_open(session: Session, shop_id: int) -> int:
    """Count the tills that wait or are active."""
    rows = select(func.count()).select_from(Till).where(Till.shop_id == shop_id, Till.state != "revoked")
    return session.scalar(rows) or 0


def waiting_in(shop_id: int) -> Select[int]:
    """Give the statement that counts the tills that wait for an owner, for a page that counts several things."""
    return select(func.count()).select_from(Till).where(Till.shop_id == shop_id, Till.state == "waiting")


def watermark(session: Session, shop_id: int) -> int | None:
    """Return the epoch that every counted till of the shop has heard; None when none is counted."""
    return session.scalar(select(func.min(Till.acked)).where(*counted(shop_id)))


def heard(session: Session, *, shop_id: int, mark: str) -> bool:
    """Tell whether every counted till has heard the tiding of this mark; True when none is counted.

    A mark that was not noted yet, nobody has heard. One statement.
    """
    told = select(func.max(Tiding.epoch)).where(*_marks(shop_id, [mark])).scalar_subquery()
    deaf = select(Till.id).where(*counted(shop_id), or_(told.is_(None), Till.acked < told))
    return session.scalar(deaf.limit(1)) is None


def heard_marks(session: Session, *, shop_id: int, marks: Iterable[str]) -> set[str]:
    """Tell which of these marks every counted till has heard: all of them when none is counted. Two statements."""
    asked = set(marks)
    lowest = watermark(session, shop_id)
    if lowest is None or not asked:
        return asked
    latest = select(Tiding.subject).where(*_marks(shop_id, asked)).group_by(Tiding.subject)
    return set(session.scalars(latest.having(func.max(Tiding.epoch) <= lowest)))


def counted(shop_id: int) -> tuple[ColumnElement[bool], ...]:
    """Say which tills hold the watermark: the active ones that were ever handed a list.

    One that never synchronised knows no keys and no passes, so it has taken nothing that anybody must wait for.
    """
    return Till.shop_id == shop_id, Till.state == "active", Till.synced_at.is_not(None)


def _marks(shop_id: int, marks: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    return Tiding.kind == "mark", Tiding.subject.in_(list(marks)), Tiding.shop_id == shop_id


def offline_rules(session: Session, shop_id: int) -> Limits:
    """Return what the shop's tills may do offline; the default until an owner says otherwise."""
    row = session.get(OfflineRules, shop_id)
    if row is None:
        return DEFAULT
    return Limits(row.bearer, row.most_claims, row.most_each, row.most_total)


def roster(session: Session, shop_id: int) -> list[RosterLine]:
    """List who works here now and has a PIN, owners first."""
    pins = {row.account_id: row for row in session.scalars(select(TillPin).where(TillPin.shop_id == shop_id))}
    return [
        RosterLine(member.account_id, member.name, pin.salt, pin.hash, pin.rounds)
        for member in shops.members(session, shop_id)
        if (pin := pins.get(member.account_id))
    ]


def has_pin(session: Session, *, shop_id: int, account_id: int) -> bool:
    """Tell whether a person has a PIN at a shop."""
    return session.get(TillPin, (shop_id, account_id)) is not None
