"""What a new settling of claims, or one that became final, means for conflicts."""

from sqlalchemy.orm import Session

from o2o.conflicts import rules
from o2o.kernel import clock
from o2o.kernel.journal import Fact, reacts_to


@reacts_to("claims.folded", "claims.final")
def follow_claims(session: Session, fact: Fact) -> None:
    """Bring the pass's conflicts up to what its claims say now, whichever fact came first."""
    rules.reconcile(session, pass_id=str(fact.ids["pass_id"]), now=clock.now())
