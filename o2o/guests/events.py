"""What makes somebody a shop's guest: uses that stand, and confirmed visits."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, union_all

from o2o.checkin.models import Visit
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.shops.queries import own


def uses() -> Any:
    """Select whose uses stand, where and when."""
    rows = select(
        Pass.account_id.label("account_id"), Redemption.shop_id.label("shop_id"), Redemption.at.label("at")
    )
    return rows.join(Pass, Pass.id == Redemption.pass_id).where(Redemption.annulled_at.is_(None))


def visits() -> Any:
    """Select who arrived where and when, as staff confirmed."""
    rows = select(Visit.account_id.label("account_id"), Visit.shop_id.label("shop_id"), Visit.at.label("at"))
    return rows.where(Visit.confirmed_at.is_not(None))


def span(*, shop_id: int, account_id: int) -> Any:
    """Select when somebody was first and last a guest of a shop; two nothings for who never was."""
    both = union_all(
        uses().where(Redemption.shop_id == shop_id, Pass.account_id == account_id),
        visits().where(Visit.shop_id == shop_id, Visit.account_id == account_id),
    ).subquery()
    return select(func.min(both.c.at), func.max(both.c.at))


def firsts(shop_id: int, since: datetime | None) -> Any:
    """Select each guest of a shop with when they first came after `since`."""
    both = union_all(
        uses().where(Redemption.shop_id == shop_id, own(Redemption.at, since)),
        visits().where(Visit.shop_id == shop_id, own(Visit.at, since)),
    ).subquery()
    return select(both.c.account_id, func.min(both.c.at)).group_by(both.c.account_id)


def spans() -> Any:
    """Select every shop's guests with their first and last time, from all that ever happened."""
    both = union_all(uses(), visits()).subquery()
    columns = (both.c.shop_id, both.c.account_id)
    rows = select(*columns, func.min(both.c.at).label("first_at"), func.max(both.c.at).label("last_at"))
    return rows.group_by(*columns)


def counted_uses(*, since: datetime | None = None, **narrow: int) -> Any:
    """Select how many uses of each guest of each shop stand, and the money that became the shop's by them.

    `narrow` is shop_id or account_id: a count of everything would cost as much as the town is large. What was before
    `since` is left out.
    """
    rows = select(
        Pass.account_id.label("account_id"),
        Redemption.shop_id.label("shop_id"),
        func.count().label("number"),
        func.sum(Redemption.value).label("spent"),
    )
    rows = rows.join(Pass, Pass.id == Redemption.pass_id)
    rows = rows.where(Redemption.annulled_at.is_(None), own(Redemption.at, since))
    columns = {"shop_id": Redemption.shop_id, "account_id": Pass.account_id}
    rows = rows.where(*(columns[name] == value for name, value in narrow.items()))
    return rows.group_by(Pass.account_id, Redemption.shop_id)


def counted_visits(*, since: datetime | None = None, **narrow: int) -> Any:
    """Select how many confirmed visits each guest made to each shop; `narrow` and `since` as in counted_uses."""
    rows = select(
        Visit.account_id.label("account_id"), Visit.shop_id.label("shop_id"), func.count().label("number")
    )
    rows = rows.where(Visit.confirmed_at.is_not(None), own(Visit.at, since))
    rows = rows.where(*(getattr(Visit, name) == value for name, value in narrow.items()))
    return rows.group_by(Visit.account_id, Visit.shop_id)
