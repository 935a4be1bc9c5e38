"""What the operator reads of a claim: each line with its evidence, its older answers and what may be decided."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from o2o.admission.review import LIVING, line_mark
from o2o.checklist.queries import help_of, title_of
from o2o.kernel.locales import said
from o2o.kernel.words import N_
from o2o.onboarding.models import SELLING, Claim
from o2o.papers import queries
from o2o.papers.models import Submission
from o2o.papers.queries import DONE, Line
from o2o.photos import queries as photos
from o2o.photos.models import Photo

# Each state of a line and of a claim: how its badge looks, what it says.
LINE_STATES = {
    "incomplete": ("quiet", N_("Missing")),
    "pending": ("wait", N_("To look at")),
    "complete": ("ok", N_("Settled")),
    "rejected": ("no", N_("Refused")),
    "waived": ("ok", N_("Waived")),
}
CLAIM_STATES = {
    "pending": ("quiet", N_("Waiting")),
    "invited": ("quiet", N_("Invited")),
    "onboarding": ("wait", N_("Being prepared")),
    "ready_for_review": ("wait", N_("To look at")),
    "approved": ("ok", N_("Admitted")),
    "suspended": ("no", N_("Suspended")),
    "rejected": ("no", N_("Turned down")),
    "withdrawn": ("quiet", N_("Withdrawn")),
    "closed": ("quiet", N_("Closed")),
}
WAYS = {
    "claim": N_("Asked for it on the map"),
    "invite": N_("Was invited"),
    "given": N_("Was given it directly"),
    "before": N_("Was here before claims were"),
}


class Answer(NamedTuple):
    """What was handed in for a line, with its picture if there is one."""

    submission: Submission
    photos: list[Photo]


class Reviewed(NamedTuple):
    """A line ready to print; `mark` says what was seen of it, `may` which buttons it has; newest answer first."""

    line: Line
    title: str
    help: str
    mark: str
    may: tuple[str, ...]
    answer: Answer | None
    older: list[Answer]


def reviewed(session: Session, claim: Claim, *, now: datetime, locale: str, is_own: bool) -> list[Reviewed]:
    """Print a claim's checklist for the operator; their own claim has no buttons."""
    trail = queries.trail(session, claim.id)
    kept = {row.id: row for row in photos.of_ids(session, [row.photo_id for row in trail if row.photo_id])}
    found = []
    for line in queries.checklist(session, claim, now):
        row, answer = line.requirement, line.submission
        answers = [
            Answer(one, [kept[one.photo_id]] if one.photo_id in kept else [])
            for one in trail
            if one.requirement_id == row.id
        ]
        newest, older = (answers[0], answers[1:]) if answers else (None, [])
        title, help = said(title_of(row, locale)), said(help_of(row, locale))
        may = () if is_own else choices(claim, line)
        found.append(Reviewed(line, title, help, line_mark(answer), may, newest, older))
    return found


def choices(claim: Claim, line: Line) -> tuple[str, ...]:
    """Name what may be decided on a line: accept, refuse, waive."""
    answer = line.submission
    if claim.state not in LIVING:
        return ()
    if line.requirement.kind == "computed" or answer is None:
        return () if line.state in DONE else ("waive",)
    if line.state == "pending":
        return ("accept", "refuse", "waive")
    if line.state == "rejected":
        return ("accept", "waive")
    if line.state == "incomplete":
        return ("waive",)
    relied_on = claim.state in SELLING and answer.decision == "accepted"
    return () if relied_on or line.state == "waived" else ("refuse",)


def decisions(claim: Claim, lines: list[Reviewed], *, is_own: bool) -> tuple[str, ...]:
    """Name what may be decided on a claim: approve, return, reject."""
    if is_own:
        return ()
    if claim.state == "ready_for_review":
        is_settled = all(one.line.state in DONE for one in lines)
        return ("approve", "return", "reject") if is_settled else ("return", "reject")
    return (
        ("reject",) if claim.state == "onboarding" or (claim.state == "pending" and claim.account_id) else ()
    )
