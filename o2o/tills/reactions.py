"""What tills must hear when people come and go."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.feed import rules as tidings
from o2o.kernel.journal import Fact, reacts_to
from o2o.shops.models import Role


@reacts_to("role.given", "role.ended", "role.named")
def roster_changed(session: Session, fact: Fact) -> None:
    """Tell a shop's tills that somebody came, left, or is called something else."""
    tidings.note(session, shop_id=int(fact.ids["shop_id"]), kind="roster")


@reacts_to("account.erased")
def person_gone(session: Session, fact: Fact) -> None:
    """Tell the tills of every shop where this person worked; the PIN went with the account."""
    worked = select(Role.shop_id).where(Role.account_id == int(fact.ids["account_id"])).distinct()
    for shop_id in session.scalars(worked):
        tidings.note(session, shop_id=shop_id, kind="roster")
