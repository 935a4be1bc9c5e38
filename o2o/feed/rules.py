"""Note what the tills must hear; written as the last thing before the commit."""

from typing import Any

from sqlalchemy import event, select, update
from sqlalchemy.orm import Session

from o2o.feed.models import KINDS, Feed, Tiding
from o2o.kernel.db import insert_ignore

NOTED = "o2o_tidings"


def note(session: Session, *, shop_id: int, kind: str, subject: str = "") -> None:
    """Remember a change until the commit, which gives it the shop's next epoch.

    The feed's row is the hottest of a shop and is locked last of all, after every pass, refund and book: so that
    two transactions never wait for each other. ValueError for a kind that tills do not know.
    """
    if kind not in KINDS:
        raise ValueError(f"tills know no tiding of kind {kind!r}")
    session.info.setdefault(NOTED, {})[shop_id, kind, subject] = None


@event.listens_for(Session, "before_commit")
def _write_down(session: Session) -> None:
    """Give what was noted its epochs, shop by shop in the order of their ids."""
    if session.in_nested_transaction():
        return
    noted = session.info.pop(NOTED, None)
    if not noted:
        return
    session.flush()
    for shop_id in sorted({shop_id for shop_id, _, _ in noted}):
        news = [(kind, subject) for shop, kind, subject in noted if shop == shop_id]
        last = _advance(session, shop_id, len(news))
        first = last - len(news) + 1
        session.add_all(
            Tiding(shop_id=shop_id, epoch=epoch, kind=kind, subject=subject)
            for epoch, (kind, subject) in enumerate(news, first)
        )
    session.flush()


def _advance(session: Session, shop_id: int, by: int) -> int:
    insert_ignore(session, Feed.__table__, {"shop_id": shop_id, "epoch": 0})  # type: ignore[arg-type]
    moved = update(Feed).where(Feed.shop_id == shop_id).values(epoch=Feed.epoch + by)
    session.execute(moved.execution_options(synchronize_session=False))
    return session.scalars(select(Feed.epoch).where(Feed.shop_id == shop_id)).one()


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, previous: Any) -> None:
    """Forget what a transaction noted that came to nothing."""
    if not session.in_nested_transaction():
        session.info.pop(NOTED, None)
