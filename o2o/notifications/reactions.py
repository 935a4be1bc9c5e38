"""Facts that end in somebody's inbox; rooms above tell by themselves."""

from sqlalchemy.orm import Session

from o2o.kernel.journal import Fact, reacts_to
from o2o.notifications.rules import tell
from o2o.shops import queries as shops


@reacts_to("role.given")
def say_where_you_work(session: Session, fact: Fact) -> None:
    """Tell a person that a shop gave them a role, unless it ended in the meantime."""
    shop_id, account_id = int(fact.ids["shop_id"]), int(fact.ids["account_id"])
    roles = shops.roles_of(session, account_id, shop_id)
    if not roles:
        return
    kind = "owner" if "owner" in roles else "staff"
    shop = shops.shop(session, shop_id)
    tell(
        session,
        account_id=account_id,
        key=f"role:{fact.id}",
        kind=f"role.{kind}",
        link=f"/console/{shop_id}" if kind == "owner" else "/till",
        shop=shop.name,
        shop_zh=shop.name_zh,
        shop_en=shop.name_en,
    )
