"""Refunds that wait, and passes that are owed one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.offers.models import Terms
from o2o.orders.models import OrderPass
from o2o.passes.models import Pass
from o2o.refunds.models import Refund


def refund_of(session: Session, pass_id: str) -> Refund | None:
    """Return the refund of a pass."""
    return session.scalars(select(Refund).where(Refund.pass_id == pass_id)).one_or_none()


def unpaid(session: Session, *, most: int = 50) -> list[tuple[str, str]]:
    """List (refund id, payback id) of promised refunds that the provider has not carried out."""
    rows = select(Refund.id, Refund.payback_id).where(Refund.state == "requested")
    found = session.execute(rows.order_by(Refund.requested_at, Refund.id).limit(most))
    return [(row[0], row[1]) for row in found if row[1]]


def owed_at_expiry(session: Session, *, most: int = 50) -> list[str]:
    """List expired passes with unused paid value whose terms return it by themselves."""
    rows = (
        select(Pass.id)
        .join(Terms, Terms.id == Pass.terms_id)
        .join(OrderPass, OrderPass.pass_id == Pass.id)
        .outerjoin(Refund, Refund.pass_id == Pass.id)
        .where(Pass.state == "expired", Terms.refund_at_expiry, Refund.id.is_(None))
        .where(Pass.uses_left > 0, Pass.paid > Pass.spent)
        .order_by(Pass.expires, Pass.id)
        .limit(most)
    )
    return list(session.scalars(rows))
