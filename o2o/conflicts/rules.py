"""What happens to conflicts: opened, followed and settled by the written rule, decided by a person where it says so.

Locks: pass, redemption, book.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.claims.evidence import Claim as Evidence
from o2o.claims.evidence import Refund as Asked
from o2o.claims.evidence import list_excuses
from o2o.claims.models import Claim
from o2o.conflicts import news, policy, queries, strikes
from o2o.conflicts.models import CONFLICT_STATES, Conflict, Cover
from o2o.conflicts.policy import COVER_CAP, Rule
from o2o.feed import queries as tidings
from o2o.feed import rules as feed
from o2o.kernel import journal
from o2o.kernel.clock import millis
from o2o.kernel.db import insert_ignore, new_id
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.money import largest_remainder
from o2o.kernel.words import N_
from o2o.ledger import rules as ledger
from o2o.ledger.queries import shop_book
from o2o.passes import rules as passes
from o2o.passes.models import Pass
from o2o.redemption import rules as redemption
from o2o.refunds.models import Refund

DECIDED = N_("This was decided already. Here is what was decided.")
NOTHING_TO_DECIDE = N_("There is nothing to decide here any more: the evidence changed.")
NOT_FINAL = N_(
    "A till that was offline may still report. Decide when all have, at the latest after 72 hours."
)


def reconcile(session: Session, *, pass_id: str, now: datetime) -> None:
    """Open, update or close a pass's conflicts as its claims stand now; once more changes nothing.

    Locks the pass. In order: the conflict's row, its strike, the inboxes of owners and holder, fact conflict.opened.
    What is settled stays as it is.
    """
    pass_ = passes.get_locked(session, pass_id=pass_id)
    fresh = {"populate_existing": True}
    asked = select(Refund).where(Refund.pass_id == pass_id, Refund.state != "withdrawn")
    refund = session.scalars(asked.execution_options(**fresh)).one_or_none()
    kept = select(Conflict).where(Conflict.pass_id == pass_id).execution_options(**fresh)
    rows = {row.claim_id: row for row in session.scalars(kept)}
    told = _told(session, pass_.shop_id, refund)
    claims = select(Claim).where(Claim.pass_id == pass_id).order_by(Claim.id).execution_options(**fresh)
    for claim in session.scalars(claims).all():
        row, rule = rows.get(claim.id), rule_of(claim, refund, told)
        if row is None and rule is not None:
            _open(session, claim, rule, pass_, now)
        elif row is not None and row.state != "settled":
            _follow(session, row, claim, rule, pass_, now)


def rule_of(claim: Claim, refund: Refund | None, told: int | None = None) -> Rule | None:
    """Return the row of the written rule that a claim falls under; None when it lost nothing.

    `told` is the epoch at which the tills could hear of the refund: lists of it excuse nobody, whatever their age.
    """
    held = claim.standing == "won" and claim.cause is not None
    if claim.cause is None or claim.cause == "same_scan" or not (held or claim.standing == "lost"):
        return None
    excused = False
    if claim.cause == "after_refund" and refund is not None and (told is None or claim.list_epoch < told):
        excused = list_excuses(_evidence(claim), Asked(millis(refund.requested_at), refund.uses))
    return policy.rule_of(claim.cause, held=held, excused=excused)


def _told(session: Session, shop_id: int, refund: Refund | None) -> int | None:
    if refund is None or refund.mark is None:
        return None
    return tidings.epoch_of(session, shop_id=shop_id, kind="mark", subject=refund.mark)


def worth(pass_: Pass, quantity: int) -> int:
    """Return what so many uses cost by the pass's price, in minor units; by largest remainder."""
    return sum(largest_remainder(pass_.paid, [1] * pass_.uses)[:quantity])


def settle_due(session: Session, *, now: datetime, most: int = 100) -> int:
    """Settle the conflicts that no till can change any more, and count them; others get a mark for the tills to hear.

    A settled one never changes. The platform pays the shop where the rule says so. Where others write at the same
    time, settle one (`most`) a transaction: the next one's pass must not be locked after this one's book.
    """
    for row in queries.unmarked(session, now=now):
        feed.note(session, shop_id=row.shop_id, kind="mark", subject=queries.mark_of(row))
    done = 0
    for due in queries.due(session, now=now)[:most]:
        reconcile(session, pass_id=due.pass_id, now=now)
        row = session.get_one(Conflict, due.id)
        # What the fold says may have changed since it was listed.
        if row.state == "open" and queries.due(session, now=now, conflict_id=row.id):
            _settle(session, row, now)
            done += 1
    return done


def decide(session: Session, *, conflict_id: str, by: int, pay: bool, now: datetime) -> Conflict:
    """Decide what the rule leaves to a person: a held use, or a pass that was shown by two phones.

    Held: the shop is paid, or the use goes back to its holder. Two phones: the platform pays, or the shop bears it.
    Settles the conflict; fact conflict.decided. The same decision by the same person again is that one. Raises
    RuleBroken decided, nothing_to_decide, not_final (409).
    """
    row = session.get(Conflict, conflict_id)
    if row is None:
        raise NotAllowed
    reconcile(session, pass_id=row.pass_id, now=now)
    decision = "paid" if pay else "unpaid"
    if row.decision is not None:
        if (row.decision, row.decided_by) == (decision, by):
            return row
        raise RuleBroken("decided", DECIDED)
    if row.state != "open" or not policy.waits(row.cause, row.bears):
        raise RuleBroken("nothing_to_decide", NOTHING_TO_DECIDE)
    if row.bears == "review":
        if not queries.due(session, now=now, conflict_id=row.id):
            raise RuleBroken("not_final", NOT_FINAL)
        row.bears = "platform" if pay else "shop"
    else:
        taken = session.get_one(Claim, row.claim_id).redemption_id
        redemption.settle_held(session, redemption_id=str(taken), pay=pay, by=by, now=now)
        row.bears = "nobody" if pay else "shop"
    row.decision, row.decided_by, row.decided_at = decision, by, now
    _settle(session, row, now)
    journal.record(session, "conflict.decided", conflict_id=row.id, shop_id=row.shop_id)
    return row


def see(session: Session, *, shop_id: int, conflict_id: str, now: datetime) -> Conflict:
    """Note that an owner of the shop has seen a conflict."""
    row = queries.of_shop(session, shop_id=shop_id, conflict_id=conflict_id)
    row.seen_at = row.seen_at or now
    session.flush()
    return row


def _open(session: Session, claim: Claim, rule: Rule, pass_: Pass, now: datetime) -> None:
    row = Conflict(id=new_id(), claim_id=claim.id, pass_id=pass_.id, shop_id=pass_.shop_id, state="open")
    row.opened_at = now
    _write(row, claim, rule, pass_)
    session.add(row)
    session.flush()
    strikes.follow(session, row, pass_.account_id, now)
    news.tell_opened(session, row, claim, pass_)
    journal.record(session, "conflict.opened", conflict_id=row.id, shop_id=row.shop_id)


def _follow(
    session: Session, row: Conflict, claim: Claim, rule: Rule | None, pass_: Pass, now: datetime
) -> None:
    """Let an unsettled conflict follow its claim: away when it lost nothing, back when it loses again."""
    if rule is None:
        if row.state == "open":
            _move(row, "gone")
        session.flush()
        strikes.follow(session, row, pass_.account_id, now)
        return
    is_new = row.cause != rule.cause
    _write(row, claim, rule, pass_)
    if row.state == "gone":
        _move(row, "open")
        row.opened_at, row.seen_at = now, None
    session.flush()
    strikes.follow(session, row, pass_.account_id, now)
    if is_new:
        news.tell_opened(session, row, claim, pass_)


def _write(row: Conflict, claim: Claim, rule: Rule, pass_: Pass) -> None:
    row.cause, row.bears, row.against = rule.cause, rule.bears, claim.against
    row.amount, row.currency = worth(pass_, claim.quantity), pass_.currency


def _settle(session: Session, row: Conflict, now: datetime) -> None:
    _move(row, "settled")
    row.settled_at = now
    session.flush()
    if policy.is_covered(row.cause, row.bears):
        _cover(session, row, now)
    journal.record(session, "conflict.settled", conflict_id=row.id, shop_id=row.shop_id)


def _cover(session: Session, row: Conflict, now: datetime) -> None:
    """Let the platform pay the shop: once per holder, in whichever shop, at most COVER_CAP.

    Never for who works or worked there, and to one shop COVERS_PER_SHOP times in COVER_DAYS: else a shop's own
    people, or guests that it makes up, would be paid for showing a pass twice.
    """
    holder = session.get_one(Pass, row.pass_id).account_id
    if not queries.may_be_covered(session, shop_id=row.shop_id, account_id=holder, now=now):
        return
    amount = min(row.amount, COVER_CAP)
    values = {
        "account_id": holder,
        "conflict_id": row.id,
        "amount": amount,
        "currency": row.currency,
        "at": now,
    }
    if amount == 0 or not insert_ignore(session, Cover.__table__, values):  # type: ignore[arg-type]
        return
    ledger.post(
        session,
        book=shop_book(row.shop_id),
        shop_id=row.shop_id,
        key=f"cover:{holder}",
        kind="cover",
        subject=f"conflict:{row.id}",
        currency=row.currency,
        legs={"platform_cover": amount, "shop_payable": -amount},
    )


def _move(row: Conflict, state: str) -> None:
    """Change a conflict's state; the one door."""
    ways: Sequence[str] = CONFLICT_STATES[row.state]
    if state not in ways:
        raise ValueError(f"a conflict never goes from {row.state} to {state}")
    row.state = state


def _evidence(claim: Claim) -> Evidence:
    return Evidence(
        id=claim.id,
        till=claim.till_id,
        kind=claim.kind,  # type: ignore[arg-type]
        gen=claim.gen,
        quantity=claim.quantity,
        at=millis(claim.at),
        step=claim.step,
        list_at=millis(claim.list_at) if claim.list_at else None,
    )
