"""What owners are told before and when something ends: each once, by its own key."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.checklist.models import Requirement
from o2o.kernel.clock import millis
from o2o.notifications import rules as notifications
from o2o.notifications.models import Message
from o2o.notifications.rules import News
from o2o.offers.rules import local_day
from o2o.papers.queries import ends
from o2o.shops import queries as shops
from o2o.shops.models import Role, Shop

# Days before the end, the nearest first; 0 says that it is over.
STEPS = (0, 1, 7, 30)
AT_ONCE = 200
Dates = list[tuple[Requirement, datetime]]


def news(session: Session, *, now: datetime) -> list[News]:
    """List what owners must be told now and were not told yet, at most AT_ONCE."""
    town = shops.town(session)
    if town is None:
        return []
    due = {shop_id: dates for shop_id, dates in ends(session).items() if dates}
    found = {one.key: one for one in _news(session, due, now, town.timezone)}
    told = set(session.scalars(select(Message.key).where(Message.key.in_(list(found)[: 10 * AT_ONCE]))))
    return [one for key, one in found.items() if key not in told][:AT_ONCE]


def tell(session: Session, *, news: Sequence[News]) -> int:
    """Put the news into the owners' inboxes; return how many are new."""
    return notifications.tell_all(session, news=news)


def _news(session: Session, due: Mapping[int, Dates], now: datetime, timezone: str) -> Iterator[News]:
    owners = select(Role.shop_id, Role.account_id, Shop).join(Shop, Shop.id == Role.shop_id)
    owners = owners.where(Role.shop_id.in_(list(due)), Role.kind == "owner", Role.ended_at.is_(None))
    for shop_id, account_id, shop in session.execute(owners.order_by(Role.shop_id, Role.id)):
        names = {"shop": shop.name, "shop_zh": shop.name_zh, "shop_en": shop.name_en}
        for row, until in due[shop_id]:
            kind, step = _kind(row.key == "terms" or row.due_at == until, until, now)
            day = local_day(until - timedelta(seconds=1), timezone).isoformat()
            key = f"papers:{shop_id}:{account_id}:{row.id}:{millis(until)}:{step}"
            if kind:
                yield News(account_id, key, kind, f"/console/{shop_id}/admission", {**names, "day": day})


def _kind(is_asked: bool, until: datetime, now: datetime) -> tuple[str, str]:
    """Choose what is said: what is over, what ends soon, and at once whatever is newly asked for."""
    if until <= now:
        return "papers.over", "0"
    step = next((days for days in STEPS if days and until - now <= timedelta(days=days)), None)
    if step is not None:
        return "papers.soon", str(step)
    return ("papers.asked", "new") if is_asked else ("", "")
