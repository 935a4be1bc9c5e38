"""Money back by the frozen rule: asked for by the guest, or by the system itself at expiry.

A till with no network may have taken uses that the guest wants the money of, so it is released only when every
till has heard of the refund; until then late claims change it. With no tills to wait for that is at once.
Locks: pass, refund, intent, book.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.feed import rules as feed
from o2o.kernel import journal
from o2o.kernel.db import new_id
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.ledger import rules as ledger
from o2o.ledger.models import Posting
from o2o.ledger.queries import shop_book
from o2o.notifications.rules import tell
from o2o.offers.models import Terms
from o2o.orders import queries as orders
from o2o.passes import queries as pass_queries
from o2o.passes import rules as passes
from o2o.passes.models import Pass
from o2o.payments import rules as payments
from o2o.refunds import queries
from o2o.refunds.models import REFUND_STATES, Refund
from o2o.shops.models import Shop

KEY = "refund:{}"
BY_TERMS = N_("By its terms this voucher is not refunded before it expires.")
OVER = N_("This pass is used, expired or already being refunded.")


def request(session: Session, *, pass_id: str, cause: str, now: datetime) -> Refund:
    """Take a pass out of use and promise the unused uses' share of what was paid for it.

    `cause` is guest, expiry or platform; a guest may also ask for the kept value of an expired pass. In order: pass
    refunding, refund, the mark that tills have to hear, payback, fact refund.requested, inbox, posting. A free
    pass is refunded at once and nothing is owed. Raises RuleBroken "not_refundable" (409) by the rule frozen at
    sale or the pass's state; the same pass again returns the refund that is there.
    """
    known = queries.live_refund(session, pass_id)
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
        mark=new_id(),
        requested_at=now,
    )
    session.add(refund)
    session.flush()
    feed.note(session, shop_id=pass_.shop_id, kind="mark", subject=str(refund.mark))
    if refund.amount == 0:
        journal.record(session, "refund.requested", refund_id=refund.id)
        _close_free(session, refund, now)
        return refund
    _promise(session, refund, str(order.intent_id), pass_)
    return refund


def may_ask(session: Session, *, pass_: Pass) -> bool:
    """Tell whether the guest may have money back on request: by the terms, at a suspended shop, or kept at expiry."""
    terms = session.get_one(Terms, pass_.terms_id)
    if pass_.uses_left == 0:
        return False
    if pass_.state == "expired":
        return pass_queries.value_left(pass_) > 0
    return pass_.state == "valid" and (
        terms.refund_before_use or is_freed(session.get_one(Shop, pass_.shop_id))
    )


def is_freed(shop: Shop) -> bool:
    """Tell whether guests of a shop may give back what they hold, whatever its terms say: it may not sell any more."""
    return shop.sanction == "suspended" or shop.closes_at is not None


def release(session: Session, *, refund_id: str, now: datetime) -> str | None:
    """Let a refund's money go, if it may: return the payback to have carried out, else None.

    Locks the pass, then the refund. From here on no claim changes it; a repetition returns the same.
    """
    refund = _locked(session, refund_id)
    if refund.state != "requested" or refund.payback_id is None:
        return None
    if not queries.is_released(session, refund, now=now):
        return None
    payments.note_payback_sent(session, payback_id=refund.payback_id)
    return refund.payback_id


def pay(session: Session, *, refund_id: str, provider_ref: str, now: datetime) -> Refund:
    """Write down that the provider returned the money; a repetition changes nothing.

    In order: pass refunded, payback done, refund paid, fact refund.paid, inbox, posting.
    """
    refund = _locked(session, refund_id)
    if refund.state != "requested" or refund.payback_id is None:
        return refund
    pass_ = passes.finish_refund(session, pass_id=refund.pass_id)
    payments.note_payback_done(session, payback_id=refund.payback_id, provider_ref=provider_ref)
    _move(refund, "paid")
    refund.paid_at = now
    session.flush()
    journal.record(session, "refund.paid", refund_id=refund.id)
    _tell(session, refund, pass_, "refund.paid")
    _post(session, refund, pass_, "paid", {"refunds_due": refund.amount, "cash": -refund.amount})
    return refund


def adjust(session: Session, *, pass_id: str, now: datetime) -> Refund | None:
    """Let a refund follow its pass, after claims took uses of it or gave them back; None when there is none.

    Locks the pass, then the refund. Uses, amount and payback become what the pass has left; with nothing left
    the refund is withdrawn and the pass is used. In order: pass, refund, payback, inbox, posting (refund_less or
    refund_more, once per change). Raises RuleBroken "payback_sent" (409) when the money is at the bank already:
    then nothing of the claims may stand.
    """
    pass_ = passes.get_locked(session, pass_id=pass_id)
    known = queries.live_refund(session, pass_id)
    if known is None or known.state != "requested":
        return known
    refund = _locked(session, known.id)
    if pass_.state == "valid":
        # A claim had taken the last use and lost it again: the guest's wish still stands.
        pass_ = passes.begin_refund(session, pass_id=pass_id, cause="guest")
    left, value = pass_.uses_left, pass_queries.value_left(pass_)
    if (refund.uses, refund.amount) == (left, value):
        return refund
    change = value - refund.amount
    _promise_anew(session, refund, left, value)
    if left == 0:
        _move(refund, "withdrawn")
        session.flush()
    elif value == 0:
        _close_free(session, refund, now)
    name = "refund.changed" if left else "refund.withdrawn"
    step = _next_step(session, refund, "more" if change > 0 else "less")
    _tell(session, refund, pass_, name, key=f"{name}:{refund.id}:{step}")
    if change:
        legs = {"voucher_liability": change, "refunds_due": -change}
        _post(session, refund, pass_, step, legs, kind=step.partition(":")[0])
    return refund


def _locked(session: Session, refund_id: str) -> Refund:
    """Lock a refund's pass and then the refund; return it as it is now."""
    refund = session.get_one(Refund, refund_id)
    passes.get_locked(session, pass_id=refund.pass_id)
    session.refresh(refund, with_for_update=True)
    return refund


def _move(refund: Refund, state: str) -> None:
    if state not in REFUND_STATES[refund.state]:
        raise ValueError(f"a {refund.state} refund never becomes {state}")
    refund.state = state


def _promise_anew(session: Session, refund: Refund, uses: int, amount: int) -> None:
    """Change what is promised back; a promise of nothing is none."""
    payback_id = refund.payback_id
    refund.uses, refund.amount = uses, amount
    if amount == 0:
        refund.payback_id = None
    session.flush()
    if payback_id is not None:
        payments.change_payback(session, payback_id=payback_id, amount=amount)


def _next_step(session: Session, refund: Refund, step: str) -> str:
    """Number a change of a refund, so that each is posted under a key of its own."""
    before = Posting.key.startswith(f"{KEY.format(refund.id)}:{step}:", autoescape=True)
    return f"{step}:{(session.scalar(select(func.count(Posting.id)).where(before)) or 0) + 1}"


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
    """Close a refund of nothing: what is left is given back and no money moves."""
    passes.finish_refund(session, pass_id=refund.pass_id)
    _move(refund, "paid")
    refund.paid_at = now
    session.flush()
    journal.record(session, "refund.paid", refund_id=refund.id)


def _tell(session: Session, refund: Refund, pass_: Pass, kind: str, *, key: str = "") -> None:
    terms = session.get_one(Terms, pass_.terms_id)
    tell(
        session,
        account_id=pass_.account_id,
        key=key or f"{kind}:{refund.id}",
        kind=kind,
        link=f"/passes/{pass_.id}",
        title=terms.title,
        cause=refund.cause,
        uses=refund.uses,
        amount=refund.amount,
        currency=refund.currency,
    )


def _post(
    session: Session, refund: Refund, pass_: Pass, step: str, legs: dict[str, int], *, kind: str = ""
) -> None:
    ledger.post(
        session,
        book=shop_book(pass_.shop_id),
        shop_id=pass_.shop_id,
        key=f"{KEY.format(refund.id)}:{step}",
        kind=f"refund_{kind or step}",
        subject=f"order:{refund.order_id}",
        currency=refund.currency,
        legs=legs,
    )
