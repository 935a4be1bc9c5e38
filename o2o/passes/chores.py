"""What the passes do by themselves: expire when their time is over."""

from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.passes import rules


@chore(every=60)
def expire(session: Session) -> int:
    """Expire passes whose time is over."""
    begin_write(session)
    expired = rules.expire_due(session, now=clock.now())
    session.commit()
    return len(expired)
