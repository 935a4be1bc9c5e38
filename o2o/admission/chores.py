"""What the worker does for admission: claims that lapse, said in time and once."""

from sqlalchemy.orm import Session

from o2o.admission import lapsing
from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore


@chore(every=3600)
def lapse(session: Session) -> int:
    """End claims that nobody touched for 30 days or whose shop is gone; warn a week before."""
    now = clock.now()
    due = lapsing.any_stale(session, now=now)
    session.rollback()
    if not due:
        return 0
    begin_write(session)
    lapsing.warn_stale(session, now=now)
    count = lapsing.lapse(session, now=now) + lapsing.end_gone(session, now=now)
    session.commit()
    return count
