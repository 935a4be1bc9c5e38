"""A claim's papers go to review together, and may be taken back from it."""

from datetime import datetime

from sqlalchemy.orm import Session

from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.onboarding.models import Claim
from o2o.onboarding.rules import locked, move
from o2o.papers.standing import checklist


def submit(session: Session, *, claim_id: int, now: datetime) -> Claim:
    """Hand a claim in for review; twice is once. RuleBroken lines_open while something asked for is missing."""
    row = locked(session, claim_id)
    if row.state == "ready_for_review":
        return row
    if any(line.is_open for line in checklist(session, row, now)):
        sentence = N_("Something is still missing. The marked lines say what.")
        raise RuleBroken("lines_open", sentence)
    move(session, claim=row, to="ready_for_review", now=now)
    return row


def take_back(session: Session, *, claim_id: int, now: datetime) -> Claim:
    """Take a claim back from review to change something; twice is once."""
    row = locked(session, claim_id)
    if row.state not in ("ready_for_review", "onboarding"):
        raise RuleBroken("no_way", N_("This has moved on meanwhile. Look at the page again."))
    if row.state == "ready_for_review":
        move(session, claim=row, to="onboarding", now=now)
    return row
