"""What the passes do by themselves: expire when their time is over, and never keep a withdrawn key's signature."""

from sqlalchemy.orm import Session

from o2o.issuer import queries as issuer
from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.worker import chore
from o2o.passes import resigning, rules


@chore(every=60)
def expire(session: Session) -> int:
    """Expire passes whose time is over."""
    begin_write(session)
    expired = rules.expire_due(session, now=clock.now())
    session.commit()
    return len(expired)


@chore(every=60)
def sign_anew(session: Session) -> int:
    """Sign passes anew that a withdrawn key signed: sold in the same moment, or valid again since."""
    withdrawn = issuer.withdrawn(session)
    session.rollback()
    return sum(_sign_anew(session, kid) for kid in withdrawn)


def _sign_anew(session: Session, kid: int) -> int:
    total = 0
    while True:
        begin_write(session)
        count = resigning.sign_anew(session, kid=kid, now=clock.now())
        session.commit()
        if not count:
            return total
        total += count
