"""What the worker does for accounts."""

from sqlalchemy.orm import Session

from o2o.accounts import passkeys, rules, sweeping
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore


@chore(every=600)
def forget_stale(session: Session) -> int:
    """Delete challenges, links and logins that nothing can use any more."""
    begin_write(session)
    gone = passkeys.forget_challenges(session) + rules.forget_stale(session)
    session.commit()
    return gone


@chore(every=6 * 3600)
def sweep_erased(session: Session) -> int:
    """Have the database itself let go of what people erased within the last day."""
    return sweeping.sweep_lately(session)
