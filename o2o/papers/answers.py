"""Answers to the lines of a checklist: handed in, accepted, refused, waived."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from o2o.checklist import queries as checklist
from o2o.checklist.models import Requirement
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.offers.rules import local_day
from o2o.onboarding.models import Claim
from o2o.onboarding.rules import locked
from o2o.papers import queries
from o2o.papers.expiry import weigh
from o2o.papers.models import Submission
from o2o.photos import rules as photos
from o2o.photos.rules import Prepared
from o2o.shops import queries as shops

LONGEST = 300
FARTHEST = timedelta(days=366 * 60)
MOST_TRIES = 30  # answers to one line: enough for a lifetime of renewals, too few to fill a disk


def hand_in(
    session: Session,
    *,
    claim_id: int,
    requirement_id: int,
    account_id: int,
    text: str = "",
    photo: Prepared | None = None,
    expires_on: date | None = None,
    terms_version: int | None = None,
    now: datetime,
) -> Submission:
    """Answer a line: the newest answer counts, older ones are the trail; an admitted shop is weighed.

    Only the claim's person, or an owner of the admitted shop, answers (NotAllowed). RuleBroken taken_in while it is
    reviewed, terms_changed (409); BadInput (422) names the field text, photos or expires_on.
    """
    claim = locked(session, claim_id)
    _check_person(session, claim, account_id)
    if claim.state not in ("onboarding", "approved", "suspended"):
        sentence = N_("This is being looked at. Take it back first to change something.")
        raise RuleBroken("taken_in", sentence)
    row = _asked(session, requirement_id)
    said = text.strip()
    if row.key == "terms":
        _check_terms(session, terms_version)
    _check_said(row, said, photo, len(queries.trail(session, claim_id, requirement_id=row.id)))
    _check_day(session, row, expires_on, now)
    kept = None
    if photo is not None and row.asks_photo:
        kept = photos.keep(session, account_id=account_id, shop_id=claim.shop_id, prepared=photo, at=now).id
    answer = Submission(
        claim_id=claim_id,
        requirement_id=row.id,
        account_id=account_id,
        text=said if row.asks_text else "",
        photo_id=kept,
        expires_on=expires_on if row.asks_expiry else None,
        terms_version=terms_version if row.key == "terms" else None,
        at=now,
    )
    session.add(answer)
    session.flush()
    weigh(session, shop_id=claim.shop_id)
    return answer


def decide(
    session: Session, *, submission_id: int, decision: str, by: int, now: datetime, reason: str = ""
) -> Submission:
    """Accept or refuse an answer; refusing takes a reason. The shop is weighed.

    RuleBroken decided for one that an admitted shop relies on: sanctions, not a slip of the hand, stop a shop.
    """
    answer = session.get(Submission, submission_id)
    if answer is None:
        raise NotAllowed
    claim = locked(session, answer.claim_id)
    session.refresh(answer, with_for_update=True)
    if decision not in ("accepted", "refused"):
        raise ValueError(decision)
    if answer.decision == "accepted" and decision == "refused" and claim.state in ("approved", "suspended"):
        raise RuleBroken(
            "decided", N_("This was accepted, and the shop relies on it. Use a sanction instead.")
        )
    answer.decision, answer.reason = decision, _reason(reason, needed=decision == "refused")
    answer.decided_by, answer.decided_at = by, now
    session.flush()
    weigh(session, shop_id=claim.shop_id)
    return answer


def waive(
    session: Session, *, claim_id: int, requirement_id: int, reason: str, by: int, now: datetime
) -> Submission:
    """Let a shop do without a line, for a reason that stays on record; the shop is weighed."""
    claim = locked(session, claim_id)
    if claim.state in ("withdrawn", "closed"):
        raise RuleBroken("no_way", N_("This has moved on meanwhile. Look at the page again."))
    row = session.get(Requirement, requirement_id)
    if row is None:
        raise NotAllowed
    answer = Submission(
        claim_id=claim_id, requirement_id=row.id, account_id=by, at=now, decision="waived", decided_by=by,
        decided_at=now, reason=_reason(reason, needed=True),
        terms_version=checklist.terms(session).version if row.key == "terms" else None,
    )  # fmt: skip
    session.add(answer)
    session.flush()
    weigh(session, shop_id=claim.shop_id)
    return answer


def _check_person(session: Session, claim: Claim, account_id: int) -> None:
    is_owner = "owner" in shops.roles_of(session, account_id, claim.shop_id)
    if claim.account_id != account_id and not is_owner:
        raise NotAllowed


def _asked(session: Session, requirement_id: int) -> Requirement:
    row = session.get(Requirement, requirement_id)
    if row is None or not row.is_on:
        raise NotAllowed
    if row.kind == "computed":
        raise RuleBroken("computed", N_("Nothing to hand in here: it shows by itself once it is done."))
    return row


def _check_terms(session: Session, version: int | None) -> None:
    if version != checklist.terms(session).version:
        raise RuleBroken("terms_changed", N_("The terms have changed. Please read them again."))


def _check_said(row: Requirement, said: str, photo: Prepared | None, tries: int) -> None:
    if row.asks_text and len(said) < 2:
        raise BadInput("no_text", N_("Please write it here."), status=422, field="text")
    if len(said) > LONGEST:
        sentence = N_("Keep this within %(most)s characters.")
        raise BadInput("too_long", sentence, status=422, field="text", most=LONGEST)
    if row.asks_photo and photo is None:
        raise BadInput("no_photo", N_("Please add a photo of it."), status=422, field="photos")
    if tries >= MOST_TRIES:
        raise RuleBroken("too_often", N_("This was sent in very often. Please write to us."), status=429)


def _check_day(session: Session, row: Requirement, day: date | None, now: datetime) -> None:
    if not row.asks_expiry:
        return
    if day is None:
        sentence = N_("Say the last day on which it is valid.")
        raise BadInput("no_day", sentence, status=422, field="expires_on")
    today = local_day(now, shops.founded(session).timezone)
    if not today <= day <= today + FARTHEST:
        sentence = N_("This paper has run out, or the day is wrong.")
        raise BadInput("bad_day", sentence, status=422, field="expires_on")


def _reason(text: str, *, needed: bool) -> str:
    text = text.strip()
    if needed and not text:
        raise RuleBroken("no_reason", N_("Give a reason the owner can act on."), status=422, field="reason")
    if len(text) > LONGEST:
        sentence = N_("Keep this within %(most)s characters.")
        raise RuleBroken("too_long", sentence, status=422, field="reason", most=LONGEST)
    return text
