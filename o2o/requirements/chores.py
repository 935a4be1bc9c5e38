"""What the worker does for what is asked: ends said in time and once, shops weighed after a large change."""

from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.papers import rules as papers
from o2o.requirements import deadlines

AT_ONCE = 200


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
    due = papers.unweighed(session)
    session.rollback()
    if not due:
        return 0
    begin_write(session)
    count = papers.weigh_all(session, most=AT_ONCE)
    session.commit()
    return count
