"""Passes whose key was withdrawn: found, and signed anew shop by shop."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.issuer import queries as issuer
from o2o.passes.models import Pass
from o2o.passes.shapes import reissue

# So many in one transaction: on SQLite selling and redeeming wait meanwhile, a fifth of a second on a small machine.
BATCH = 50
# A used pass whose redemption is undone is valid again, and then signed anew too.
OPEN_STATES = ("valid", "refunding")


def sign_anew(session: Session, *, kid: int, now: datetime, most: int = BATCH) -> int:
    """Sign at most `most` open passes of this key, all of one shop, with the key of now; return how many.

    0 when none is left, or when the key was not withdrawn. Side effects in order: the passes' locks by id, their new
    tokens and forms, the shop's feed.
    """
    if kid not in issuer.withdrawn(session):
        return 0
    theirs = (Pass.kid == kid, Pass.state.in_(OPEN_STATES))
    # One shop at a time: two feeds in one transaction could wait for each other with somebody else's.
    shop_id = session.scalar(select(Pass.shop_id).where(*theirs).limit(1))
    if shop_id is None:
        return 0
    ids = select(Pass.id).where(*theirs, Pass.shop_id == shop_id).order_by(Pass.id).limit(most)
    locked = session.scalars(ids.with_for_update()).all()
    for pass_id in locked:
        reissue(session, pass_id=pass_id, now=now)
    return len(locked)
