"""What a redemption leaves behind: its row, its line in the log, the guest's message, the money."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from o2o.kernel import clock, journal
from o2o.kernel.db import insert_ignore, new_id
from o2o.kernel.errors import RuleBroken
from o2o.kernel.words import N_
from o2o.ledger import rules as ledger
from o2o.ledger.queries import shop_book
from o2o.ledger.rules import Legs
from o2o.notifications import rules as notifications
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


class Look(NamedTuple):
    """What came of a scan: who looked where and when, at which pass, and the redemption that it led to."""

    shop_id: int
    staff_id: int
    at: datetime
    reason: str
    pass_id: str | None
    redemption_id: str | None
    till_id: str | None


def write(session: Session, spent: passes.Spent, taken: Taken, *, now: datetime) -> Redemption:
    """Write a redemption; the pass's row is locked, so its next number is ours. Return a copy.

    Raises RuleBroken "key_reused" (409) when the shop has a redemption of this nonce.
    """
    return write_all(session, [(spent, taken)], now=now)[0]


def write_all(
    session: Session, uses: Sequence[tuple[passes.Spent, Taken]], *, now: datetime
) -> list[Redemption]:
    """Write many redemptions in their order, as `write` does: two statements however many there are."""
    numbers = _numbers(session, {spent.pass_.id for spent, _ in uses})
    rows = []
    for spent, taken in uses:
        pass_ = spent.pass_
        numbers[pass_.id] += 1
        row = {
            "id": new_id(),
            "pass_id": pass_.id,
            "number": numbers[pass_.id],
            "uses_left": spent.left,
            "value": spent.value,
            "currency": pass_.currency,
            "digest": digest(pass_.id, taken.quantity),
            "made_at": now,
            **taken._asdict(),
        }
        rows.append(row)
    if rows and insert_ignore(session, Redemption.__table__, rows) != len(rows):  # type: ignore[arg-type]
        raise RuleBroken("key_reused", REUSED)
    return [Redemption(**row) for row in rows]


def _numbers(session: Session, pass_ids: set[str]) -> dict[str, int]:
    """Return the number of each pass's last redemption."""
    last = select(Redemption.pass_id, func.max(Redemption.number)).where(Redemption.pass_id.in_(pass_ids))
    found = {row[0]: row[1] for row in session.execute(last.group_by(Redemption.pass_id))}
    return {pass_id: found.get(pass_id, 0) for pass_id in pass_ids}


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
    scan = Look(
        shop_id=shop_id,
        staff_id=staff_id,
        at=now,
        reason=answer.reason,
        pass_id=answer.pass_id,
        redemption_id=answer.redemption_id if answer.is_ok else None,
        till_id=till_id,
    )
    log_all(session, [scan])


def log_all(session: Session, scans: Sequence[Look]) -> None:
    """Log what came of scans; a redemption completes the look that led to it, and then is no scan of its own."""
    looks = _open_looks(session, [scan for scan in scans if scan.redemption_id is not None])
    fresh = []
    for scan in scans:
        look = _led_to(looks, scan)
        if look is None:
            fresh.append(scan._asdict())
        else:
            look.redemption_id, look.at, look.till_id = scan.redemption_id, scan.at, scan.till_id
    session.flush()
    if fresh:
        session.execute(insert(Scan), fresh)


def _open_looks(session: Session, scans: Sequence[Look]) -> list[Scan]:
    """Return the looks that may have led to these redemptions, the latest first."""
    if not scans:
        return []
    moments = [scan.at for scan in scans]
    rows = select(Scan).where(
        Scan.shop_id.in_({scan.shop_id for scan in scans}),
        Scan.pass_id.in_({scan.pass_id for scan in scans}),
        Scan.reason == "ok",
        Scan.redemption_id.is_(None),
        Scan.at.between(min(moments) - UNDO, max(moments)),
    )
    fresh = rows.order_by(Scan.id.desc()).execution_options(populate_existing=True)
    return list(session.scalars(fresh))


def _led_to(looks: Sequence[Scan], scan: Look) -> Scan | None:
    """Return the latest look of the same staff at the same pass shortly before, unless it led to another one."""
    if scan.redemption_id is None:
        return None
    whose = (scan.shop_id, scan.staff_id, scan.pass_id)
    for look in looks:
        is_theirs = (look.shop_id, look.staff_id, look.pass_id) == whose
        if is_theirs and look.redemption_id is None and scan.at - UNDO <= look.at <= scan.at:
            return look
    return None


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
    tell_all(session, [(row, sight)], kind)


def tell_all(session: Session, rows: Sequence[tuple[Redemption, Sight]], kind: str) -> None:
    """Tell the guests of many redemptions, as `tell` does."""
    names = {}
    if kind == "pass.redeemed":
        names = {till_id: tills.till(session, till_id).name for till_id in _tills_of(rows)}
    zone = shops.founded(session).zone if names else UTC
    notifications.tell_all(session, news=[_news(row, sight, kind, names, zone) for row, sight in rows])
    facts = [{"pass_id": row.pass_id, "redemption_id": row.id, "shop_id": row.shop_id} for row, _ in rows]
    journal.record_all(session, kind, facts)


def _tills_of(rows: Sequence[tuple[Redemption, Sight]]) -> set[str]:
    return {row.till_id for row, _ in rows if row.till_id is not None}


def _news(
    row: Redemption, sight: Sight, kind: str, names: Mapping[str, str], zone: tzinfo
) -> notifications.News:
    """Word a message; `names` are those of the tills where the guest is to hear when and where it was taken."""
    values = {
        "title": sight.title,
        "shop": sight.shop_name,
        "shop_zh": sight.shop_name_zh,
        "shop_en": sight.shop_name_en,
        "quantity": row.quantity,
        "left": sight.uses_left if kind == "pass.annulled" else row.uses_left,
    }
    message = kind
    if row.till_id is not None and row.till_id in names:
        message = "pass.redeemed_at_till"
        values |= {"when": _when(row.at, zone), "till": names[row.till_id]}
    return notifications.News(sight.account_id, f"{kind}:{row.id}", message, f"/passes/{row.pass_id}", values)


def post(session: Session, row: Redemption, kind: str, legs: Legs) -> None:
    """Move a redemption's money; nothing for a free pass. Each kind is posted once per row."""
    post_all(session, [(row, legs)], kind)


def post_all(session: Session, moves: Sequence[tuple[Redemption, Legs]], kind: str) -> None:
    """Move the money of many redemptions, as `post` does, shop by shop in the order of their ids."""
    drafts: dict[int, list[ledger.Draft]] = {}
    for row, legs in moves:
        if row.value:
            draft = ledger.Draft(f"{kind}:{row.id}", kind, f"redemption:{row.id}", row.currency, legs)
            drafts.setdefault(row.shop_id, []).append(draft)
    for shop_id in sorted(drafts):
        ledger.post_all(session, book=shop_book(shop_id), shop_id=shop_id, postings=drafts[shop_id])


def digest(pass_id: str, quantity: int) -> str:
    """Say in one value what a nonce stands for."""
    return hashlib.sha256(f"{pass_id}:{quantity}".encode()).hexdigest()


def _when(at: datetime, zone: tzinfo) -> str:
    """Say a moment in the town's time, in figures that every reader understands."""
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == clock.now().astimezone(zone).date() else f"{local:%m-%d %H:%M}"
