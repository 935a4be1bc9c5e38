"""What becomes of a claim: returned, approved, turned down, suspended, closed, or given without a checklist."""

from datetime import datetime

from sqlalchemy.orm import Session

from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.onboarding.models import Claim
from o2o.onboarding.rules import (
    LONGEST_REASON,
    claimants_role,
    holding,
    let_go,
    locked,
    move,
    next_one,
    tell,
    turn_away,
    withdraw,
)
from o2o.papers.queries import DONE, checklist
from o2o.papers.rules import weigh
from o2o.shops import rules as shop_rules

GIVEN = N_("The shop was given to its owner directly.")


def approve(session: Session, *, claim_id: int, by: int, now: datetime) -> Claim:
    """Admit a shop: its claimant becomes its owner, what they prepared is written, who waits is told.

    Then it is weighed. RuleBroken lines_open unless every line is complete or waived.
    """
    row = locked(session, claim_id)
    if row.state == "ready_for_review" and any(
        line.state not in DONE for line in checklist(session, row, now)
    ):
        raise RuleBroken("lines_open", N_("Some lines are not settled yet. Accept, refuse or waive each."))
    move(session, claim=row, to="approved", now=now, by=by)
    role = claimants_role(session, row)
    if role is None or row.account_id is None:
        raise _no_way()
    shop_rules.make_owner(session, shop_id=row.shop_id, account_id=row.account_id)
    shop_rules.apply_prepared(session, role=role)
    turn_away(session, shop_id=row.shop_id, now=now)
    weigh(session, shop_id=row.shop_id)
    return row


def give_back(session: Session, *, claim_id: int, by: int, now: datetime, reason: str = "") -> Claim:
    """Return a claim to its person: with a reason, or with refused lines that carry theirs."""
    row = locked(session, claim_id)
    refused = any(line.state == "rejected" for line in checklist(session, row, now))
    text = _reason(reason, needed=not refused)
    move(session, claim=row, to="onboarding", now=now, by=by, reason=text)
    tell(session, row, "claim.returned", f"/console/{row.shop_id}/admission")
    return row


def reject(session: Session, *, claim_id: int, reason: str, by: int, now: datetime) -> Claim:
    """Turn a claim down with a reason: what was prepared is cleared, the next one gets the shop."""
    row = locked(session, claim_id)
    text, held = _reason(reason), row.state != "pending"
    move(session, claim=row, to="rejected", now=now, by=by, reason=text)
    tell(session, row, "claim.rejected", f"/shops/{row.shop_id}/claim")
    if held:
        let_go(session, row, now=now)
    return row


def suspend(session: Session, *, shop_id: int, now: datetime) -> None:
    """Note on an admitted shop's claim that it is suspended; a shop without such a claim stays as it is."""
    row = holding(session, shop_id)
    if row is not None and row.state == "approved":
        move(session, claim=row, to="suspended", now=now)


def restore(session: Session, *, shop_id: int, now: datetime) -> None:
    """Note that a shop's suspension is over."""
    row = holding(session, shop_id)
    if row is not None and row.state == "suspended":
        move(session, claim=row, to="approved", now=now)
        weigh(session, shop_id=shop_id)


def close(session: Session, *, shop_id: int, now: datetime) -> None:
    """End the claim of a shop that leaves: an admitted one closes, another is withdrawn; then the next one's turn."""
    row = holding(session, shop_id)
    if row is None:
        return
    if row.state not in ("approved", "suspended"):
        withdraw(session, claim_id=row.id, now=now)
        return
    move(session, claim=row, to="closed", now=now)
    weigh(session, shop_id=shop_id)
    next_one(session, shop_id=shop_id, now=now)


def give(session: Session, *, shop_id: int, account_id: int, now: datetime) -> Claim:
    """Note that a shop's owner was let in without a checklist; a claim that was under way there ends."""
    row = holding(session, shop_id)
    if row is not None and row.state in ("approved", "suspended"):
        return row
    if row is not None:
        move(session, claim=row, to="withdrawn", now=now, reason=GIVEN)
        let_go(session, row, now=now, keep=row.account_id == account_id)
        if row.account_id != account_id:
            tell(session, row, "claim.taken", f"/shops/{shop_id}/claim")
    shop_rules.apply_wish(session, shop_id=shop_id, account_id=account_id)
    given = Claim(
        shop_id=shop_id, account_id=account_id, state="approved", way="given", created_at=now, moved_at=now
    )
    session.add(given)
    session.flush()
    turn_away(session, shop_id=shop_id, now=now)
    weigh(session, shop_id=shop_id)
    return given


def _reason(text: str, *, needed: bool = True) -> str:
    text = text.strip()
    if needed and not text:
        raise RuleBroken("no_reason", N_("Give a reason the owner can act on."), status=422, field="reason")
    if len(text) > LONGEST_REASON:
        sentence = N_("Keep this within %(most)s characters.")
        raise RuleBroken("too_long", sentence, status=422, field="reason", most=LONGEST_REASON)
    return text


def _no_way() -> RuleBroken:
    return RuleBroken("no_way", N_("This has moved on meanwhile. Look at the page again."))
