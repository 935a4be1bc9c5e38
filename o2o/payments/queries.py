"""Intents and paybacks, read only."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.kernel.errors import NotAllowed
from o2o.payments.models import Intent, Payback


def intent(session: Session, intent_id: str) -> Intent:
    """Return an intent; NotAllowed when there is none."""
    row = session.get(Intent, intent_id)
    if row is None:
        raise NotAllowed
    return row


def intent_by_ref(session: Session, provider_ref: str) -> Intent | None:
    """Return the intent that the provider knows under this reference."""
    return session.scalars(select(Intent).where(Intent.provider_ref == provider_ref)).one_or_none()


def intents_of(session: Session, subject: str) -> list[Intent]:
    """List all intents of a subject, oldest first."""
    rows = select(Intent).where(Intent.subject == subject).order_by(Intent.created_at, Intent.id)
    return list(session.scalars(rows))


def payback(session: Session, payback_id: str) -> Payback:
    """Return a payback; NotAllowed when there is none."""
    row = session.get(Payback, payback_id)
    if row is None:
        raise NotAllowed
    return row


def unpaid(session: Session, *, prefix: str, most: int = 50) -> list[str]:
    """List the ids of promised paybacks whose key begins so and that the provider has not carried out."""
    due = select(Payback.id).where(Payback.state != "done", Payback.key.startswith(prefix, autoescape=True))
    return list(session.scalars(due.order_by(Payback.created_at, Payback.id).limit(most)))


def paid_back(session: Session, intent_id: str) -> int:
    """Return how much of an intent was returned or is promised, in minor units."""
    return int(session.scalar(select(func.sum(Payback.amount)).where(Payback.intent_id == intent_id)) or 0)
