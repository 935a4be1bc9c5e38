"""Money back by the frozen rule: asked for by the guest, or by the system itself at expiry.

Tills are online only here, so what is unused cannot be spent any more once the pass is refunding, and the money
is released at once. Locks: pass, intent, book.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import journal
from o2o.kernel.db import new_id
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.ledger import rules as ledger
from o2o.ledger.queries import shop_book
from o2o.notifications.rules import tell
from o2o.offers.models import Terms
from o2o.orders import queries as orders
from o2o.passes import queries as pass_queries
from o2o.passes import rules as passes
from o2o.passes.models import Pass
from o2o.payments import rules as payments
from o2o.refunds.models import Refund

KEY = "refund:{}"
BY_TERMS = N_("By its terms this voucher is not refunded before it expires.")
OVER = N_("This pass is used, expired or already being refunded.")


def request(session: Session, *, pass_id: str, cause: str, now: datetime) -> Refund:
    """Take a pass out of use and promise the unused uses' share of what was paid for it.

    `cause` is guest or expiry; a guest may also ask for the kept value of an expired pass. In order: pass
    refunding, refund, payback, fact refund.requested, inbox, posting. A free pass is refunded at once and
    nothing is owed. Raises RuleBroken "not_refundable" (409) by the rule frozen at sale or the pass's state;
    the same pass again returns the refund that is there.
    """
    known = session.scalars(select(Refund).where(Refund.pass_id == pass_id)).one_or_none()
    if known is not None:
        return known
    pass_ = pass_queries.pass_by_id(session, pass_id)
    order = orders.order_of_pass(session, pass_id)
    if pass_ is None or order is None:
        raise NotAllowed
    if cause == "guest" and not may_ask(session, pass_=pass_):
        raise RuleBroken("not_refundable", BY_TERMS if pass_.state == "valid" else OVER)
    kind = "expiry" if pass_.state == "expired" else cause
    pass_ = passes.begin_refund(session, pass_id=pass_id, cause=kind)
    refund = Refund(
        id=new_id(),
        pass_id=pass_id,
        order_id=order.id,
        cause=cause,
        uses=pass_.uses_left,
        amount=pass_queries.value_left(pass_),
        currency=pass_.currency,
        state="requested",
        requested_at=now,
    )
    session.add(refund)
    session.flush()
    if refund.amount == 0:
        _close_free(session, refund, now)
        return refund
    _promise(session, refund, str(order.intent_id), pass_)
    return refund


def may_ask(session: Session, *, pass_: Pass) -> bool:
    """Tell whether the guest may have money back on request: before use by the terms, or kept at expiry."""
    terms = session.get_one(Terms, pass_.terms_id)
    if pass_.uses_left == 0:
        return False
    if pass_.state == "expired":
        return pass_queries.value_left(pass_) > 0
    return pass_.state == "valid" and terms.refund_before_use


def pay(session: Session, *, refund_id: str, provider_ref: str, now: datetime) -> Refund:
    """Write down that the provider returned the money; a repetition changes nothing.

    In order: pass refunded, payback done, refund paid, fact refund.paid, inbox, posting.
    """
    refund = session.get_one(Refund, refund_id, with_for_update=True, populate_existing=True)
    if refund.state == "paid" or refund.payback_id is None:
        return refund
    pass_ = passes.finish_refund(session, pass_id=refund.pass_id)
    payments.note_payback_done(session, payback_id=refund.payback_id, provider_ref=provider_ref)
    refund.state = "paid"
    refund.paid_at = now
    session.flush()
    journal.record(session, "refund.paid", refund_id=refund.id)
    _tell(session, refund, pass_, "refund.paid")
    _post(session, refund, pass_, "paid", {"refunds_due": refund.amount, "cash": -refund.amount})
    return refund


def _promise(session: Session, refund: Refund, intent_id: str, pass_: Pass) -> None:
    payback = payments.create_payback(
        session, intent_id=intent_id, key=KEY.format(refund.id), amount=refund.amount
    )
    refund.payback_id = payback.id
    session.flush()
    journal.record(session, "refund.requested", refund_id=refund.id)
    _tell(session, refund, pass_, "refund.requested")
    _post(session, refund, pass_, "due", {"voucher_liability": refund.amount, "refunds_due": -refund.amount})


def _close_free(session: Session, refund: Refund, now: datetime) -> None:
    """Close a refund of nothing: the coupon is given back and no money moves."""
    passes.finish_refund(session, pass_id=refund.pass_id)
    refund.state = "paid"
    refund.paid_at = now
    session.flush()
    journal.record(session, "refund.requested", refund_id=refund.id)
    journal.record(session, "refund.paid", refund_id=refund.id)


def _tell(session: Session, refund: Refund, pass_: Pass, kind: str) -> None:
    terms = session.get_one(Terms, pass_.terms_id)
    tell(
        session,
        account_id=pass_.account_id,
        key=f"{kind}:{refund.id}",
        kind=kind,
        link=f"/passes/{pass_.id}",
        title=terms.title,
        cause=refund.cause,
        amount=refund.amount,
        currency=refund.currency,
    )


def _post(session: Session, refund: Refund, pass_: Pass, step: str, legs: dict[str, int]) -> None:
    ledger.post(
        session,
        book=shop_book(pass_.shop_id),
        shop_id=pass_.shop_id,
        key=f"{KEY.format(refund.id)}:{step}",
        kind=f"refund_{step}",
        subject=f"order:{refund.order_id}",
        currency=refund.currency,
        legs=legs,
    )
