"""Sanctions that end in somebody's inbox: the shop's owners and managers, and guests who hold its passes."""

from sqlalchemy.orm import Session

from o2o.conduct.models import STANDING, Sanction
from o2o.kernel.journal import Fact, reacts_to
from o2o.notifications.rules import News, tell_all
from o2o.sanctions import queries
from o2o.shops import queries as shops
from o2o.shops.models import Shop


@reacts_to("sanction.imposed")
def tell_shop(session: Session, fact: Fact) -> None:
    """Tell owners and managers which step was taken; the page has the evidence and how to object."""
    row = session.get_one(Sanction, int(fact.ids["sanction_id"]))
    _tell_desk(session, row, f"sanction.{row.step}")


@reacts_to("sanction.imposed")
def tell_guests(session: Session, fact: Fact) -> None:
    """Tell whoever holds an open pass what a suspension or a delisting means for it; not when it was lifted since."""
    row = session.get_one(Sanction, int(fact.ids["sanction_id"]))
    if row.step not in ("suspend", "delist") or row.state not in STANDING:
        return
    shop, kind = session.get_one(Shop, row.shop_id), f"shop.{row.step}"
    news = [
        News(account_id, f"{kind}:{row.id}:{account_id}", kind, "/wallet", _names(shop))
        for account_id in queries.holders(session, row.shop_id)
    ]
    tell_all(session, news=news)


@reacts_to("sanction.decided", "sanction.over")
def tell_outcome(session: Session, fact: Fact) -> None:
    """Tell owners and managers that a sanction was confirmed, lifted, or is over."""
    row = session.get_one(Sanction, int(fact.ids["sanction_id"]))
    if row.state in ("upheld", "lifted", "over"):
        _tell_desk(session, row, f"sanction.{row.state}")


def _tell_desk(session: Session, row: Sanction, kind: str) -> None:
    shop = session.get_one(Shop, row.shop_id)
    link = f"/console/{shop.id}/sanctions#sanction-{row.id}"
    news = [
        News(member.account_id, f"{kind}:{row.id}:{member.account_id}", kind, link, _names(shop))
        for member in shops.members(session, shop.id)
        if member.kind in ("owner", "manager")
    ]
    tell_all(session, news=news)


def _names(shop: Shop) -> dict[str, str | None]:
    return {"shop": shop.name, "shop_zh": shop.name_zh, "shop_en": shop.name_en}
