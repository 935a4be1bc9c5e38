"""Money arrives: sell, sell anew what had been given back, or return the money; one transaction each."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2o.capacity import rules as capacity
from o2o.holders import queries as holders
from o2o.kernel import journal
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.ledger import rules as ledger
from o2o.ledger.queries import shop_book
from o2o.notifications.rules import tell
from o2o.offers import queries as offer_queries
from o2o.offers import rules as offers
from o2o.offers.models import Terms
from o2o.orders.models import ORDER_STATES, Order, OrderPass
from o2o.passes import rules as passes
from o2o.payments import queries as payment_queries
from o2o.payments import rules as payments
from o2o.payments.models import Intent, Payback
from o2o.shops import queries as shops
from o2o.shops.models import Shop

SUBJECT = "order:{}"
RETURN = "return:{}"
HOLD = timedelta(minutes=10)
HOLD_OVER = N_("Your ten minutes are over and the place was given back. Nothing was charged.")
CLOSED = N_("This order is closed. Look at it to see what became of it.")


def capture(session: Session, *, intent_id: str, now: datetime) -> Order:
    """Act on captured money exactly once: the passes are issued here, or the money is promised back.

    In order: order locked, intent captured (news to one caller only), hold committed or held anew, passes,
    posting, fact order.paid, inbox. When the places are gone, the order was cancelled, or another payment
    was first, the money is posted as owed back and a payback is written; the worker sends it.
    """
    intent = payment_queries.intent(session, intent_id)
    order_id = intent.subject.removeprefix("order:")
    lock_shop(session, session.scalars(select(Order.shop_id).where(Order.id == order_id)).one())
    order = locked(session, order_id)
    if not payments.note_captured(session, intent_id=intent_id):
        return order
    session.refresh(intent)
    if order.state in ("paid", "returned", "cancelled") or not _place_is_there(session, order, now):
        return _give_money_back(session, order, intent)
    order.intent_id = intent.id
    sell(session, order, now)
    return order


def give(session: Session, order: Order, now: datetime) -> None:
    """Hand over a free coupon: what is held is committed, and there is nothing to post."""
    if not capacity.commit(session, key=order.hold_key):
        raise RuleBroken("hold_over", HOLD_OVER)
    sell(session, order, now)


def sell(session: Session, order: Order, now: datetime) -> None:
    """Make an order paid whose places are committed: passes, posting, state, fact, inbox.

    The passes are bound to the phone the order was placed with, if it has a key.
    """
    terms = session.get_one(Terms, order.terms_id)
    device = holders.device(session, order.device_id)
    # total = unit_price x quantity by a constraint, so the parts sum to what was paid.
    for _ in range(order.quantity):
        issued = passes.issue(
            session,
            account_id=order.account_id,
            terms=terms,
            paid=order.unit_price,
            issued_at=now,
            device=device,
        )
        session.add(OrderPass(pass_id=issued.id, order_id=order.id))
    order.paid_at = now
    move(session, order, "paid")
    journal.record(session, "order.paid", order_id=order.id)
    _tell(session, order, "order.paid", f"/orders/{order.id}?receipt=1", order.total)
    _post(
        session, order, f"sale:{order.id}", "sale", {"cash": order.total, "voucher_liability": -order.total}
    )


def return_done(session: Session, *, payback: Payback, provider_ref: str) -> None:
    """Write down that late money went back to the guest; a repetition changes nothing."""
    if not payments.note_payback_done(session, payback_id=payback.id, provider_ref=provider_ref):
        return
    intent = payment_queries.intent(session, payback.intent_id)
    order = session.get_one(Order, intent.subject.removeprefix("order:"))
    legs = {"refunds_due": payback.amount, "cash": -payback.amount}
    _post(session, order, f"{RETURN.format(intent.id)}:out", "return", legs)


def locked(session: Session, order_id: str, *, account_id: int | None = None) -> Order:
    """Return an order held until the commit; NotAllowed when it is missing or not this account's."""
    order = session.get(Order, order_id, with_for_update=True, populate_existing=True)
    if order is None or (account_id is not None and order.account_id != account_id):
        raise NotAllowed
    return order


def lock_shop(session: Session, shop_id: int) -> Shop:
    """Keep the shop's row from being locked by others, before any pool is: offers lock shop, then pool.

    The row comes back as it is now: whether it may sell may have changed while this waited.
    """
    lock = {"read": True, "key_share": True}
    return session.get_one(Shop, shop_id, with_for_update=lock, populate_existing=True)


def move(session: Session, order: Order, state: str) -> None:
    """Change an order's state by one conditional update; ValueError when the table knows no such way."""
    if state not in ORDER_STATES[order.state]:
        raise ValueError(f"an order never goes from {order.state} to {state}")
    session.flush()
    moved = update(Order).where(Order.id == order.id, Order.state == order.state).values(state=state)
    if session.execute(moved).rowcount != 1:  # type: ignore[attr-defined]
        raise RuleBroken("order_closed", CLOSED)


def _place_is_there(session: Session, order: Order, now: datetime) -> bool:
    """Commit the hold, or hold and commit anew when it was given back and the offer is still on sale."""
    if capacity.commit(session, key=order.hold_key):
        return True
    terms = session.get_one(Terms, order.terms_id)
    # Of a shop that closed since, too: its money goes back like any other.
    offer = offer_queries.shop_offer(session, shop_id=order.shop_id, offer_id=terms.offer_id)
    shop = session.get_one(Shop, order.shop_id)
    current = offer_queries.current_terms(session, offer)
    zone = shops.founded(session).timezone
    if not offers.sellable(offer, current, shop=shop, now=now, timezone=zone):
        return False
    claims = offers.claims(
        current, account_id=order.account_id, quantity=order.quantity, now=now, timezone=zone
    )
    key = f"late:{order.id}"
    try:
        capacity.hold_all(session, claims=claims, until=now + HOLD, key=key)
    except RuleBroken:
        return False
    return capacity.commit(session, key=key)


def _give_money_back(session: Session, order: Order, intent: Intent) -> Order:
    """Post money that bought nothing as owed back, and promise it; the order says so unless it is paid."""
    key = RETURN.format(intent.id)
    payments.create_payback(session, intent_id=intent.id, key=key, amount=intent.amount)
    if order.state in ("held", "paying"):
        move(session, order, "expired")
    if order.state in ("expired", "cancelled"):
        move(session, order, "returned")
        order.intent_id = intent.id
    _tell(session, order, "order.returned", f"/orders/{order.id}", intent.amount, key)
    _post(session, order, f"{key}:in", "late", {"cash": intent.amount, "refunds_due": -intent.amount})
    return order


def _tell(session: Session, order: Order, kind: str, link: str, amount: int, key: str = "") -> None:
    terms = session.get_one(Terms, order.terms_id)
    tell(
        session,
        account_id=order.account_id,
        key=key or f"{kind}:{order.id}",
        kind=kind,
        link=link,
        title=terms.title,
        quantity=order.quantity,
        amount=amount,
        currency=order.currency,
    )


def _post(session: Session, order: Order, key: str, kind: str, legs: dict[str, int]) -> None:
    """Post to the shop's book; the book is the hottest row and is locked last."""
    session.flush()
    if not any(legs.values()):
        return
    ledger.post(
        session,
        book=shop_book(order.shop_id),
        shop_id=order.shop_id,
        key=key,
        kind=kind,
        subject=SUBJECT.format(order.id),
        currency=order.currency,
        legs=legs,
    )
