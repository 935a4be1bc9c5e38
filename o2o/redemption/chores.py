"""What the till does by itself: a redemption that nobody can undo or dispute any more is the shop's money."""

from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.redemption import rules


@chore(every=30)
def finalise(session: Session) -> int:
    """Make redemptions final after their undo window, once every till has heard."""
    begin_write(session)
    final = rules.finalise_due(session, now=clock.now())
    session.commit()
    return final
