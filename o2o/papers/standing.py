"""The state of every line of a checklist, reckoned when it is read from what stands there now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.checklist import queries as lists
from o2o.checklist.models import Requirement
from o2o.offers.rules import local_day
from o2o.onboarding.models import Claim
from o2o.papers.models import Submission
from o2o.papers.proofs import end_of
from o2o.shops import queries as shops

# What keeps a claim from being handed in, and what lets it be approved.
OPEN = ("incomplete", "rejected")
DONE = ("complete", "waived")


@dataclass(frozen=True, slots=True)
class Line:
    """A requirement, its state (incomplete, pending, complete, rejected or waived), and the submission that counts.

    `until` is when the line ends an admitted shop's right to sell.
    """

    requirement: Requirement
    state: str
    submission: Submission | None
    until: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Tell whether the owner still has to do something."""
        return self.state in OPEN


def checklist(session: Session, claim: Claim, now: datetime) -> list[Line]:
    """List what is asked of a claim's shop, each line with its state at this moment."""
    shop = shops.shop(session, claim.shop_id, behind=True)
    prepared = shops.prepared(session, shop_id=shop.id, account_id=claim.account_id or 0)
    zone = shops.founded(session).zone
    today, versions = local_day(now, zone.key), lists.terms_versions(session)
    rows, answers = lists.requirements(session), by_line(submissions(session, claim.id))
    keys = [row.key for row in rows if row.kind == "computed"]
    met = lists.met(session, keys=keys, shop=shop, prepared=prepared)
    version = versions[-1].version if versions else lists.FIRST
    lines = []
    for row in rows:
        given = answers.get(row.id, [])
        newest = given[0] if given else None
        state = state_of(row, newest, is_met=row.key in met, version=version, today=today)
        lines.append(Line(row, state, newest, end_of(row, given, versions, zone)))
    return lines


def state_of(row: Requirement, answer: Submission | None, *, is_met: bool, version: int, today: date) -> str:
    """Reckon a line's state: `version` is the newest of the terms, `today` a day in the town."""
    if row.kind == "computed" and is_met:
        return "complete"
    if answer is None or (row.key == "terms" and answer.terms_version != version):
        return "incomplete"
    if answer.decision == "waived":
        return "waived"
    if row.kind == "computed":
        return "incomplete"
    if answer.decision == "refused":
        return "rejected"
    if has_run_out(row, answer, today):
        return "incomplete"
    return "complete" if answer.decision == "accepted" or row.kind == "attested" else "pending"


def has_run_out(row: Requirement, answer: Submission, today: date) -> bool:
    """Tell whether a paper is past its last day, or lacks the day that is asked for now."""
    if answer.expires_on is None:
        return row.asks_expiry
    return answer.expires_on < today


def submissions(session: Session, claim_id: int) -> Sequence[Submission]:
    """List what was handed in with a claim, the newest first."""
    rows = select(Submission).where(Submission.claim_id == claim_id).order_by(Submission.id.desc())
    return session.scalars(rows).all()


def by_line(rows: Sequence[Submission]) -> dict[int, list[Submission]]:
    """Put the answers to each requirement together; `rows` come newest first, and so do they."""
    found: dict[int, list[Submission]] = {}
    for row in rows:
        found.setdefault(row.requirement_id, []).append(row)
    return found


def latest(rows: Sequence[Submission]) -> dict[int, Submission]:
    """Keep the newest answer to each requirement; `rows` come newest first."""
    found: dict[int, Submission] = {}
    for row in rows:
        found.setdefault(row.requirement_id, row)
    return found
