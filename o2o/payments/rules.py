"""Intents, paybacks and notices; what they mean for an order is decided upstairs."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import insert_ignore, new_id
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.payments.calls import send_back
from o2o.payments.models import INTENT_STATES, Intent, Notice, Payback
from o2o.payments.providers import Opened, Outcome, Provider, ProviderDown, Word, takes_money
from o2o.payments.sandbox import provider

__all__ = [
    "Opened", "Outcome", "Provider", "ProviderDown", "Word", "change_payback", "create_intent",
    "create_payback", "hear", "note_captured", "note_failed", "note_notice", "note_payback_done",
    "note_payback_sent", "note_pending", "on_notice", "provider", "send_back", "takes_money",
]  # fmt: skip

Listener = Callable[[Session, Word], None]
_listeners: list[Listener] = []
TOO_MUCH = N_("More cannot be paid back than was paid.")


def create_intent(session: Session, *, subject: str, amount: int, currency: str, provider: str) -> Intent:
    """Write down that money will be asked for, in minor units, before the provider is called."""
    intent = Intent(
        id=new_id(),
        subject=subject,
        provider=provider,
        amount=amount,
        currency=currency,
        state="created",
        created_at=clock.now(),
    )
    session.add(intent)
    session.flush()
    return intent


def note_pending(session: Session, *, intent_id: str, opened: Opened) -> Intent:
    """Write down what the provider answered to `create`; a repetition changes nothing."""
    _move(session, Intent.id == intent_id, "pending", provider_ref=opened.ref, pay_url=opened.pay_url)
    return session.get_one(Intent, intent_id, populate_existing=True)


def note_captured(session: Session, *, intent_id: str) -> bool:
    """Write down that the money was taken; tell whether this is news: of many that say so one acts."""
    return _move(session, Intent.id == intent_id, "captured", captured_at=clock.now())


def note_failed(session: Session, *, intent_id: str) -> bool:
    """Write down that the provider said no; tell whether this is news."""
    return _move(session, Intent.id == intent_id, "failed")


def note_notice(session: Session, *, word: Word) -> bool:
    """Write down a verified notice; tell whether it is the first with its event id."""
    row = {
        "provider": word.provider,
        "event_id": word.event_id,
        "kind": word.outcome,
        "provider_ref": word.ref,
        "received_at": clock.now(),
    }
    return bool(insert_ignore(session, Notice.__table__, row))  # type: ignore[arg-type]


def create_payback(session: Session, *, intent_id: str, key: str, amount: int) -> Payback:
    """Promise money back from a captured intent, before the provider is called; the same key is the same.

    Raises RuleBroken "too_much_back" (409) when the promises would pass what was captured, "key_reused" for
    the same key with another amount.
    """
    intent = session.get(Intent, intent_id, with_for_update=True, populate_existing=True)
    if intent is None:
        raise NotAllowed
    known = session.scalars(select(Payback).where(Payback.key == key)).one_or_none()
    if known is not None:
        if (known.intent_id, known.amount) != (intent_id, amount):
            raise RuleBroken("key_reused", N_("This refund was already asked for with another amount."))
        return known
    promised = session.scalar(select(func.sum(Payback.amount)).where(Payback.intent_id == intent_id)) or 0
    if intent.state != "captured" or promised + amount > intent.amount:
        raise RuleBroken("too_much_back", TOO_MUCH)
    payback = Payback(
        id=new_id(), intent_id=intent_id, key=key, amount=amount, state="created", created_at=clock.now()
    )
    session.add(payback)
    session.flush()
    return payback


def note_payback_sent(session: Session, *, payback_id: str) -> bool:
    """Write down that the provider is about to be called: from here on the promise stands as it is."""
    unsent = (Payback.id == payback_id, Payback.state == "created")
    return _changed(session, update(Payback).where(*unsent).values(state="sent"))


def change_payback(session: Session, *, payback_id: str, amount: int) -> None:
    """Promise another amount, 0 for none at all, as long as nothing was sent; minor units.

    Locks the intent. A promise of nothing is no row. Raises RuleBroken "payback_sent" (409) once the provider
    was called, "too_much_back" when the promises would pass what was captured.
    """
    payback = session.get_one(Payback, payback_id)
    intent = session.get_one(Intent, payback.intent_id, with_for_update=True, populate_existing=True)
    others = select(func.sum(Payback.amount)).where(Payback.intent_id == intent.id, Payback.id != payback_id)
    if (session.scalar(others) or 0) + amount > intent.amount:
        raise RuleBroken("too_much_back", TOO_MUCH)
    unsent = (Payback.id == payback_id, Payback.state == "created")
    wanted: Any = (
        update(Payback).where(*unsent).values(amount=amount) if amount else delete(Payback).where(*unsent)
    )
    if not _changed(session, wanted):
        raise RuleBroken("payback_sent", N_("This refund is already at the bank, so it cannot be changed."))


def note_payback_done(session: Session, *, payback_id: str, provider_ref: str) -> bool:
    """Write down that the provider returned the money; tell whether this is news."""
    open_one = (Payback.id == payback_id, Payback.state != "done")
    values = {"state": "done", "provider_ref": provider_ref, "done_at": clock.now()}
    return _changed(session, update(Payback).where(*open_one).values(values))


def on_notice(listener: Listener) -> Listener:
    """Register who acts on the provider's word: `(session, word)`, with no transaction open; it commits."""
    if listener not in _listeners:
        _listeners.append(listener)
    return listener


def hear(session: Session, *, word: Word) -> None:
    """Pass a verified notice on to whoever acts on it."""
    for listener in _listeners:
        listener(session, word)


def _move(session: Session, which: Any, state: str, **values: Any) -> bool:
    """Change an intent's state by one conditional update, if the table of states knows the way."""
    sources = [source for source, targets in INTENT_STATES.items() if state in targets]
    moved = update(Intent).where(which, Intent.state.in_(sources)).values(state=state, **values)
    return _changed(session, moved)


def _changed(session: Session, statement: Any) -> bool:
    result = session.execute(statement, execution_options={"synchronize_session": "evaluate"})
    return bool(result.rowcount)  # type: ignore[attr-defined]
