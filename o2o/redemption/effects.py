"""What the tills' claims do to passes and money: a use is taken, given back, or waits for a decision."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.passes import queries as pass_queries
from o2o.passes import rules as passes
from o2o.redemption import rows
from o2o.redemption.answer import Sight
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
    return take_claims(session, taken=[taken], now=now)[0]


def take_claims(session: Session, *, taken: Sequence[TakenClaim], now: datetime) -> list[Redemption | None]:
    """Take the uses of many claims in their order, each as `take_claim` does, effect by effect for all of them.

    As many statements however many there are; the passes are locked by their ids. No claim may come twice.
    """
    passes.get_all_locked(session, pass_ids=[one.pass_id for one in taken])
    names = _named(session, taken)
    new = [one for one in taken if not names[one.claim_id].is_live]
    wanted = [(one.pass_id, one.quantity) for one in new]
    uses: list[tuple[passes.Spent, rows.Taken]] = []
    for one, spent in zip(new, passes.take_all(session, wanted=wanted, now=now), strict=True):
        if spent is not None:
            fields = {name: value for name, value in one._asdict().items() if name != "pass_id"}
            uses.append((spent, rows.Taken(nonce=names[one.claim_id].nonce, **fields)))
    _carry_out(session, uses, now)
    ids = [one.claim_id for one in taken]
    live = select(Redemption).where(Redemption.claim_id.in_(ids), Redemption.annulled_at.is_(None))
    found = {row.claim_id: row for row in session.scalars(live)}
    return [found.get(one.claim_id) for one in taken]


def _carry_out(session: Session, uses: Sequence[tuple[passes.Spent, rows.Taken]], now: datetime) -> None:
    """Write down uses that were taken, and all that a use leaves behind."""
    if not uses:
        return
    done = rows.write_all(session, uses, now=now)
    held = pass_queries.held_all(session, [spent.pass_ for spent, _ in uses])
    sights = {pass_id: Sight.of(one) for pass_id, one in held.items()}
    rows.log_all(session, [_scan(row) for row in done])
    rows.tell_all(session, [(row, sights[row.pass_id]) for row in done], "pass.redeemed")
    moves = [(row, {"voucher_liability": row.value, "shop_pending": -row.value}) for row in done]
    rows.post_all(session, moves, "redeem")


def _scan(row: Redemption) -> rows.Look:
    return rows.Look(
        shop_id=row.shop_id,
        staff_id=row.staff_id,
        at=row.at,
        reason="ok",
        pass_id=row.pass_id,
        redemption_id=row.id,
        till_id=row.till_id,
    )


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


class _Name(NamedTuple):
    """How a claim's next redemption is to be called, and whether one of it is live."""

    nonce: str
    is_live: bool


def _named(session: Session, taken: Sequence[TakenClaim]) -> dict[str, _Name]:
    """Name each claim's next redemption: its id, and a number from the second on.

    The counter may have used the claim's id for another pass: that counts as one before.
    """
    ids = [one.claim_id for one in taken]
    columns = (
        Redemption.id,
        Redemption.claim_id,
        Redemption.shop_id,
        Redemption.nonce,
        Redemption.annulled_at,
    )
    at_counter = and_(Redemption.shop_id.in_({one.shop_id for one in taken}), Redemption.nonce.in_(ids))
    known = session.execute(select(*columns).where(or_(Redemption.claim_id.in_(ids), at_counter))).all()
    before: dict[tuple[int, str], set[str]] = defaultdict(set)
    live = {row.claim_id for row in known if row.annulled_at is None}
    for row in known:
        before[row.shop_id, row.nonce].add(row.id)
        before[row.shop_id, str(row.claim_id)].add(row.id)
    names = {}
    for one in taken:
        count = len(before[one.shop_id, one.claim_id])
        nonce = f"{one.claim_id}#{count + 1}" if count else one.claim_id
        names[one.claim_id] = _Name(nonce, one.claim_id in live)
    return names
