"""What shops do when something happens to a person."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from o2o.kernel.journal import Fact, reacts_to
from o2o.shops.models import Role


@reacts_to("account.erased")
def end_roles(session: Session, fact: Fact) -> None:
    """End every role of a person who is gone; a shop left without owner waits for the operator."""
    theirs = (Role.account_id == int(fact.ids["account_id"]), Role.ended_at.is_(None))
    session.execute(update(Role).where(*theirs).values(ended_at=fact.at))
