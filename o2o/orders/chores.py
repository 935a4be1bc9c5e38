"""What the worker does for orders: ask, return, expire."""

from datetime import timedelta

from flask import current_app
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.orders import payment, rules
from o2o.payments import rules as payments


@chore(every=30)
def ask_the_bank(session: Session) -> int:
    """Ask about payments of orders that are open, or closed within the hour."""
    return _ask(session, timedelta(hours=1))


@chore(every=3600)
def ask_the_bank_again(session: Session) -> int:
    """Ask about every payment of the last month that nobody told us about."""
    return _ask(session, timedelta(days=30))


@chore(every=10)
def return_late_money(session: Session) -> int:
    """Send back money that came too late."""
    settings = current_app.config["O2O"]
    if not payments.takes_money(settings):
        return 0
    return payment.send_returns(session, payments.provider(settings))


@chore(every=5)
def expire(session: Session) -> int:
    """Expire orders whose hold ran out."""
    due = rules.due(session, now=clock.now())
    session.rollback()
    expired = 0
    for order_id in due:
        begin_write(session)
        expired += rules.expire(session, order_id=order_id, now=clock.now())
        session.commit()
    return expired


def _ask(session: Session, within: timedelta) -> int:
    settings = current_app.config["O2O"]
    if not payments.takes_money(settings):
        return 0
    return payment.ask_all(session, payments.provider(settings), within=within)
