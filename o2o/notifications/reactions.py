"""Facts that end in somebody's inbox; rooms above tell by themselves."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel.journal import Fact, reacts_to
from o2o.notifications.rules import tell
from o2o.shops import queries as shops
from o2o.shops.models import ROLES, Role


@reacts_to("role.given")
def say_where_you_work(session: Session, fact: Fact) -> None:
    """Tell a person that a shop gave them a role, unless it ended in the meantime."""
    shop_id, account_id = int(fact.ids["shop_id"]), int(fact.ids["account_id"])
    roles = shops.roles_of(session, account_id, shop_id)
    if roles.isdisjoint(ROLES):
        return
    kind = "staff" if roles.isdisjoint({"owner", "manager"}) else "owner" if "owner" in roles else "manager"
    shop = shops.shop(session, shop_id, behind=True)
    tell(
        session,
        account_id=account_id,
        key=f"role:{fact.id}",
        kind=f"role.{kind}",
        link="/till" if kind == "staff" else f"/console/{shop_id}",
        shop=shop.name,
        shop_zh=shop.name_zh,
        shop_en=shop.name_en,
    )


@reacts_to("door.passkey", "door.key")
def say_what_opens_your_account(session: Session, fact: Fact) -> None:
    """Tell a person that something new opens their account: whoever sits at an open login may have made it."""
    link = "/me/passkeys" if fact.name == "door.passkey" else "/me/recovery"
    tell(
        session, account_id=int(fact.ids["account_id"]), key=f"door:{fact.id}", kind=str(fact.name), link=link
    )


@reacts_to("payout.changed")
def warn_owners(session: Session, fact: Fact) -> None:
    """Tell all owners that the shop's payout account is another one; a shop that nobody owns yet tells its claimant."""
    shop_id = int(fact.ids["shop_id"])
    live = select(Role.account_id, Role.kind).where(Role.shop_id == shop_id, Role.ended_at.is_(None))
    people = session.execute(live.order_by(Role.id)).all()
    shop = shops.shop(session, shop_id, behind=True)
    told = "owner" if any(kind == "owner" for _account_id, kind in people) else "claimant"
    for account_id in [account_id for account_id, kind in people if kind == told]:
        tell(
            session,
            account_id=account_id,
            key=f"payout:{fact.ids['payout_id']}:{account_id}",
            kind="payout.changed",
            link=f"/console/{shop_id}/payout",
            shop=shop.name,
            shop_zh=shop.name_zh,
            shop_en=shop.name_en,
        )
