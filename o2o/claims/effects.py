"""Carry out what the fold decides: uses given back, uses taken, and who must hear of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from o2o.claims.books import UNKNOWN, Books, Standing, gather, outcome
from o2o.claims.models import Claim
from o2o.feed import rules as feed
from o2o.kernel import journal
from o2o.passes import rules as passes
from o2o.redemption import rules as redemption
from o2o.redemption.rules import TakenClaim
from o2o.refunds import rules as refunds


class Unsettled(RuntimeError):
    """A use that the fold gave to a claim is not there to take: books and pass disagree."""


def refold(session: Session, *, pass_id: str, now: datetime, books: Books | None = None) -> list[Claim]:
    """Settle one pass anew and return the claims whose standing changed; once more changes nothing.

    Locks the pass. In order: uses of claims that lost are given back, uses of claims that won are taken, a refund
    that waits follows, tidings for the tills, fact claims.folded; the last two not for claims that are new and
    simply won. Final redemptions stay as they are. `books` is what was gathered of the pass since it was locked.
    Raises Unsettled when pass and books disagree.
    """
    if books is None:
        books = gather(session, [passes.get_locked(session, pass_id=pass_id)])[pass_id]
    if books.pass_.state == "revoked":
        return []
    standings = outcome(books)
    changed = [claim for claim in books.claims if standings[claim.id] != Standing.of(claim)]
    if not changed:
        return []
    is_quiet = all(Standing.of(claim) == UNKNOWN and standings[claim.id].is_calm for claim in changed)
    for claim in changed:
        _give_back(session, claim, standings[claim.id], books, now)
    for claim in sorted(changed, key=lambda claim: standings[claim.id].number):
        _write(claim, standings[claim.id], now)
        if claim.standing == "won" and claim.redemption_id is None:
            _take(session, claim, books, now)
    session.flush()
    if books.refund is not None and books.refund.state == "requested":
        refunds.adjust(session, pass_id=pass_id, now=now)
    for claim in [] if is_quiet else changed:
        feed.note(session, shop_id=claim.shop_id, kind="claim", subject=claim.id)
    if not is_quiet:
        # A use that was simply taken is no news to anybody who looks after conflicts.
        journal.record(session, "claims.folded", pass_id=pass_id)
    return changed


def _write(claim: Claim, standing: Standing, now: datetime) -> None:
    claim.standing = standing.standing
    claim.cause = standing.cause
    claim.against = standing.against
    if standing.standing == "annulled" and claim.annulled_at is None:
        claim.annulled_at = now


def _give_back(session: Session, claim: Claim, standing: Standing, books: Books, now: datetime) -> None:
    """Undo what a claim had taken; one that wins as before, but is held now or no more, takes it anew."""
    done = books.redemptions.get(claim.redemption_id or "")
    if done is None or (done.final_at is not None and standing.standing == "won"):
        return
    why = "undone: by the till" if standing.standing == "annulled" else f"conflict:{standing.cause}"
    redemption.lose_claim(session, claim_id=claim.id, why=why, now=now)
    claim.redemption_id = None


def _take(session: Session, claim: Claim, books: Books, now: datetime) -> None:
    taken = TakenClaim(
        claim_id=claim.id,
        pass_id=claim.pass_id,
        shop_id=claim.shop_id,
        till_id=claim.till_id,
        staff_id=claim.staff_id,
        quantity=claim.quantity,
        gen=claim.gen,
        step=claim.step,
        code=claim.text,
        at=claim.at,
        mode="online" if claim.is_confirmed else "offline",
        held=claim.cause is not None,
    )
    row = redemption.take_claim(session, taken=taken, now=now)
    if row is None:
        raise Unsettled(f"claim {claim.id} won {claim.quantity} uses that pass {claim.pass_id} does not have")
    claim.redemption_id = row.id
    books.redemptions[row.id] = row
