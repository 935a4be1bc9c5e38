"""The steps around a provider's calls: commit, call with no transaction open, commit what was learnt.

Each step may be cut off after any line and be taken again: keys make the repetition the same.
"""

import logging
from datetime import timedelta

from sqlalchemy.orm import Session

from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write
from o2o.kernel.errors import Refusal, RuleBroken
from o2o.kernel.outside import outside
from o2o.kernel.words import N_
from o2o.orders import queries, rules
from o2o.payments import queries as payment_queries
from o2o.payments import rules as payments
from o2o.payments.rules import Opened, Outcome, Provider, Word

log = logging.getLogger("o2o.orders")


def open_payment(
    session: Session, provider: Provider, *, account_id: int, order_id: str, return_url: str
) -> str:
    """Start to pay an order and return the address where the guest pays."""
    begin_write(session)
    order, intent = rules.start_paying(
        session, account_id=account_id, order_id=order_id, now=clock.now(), provider=provider.name
    )
    intent_id, amount, currency, pay_url = intent.id, order.total, order.currency, intent.pay_url
    session.commit()
    if pay_url:
        return pay_url
    with outside(session):
        opened: Opened = provider.create(
            key=intent_id, amount=amount, currency=currency, return_url=return_url
        )
    begin_write(session)
    payments.note_pending(session, intent_id=intent_id, opened=opened)
    session.commit()
    return opened.pay_url


@payments.on_notice
def hear(session: Session, word: Word) -> None:
    """Act on the provider's word, once per event; RuleBroken 404 for a payment that is not ours (yet)."""
    begin_write(session)
    if not payments.note_notice(session, word=word):
        session.rollback()
        return
    intent = payment_queries.intent_by_ref(session, word.ref)
    if intent is None:
        raise RuleBroken("unknown_payment", N_("We know of no such payment."), status=404)
    _act(session, intent.id, word.outcome)
    session.commit()
    journal.deliver(session)


def ask(session: Session, provider: Provider, *, intent_id: str, ref: str) -> Outcome:
    """Ask the provider what became of a payment and act on it; nothing is lost with a notice."""
    with outside(session):
        outcome = provider.state(ref)
    if outcome == "pending":
        return outcome
    begin_write(session)
    _act(session, intent_id, outcome)
    session.commit()
    journal.deliver(session)
    return outcome


def ask_all(session: Session, provider: Provider, *, within: timedelta) -> int:
    """Ask about every payment whose hold ends or ended within this time; return how many are settled."""
    waiting = queries.waiting(session, since=clock.now() - within)
    session.rollback()
    settled = 0
    for intent_id, ref in waiting:
        try:
            settled += ask(session, provider, intent_id=intent_id, ref=ref) != "pending"
        except Refusal as refusal:
            session.rollback()
            log.warning("payment %s: %s", intent_id, refusal.code)
    return settled


def send_returns(session: Session, provider: Provider) -> int:
    """Return money that bought nothing; return how many paybacks were carried out."""
    due = payment_queries.unpaid(session, prefix="return:")
    session.rollback()
    for payback_id in due:
        ref = payments.send_back(session, provider, payback_id)
        begin_write(session)
        payback = payment_queries.payback(session, payback_id)
        rules.return_done(session, payback=payback, provider_ref=ref)
        session.commit()
    return len(due)


def _act(session: Session, intent_id: str, outcome: Outcome) -> None:
    if outcome == "captured":
        rules.capture(session, intent_id=intent_id, now=clock.now())
    elif outcome == "failed":
        payments.note_failed(session, intent_id=intent_id)
