"""Verbs of the till: look, redeem, annul; what claims do is in effects.py, what is final in final.py."""

from datetime import datetime, timedelta
from functools import partial
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.acts import rules as acts
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.passes import queries as pass_queries
from o2o.passes import rules as passes
from o2o.redemption import rows
from o2o.redemption.answer import Answer, Sight
from o2o.redemption.effects import TakenClaim, lose_claim, settle_held, take_claim, take_claims
from o2o.redemption.final import LATEST, finalise_due
from o2o.redemption.models import Redemption, Scan
from o2o.redemption.rows import UNDO, note_look
from o2o.redemption.verdict import Code, judge, read

__all__ = [
    "LATEST", "UNDO", "Answer", "Code", "TakenClaim", "annul", "can_undo", "finalise_due", "judge", "look",
    "lose_claim", "note_look", "read", "redeem", "settle_held", "take_claim", "take_claims",
]  # fmt: skip

# So long staff may think at the question whether to redeem, before the code has to be shown again.
ASKING = timedelta(minutes=5)
NONCE_LENGTH = 64
REASON_LENGTH = 200
MOST_USES = 20


def look(
    session: Session,
    *,
    shop_id: int,
    staff_id: int,
    text: str | Code,
    now: datetime,
    till_id: str | None = None,
) -> Answer:
    """Tell what a code is worth at this shop and log the scan; takes nothing."""
    code = read(session, text) if isinstance(text, str) else text
    answer = judge(session, code=code, shop_id=shop_id, quantity=1, now=now, till_id=till_id)
    rows.log(session, shop_id=shop_id, staff_id=staff_id, now=now, answer=answer, till_id=till_id)
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
    till_id: str | None = None,
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
    asked = _Asked(code, shop_id, staff_id, quantity, now, till_id)
    answer = _judge(session, asked)
    spent = _spend(session, asked, answer)
    # Asked only now: a rival with this very nonce may have been ahead of us at the pass's row.
    done = _by_nonce(session, shop_id, nonce)
    if done is not None:
        if spent is not None:
            _put_back(session, spent, quantity, now)
        return _repeat(session, done, code, quantity)
    if spent is None and answer.is_ok and answer.pass_id:
        # Somebody was faster: with the pass held, what is judged stays so.
        passes.get_locked(session, pass_id=answer.pass_id)
        answer = _judge(session, asked)
        spent = _spend(session, asked, answer)
    if spent is None or answer.sight is None:
        rows.log(session, shop_id=shop_id, staff_id=staff_id, now=now, answer=answer, till_id=till_id)
        return answer
    gen = answer.sight.gen
    taken = rows.Taken(
        shop_id, staff_id, quantity, nonce, now, till_id, gen=gen, step=code.step, code=code.text
    )
    row = rows.write(session, spent, taken, now=now)
    acts.note(session, shop_id=shop_id, redemption=row.id, uses=quantity)
    receipt = Answer.of(row, answer.sight)
    rows.log(session, shop_id=shop_id, staff_id=staff_id, now=now, answer=receipt, till_id=till_id)
    rows.tell(session, row, answer.sight, "pass.redeemed")
    rows.post(session, row, "redeem", {"voucher_liability": row.value, "shop_pending": -row.value})
    return receipt


def annul(
    session: Session,
    *,
    shop_id: int,
    redemption_id: str,
    staff_id: int,
    reason: str,
    now: datetime,
    late: bool = False,
) -> Redemption:
    """Undo a redemption of this shop within UNDO, for a stated reason; repeating it changes nothing.

    Side effects in order: the redemption's row, the pass's uses and value, the guest's inbox, fact
    pass.annulled, the ledger (the redemption's legs reversed). Raises RuleBroken "too_late", and "at_its_till"
    for what a till has in its own ledger: only that till can take it back. `late` is for a till that had undone it
    in time and could not say so: the pass may have expired since, or wait for its refund (refunds.rules.adjust).
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
    if row.claim_id is not None:
        raise RuleBroken("at_its_till", N_("This was redeemed at a till of its own. Undo it there."))
    if not can_undo(row, now):
        raise RuleBroken("too_late", N_("It is too late to undo this: 15 minutes have passed."))
    row.annulled_at, row.annulled_by, row.annul_reason = now, staff_id, reason
    session.flush()
    acts.note(session, shop_id=shop_id)
    passes.unspend(session, pass_id=row.pass_id, quantity=row.quantity, value=row.value, now=now, late=late)
    sight = Sight.of(pass_queries.held_pass(session, row.pass_id))
    rows.tell(session, row, sight, "pass.annulled")
    rows.post(session, row, "annul", {"voucher_liability": -row.value, "shop_pending": row.value})
    return row


def can_undo(row: Redemption, now: datetime) -> bool:
    """Tell whether a redemption may still be undone here; what a till took, it undoes itself."""
    is_open = row.annulled_at is None and row.final_at is None and row.claim_id is None
    return is_open and now - row.at < UNDO


class _Asked(NamedTuple):
    """A wish to redeem."""

    code: Code
    shop_id: int
    staff_id: int
    quantity: int
    now: datetime
    till_id: str | None


def _judge(session: Session, asked: _Asked) -> Answer:
    """Judge a wish; a code may grow old while staff are asked whether to redeem what they have just seen."""
    code, shop_id, staff_id, quantity, now, till_id = asked
    ask = partial(judge, session, code=code, shop_id=shop_id, quantity=quantity, now=now, till_id=till_id)
    answer = ask()
    if answer.reason != "stale_code" or answer.variant:
        return answer
    looked = select(func.max(Scan.at)).where(
        Scan.shop_id == shop_id,
        Scan.staff_id == staff_id,
        Scan.pass_id == answer.pass_id,
        Scan.reason == "ok",
        Scan.redemption_id.is_(None),
        Scan.at >= now - ASKING,
    )
    seen_at = session.scalar(looked)
    return answer if seen_at is None else ask(shown_at=seen_at)


def _spend(session: Session, asked: _Asked, answer: Answer) -> passes.Spent | None:
    """Take the uses, if the answer allows it and the pass still has the form that was judged."""
    if answer.sight is None or not answer.is_ok:
        return None
    return passes.spend(
        session, pass_id=answer.sight.pass_id, quantity=asked.quantity, now=asked.now, gen=answer.sight.gen
    )


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
    if held is None or rows.digest(held.pass_.id, quantity) != done.digest:
        raise RuleBroken("key_reused", rows.REUSED)
    return Answer.of(done, Sight.of(held))


def _put_back(session: Session, spent: passes.Spent, quantity: int, now: datetime) -> None:
    passes.unspend(session, pass_id=spent.pass_.id, quantity=quantity, value=spent.value, now=now)
