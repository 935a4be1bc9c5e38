"""What the worker does for scarce things."""

from sqlalchemy.orm import Session

from o2o.capacity import queries, rules
from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore


@chore(every=5)
def release_expired(session: Session) -> int:
    """Give back what nobody paid for in time; takers do the same for their own pools."""
    if not queries.any_expired(session, now=clock.now()):
        session.rollback()
        return 0
    begin_write(session)
    released = rules.release_expired(session, now=clock.now())
    session.commit()
    return released
