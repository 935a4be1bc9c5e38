"""What a redemption leaves behind: its row, its line in the log, the guest's message, the money."""

import hashlib
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from o2o.kernel import clock, journal
from o2o.kernel.db import insert_ignore, new_id
from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.ledger import rules as ledger
from o2o.ledger.queries import shop_book
from o2o.notifications.rules import tell as put_into_inbox
from o2o.passes import rules as passes
from o2o.redemption.answer import Answer, Sight
from o2o.redemption.models import Redemption, Scan
from o2o.shops import queries as shops
from o2o.tills import queries as tills

# So long staff may undo; then the money waits for the other tills only.
UNDO = timedelta(minutes=15)
REUSED = N_("This form was already sent with other content. Please scan the pass again.")


class Taken(NamedTuple):
    """Who took uses, where, when and by which code; `at` is the till's corrected time."""

    shop_id: int
    staff_id: int
    quantity: int
    nonce: str
    at: datetime
    till_id: str | None = None
    claim_id: str | None = None
    mode: str = "online"
    gen: int | None = None
    step: int | None = None
    code: str | None = None
    held: bool = False


def write(session: Session, spent: passes.Spent, taken: Taken, *, now: datetime) -> Redemption:
    """Write a redemption; the pass's row is locked, so its next number is ours. Return a copy.

    Raises RuleBroken "key_reused" (409) when the shop has a redemption of this nonce.
    """
    pass_ = spent.pass_
    last = select(func.coalesce(func.max(Redemption.number), 0)).where(Redemption.pass_id == pass_.id)
    values = {
        "id": new_id(),
        "pass_id": pass_.id,
        "uses_left": pass_.uses_left,
        "value": spent.value,
        "currency": pass_.currency,
        "digest": digest(pass_.id, taken.quantity),
        "made_at": now,
        **taken._asdict(),
    }
    numbered = {**values, "number": last.scalar_subquery() + 1}
    if not insert_ignore(session, Redemption.__table__, numbered):  # type: ignore[arg-type]
        raise RuleBroken("key_reused", REUSED)
    return Redemption(**values)


def log(
    session: Session,
    *,
    shop_id: int,
    staff_id: int,
    now: datetime,
    answer: Answer,
    till_id: str | None = None,
) -> None:
    """Log what came of a scan; a redemption completes the look that led to it."""
    redemption_id = answer.redemption_id if answer.is_ok else None
    if redemption_id is not None:
        looked = select(func.max(Scan.id)).where(
            Scan.shop_id == shop_id,
            Scan.staff_id == staff_id,
            Scan.pass_id == answer.pass_id,
            Scan.reason == "ok",
            Scan.redemption_id.is_(None),
            Scan.at.between(now - UNDO, now),
        )
        completed = update(Scan).where(Scan.id == looked.scalar_subquery())
        if session.execute(completed.values(redemption_id=redemption_id, at=now, till_id=till_id)).rowcount:  # type: ignore[attr-defined]
            return
    session.add(
        Scan(
            shop_id=shop_id,
            staff_id=staff_id,
            at=now,
            reason=answer.reason,
            pass_id=answer.pass_id,
            redemption_id=redemption_id,
            till_id=till_id,
        )
    )
    session.flush()


def note_look(
    session: Session, *, shop_id: int, staff_id: int, till_id: str, pass_id: str, reason: str, at: datetime
) -> None:
    """Log a look that a till took with no network and that came to nothing; the holder sees it too."""
    session.add(
        Scan(shop_id=shop_id, staff_id=staff_id, till_id=till_id, pass_id=pass_id, reason=reason, at=at)
    )
    session.flush()


def tell(session: Session, row: Redemption, sight: Sight, kind: str) -> None:
    """Tell the guest, with time and till where a till took it, and record the fact under the same name."""
    message, values = kind, {}
    if row.till_id is not None and kind == "pass.redeemed":
        message = "pass.redeemed_at_till"
        values = {"when": _when(session, row.at), "till": tills.till(session, row.till_id).name}
    put_into_inbox(
        session,
        account_id=sight.account_id,
        key=f"{kind}:{row.id}",
        kind=message,
        link=f"/passes/{row.pass_id}",
        title=sight.title,
        shop=sight.shop_name,
        shop_zh=sight.shop_name_zh,
        shop_en=sight.shop_name_en,
        quantity=row.quantity,
        left=sight.uses_left if kind == "pass.annulled" else row.uses_left,
        **values,
    )
    journal.record(session, kind, pass_id=row.pass_id, redemption_id=row.id, shop_id=row.shop_id)


def post(session: Session, row: Redemption, kind: str, legs: dict[str, int]) -> None:
    """Move a redemption's money; nothing for a free pass. Each kind is posted once per row."""
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


def digest(pass_id: str, quantity: int) -> str:
    """Say in one value what a nonce stands for."""
    return hashlib.sha256(f"{pass_id}:{quantity}".encode()).hexdigest()


def _when(session: Session, at: datetime) -> str:
    """Say a moment in the town's time, in figures that every reader understands."""
    local = at.astimezone(shops.founded(session).zone)
    return (
        f"{local:%H:%M}"
        if local.date() == clock.now().astimezone(local.tzinfo).date()
        else f"{local:%m-%d %H:%M}"
    )
