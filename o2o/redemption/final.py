"""When a redemption is the shop's money for good: its undo is over, and every till has heard since."""

from collections import defaultdict
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from o2o.feed import rules as feed
from o2o.kernel.db import new_id
from o2o.redemption import rows
from o2o.redemption.models import Redemption
from o2o.tills import queries as tills

# pass.md: provisional becomes final after 72 hours at the latest, whatever a till keeps to itself.
LATEST = timedelta(hours=72)


def finalise_due(session: Session, *, now: datetime, most: int = 100) -> int:
    """Make redemptions final: shop pending becomes shop payable. Count them.

    After UNDO each waits for a mark that all of its shop's tills have to hear, one mark per shop and run, or for
    LATEST since it was written. With no till to wait for, this very run makes it final. What is held waits for
    a decision.
    """
    written = func.coalesce(Redemption.made_at, Redemption.at)
    # Each row is written once: PostgreSQL asks for the pass of one that is written twice, and whoever has that pass
    # may be waiting for the row.
    with session.no_autoflush:
        final = _mark(session, now, most)
        ready = or_(Redemption.mark.in_(_heard(session)), written <= now - LATEST)
        final += _due(session, most, Redemption.mark.is_not(None), ready)
    for row in final:
        row.final_at = now
    session.flush()
    for row in final:
        rows.post(session, row, "final", {"shop_pending": row.value, "shop_payable": -row.value})
    return len(final)


def _mark(session: Session, now: datetime, most: int) -> list[Redemption]:
    """Give those whose undo is over the mark that the tills have to hear; return those that wait for nobody."""
    marks: dict[int, str] = defaultdict(new_id)
    # By the till's time, or by ours where its clock was years ahead: else its shop would wait for ever.
    over = or_(Redemption.at <= now - rows.UNDO, Redemption.made_at <= now - rows.UNDO)
    found = _due(session, most, Redemption.mark.is_(None), over)
    for row in found:
        row.mark = marks[row.shop_id]
    waited = {shop_id for shop_id in marks if tills.watermark(session, shop_id) is not None}
    for shop_id in sorted(waited):
        feed.note(session, shop_id=shop_id, kind="mark", subject=marks[shop_id])
    return [row for row in found if row.shop_id not in waited or (row.made_at or row.at) <= now - LATEST]


def _heard(session: Session) -> set[str]:
    """List the marks of waiting redemptions that every till of their shop has heard."""
    asked: dict[int, set[str]] = defaultdict(set)
    waiting = select(Redemption.shop_id, Redemption.mark).where(*_WAITS, Redemption.mark.is_not(None))
    for shop_id, mark in session.execute(waiting.distinct()):
        asked[shop_id].add(str(mark))
    found = (tills.heard_marks(session, shop_id=shop_id, marks=marks) for shop_id, marks in asked.items())
    return set().union(*found)


def _due(session: Session, most: int, *where: ColumnElement[bool]) -> list[Redemption]:
    due = select(Redemption).where(*_WAITS, *where).order_by(Redemption.shop_id, Redemption.id).limit(most)
    return list(session.scalars(due.with_for_update(skip_locked=True)))


_WAITS = (Redemption.final_at.is_(None), Redemption.annulled_at.is_(None), Redemption.held.is_(False))
