"""What a use given back at the counter, or a refund, means for claims that stand already."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.claims.effects import refold
from o2o.claims.models import Claim
from o2o.kernel import clock
from o2o.kernel.journal import Fact, reacts_to
from o2o.refunds.models import Refund


@reacts_to("pass.annulled")
def settle_undone(session: Session, fact: Fact) -> None:
    """Fold a pass again when one of its redemptions was undone: a claim that had lost may win now."""
    _settle(session, str(fact.ids["pass_id"]))


@reacts_to("refund.requested", "refund.paid")
def settle_refunded(session: Session, fact: Fact) -> None:
    """Fold a pass again when its money is asked back: a till whose clock ran ahead may have taken it afterwards."""
    _settle(session, session.get_one(Refund, fact.ids["refund_id"]).pass_id)


def _settle(session: Session, pass_id: str) -> None:
    if session.scalar(select(Claim.id).where(Claim.pass_id == pass_id).limit(1)) is not None:
        refold(session, pass_id=pass_id, now=clock.now())
