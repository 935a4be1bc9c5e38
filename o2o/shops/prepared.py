"""What somebody who claims a shop wishes it to say: kept with their role until the shop is theirs."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel.errors import NotAllowed
from o2o.shops import queries
from o2o.shops.models import Role
from o2o.shops.words import checked


def prepare_shop(session: Session, *, shop_id: int, account_id: int, **values: Any) -> Role:
    """Keep the wished edits of a claimant, refused as by edit_shop; guests see the shop as it was.

    Raises NotAllowed for who does not claim this shop.
    """
    shop = queries.shop(session, shop_id, lock=True, behind=True)
    theirs = (Role.shop_id == shop_id, Role.account_id == account_id, Role.kind == "claimant")
    role = session.scalar(select(Role).where(*theirs, Role.ended_at.is_(None)).with_for_update())
    if role is None:
        raise NotAllowed
    wanted = checked(values)
    role.prepared = {name: value for name, value in wanted.items() if getattr(shop, name) != value}
    session.flush()
    return role


def drop_prepared(session: Session, *, role: Role) -> None:
    """Forget what a claimant wished."""
    role.prepared = None
    session.flush()
