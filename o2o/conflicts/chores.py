"""What the worker does for conflicts."""

from sqlalchemy.orm import Session

from o2o.conflicts import queries, rules
from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore


@chore(every=60)
def settle(session: Session) -> int:
    """Settle the conflicts that every till of the shop has heard of, or that are three days old."""
    now = clock.now()
    is_idle = not (queries.unmarked(session, now=now) or queries.due(session, now=now))
    session.rollback()
    if is_idle:
        return 0
    done = 0
    # One conflict a transaction: two would lock pass, book, pass, against the order of locks.
    while True:
        begin_write(session)
        settled = rules.settle_due(session, now=now, most=1)
        session.commit()
        done += settled
        if not settled:
            return done
