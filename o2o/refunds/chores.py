"""What the worker does for refunds."""

from flask import current_app
from sqlalchemy.orm import Session

from o2o.kernel.worker import chore
from o2o.payments import rules as payments
from o2o.refunds import payout


@chore(every=30)
def refund_expired(session: Session) -> int:
    """Return by itself what expired unused, where the terms say so."""
    return payout.refund_expired(session)


@chore(every=10)
def pay_out(session: Session) -> int:
    """Pay the refunds that every till has heard of, and finish those that were cut off at the provider."""
    settings = current_app.config["O2O"]
    if not payments.takes_money(settings):
        return 0
    return payout.pay_out_due(session, payments.provider(settings))
