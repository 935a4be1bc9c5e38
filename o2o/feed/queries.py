"""Read the feed."""

from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.feed.models import Feed, Tiding


class News(NamedTuple):
    """Changes after a cursor: (kind, subject) without repetition, the new cursor, and whether there is more."""

    subjects: dict[str, list[str]]
    cursor: int
    more: bool


def epoch(session: Session, shop_id: int) -> int:
    """Return a shop's epoch; 0 before its first change."""
    return session.scalar(select(Feed.epoch).where(Feed.shop_id == shop_id)) or 0


def since(session: Session, shop_id: int, cursor: int, *, most: int = 2000) -> News:
    """List at most `most` changes after a cursor, in order."""
    rows = session.execute(
        select(Tiding.epoch, Tiding.kind, Tiding.subject)
        .where(Tiding.shop_id == shop_id, Tiding.epoch > cursor)
        .order_by(Tiding.epoch)
        .limit(most + 1)
    ).all()
    subjects: dict[str, dict[str, None]] = {}
    for _, kind, subject in rows[:most]:
        subjects.setdefault(kind, {})[subject] = None
    last = rows[:most][-1][0] if rows else cursor
    return News({kind: list(found) for kind, found in subjects.items()}, last, len(rows) > most)


def epoch_of(session: Session, *, shop_id: int, kind: str, subject: str) -> int | None:
    """Return the latest epoch at which a subject changed; None when it never did."""
    rows = select(func.max(Tiding.epoch)).where(
        Tiding.kind == kind, Tiding.subject == subject, Tiding.shop_id == shop_id
    )
    return session.scalar(rows)
