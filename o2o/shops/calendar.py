"""When a shop is open, its special days included; reads only."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.places import hours
from o2o.places.hours_special import Minutes
from o2o.shops.models import Shop, SpecialDay

if TYPE_CHECKING:
    from o2o.shops.queries import TownInfo

# A night that began the day before yesterday may still run: what is over for longer changes nothing any more.
STILL = timedelta(days=2)
DAY = timedelta(days=1)


class Run(NamedTuple):
    """Special days in a row that say the same; `minutes` is None for closed."""

    first: date
    last: date
    minutes: Minutes | None
    note: str


def special_days(
    session: Session, shops: Iterable[Shop], *, now: datetime, town: "TownInfo"
) -> dict[int, list[SpecialDay]]:
    """Give the special days, by day, of those of these shops that are let in, nothing that is over; one query."""
    ids = [shop.id for shop in shops if shop.status == "claimed" and shop.id]
    if not ids:
        return {}
    since = now.astimezone(town.zone).date() - STILL
    rows = select(SpecialDay).where(SpecialDay.shop_id.in_(ids), SpecialDay.day >= since)
    found: dict[int, list[SpecialDay]] = {}
    for row in session.scalars(rows.order_by(SpecialDay.shop_id, SpecialDay.day)):
        found.setdefault(row.shop_id, []).append(row)
    return found


def of_shop(session: Session, shop_id: int, *, since: date) -> list[SpecialDay]:
    """List one shop's special days from a day on, for its desk."""
    rows = select(SpecialDay).where(SpecialDay.shop_id == shop_id, SpecialDay.day >= since)
    return list(session.scalars(rows.order_by(SpecialDay.day)))


def hours_of(shop: Shop, town: "TownInfo", days: Sequence[SpecialDay]) -> hours.Hours | None:
    """Give a shop's hours with its special days; None where its ordinary hours cannot be understood."""
    place: Mapping[str, float] = {"lat": shop.lat, "lng": shop.lng}
    parsed = hours.parse(shop.hours, timezone=town.timezone, country=town.country, **place)
    return parsed.on_days({row.day: row.minutes for row in days}) if parsed else None


def runs(days: Sequence[SpecialDay], *, today: date) -> list[Run]:
    """Gather special days from today on, equal neighbours together."""
    found: list[Run] = []
    for row in days:
        if row.day < today:
            continue
        last = found[-1] if found else None
        if last and last.last + DAY == row.day and (last.minutes, last.note) == (row.minutes, row.note):
            found[-1] = last._replace(last=row.day)
        else:
            found.append(Run(row.day, row.day, row.minutes, row.note))
    return found
