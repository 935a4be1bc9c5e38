"""What the worker does for the books."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.ledger import queries, rules


@chore(every=600)
def seal_days(session: Session) -> int:
    """Seal the heads of the books as they stood at the end of yesterday (UTC)."""
    today = clock.now().date()
    midnight = datetime(today.year, today.month, today.day, tzinfo=UTC)
    due = queries.unsealed_heads(session, before=midnight)
    session.rollback()
    if not due:
        return 0
    begin_write(session)
    day = today - timedelta(days=1)
    sealed = sum(rules.seal(session, book=book, day=day, seq=seq, head=head) for book, seq, head in due)
    session.commit()
    return sealed
