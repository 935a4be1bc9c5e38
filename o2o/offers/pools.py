"""Which pools count an offer's sales, and whether anything is left in those of a shop."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2o.capacity import queries as capacity
from o2o.offers.models import Offer, Terms
from o2o.offers.times import local_day
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop


def total_key(offer_id: int) -> str:
    """Name the pool that counts every sale of an offer."""
    return f"offer:{offer_id}:total"


def day_key(offer_id: int, now: datetime, timezone: str) -> str:
    """Name the pool that counts the sales of an offer on the town's calendar day."""
    return f"offer:{offer_id}:day:{local_day(now, timezone).isoformat()}"


def changed_left(
    session: Session, *, now: datetime, shop_ids: Collection[int] | None = None
) -> dict[int, bool]:
    """Give the shops (of these, or of all) whose `has_left` is not true to their pools, with what it should be.

    Something is left when an offer on sale whose dates are not over has some of its total and of today's number;
    holds that ran out count as free.
    """
    town = shops.town(session)
    if town is None:
        return {}
    today = local_day(now, town.timezone)
    rows = (
        select(Shop.id, Shop.has_left, Offer.id, Terms.total_cap, Terms.day_cap)
        .outerjoin(Offer, (Offer.shop_id == Shop.id) & (Offer.state == "on_sale"))
        .outerjoin(Terms, Terms.id == Offer.terms_id)
        .where(Shop.status != "gone", or_(Shop.has_left, Offer.id.is_not(None)))
    )
    if shop_ids is not None:
        rows = rows.where(Shop.id.in_(shop_ids))
    over = Terms.valid_until < today
    found = session.execute(rows.add_columns(over).order_by(Shop.id)).all()
    limits: dict[int, dict[str, int]] = {}
    for _shop, _left, offer_id, total_cap, day_cap, is_over in found:
        if offer_id is not None and not is_over:
            caps = {total_key(offer_id): total_cap, day_key(offer_id, now, town.timezone): day_cap}
            limits[offer_id] = {key: cap for key, cap in caps.items() if cap is not None}
    taken = capacity.taken(session, [key for caps in limits.values() for key in caps], now=now)
    buyable = {
        offer_id
        for offer_id, caps in limits.items()
        if all(taken.get(key, 0) < cap for key, cap in caps.items())
    }
    was = {row[0]: bool(row[1]) for row in found}
    sells = {row[0] for row in found if row[2] in buyable}
    return {shop_id: shop_id in sells for shop_id in was if (shop_id in sells) != was[shop_id]}


def refresh_left(session: Session, *, now: datetime, shop_ids: Collection[int] | None = None) -> int:
    """Make `has_left` of these shops, or of all, true to their pools; return how many it changed for."""
    changed = changed_left(session, now=now, shop_ids=shop_ids)
    for shop_id, has_left in changed.items():
        shop_rules.set_left(session, shop_id=shop_id, has_left=has_left)
    return len(changed)
