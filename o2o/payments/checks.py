"""The invariants of payments."""

from collections.abc import Iterator

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from o2o.kernel.checks import invariant
from o2o.payments.models import Intent, Payback


@invariant("I5", "no more is promised back than was captured")
def paybacks_fit(session: Session) -> Iterator[str]:
    """Name intents whose paybacks pass what was captured."""
    promised = func.sum(Payback.amount)
    rows = (
        select(Intent.id, Intent.amount, promised)
        .join(Payback, Payback.intent_id == Intent.id)
        .group_by(Intent.id)
        .having(or_(promised > Intent.amount, Intent.state != "captured"))
    )
    for intent_id, amount, back in session.execute(rows):
        yield f"intent {intent_id}: {back} back of {amount}"
