"""Place, start to pay, cancel and expire orders; money that arrives is in sale.py.

Locks are taken in one order everywhere: shop (shared), order, holds and pools, intent, passes, book.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.capacity import queries as pools
from o2o.capacity import rules as capacity
from o2o.kernel.db import new_id
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.kernel.words import N_
from o2o.offers import queries as offer_queries
from o2o.offers import rules as offers
from o2o.offers.models import Terms
from o2o.orders import sale
from o2o.orders.models import Order
from o2o.orders.sale import CLOSED, HOLD, HOLD_OVER, SUBJECT, capture, lock_shop, locked, move, return_done
from o2o.payments import queries as payment_queries
from o2o.payments import rules as payments
from o2o.payments.models import Intent
from o2o.shops import queries as shops

__all__ = [
    "HOLD", "MOST", "QUANTITY", "SUBJECT", "cancel", "capture", "due", "expire", "place", "precheck", "return_done",
    "start_paying",
]  # fmt: skip

MOST = 20
QUANTITY = N_("You can buy 1 to 20 at a time.")
NOT_ON_SALE = N_("This offer is not on sale at the moment.")


def place(
    session: Session,
    *,
    account_id: int,
    offer_id: int,
    quantity: int,
    key: str,
    now: datetime,
    takes_money: bool = True,
    device_id: int | None = None,
) -> Order:
    """Hold `quantity` of an offer for HOLD; a free coupon is the guest's at once.

    In order: holds all of the offer's pools, writes the order with its frozen price; when that is 0 commits the
    hold and issues the passes, bound to the buyer's phone where `device_id` names its key. The same key of the
    same account is the same order. Raises RuleBroken "not_on_sale", "no_payments", "sold_out", "sold_out_today",
    "per_person" or "key_reused" (409), BadInput for a quantity out of 1..MOST.
    """
    if not 1 <= quantity <= MOST:
        raise BadInput("bad_quantity", QUANTITY, status=422)
    hold_key = f"order:{account_id}:{key}"
    known = _same_order(session, hold_key, offer_id, quantity)
    if known is not None:
        return known
    terms, zone = _on_sale(session, offer_id, now)
    if terms.price and not takes_money:
        raise RuleBroken(
            "no_payments",
            N_("This town does not take payments yet, so for now only free coupons can be had."),
        )
    if not lock_shop(session, terms.shop_id).sells(now):
        raise RuleBroken("not_on_sale", NOT_ON_SALE)
    claims = offers.claims(terms, account_id=account_id, quantity=quantity, now=now, timezone=zone)
    until = now + HOLD
    hold = capacity.hold_all(session, claims=claims, until=until, key=hold_key)
    known = _same_order(session, hold_key, offer_id, quantity)
    if known is not None:
        return known
    order = Order(
        id=new_id(),
        account_id=account_id,
        shop_id=terms.shop_id,
        terms_id=terms.id,
        quantity=quantity,
        unit_price=terms.price,
        total=terms.price * quantity,
        currency=terms.currency,
        state="held",
        hold_key=hold.key,
        hold_until=until,
        extended=False,
        device_id=device_id,
        created_at=now,
    )
    session.add(order)
    session.flush()
    if order.total == 0:
        sale.give(session, order, now)
    return order


def precheck(
    session: Session,
    *,
    account_id: int,
    offer_id: int,
    quantity: int,
    key: str,
    terms_id: int | None,
    now: datetime,
) -> None:
    """Refuse at once, without a lock, what cannot be had at this moment; the hold decides in the end.

    `terms_id` names the terms that the guest saw: RuleBroken "terms_changed" when there are newer ones.
    """
    if _same_order(session, f"order:{account_id}:{key}", offer_id, quantity) is not None:
        return
    terms, zone = _on_sale(session, offer_id, now)
    if terms_id not in (None, terms.id):
        raise RuleBroken(
            "terms_changed", N_("The shop has just changed this offer. Please look at it again.")
        )
    claims = offers.claims(terms, account_id=account_id, quantity=quantity, now=now, timezone=zone)
    short = pools.short_of(session, claims, now=now)
    if short is not None:
        raise capacity.refuse(short)


def start_paying(
    session: Session, *, account_id: int, order_id: str, now: datetime, provider: str
) -> tuple[Order, Intent]:
    """Extend the hold once and give the intent to pay; a second tab gets the same one.

    After the bank declined there is a new intent, as long as the hold lives. Raises RuleBroken "hold_over" or
    "order_closed" (409).
    """
    order = locked(session, order_id, account_id=account_id)
    if order.state not in ("held", "paying"):
        raise RuleBroken("order_closed", CLOSED)
    if order.hold_until <= now:
        raise RuleBroken("hold_over", HOLD_OVER)
    if not order.extended and capacity.extend(session, key=order.hold_key, until=now + HOLD):
        order.extended = True
        order.hold_until = now + HOLD
    intent = payment_queries.intent(session, order.intent_id) if order.intent_id else None
    if intent is None or intent.state == "failed":
        subject = SUBJECT.format(order.id)
        intent = payments.create_intent(
            session, subject=subject, amount=order.total, currency=order.currency, provider=provider
        )
        order.intent_id = intent.id
    if order.state == "held":
        move(session, order, "paying")
    session.flush()
    return order, intent


def cancel(session: Session, *, account_id: int, order_id: str) -> Order:
    """Give up an order that is not paid and give its places back; a repetition changes nothing.

    Money that arrives nevertheless is returned. Raises RuleBroken "order_closed" (409) once it is paid.
    """
    order = locked(session, order_id, account_id=account_id)
    if order.state in ("cancelled", "expired"):
        return order
    if order.state not in ("held", "paying"):
        raise RuleBroken("order_closed", CLOSED)
    move(session, order, "cancelled")
    capacity.release(session, key=order.hold_key)
    return order


def due(session: Session, *, now: datetime, most: int = 100) -> list[str]:
    """List orders whose hold ran out unpaid."""
    rows = select(Order.id).where(Order.state.in_(("held", "paying")), Order.hold_until <= now)
    return list(session.scalars(rows.order_by(Order.hold_until, Order.id).limit(most)))


def expire(session: Session, *, order_id: str, now: datetime) -> bool:
    """Expire an order whose hold ran out and give its places back; tell whether this call did.

    One order a transaction: two of them would lock order, pool, order, against the order of locks.
    """
    order = locked(session, order_id)
    if order.state not in ("held", "paying") or order.hold_until > now:
        return False
    move(session, order, "expired")
    capacity.release(session, key=order.hold_key)
    return True


def _on_sale(session: Session, offer_id: int, now: datetime) -> tuple[Terms, str]:
    offer = offer_queries.offer(session, offer_id)
    terms = offer_queries.current_terms(session, offer)
    zone = shops.founded(session).timezone
    if not offers.sellable(offer, terms, shop=shops.shop(session, offer.shop_id), now=now, timezone=zone):
        raise RuleBroken("not_on_sale", NOT_ON_SALE)
    return terms, zone


def _same_order(session: Session, hold_key: str, offer_id: int, quantity: int) -> Order | None:
    """Return the order this key made before; other content raises RuleBroken "key_reused"."""
    order = session.scalars(select(Order).where(Order.hold_key == hold_key)).one_or_none()
    if order is None:
        return None
    if order.quantity != quantity or session.get_one(Terms, order.terms_id).offer_id != offer_id:
        raise RuleBroken(
            "key_reused", N_("This form was already sent with other content. Please reload the page.")
        )
    return order
