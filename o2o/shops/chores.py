"""What the worker does for shops."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.shops import rules
from o2o.shops.models import Shop


@chore(every=30)
def refresh_open(session: Session) -> int:
    """Move shops that have closed to their next open interval; "open now" is asked of these columns."""
    now = clock.now()
    due = session.scalar(select(Shop.id).where(Shop.open_to <= now).limit(1))
    session.rollback()
    if due is None:
        return 0
    begin_write(session)
    count = rules.refresh_due(session, now=now)
    session.commit()
    return count


@chore(every=24 * 3600)
def drop_past_days(session: Session) -> int:
    """Delete special days that are long over; what a shop says of its past is in its export until then."""
    begin_write(session)
    gone = rules.drop_past(session, today=clock.now().date())
    session.commit()
    return gone
