"""What a use given back at the counter means for claims that had lost it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.claims.effects import refold
from o2o.claims.models import Claim
from o2o.kernel import clock
from o2o.kernel.journal import Fact, reacts_to


@reacts_to("pass.annulled")
def settle_anew(session: Session, fact: Fact) -> None:
    """Fold a pass again when one of its redemptions was undone: a claim that had lost may win now."""
    pass_id = str(fact.ids["pass_id"])
    if session.scalar(select(Claim.id).where(Claim.pass_id == pass_id).limit(1)) is not None:
        refold(session, pass_id=pass_id, now=clock.now())
