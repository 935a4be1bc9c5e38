"""Answer a till entry by entry: kept, lost to whom, refused why."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.claims.models import Claim, Entry
from o2o.kernel import clock
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.tills.models import Till

Verdict = dict[str, Any]


class Fate(NamedTuple):
    """What became of one entry: stored, duplicate, rejected for a reason, or retry."""

    claim_id: str | None
    verdict: str
    reason: str = ""
    act: str = ""

    @classmethod
    def again(cls, known: Entry) -> "Fate":
        """Answer an entry that is here already as it was answered then."""
        if known.status == "rejected":
            return cls(known.claim_id, "rejected", known.reason)
        return cls(known.claim_id, "duplicate", "", known.act)


class Use(NamedTuple):
    """When and at which till a use was taken, as both sides may know it."""

    at: int
    till: str


def given(session: Session, fates: Sequence[Fate]) -> list[Verdict]:
    """Word the verdicts: a claim that lost is a conflict, seen against the one that won. Four statements."""
    names = [fate.claim_id for fate in fates if fate.act == "redeem"]
    rows = select(Claim, Pass.uses_left).join(Pass, Pass.id == Claim.pass_id).where(Claim.id.in_(names))
    claims = {row[0].id: (row[0], row[1]) for row in session.execute(rows)} if names else {}
    rivals = uses(session, {claim.against for claim, _ in claims.values() if claim.against})
    # A forged copy bears its claim's id and is no claim: of what became of that it is told nothing.
    told = [claims.get(fate.claim_id or "") if fate.act == "redeem" else None for fate in fates]
    return [_worded(fate, claim, rivals) for fate, claim in zip(fates, told, strict=True)]


def uses(session: Session, names: set[str]) -> dict[str, Use]:
    """Return when and where claims, or redemptions of the counter, were taken, by their ids."""
    if not names:
        return {}
    found = {}
    claims = select(Claim.id, Claim.at, Till.name).join(Till, Till.id == Claim.till_id)
    done = select(Redemption.id, Redemption.at, Till.name).outerjoin(Till, Till.id == Redemption.till_id)
    for rows in (claims.where(Claim.id.in_(names)), done.where(Redemption.id.in_(names))):
        for name, at, till in session.execute(rows):
            found[name] = Use(clock.millis(at), till or "")
    return found


def _worded(fate: Fate, known: tuple[Claim, int] | None, rivals: dict[str, Use]) -> Verdict:
    words: Verdict = {"claim_id": fate.claim_id, "verdict": fate.verdict, "reason": fate.reason, "cause": ""}
    if known is None:
        return words
    claim, left = known
    words |= {"quantity": claim.quantity, "uses_left": left}
    if claim.standing != "lost":
        return words
    rival = rivals.get(claim.against or "")
    return {
        **words,
        "verdict": "conflict",
        "cause": claim.cause or "",
        "won_at": rival.at if rival else None,
        "won_till": rival.till if rival else "",
    }
