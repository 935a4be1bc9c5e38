"""What passes do when a key that signed them is withdrawn."""

from sqlalchemy.orm import Session

from o2o.kernel import clock, journal
from o2o.kernel.journal import Fact, reacts_to
from o2o.passes import resigning


@reacts_to("issuer.withdrawn", "passes.resigned")
def sign_anew(session: Session, fact: Fact) -> None:
    """Sign one batch of the key's open passes with the key of now, and ask for the next batch by a fact of its own."""
    kid = int(fact.ids["kid"])
    count = resigning.sign_anew(session, kid=kid, now=clock.now())
    if count:
        journal.record(session, "passes.resigned", kid=kid, passes=count)
