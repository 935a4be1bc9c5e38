"""What the worker does for pictures: nothing unused stays."""

from itertools import islice

from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.photos import folder, queries, rules

# A file without a row may belong to a transaction that is still open; none is open for an hour.
SETTLED = 3600


@chore(every=3600)
def drop_unused(session: Session) -> int:
    """Drop pictures that nothing has pointed to for a day."""
    now = clock.now()
    waiting = queries.unused(session, before=now - rules.UNUSED, most=1)
    session.rollback()
    if not waiting:
        return 0
    begin_write(session)
    gone = rules.drop_unused(session, now=now)
    session.commit()
    return gone


@chore(every=6 * 3600)
def sweep_files(session: Session) -> int:
    """Delete files that belong to no row: of transactions that were rolled back, of writes that were cut off."""
    home = folder.home(session)
    before = clock.now().timestamp() - SETTLED
    gone = 0
    files = folder.old_files(home, before)
    while some := list(islice(files, 500)):
        rows = queries.known(session, [photo_id for _, photo_id in some if photo_id])
        session.rollback()
        for path, photo_id in some:
            if photo_id not in rows:
                path.unlink(missing_ok=True)
                gone += 1
    return gone
