"""Reads of what was handed in, and how the lines of a claim stand."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.papers.expiry import SOON, Deadline, ends, warnings
from o2o.papers.models import Submission
from o2o.papers.standing import DONE, OPEN, Line, checklist, latest, state_of

__all__ = [
    "DONE",
    "OPEN",
    "SOON",
    "Deadline",
    "Line",
    "checklist",
    "ends",
    "latest",
    "state_of",
    "trail",
    "warnings",
]


def trail(session: Session, claim_id: int, *, requirement_id: int | None = None) -> list[Submission]:
    """List everything that was handed in with a claim, the newest first."""
    rows = select(Submission).where(Submission.claim_id == claim_id)
    if requirement_id is not None:
        rows = rows.where(Submission.requirement_id == requirement_id)
    return list(session.scalars(rows.order_by(Submission.id.desc())))
