"""I24: a shop is held back exactly as its standing sanctions say."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2o.conduct import queries, rules
from o2o.conduct.models import Sanction
from o2o.kernel import clock
from o2o.kernel.checks import invariant
from o2o.shops.models import Shop

# The worker ends sanctions every minute; later than this it does not run.
LATE = timedelta(minutes=10)


@invariant("I24", "a shop is limited, suspended or delisted exactly while a sanction says so")
def held_back_as_written(session: Session) -> Iterator[str]:
    """Name shops whose sanction or status is not what their standing sanctions make of them."""
    standing: dict[int, list[Sanction]] = defaultdict(list)
    for row in session.scalars(select(Sanction).where(queries.STANDS)):
        standing[row.shop_id].append(row)
    held = or_(Shop.sanction.is_not(None), Shop.status == "delisted", Shop.id.in_(standing))
    now = clock.now()
    for shop in session.scalars(select(Shop).where(held, Shop.status != "gone").order_by(Shop.id)):
        found = shop.sanction, shop.status == "delisted"
        wanted = {_wanted(shop, standing[shop.id], at) for at in (now, now - LATE)}
        if found not in wanted:
            yield f"shop {shop.id}: {shop.sanction or 'free'}, {shop.status}"


def _wanted(shop: Shop, rows: list[Sanction], at: datetime) -> tuple[str | None, bool]:
    sanction, is_delisted = rules.effect({row.step for row in rows if queries.holds(row, at)})
    return sanction, is_delisted and shop.status in ("claimed", "delisted")
