"""The steps of paying back: promised, released once no till can object, sent outside, then written down."""

import logging

from sqlalchemy.orm import Session

from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write
from o2o.kernel.errors import Refusal
from o2o.payments import rules as payments
from o2o.payments.rules import Provider
from o2o.refunds import queries, rules

log = logging.getLogger("o2o.refunds")


def pay_out(session: Session, provider: Provider, *, refund_id: str) -> bool:
    """Have the provider return one refund, if its money may go; a failure is logged and tried again."""
    begin_write(session)
    payback_id = rules.release(session, refund_id=refund_id, now=clock.now())
    session.commit()
    if payback_id is None:
        return False
    try:
        ref = payments.send_back(session, provider, payback_id)
    except Refusal as refusal:
        session.rollback()
        log.warning("refund %s: %s", refund_id, refusal.code)
        return False
    begin_write(session)
    rules.pay(session, refund_id=refund_id, provider_ref=ref, now=clock.now())
    session.commit()
    journal.deliver(session)
    return True


def pay_out_due(session: Session, provider: Provider) -> int:
    """Have the provider return every refund whose money may go; return how many it did."""
    due = queries.unpaid(session, now=clock.now())
    session.rollback()
    return sum(pay_out(session, provider, refund_id=refund_id) for refund_id in due)


def refund_expired(session: Session) -> int:
    """Promise the unused value of expired passes back, one transaction each; return how many."""
    due = queries.owed_at_expiry(session)
    session.rollback()
    for pass_id in due:
        begin_write(session)
        rules.request(session, pass_id=pass_id, cause="expiry", now=clock.now())
        session.commit()
    return len(due)
