"""Reads of closings: what is under way, what it touches, what still holds it up."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session

from o2o.leaving.models import Closing
from o2o.offers.models import Offer
from o2o.orders.models import Order, OrderPass
from o2o.parcel import queries as parcel
from o2o.passes.models import Pass
from o2o.refunds.models import Refund
from o2o.shops import queries as shops
from o2o.shops.models import Role
from o2o.tills.models import Till

OPEN_ORDERS = ("held", "paying")
LIVE = (Closing.closed_at.is_(None), Closing.taken_back_at.is_(None))


class Stakes(NamedTuple):
    """What a closing touches: numbers of things, `value` and `owed` in minor units."""

    offers: int
    passes: int
    guests: int
    value: int
    orders: int
    people: int
    tills: int
    owed: int


def live(session: Session, shop_id: int, *, lock: bool = False) -> Closing | None:
    """Return a shop's closing that is under way."""
    rows = select(Closing).where(Closing.shop_id == shop_id, *LIVE)
    rows = rows.with_for_update() if lock else rows
    return session.scalars(rows.execution_options(populate_existing=lock)).one_or_none()


def closes_in(shop_id: int) -> Select[datetime]:
    """Give the statement that says when a shop closes, nothing where it does not."""
    return select(Closing.closes_at).where(Closing.shop_id == shop_id, *LIVE)


def last(session: Session, shop_id: int) -> Closing | None:
    """Return a shop's latest closing, whatever became of it."""
    rows = select(Closing).where(Closing.shop_id == shop_id).order_by(Closing.id.desc())
    return session.scalars(rows.limit(1)).first()


def due(session: Session, *, now: datetime) -> list[int]:
    """List the closings whose time has come, the oldest first."""
    return list(
        session.scalars(select(Closing.id).where(*LIVE, Closing.closes_at <= now).order_by(Closing.closes_at))
    )


def stakes(session: Session, shop_id: int, currency: str) -> Stakes:
    """Count what a closing of this shop touches now; what a former owner is still owed is between those two."""
    held = _open(shop_id).with_only_columns(
        func.count(),
        func.count(Pass.account_id.distinct()),
        func.coalesce(func.sum(Pass.paid - Pass.spent), 0),
    )
    passes, guests, value = session.execute(held).one()
    numbers = {
        "offers": _count(Offer.shop_id == shop_id, Offer.state.in_(("draft", "on_sale", "paused"))),
        "orders": _count(Order.shop_id == shop_id, Order.state.in_(OPEN_ORDERS)),
        "people": _count(Role.shop_id == shop_id, Role.ended_at.is_(None)),
        "tills": _count(Till.shop_id == shop_id, Till.state != "revoked"),
    }
    counted = session.execute(
        select(*(one.scalar_subquery().label(name) for name, one in numbers.items()))
    ).one()
    sums = parcel.sums(session, shop_id, shops.kept_from(session, shop_id))
    owed = -sum(sums.get((account, currency), 0) for account in ("shop_pending", "shop_payable"))
    return Stakes(passes=passes, guests=guests, value=int(value), owed=owed, **counted._mapping)


def open_passes(session: Session, shop_id: int, *, most: int) -> list[str]:
    """List passes of a shop that can still be used or have money left in them, the oldest first."""
    rows = _open(shop_id).with_only_columns(Pass.id).order_by(Pass.issued_at, Pass.id)
    return list(session.scalars(rows.limit(most)))


def holders(session: Session, shop_id: int) -> list[int]:
    """List who holds such passes."""
    rows = _open(shop_id).with_only_columns(Pass.account_id).distinct().order_by(Pass.account_id)
    return list(session.scalars(rows))


def refunded(session: Session, shop_id: int, *, since: datetime) -> list[int]:
    """List whose passes a closing gave back since then."""
    rows = select(Pass.account_id).join(Refund, Refund.pass_id == Pass.id).distinct()
    given = (Pass.shop_id == shop_id, Refund.cause == "platform", Refund.requested_at >= since)
    return list(session.scalars(rows.where(*given).order_by(Pass.account_id)))


def waits(session: Session, shop_id: int) -> bool:
    """Tell whether a shop cannot close yet: passes to refund, money on its way back, a payment under way.

    A refund waits for tills that are offline, at most three days; a payment for the end of its ten minutes.
    """
    on_its_way = (
        select(Refund.id)
        .join(Pass, Pass.id == Refund.pass_id)
        .where(Pass.shop_id == shop_id, Refund.state == "requested")
    )
    paying = select(Order.id).where(Order.shop_id == shop_id, Order.state.in_(OPEN_ORDERS))
    reasons = (_open(shop_id).with_only_columns(Pass.id), on_its_way, paying)
    return bool(session.scalar(select(or_(*(exists(reason) for reason in reasons)))))


def _open(shop_id: int) -> Select[Pass]:
    """Select what must not be left behind: valid passes, and expired ones whose money was kept for the guest."""
    bought = exists().where(OrderPass.pass_id == Pass.id)
    kept = (Pass.state == "expired") & (Pass.paid > Pass.spent) & ~_has_refund()
    usable = or_(Pass.state == "valid", kept)
    return select(Pass).where(Pass.shop_id == shop_id, Pass.uses_left > 0, bought, usable)


def _has_refund() -> ColumnElement[bool]:
    return exists().where(Refund.pass_id == Pass.id, Refund.state != "withdrawn")


def _count(*where: ColumnElement[bool]) -> Select[int]:
    return select(func.count()).where(*where)
