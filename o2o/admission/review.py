"""What the operator decides, safe against double clicks, stale pages and two operators at once."""

from datetime import datetime

from sqlalchemy.orm import Session

from o2o.admission import moves
from o2o.checklist.queries import requirement
from o2o.checklist.rules import ensure
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.kernel.words import N_
from o2o.onboarding.models import Claim
from o2o.onboarding.rules import locked
from o2o.papers import queries
from o2o.papers import rules as papers
from o2o.papers.models import Submission

# In these a line may be decided: while its owner works on it, in review, and when a paper is renewed later.
LIVING = ("onboarding", "ready_for_review", "approved", "suspended")
ENDS = {"approve": "approved", "return": "onboarding", "reject": "rejected"}
DECISIONS = {"accept": "accepted", "refuse": "refused", "waive": "waived"}
CHOOSE = N_("Choose one of the buttons.")


def line_mark(answer: Submission | None) -> str:
    """Name what an operator saw of a line, so that a decision holds for that and nothing newer."""
    return f"{answer.id}{answer.decision or ''}" if answer else "0"


def claim_mark(claim: Claim) -> str:
    """Name what an operator saw of a claim."""
    return f"{claim.state}-{int(claim.moved_at.timestamp() * 1000)}"


def settle_line(
    session: Session, *, claim_id: int, key: str, do: str, seen: str, reason: str, by: int, now: datetime
) -> bool:
    """Accept, refuse or waive what stands on one line, as seen; tell whether anything changed.

    The same decision again by the same operator changes nothing. RuleBroken own_claim, and decided_meanwhile where
    the line is not as it was seen (409); what papers.decide and papers.waive raise.
    """
    if do not in DECISIONS:
        raise BadInput("bad_button", CHOOSE, status=422)
    ensure(session)
    claim = locked(session, claim_id)
    row = requirement(session, key)
    newest = queries.latest(queries.trail(session, claim_id, requirement_id=row.id)).get(row.id)
    check_not_own(claim, by)
    if line_mark(newest) != seen:
        if newest and (newest.decided_by, newest.decision) == (by, DECISIONS[do]) and _same(newest, reason):
            return False
        sentence = N_("Somebody decided this line meanwhile, or a newer answer came. Look at it again.")
        raise RuleBroken("decided_meanwhile", sentence)
    if claim.state not in LIVING or (do != "waive" and newest is None):
        raise RuleBroken("no_way", N_("This has moved on meanwhile. Look at the page again."))
    if do == "waive":
        papers.waive(session, claim_id=claim_id, requirement_id=row.id, reason=reason, by=by, now=now)
    elif newest is not None:
        decision = DECISIONS[do]
        papers.decide(session, submission_id=newest.id, decision=decision, reason=reason, by=by, now=now)
    return True


def settle_claim(
    session: Session, *, claim_id: int, do: str, seen: str, reason: str, by: int, now: datetime
) -> bool:
    """Approve a claim, return it or turn it down, as seen; tell whether anything changed.

    The same decision again by the same operator changes nothing. RuleBroken own_claim, decided_meanwhile (409), and
    what moves.approve, give_back and reject raise.
    """
    if do not in ENDS:
        raise BadInput("bad_button", CHOOSE, status=422)
    claim = locked(session, claim_id)
    check_not_own(claim, by)
    if claim_mark(claim) != seen:
        if (claim.decided_by, claim.state) == (by, ENDS[do]):
            return False
        raise RuleBroken(
            "decided_meanwhile", N_("This claim was decided or changed meanwhile. Here it is as it stands.")
        )
    if do == "approve":
        moves.approve(session, claim_id=claim_id, by=by, now=now)
    elif do == "return":
        moves.give_back(session, claim_id=claim_id, by=by, now=now, reason=reason)
    else:
        moves.reject(session, claim_id=claim_id, by=by, now=now, reason=reason)
    return True


def check_not_own(claim: Claim, by: int) -> None:
    """Refuse an operator who would decide their own claim."""
    if claim.account_id == by:
        raise RuleBroken("own_claim", N_("This is your own claim. Another operator must decide it."))


def _same(answer: Submission, reason: str) -> bool:
    return answer.reason == reason.strip()
