"""What happens below and makes somebody a guest, or no longer one."""

from sqlalchemy.orm import Session

from o2o.guests import rules
from o2o.kernel.journal import Fact, reacts_to
from o2o.kernel.migrate import after_upgrade
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption


@reacts_to("pass.redeemed", "pass.annulled")
def count_use(session: Session, fact: Fact) -> None:
    """Count the guest of a use anew: it was taken at the counter, by a till that was offline, or undone."""
    row = session.get(Redemption, str(fact.ids["redemption_id"]))
    if row is not None:
        held = session.get_one(Pass, row.pass_id)
        rules.reckon(session, shop_id=row.shop_id, account_id=held.account_id)


@reacts_to("visit.confirmed")
def count_visit(session: Session, fact: Fact) -> None:
    """Count the guest of a visit that staff confirmed."""
    rules.reckon(session, shop_id=int(fact.ids["shop_id"]), account_id=int(fact.ids["account_id"]))


@after_upgrade
def know_again(session: Session) -> str:
    """Make the guests of a town that had them before its shops kept them."""
    found = rules.reckon_all(session)
    return f"{found} guests of shops put down" if found else ""
