"""I23: a shop sells as long as its papers say, and who runs one has been let in."""

from collections.abc import Iterator

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.checks import invariant
from o2o.kernel.journal import LONGEST_WAIT
from o2o.onboarding.models import HOLDING, Claim
from o2o.papers.rules import reckon
from o2o.shops.models import Role, Shop


@invariant("I23", "a shop may sell as long as its papers and answers say, and every owner's shop was let in")
def shops_are_admitted(session: Session) -> Iterator[str]:
    """Name shops whose end of sales is another than reckoned, and claimed ones without a claim that holds them."""
    reckoned = reckon(session)
    rows = select(Shop.id, Shop.sells_until).where(Shop.status.in_(("claimed", "delisted"))).order_by(Shop.id)
    for shop_id, until in session.execute(rows):
        if until != reckoned.get(shop_id):
            yield f"shop {shop_id} sells until {until}, its papers say {reckoned.get(shop_id)}"
    # A gift of the operator's is followed by its claim as soon as the fact is delivered.
    owned = exists().where(
        Role.shop_id == Shop.id,
        Role.kind == "owner",
        Role.ended_at.is_(None),
        Role.created_at < clock.now() - LONGEST_WAIT,
    )
    holds = exists().where(Claim.shop_id == Shop.id, Claim.state.in_(HOLDING))
    for shop_id in session.scalars(select(Shop.id).where(Shop.status == "claimed", owned, ~holds)):
        yield f"shop {shop_id} has an owner and no claim"
