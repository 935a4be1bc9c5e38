"""What the worker does for inboxes: nothing stays longer than it is good for."""

from datetime import timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.notifications.models import Message

KEPT = timedelta(days=400)


@chore(every=600)
def forget_old(session: Session) -> int:
    """Delete what was read long ago, and what came late for somebody who is erased."""
    gone = select(Account.id).where(Account.erased_at.is_not(None))
    over = or_(Message.read_at < clock.now() - KEPT, Message.account_id.in_(gone))
    due = session.scalar(select(Message.id).where(over).limit(1))
    session.rollback()
    if due is None:
        return 0
    begin_write(session)
    count = session.execute(delete(Message).where(over)).rowcount  # type: ignore[attr-defined]
    session.commit()
    return int(count)
