"""Carry out what the fold decides: uses given back, uses taken, and who must hear of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

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


class Decision(NamedTuple):
    """What the fold says of a pass's claims, and whose standing changes by it."""

    books: Books
    standings: dict[str, Standing]
    changed: list[Claim]

    def in_order(self) -> list[Claim]:
        """Return the changed claims, the winners by their numbers."""
        return sorted(self.changed, key=lambda claim: self.standings[claim.id].number)

    @property
    def is_plain(self) -> bool:
        """Tell whether claims are new and simply win: no use given back, no refund to follow, no news to tell."""
        refund = self.books.refund
        if refund is not None and refund.state == "requested":
            return False
        return self.is_quiet

    @property
    def is_quiet(self) -> bool:
        """Tell whether nobody has to hear of it: a use that was simply taken is no news."""
        return all(
            Standing.of(claim) == UNKNOWN and self.standings[claim.id].is_calm for claim in self.changed
        )


def refold(session: Session, *, pass_id: str, now: datetime, books: Books | None = None) -> list[Claim]:
    """Settle one pass anew and return the claims whose standing changed; once more changes nothing.

    Locks the pass. In order: uses of claims that lost are given back, uses of claims that won are taken, a refund
    that waits follows, tidings for the tills, fact claims.folded; the last two not for claims that are new and
    simply won. Final redemptions stay as they are. `books` is what was gathered of the pass since it was locked.
    Raises Unsettled when pass and books disagree.
    """
    if books is None:
        books = gather(session, [passes.get_locked(session, pass_id=pass_id)])[pass_id]
    return settle(session, folded=[books], now=now)


def settle(session: Session, *, folded: Sequence[Books], now: datetime) -> list[Claim]:
    """Settle passes that are locked, each as `refold` does; claims that are new and simply win go in together."""
    decisions = [decide(books) for books in folded]
    plain: list[tuple[Claim, Books]] = []
    for decision in decisions:
        if not decision.changed:
            continue
        if not decision.is_plain:
            _apply(session, decision, now)
            continue
        for claim in decision.in_order():
            _write(claim, decision.standings[claim.id], now)
            plain.append((claim, decision.books))
    _take_all(session, plain, now)
    return [claim for decision in decisions for claim in decision.changed]


def decide(books: Books) -> Decision:
    """Fold a pass and say what changes; nothing is written. A revoked pass is left as it is."""
    if books.pass_.state == "revoked":
        return Decision(books, {}, [])
    standings = outcome(books)
    changed = [claim for claim in books.claims if standings[claim.id] != Standing.of(claim)]
    return Decision(books, standings, changed)


def _apply(session: Session, decision: Decision, now: datetime) -> None:
    """Carry out a decision about one pass, whatever it takes."""
    books, standings, changed = decision
    for claim in changed:
        _give_back(session, claim, standings[claim.id], books, now)
    for claim in decision.in_order():
        _write(claim, standings[claim.id], now)
        if claim.standing == "won" and claim.redemption_id is None:
            _take_all(session, [(claim, books)], now)
    session.flush()
    if books.refund is not None and books.refund.state == "requested":
        refunds.adjust(session, pass_id=books.pass_.id, now=now)
        if books.refund.state == "withdrawn":
            # With nothing left to give back that wish is over, and what had lost to it alone is weighed without it.
            books.refund = None
            _apply(session, decide(books), now)
    if decision.is_quiet:
        return
    for claim in changed:
        feed.note(session, shop_id=claim.shop_id, kind="claim", subject=claim.id)
    journal.record(session, "claims.folded", pass_id=books.pass_.id)


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


def _take_all(session: Session, winners: Sequence[tuple[Claim, Books]], now: datetime) -> None:
    """Take what claims won; of one pass in the order of the winners."""
    if not winners:
        return
    taken = [_taken(claim) for claim, _ in winners]
    done = redemption.take_claims(session, taken=taken, now=now)
    for (claim, books), row in zip(winners, done, strict=True):
        if row is None:
            raise Unsettled(
                f"claim {claim.id} won {claim.quantity} uses that pass {claim.pass_id} does not have"
            )
        claim.redemption_id = row.id
        books.redemptions[row.id] = row


def _taken(claim: Claim) -> TakenClaim:
    return TakenClaim(
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
