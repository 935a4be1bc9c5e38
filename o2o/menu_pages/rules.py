"""What happens to photographed pages: kept for who took them, put away."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.photos import queries as photo_queries
from o2o.photos import rules as photos
from o2o.photos.rules import Prepared
from o2o.shops import queries as shops

MOST = 12


def keep(
    session: Session, *, shop_id: int, account_id: int, prepared: Sequence[Prepared], now: datetime
) -> None:
    """Keep pages for who took them, in this order, behind those that are there; nothing shows them.

    Raises RuleBroken many_pages (422, field "photos") beyond MOST.
    """
    shops.shop(session, shop_id, lock=True, behind=True)
    there = photo_queries.loose(session, account_id=account_id, shop_id=shop_id)
    if len(there) + len(prepared) > MOST:
        sentence = N_("At most %(most)s pages at a time. Delete one first.")
        raise RuleBroken("many_pages", sentence, status=422, field="photos", most=MOST)
    for place, one in enumerate(prepared):
        # Their order is that of their times.
        at = now + timedelta(milliseconds=place)
        photos.keep(session, account_id=account_id, shop_id=shop_id, prepared=one, at=at)


def drop(session: Session, *, shop_id: int, account_id: int, photo_id: str) -> None:
    """Delete a page of one's own; NotAllowed for any other photo."""
    there = photo_queries.loose(session, account_id=account_id, shop_id=shop_id)
    if photo_id not in {one.id for one in there}:
        raise NotAllowed
    photos.drop(session, photo_id=photo_id)
