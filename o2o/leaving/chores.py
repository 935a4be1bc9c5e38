"""What the worker does for shops that leave."""

from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.leaving import queries, rules


@chore(every=30)
def close_due(session: Session) -> int:
    """Pay back what is open at shops whose hour has come, some at a time, and close those that nobody waits for."""
    due = queries.due(session, now=clock.now())
    session.rollback()
    return sum(_close(session, closing_id) for closing_id in due)


def _close(session: Session, closing_id: int) -> bool:
    some = rules.CHUNK
    while some == rules.CHUNK:
        begin_write(session)
        some = rules.refund_some(session, closing_id=closing_id, now=clock.now())
        session.commit()
    begin_write(session)
    closed = rules.finish(session, closing_id=closing_id, now=clock.now())
    session.commit()
    return closed
