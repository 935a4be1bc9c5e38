"""Verbs of the till: look, redeem, annul, and make final what can no longer be undone."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from o2o.kernel import journal
from o2o.kernel.db import insert_ignore, new_id
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.ledger import rules as ledger
from o2o.ledger.queries import shop_book
from o2o.notifications.rules import tell
from o2o.passes import queries as pass_queries
from o2o.passes import rules as passes
from o2o.redemption.answer import Answer, Sight
from o2o.redemption.models import Redemption, Scan
from o2o.redemption.verdict import Code, judge, read

__all__ = ["UNDO", "Answer", "Code", "annul", "can_undo", "finalise_due", "look", "read", "redeem"]

# So long staff may undo; then the money is the shop's for good.
UNDO = timedelta(minutes=15)
NONCE_LENGTH = 64
REASON_LENGTH = 200
MOST_USES = 20


def look(session: Session, *, shop_id: int, staff_id: int, text: str | Code, now: datetime) -> Answer:
    """Tell what a code is worth at this shop and log the scan; takes nothing."""
    code = read(session, text) if isinstance(text, str) else text
    answer = judge(session, code=code, shop_id=shop_id, quantity=1, now=now)
    _log(session, shop_id, staff_id, now, answer)
    return answer


def redeem(
    session: Session,
    *,
    shop_id: int,
    staff_id: int,
    quantity: int,
    nonce: str,
    now: datetime,
    text: str | Code | None = None,
    pass_id: str | None = None,
) -> Answer:
    """Take uses from a pass, once per nonce: the same nonce with the same content is the same receipt.

    Side effects in order: the pass's uses, the redemption, the scan's log, the guest's inbox, fact
    pass.redeemed, the ledger (liability to shop pending; nothing for a free pass). A refusal is an answer and
    only logged. The same nonce with other content raises RuleBroken "key_reused".
    """
    _check_form(quantity, nonce)
    code = Code(pass_id=pass_id) if text is None else text
    if isinstance(code, str):
        code = read(session, code)
    answer = judge(session, code=code, shop_id=shop_id, quantity=quantity, now=now)
    sight = answer.sight
    spent = None
    if sight is not None and answer.is_ok:
        spent = passes.spend(session, pass_id=sight.pass_id, quantity=quantity, now=now)
    # Asked only now: a rival with this very nonce may have been ahead of us at the pass's row.
    done = _by_nonce(session, shop_id, nonce)
    if done is not None:
        if spent is not None:
            _put_back(session, spent, quantity, now)
        return _repeat(session, done, code, quantity)
    if sight is None or spent is None:
        if answer.is_ok:
            answer = judge(session, code=code, shop_id=shop_id, quantity=quantity, now=now)
        _log(session, shop_id, staff_id, now, answer)
        return answer
    row = _write(session, spent, shop_id=shop_id, staff_id=staff_id, quantity=quantity, nonce=nonce, now=now)
    receipt = Answer.of(row, sight)
    _log(session, shop_id, staff_id, now, receipt)
    _tell(session, row, sight, "pass.redeemed")
    _post(session, row, "redeem", {"voucher_liability": row.value, "shop_pending": -row.value})
    return receipt


def annul(
    session: Session, *, shop_id: int, redemption_id: str, staff_id: int, reason: str, now: datetime
) -> Redemption:
    """Undo a redemption of this shop within UNDO, for a stated reason; repeating it changes nothing.

    Side effects in order: the redemption's row, the pass's uses and value, the guest's inbox, fact
    pass.annulled, the ledger (the redemption's legs reversed).
    """
    row = session.get(Redemption, redemption_id)
    if row is None or row.shop_id != shop_id:
        raise NotAllowed
    reason = reason.strip()[:REASON_LENGTH]
    if not reason:
        raise BadInput("no_reason", N_("Say why this is undone."), status=422)
    passes.get_locked(session, pass_id=row.pass_id)
    session.refresh(row, with_for_update=True)
    if row.annulled_at is not None:
        return row
    if not can_undo(row, now):
        raise RuleBroken("too_late", N_("It is too late to undo this: 15 minutes have passed."))
    row.annulled_at, row.annulled_by, row.annul_reason = now, staff_id, reason
    session.flush()
    passes.unspend(session, pass_id=row.pass_id, quantity=row.quantity, value=row.value, now=now)
    sight = Sight.of(pass_queries.held_pass(session, row.pass_id))
    _tell(session, row, sight, "pass.annulled")
    _post(session, row, "annul", {"voucher_liability": -row.value, "shop_pending": row.value})
    return row


def can_undo(row: Redemption, now: datetime) -> bool:
    """Tell whether a redemption may still be undone."""
    return row.annulled_at is None and row.final_at is None and now - row.at < UNDO


def finalise_due(session: Session, *, now: datetime, most: int = 100) -> int:
    """Make redemptions final whose time to undo is over: shop pending becomes shop payable. Count them."""
    due = (
        select(Redemption)
        .where(Redemption.final_at.is_(None), Redemption.annulled_at.is_(None), Redemption.at <= now - UNDO)
        .order_by(Redemption.shop_id, Redemption.id)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    rows = session.scalars(due).all()
    for row in rows:
        row.final_at = now
    session.flush()
    for row in rows:
        _post(session, row, "final", {"shop_pending": row.value, "shop_payable": -row.value})
    return len(rows)


def _check_form(quantity: int, nonce: str) -> None:
    if not 1 <= quantity <= MOST_USES:
        raise BadInput("bad_quantity", N_("Choose between 1 and 20 uses."), status=422)
    if not 1 <= len(nonce) <= NONCE_LENGTH or not nonce.isascii() or not nonce.isprintable():
        raise BadInput("bad_nonce", N_("This form is damaged. Please scan the pass again."), status=422)


def _by_nonce(session: Session, shop_id: int, nonce: str) -> Redemption | None:
    known = select(Redemption).where(Redemption.shop_id == shop_id, Redemption.nonce == nonce)
    return session.scalars(known).one_or_none()


def _repeat(session: Session, done: Redemption, code: Code, quantity: int) -> Answer:
    """Answer a repeated nonce by its receipt, as it was; an undone one says so."""
    held = None
    if not code.refusal:
        held = pass_queries.with_terms(session, pass_id=code.pass_id, short_code=code.short_code)
    if held is None or _digest(held.pass_.id, quantity) != done.digest:
        raise RuleBroken(
            "key_reused", N_("This form was already sent with other content. Please scan the pass again.")
        )
    return Answer.of(done, Sight.of(held))


def _put_back(session: Session, spent: passes.Spent, quantity: int, now: datetime) -> None:
    passes.unspend(session, pass_id=spent.pass_.id, quantity=quantity, value=spent.value, now=now)


def _write(
    session: Session,
    spent: passes.Spent,
    *,
    shop_id: int,
    staff_id: int,
    quantity: int,
    nonce: str,
    now: datetime,
) -> Redemption:
    """Write the redemption; the pass's row is locked, so its next number is ours. Return a copy."""
    pass_ = spent.pass_
    last = select(func.coalesce(func.max(Redemption.number), 0)).where(Redemption.pass_id == pass_.id)
    values = {
        "id": new_id(),
        "pass_id": pass_.id,
        "shop_id": shop_id,
        "staff_id": staff_id,
        "quantity": quantity,
        "uses_left": pass_.uses_left,
        "value": spent.value,
        "currency": pass_.currency,
        "nonce": nonce,
        "digest": _digest(pass_.id, quantity),
        "at": now,
    }
    numbered = {**values, "number": last.scalar_subquery() + 1}
    if not insert_ignore(session, Redemption.__table__, numbered):  # type: ignore[arg-type]
        raise RuleBroken(
            "key_reused", N_("This form was already sent with other content. Please scan the pass again.")
        )
    return Redemption(**values)


def _log(session: Session, shop_id: int, staff_id: int, now: datetime, answer: Answer) -> None:
    """Log what came of a scan; a redemption completes the look that led to it."""
    redemption_id = answer.redemption_id if answer.is_ok else None
    if redemption_id is not None:
        looked = select(func.max(Scan.id)).where(
            Scan.shop_id == shop_id,
            Scan.staff_id == staff_id,
            Scan.pass_id == answer.pass_id,
            Scan.reason == "ok",
            Scan.redemption_id.is_(None),
            Scan.at >= now - UNDO,
        )
        completed = update(Scan).where(Scan.id == looked.scalar_subquery())
        if session.execute(completed.values(redemption_id=redemption_id, at=now)).rowcount:  # type: ignore[attr-defined]
            return
    session.add(
        Scan(
            shop_id=shop_id,
            staff_id=staff_id,
            at=now,
            reason=answer.reason,
            pass_id=answer.pass_id,
            redemption_id=redemption_id,
        )
    )
    session.flush()


def _tell(session: Session, row: Redemption, sight: Sight, kind: str) -> None:
    """Tell the guest, and record the fact under the same name."""
    tell(
        session,
        account_id=sight.account_id,
        key=f"{kind}:{row.id}",
        kind=kind,
        link=f"/passes/{row.pass_id}",
        title=sight.title,
        shop=sight.shop_name,
        shop_zh=sight.shop_name_zh,
        shop_en=sight.shop_name_en,
        quantity=row.quantity,
        left=sight.uses_left if kind == "pass.annulled" else row.uses_left,
    )
    journal.record(session, kind, pass_id=row.pass_id, redemption_id=row.id, shop_id=row.shop_id)


def _post(session: Session, row: Redemption, kind: str, legs: dict[str, int]) -> None:
    if row.value == 0:
        return
    ledger.post(
        session,
        book=shop_book(row.shop_id),
        shop_id=row.shop_id,
        key=f"{kind}:{row.id}",
        kind=kind,
        subject=f"redemption:{row.id}",
        currency=row.currency,
        legs=legs,
    )


def _digest(pass_id: str, quantity: int) -> str:
    return hashlib.sha256(f"{pass_id}:{quantity}".encode()).hexdigest()
