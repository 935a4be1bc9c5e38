"""What the worker does for sanctions: steps end, late decisions lift them, guests of delisted shops are paid back."""

from sqlalchemy.orm import Session

from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.sanctions import queries, rules


@chore(every=60)
def pass_time(session: Session) -> int:
    """End what is over and lift what nobody decided in time, one transaction each."""
    due = queries.due(session, now=clock.now())
    session.rollback()
    done = 0
    for sanction_id in due:
        begin_write(session)
        done += rules.pass_time(session, sanction_id=sanction_id, now=clock.now())
        session.commit()
    journal.deliver(session)
    return done


@chore(every=10)
def settle_delisted(session: Session) -> int:
    """Pay open passes of delisted shops back, one transaction each: two orders' money never waits for each other."""
    owed, settled = queries.owed(session), queries.settled(session)
    session.rollback()
    done = 0
    for sanction_id, pass_id in owed:
        begin_write(session)
        done += rules.pay_back(session, sanction_id=sanction_id, pass_id=pass_id, now=clock.now())
        session.commit()
    if settled:
        begin_write(session)
        rules.close_settled(session, now=clock.now())
        session.commit()
    journal.deliver(session)
    return done
