"""What the tills' claims do to passes and money: a use is taken, given back, or waits for a decision."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.passes import queries as pass_queries
from o2o.passes import rules as passes
from o2o.redemption import rows
from o2o.redemption.answer import Answer, Sight
from o2o.redemption.models import Redemption

FINAL = N_("This redemption is final: the shop has the money.")


class TakenClaim(NamedTuple):
    """A claim that wins: `at` is the till's corrected time, `held` that nobody is paid before a decision."""

    claim_id: str
    pass_id: str
    shop_id: int
    till_id: str
    staff_id: int
    quantity: int
    gen: int
    step: int | None
    code: str
    at: datetime
    mode: str
    held: bool


def take_claim(session: Session, *, taken: TakenClaim, now: datetime) -> Redemption | None:
    """Take the uses that a till claims; None when the pass has not so many left, or is over for good.

    Locks the pass; the claim's live redemption is returned as it is. The nonce is the claim's id, with "#2" and
    so on after one that was undone. Side effects in order: the pass's uses, the redemption, the scan's log, the
    guest's inbox, fact pass.redeemed, the ledger. Behind a refund, call refunds.rules.adjust afterwards.
    """
    passes.get_locked(session, pass_id=taken.pass_id)
    known = _live(session, taken.claim_id)
    if known is not None:
        return known
    spent = passes.take(session, pass_id=taken.pass_id, quantity=taken.quantity, now=now)
    if spent is None:
        return None
    fields = {name: value for name, value in taken._asdict().items() if name != "pass_id"}
    nonce = _nonce(session, taken.shop_id, taken.claim_id)
    row = rows.write(session, spent, rows.Taken(nonce=nonce, **fields), now=now)
    sight = Sight.of(pass_queries.held_pass(session, taken.pass_id))
    receipt = Answer.of(row, sight)
    rows.log(
        session,
        shop_id=taken.shop_id,
        staff_id=taken.staff_id,
        now=taken.at,
        answer=receipt,
        till_id=taken.till_id,
    )
    rows.tell(session, row, sight, "pass.redeemed")
    rows.post(session, row, "redeem", {"voucher_liability": row.value, "shop_pending": -row.value})
    return session.get_one(Redemption, row.id)


def lose_claim(session: Session, *, claim_id: str, why: str, now: datetime) -> None:
    """Take a claim's live redemption back, for `why`; nothing to do where there is none.

    Locks the pass, then the redemption. Side effects in order: its row, the pass's uses and value, the guest's
    inbox, fact pass.annulled, the ledger (its legs reversed). Raises RuleBroken "final" (409) once the shop has
    the money, "pass_moved_on" once the pass's own money is out. Behind a refund, call refunds.rules.adjust.
    """
    row = _live(session, claim_id)
    if row is not None:
        _undo(session, row, why=why, by=None, now=now)


def settle_held(session: Session, *, redemption_id: str, pay: bool, by: int, now: datetime) -> None:
    """Decide a held redemption: paid, it becomes final like any other; else it is taken back. Once only.

    `by` is who decided. Raises NotAllowed when it is missing; what is not held any more stays as it is.
    """
    row = session.get(Redemption, redemption_id)
    if row is None:
        raise NotAllowed
    passes.get_locked(session, pass_id=row.pass_id)
    session.refresh(row, with_for_update=True)
    if not row.held or row.annulled_at is not None:
        return
    row.held = False
    session.flush()
    if not pay:
        _undo(session, row, why="conflict:stale_proof", by=by, now=now)


def _undo(session: Session, row: Redemption, *, why: str, by: int | None, now: datetime) -> None:
    passes.get_locked(session, pass_id=row.pass_id)
    session.refresh(row, with_for_update=True)
    if row.annulled_at is not None:
        return
    if row.final_at is not None:
        raise RuleBroken("final", FINAL)
    row.annulled_at, row.annulled_by, row.annul_reason = now, by, why
    session.flush()
    passes.unspend(session, pass_id=row.pass_id, quantity=row.quantity, value=row.value, now=now, late=True)
    sight = Sight.of(pass_queries.held_pass(session, row.pass_id))
    rows.tell(session, row, sight, "pass.annulled")
    rows.post(session, row, "annul", {"voucher_liability": -row.value, "shop_pending": row.value})


def _live(session: Session, claim_id: str) -> Redemption | None:
    live = select(Redemption).where(Redemption.claim_id == claim_id, Redemption.annulled_at.is_(None))
    return session.scalars(live).one_or_none()


def _nonce(session: Session, shop_id: int, claim_id: str) -> str:
    """Name a claim's next redemption: its id, and a number from the second on.

    The counter may have used the claim's id for another pass: that counts as one before.
    """
    at_counter = and_(Redemption.shop_id == shop_id, Redemption.nonce == claim_id)
    named = select(func.count()).where(or_(Redemption.claim_id == claim_id, at_counter))
    before = session.scalar(named) or 0
    return f"{claim_id}#{before + 1}" if before else claim_id
