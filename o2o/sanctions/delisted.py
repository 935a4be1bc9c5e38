"""What a delisted shop's guests get: their money, without asking for it."""

from datetime import datetime

from sqlalchemy.orm import Session

from o2o.conduct.models import STANDING, Sanction
from o2o.kernel.errors import RuleBroken
from o2o.refunds import rules as refunds
from o2o.sanctions import queries


def pay_back(session: Session, *, sanction_id: int, pass_id: str, now: datetime) -> bool:
    """Pay an open pass of a delisted shop back, as if its guest had asked; tell whether it was open still."""
    row = session.get_one(Sanction, sanction_id)
    if row.state not in STANDING:
        return False
    try:
        refunds.request(session, pass_id=pass_id, cause="platform", now=now)
    except RuleBroken:
        # Used, given back or expired since it was listed.
        return False
    return True


def close_settled(session: Session, *, now: datetime) -> int:
    """Note which delistings have no guest waiting for money any more; return how many."""
    found = queries.settled(session)
    for sanction_id in found:
        session.get_one(Sanction, sanction_id, with_for_update=True).settled_at = now
    session.flush()
    return len(found)
