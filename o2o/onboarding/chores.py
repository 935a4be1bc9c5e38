"""What the worker does for admission: claims that lapse, papers that end, said in time and once."""

from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.onboarding import deadlines, rules

AT_ONCE = 200


@chore(every=3600)
def lapse(session: Session) -> int:
    """End claims that nobody touched for 30 days or whose shop is gone; warn a week before."""
    now = clock.now()
    due = deadlines.any_stale(session, now=now)
    session.rollback()
    if not due:
        return 0
    begin_write(session)
    deadlines.warn_stale(session, now=now)
    count = rules.lapse(session, now=now) + rules.end_gone(session, now=now)
    session.commit()
    return count


@chore(every=1800)
def warn(session: Session) -> int:
    """Tell owners 30, 7 and 1 days before something ends their sales, and when it has."""
    now = clock.now()
    news = deadlines.news(session, now=now)
    session.rollback()
    if not news:
        return 0
    begin_write(session)
    count = deadlines.tell(session, news=news)
    session.commit()
    return count


@chore(every=300)
def weigh(session: Session) -> int:
    """Weigh the shops that a change of what is asked has left, some at a time."""
    due = rules.unweighed(session)
    session.rollback()
    if not due:
        return 0
    begin_write(session)
    count = rules.weigh_all(session, most=AT_ONCE)
    session.commit()
    return count
