"""Orders as their owners see them."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel.errors import NotAllowed
from o2o.offers.models import Terms
from o2o.orders.models import Order, OrderPass
from o2o.passes.models import Pass
from o2o.payments.models import Intent
from o2o.shops.models import Shop


class Placed(NamedTuple):
    """An order with what it buys, where, and its payment."""

    order: Order
    terms: Terms
    shop: Shop
    intent: Intent | None


def own_order(session: Session, *, account_id: int, order_id: str) -> Placed:
    """Return an account's own order; NotAllowed when it is missing or somebody else's."""
    row = session.execute(
        select(Order, Terms, Shop, Intent)
        .join(Terms, Terms.id == Order.terms_id)
        .join(Shop, Shop.id == Order.shop_id)
        .outerjoin(Intent, Intent.id == Order.intent_id)
        .where(Order.id == order_id, Order.account_id == account_id)
    ).one_or_none()
    if row is None:
        raise NotAllowed
    return Placed(*row)


def face(placed: Placed, now: datetime) -> str:
    """Say which face an order shows: its state, `declined`, or `expired` where only time has passed."""
    order, intent = placed.order, placed.intent
    if order.state not in ("held", "paying"):
        return order.state
    if order.hold_until <= now:
        return "expired"
    if intent is not None and intent.state == "failed":
        return "declined"
    return order.state


def passes_of(session: Session, order_id: str) -> list[Pass]:
    """List the passes an order paid for, in the order of their issue."""
    rows = select(Pass).join(OrderPass, OrderPass.pass_id == Pass.id).where(OrderPass.order_id == order_id)
    return list(session.scalars(rows.order_by(Pass.issued_at, Pass.id)))


def order_of_pass(session: Session, pass_id: str) -> Order | None:
    """Return the order that paid for a pass."""
    rows = select(Order).join(OrderPass, OrderPass.order_id == Order.id)
    return session.scalars(rows.where(OrderPass.pass_id == pass_id)).one_or_none()


def waiting(session: Session, *, since: datetime, most: int = 50) -> list[tuple[str, str]]:
    """List (intent id, provider's reference) of payments nobody has told us about, of holds ending after."""
    rows = (
        select(Intent.id, Intent.provider_ref)
        .join(Order, Order.intent_id == Intent.id)
        .where(Intent.state == "pending", Order.hold_until > since)
        .where(Order.state.in_(("paying", "expired", "cancelled")))
        .order_by(Order.hold_until, Intent.id)
        .limit(most)
    )
    return [(row[0], row[1]) for row in session.execute(rows) if row[1]]
