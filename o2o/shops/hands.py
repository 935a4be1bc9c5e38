"""In whose hands a shop was, one owner after the other."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from o2o.kernel.errors import NotAllowed
from o2o.shops.models import Role, Shop

# People who owned a shop one after the other without a gap, and until when; None while they do.
Hands = tuple[set[int], datetime | None]


def others_until(session: Session, shop_id: int) -> datetime | None:
    """Say until when a shop was in other hands than now; None where it never was, or is in none.

    While there is always an owner it stays in the same hands, whoever hands it to whom: only a closing breaks that.
    Whoever owned it before a closing and owns it again is not somebody else.
    """
    times = _hands(session, shop_id)
    return None if times and times[-1][1] is not None else _others(times)


def kept_from(session: Session, shop_id: int) -> datetime | None:
    """Say until when a shop's business was somebody else's, for its desk to begin after; None where all is its own.

    As others_until; while a shop is in nobody's hands, all of it was somebody else's than who prepares it.
    """
    return _kept_from(_hands(session, shop_id))


def standing(session: Session, *, account_id: int, shop_id: int) -> tuple[set[str], datetime | None]:
    """Return which roles an account holds at a shop that is there, and kept_from of it, in one statement."""
    mine = and_(Role.account_id == account_id, Role.ended_at.is_(None))
    rows = (
        select(Role.kind, Role.account_id, Role.created_at, Role.ended_at)
        .join(Shop, Shop.id == Role.shop_id)
        .where(Role.shop_id == shop_id, Shop.status != "gone", or_(mine, Role.kind == "owner"))
        .order_by(Role.created_at, Role.id)
    )
    found = session.execute(rows).all()
    roles = {kind for kind, whose, _began, ended in found if whose == account_id and ended is None}
    return roles, _kept_from(_joined((row[1], row[2], row[3]) for row in found if row[0] == "owner"))


def check_own(session: Session, *, shop_id: int, began: datetime) -> None:
    """Refuse a desk what began while the shop was somebody else's: NotAllowed, as for what is not there."""
    since = kept_from(session, shop_id)
    if since is not None and began <= since:
        raise NotAllowed


def own(column: Any, since: datetime | None) -> ColumnElement[bool]:
    """Say which rows are a desk's own by when they began: those after `since`, all of them for None."""
    return true() if since is None else column > since


def _hands(session: Session, shop_id: int) -> list[Hands]:
    owned = select(Role.account_id, Role.created_at, Role.ended_at).where(Role.shop_id == shop_id)
    rows = session.execute(owned.where(Role.kind == "owner").order_by(Role.created_at, Role.id))
    return _joined((row[0], row[1], row[2]) for row in rows)


def _joined(owners: Iterable[tuple[int, datetime, datetime | None]]) -> list[Hands]:
    times: list[Hands] = []
    for account_id, began, ended in owners:
        last = times[-1][1] if times else began
        if times and (last is None or began <= last):
            end = None if last is None or ended is None else max(last, ended)
            times[-1] = times[-1][0] | {account_id}, end
        else:
            times.append(({account_id}, ended))
    return times


def _kept_from(times: list[Hands]) -> datetime | None:
    return times[-1][1] if times and times[-1][1] is not None else _others(times)


def _others(times: list[Hands]) -> datetime | None:
    mine = set(times[-1][0]) if times else set()
    for people, ended in reversed(times[:-1]):
        if mine.isdisjoint(people):
            return ended
        mine |= people
    return None
