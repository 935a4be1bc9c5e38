"""I6: no pass was redeemed more often, or for more money, than it had."""

from collections.abc import Iterator

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from o2o.kernel.checks import invariant
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption


@invariant("I6", "a pass's live redemptions are the uses and the value it lacks")
def uses_add_up(session: Session) -> Iterator[str]:
    """Compare every pass with the sum of its redemptions that were not undone."""
    live = Redemption.annulled_at.is_(None)
    uses = func.coalesce(func.sum(case((live, Redemption.quantity), else_=0)), 0)
    value = func.coalesce(func.sum(case((live, Redemption.value), else_=0)), 0)
    rows = (
        select(Pass.id, Pass.uses, Pass.uses_left, Pass.spent, uses, value)
        .outerjoin(Redemption, Redemption.pass_id == Pass.id)
        .group_by(Pass.id, Pass.uses, Pass.uses_left, Pass.spent)
        .having((Pass.uses - Pass.uses_left != uses) | (Pass.spent != value))
    )
    for pass_id, has, left, spent, taken, worth in session.execute(rows):
        yield f"pass {pass_id}: {taken} of {has} redeemed for {worth}, the pass says {has - left} for {spent}"
