"""Reads for those who take steps, and for whom they reach; what stands against a shop is in the record of conduct."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.conduct import rules as conduct
from o2o.conduct.models import STANDING, Sanction
from o2o.conduct.queries import PAGE, STANDS
from o2o.kernel.errors import NotAllowed
from o2o.offers.models import Offer
from o2o.orders.models import Order, OrderPass
from o2o.passes.models import Pass
from o2o.shops.models import Shop

SHOWS = ("all", "appealed", "standing", "ended")


class Listed(NamedTuple):
    """A sanction and the shop it is against."""

    sanction: Sanction
    shop: Shop


class Reach(NamedTuple):
    """What a step would touch: offers on sale, open passes, and their unspent money in minor units."""

    offers: int
    passes: int
    value: int


def one(session: Session, sanction_id: int) -> Listed:
    """Return a sanction with its shop; NotAllowed when there is none. For the operator."""
    row = session.execute(_listed().where(Sanction.id == sanction_id)).one_or_none()
    if row is None:
        raise NotAllowed
    return Listed(*row)


def listed(session: Session, *, show: str, number: int) -> tuple[list[Listed], bool]:
    """Return a page of all sanctions, or of some: those appealed first, then the newest."""
    rows = _listed()
    if show == "appealed":
        rows = rows.where(Sanction.state == "appealed")
    elif show != "all":
        rows = rows.where(STANDS if show == "standing" else Sanction.state.not_in(STANDING))
    first = case((Sanction.state == "appealed", 0), else_=1)
    rows = rows.order_by(first, Sanction.created_at.desc(), Sanction.id.desc())
    found = session.execute(rows.offset((number - 1) * PAGE).limit(PAGE + 1)).all()
    return [Listed(*row) for row in found[:PAGE]], len(found) > PAGE


def open_appeals(session: Session) -> int:
    """Count the appeals that wait for an operator."""
    return session.scalar(select(func.count()).where(Sanction.state == "appealed")) or 0


def reach(session: Session, shop_id: int) -> Reach:
    """Count what a step against a shop would touch now."""
    on_sale = select(func.count()).where(Offer.shop_id == shop_id, Offer.state == "on_sale").scalar_subquery()
    still_open = and_(Pass.shop_id == shop_id, Pass.state == "valid")
    held = select(func.count()).where(still_open).scalar_subquery()
    unspent = select(func.coalesce(func.sum(Pass.paid - Pass.spent), 0)).where(still_open).scalar_subquery()
    row = session.execute(select(on_sale, held, unspent)).one()
    return Reach(row[0], row[1], int(row[2]))


def other_operators(session: Session, account_id: int) -> bool:
    """Tell whether somebody else runs the platform too."""
    rows = select(Account.id).where(
        Account.is_operator, Account.erased_at.is_(None), Account.id != account_id
    )
    return session.scalar(rows.limit(1)) is not None


def due(session: Session, *, now: datetime, most: int = 50) -> list[int]:
    """List the sanctions that time moves: over, or appealed for so long that nobody decided; by shop."""
    ended = and_(Sanction.state.in_(("in_force", "upheld")), Sanction.ends_at <= now)
    undecided = and_(Sanction.state == "appealed", Sanction.appealed_at <= now - conduct.DECIDE)
    spent = and_(Sanction.state == "appealed", Sanction.ends_at <= now, Shop.sanction.is_not(None))
    rows = select(Sanction.id).join(Shop, Shop.id == Sanction.shop_id).where(or_(ended, undecided, spent))
    return list(session.scalars(rows.order_by(Sanction.shop_id, Sanction.id).limit(most)))


def owed(session: Session, *, most: int = 50) -> list[tuple[int, str]]:
    """List open passes of delisted shops as (sanction, pass): the system pays them back, the oldest first."""
    rows = (
        select(Sanction.id, Pass.id)
        .join(Pass, and_(Pass.shop_id == Sanction.shop_id, Pass.state == "valid"))
        .join(OrderPass, OrderPass.pass_id == Pass.id)
        .where(Sanction.step == "delist", STANDS, Sanction.settled_at.is_(None))
        .order_by(Pass.issued_at, Pass.id)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(rows)]


def settled(session: Session) -> list[int]:
    """List delistings whose shop has no open pass and no open order any more, and that do not say so yet."""
    held = select(Pass.id).where(Pass.shop_id == Sanction.shop_id, Pass.state.in_(("valid", "refunding")))
    bought = select(Order.id).where(Order.shop_id == Sanction.shop_id, Order.state.in_(("held", "paying")))
    rows = select(Sanction.id).where(Sanction.step == "delist", STANDS, Sanction.settled_at.is_(None))
    return list(session.scalars(rows.where(~held.exists(), ~bought.exists()).order_by(Sanction.id)))


def holders(session: Session, shop_id: int) -> Sequence[int]:
    """List the accounts that hold an open pass of a shop."""
    rows = select(Pass.account_id).join(Account, Account.id == Pass.account_id)
    held = rows.where(Pass.shop_id == shop_id, Pass.state == "valid", Account.erased_at.is_(None))
    return session.scalars(held.distinct().order_by(Pass.account_id)).all()


def _listed() -> Select[Sanction, Shop]:
    return select(Sanction, Shop).join(Shop, Shop.id == Sanction.shop_id)
