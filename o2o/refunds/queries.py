"""Refunds that wait, whether their money may go, and passes that are owed one."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.offers.models import Terms
from o2o.orders.models import OrderPass
from o2o.passes.models import Pass
from o2o.payments import queries as payments
from o2o.payments.models import Payback
from o2o.redemption.rules import LATEST
from o2o.refunds.models import Refund
from o2o.tills import queries as tills


def refund_of(session: Session, pass_id: str) -> Refund | None:
    """Return the refund of a pass: the live one, else the latest that was withdrawn."""
    rows = select(Refund).where(Refund.pass_id == pass_id)
    order = (Refund.state == "withdrawn", Refund.requested_at.desc(), Refund.id)
    return session.scalars(rows.order_by(*order).limit(1)).first()


def live_refund(session: Session, pass_id: str) -> Refund | None:
    """Return the refund of a pass that is requested or paid."""
    live = select(Refund).where(Refund.pass_id == pass_id, Refund.state != "withdrawn")
    return session.scalars(live).one_or_none()


def is_sent(session: Session, refund: Refund) -> bool:
    """Tell whether a refund's money is out, or at the bank: claims change it no more."""
    if refund.state == "paid":
        return True
    return refund.payback_id is not None and payments.payback(session, refund.payback_id).state != "created"


def is_released(session: Session, refund: Refund, *, now: datetime) -> bool:
    """Tell whether a refund's money may go: every till has heard of it, or LATEST has passed.

    One from before there were tills has no mark and waits for nothing.
    """
    if refund.mark is None or now >= released_at_latest(refund):
        return True
    shop_id = session.scalars(select(Pass.shop_id).where(Pass.id == refund.pass_id)).one()
    return tills.heard(session, shop_id=shop_id, mark=refund.mark)


def released_at_latest(refund: Refund) -> datetime:
    """Return when a refund's money goes even if a till was never heard of again."""
    return refund.requested_at + LATEST


def unpaid(
    session: Session, *, now: datetime, only: Sequence[str] | None = None, most: int = 50
) -> list[str]:
    """List the promised refunds whose money may go and is not back yet, the oldest first; of all, or of some."""
    rows = (
        select(Refund.id, Refund.mark, Refund.requested_at, Pass.shop_id, Payback.state)
        .join(Pass, Pass.id == Refund.pass_id)
        .join(Payback, Payback.id == Refund.payback_id)
        .where(Refund.state == "requested")
        .order_by(Refund.requested_at, Refund.id)
    )
    if only is not None:
        rows = rows.where(Refund.id.in_(only))
    found = session.execute(rows).all()
    asked: dict[int, set[str]] = defaultdict(set)
    for _, mark, _, shop_id, _ in found:
        if mark is not None:
            asked[shop_id].add(mark)
    heard: set[str | None] = {None}
    for shop_id, marks in asked.items():
        heard |= tills.heard_marks(session, shop_id=shop_id, marks=marks)
    due = [
        refund_id
        for refund_id, mark, since, _, payback in found
        if payback == "sent" or mark in heard or now >= since + LATEST
    ]
    return due[:most]


def owed_at_expiry(session: Session, *, most: int = 50) -> list[str]:
    """List expired passes with unused paid value whose terms return it by themselves."""
    rows = (
        select(Pass.id)
        .join(Terms, Terms.id == Pass.terms_id)
        .join(OrderPass, OrderPass.pass_id == Pass.id)
        .outerjoin(Refund, (Refund.pass_id == Pass.id) & (Refund.state != "withdrawn"))
        .where(Pass.state == "expired", Terms.refund_at_expiry, Refund.id.is_(None))
        .where(Pass.uses_left > 0, Pass.paid > Pass.spent)
        .order_by(Pass.expires, Pass.id)
        .limit(most)
    )
    return list(session.scalars(rows))
