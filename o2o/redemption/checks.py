"""I6: no pass was redeemed more often, or for more money, than it had; I22: that money is where its redemption is."""

from collections.abc import Iterator

from sqlalchemy import and_, case, func, literal, or_, select
from sqlalchemy.orm import Session

from o2o.kernel.checks import invariant
from o2o.ledger.models import Leg, Posting
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


@invariant(
    "I22", "a redemption's money is pending until it is final, then payable, and gone when it was undone"
)
def money_follows(session: Session) -> Iterator[str]:
    """Compare every redemption with what was posted of it; one that is undone and final at once is named too."""
    moves = and_(
        Posting.subject == literal("redemption:") + Redemption.id,
        Posting.kind.in_(("redeem", "annul", "final")),
    )
    undone, final = Redemption.annulled_at.is_not(None), Redemption.final_at.is_not(None)
    pending = func.coalesce(func.sum(case((Leg.account == "shop_pending", -Leg.amount), else_=0)), 0)
    payable = func.coalesce(func.sum(case((Leg.account == "shop_payable", -Leg.amount), else_=0)), 0)
    due = case((or_(undone, final), 0), else_=Redemption.value)
    owed = case((undone, 0), (final, Redemption.value), else_=0)
    rows = (
        select(Redemption.id, pending, due, payable, owed)
        .outerjoin(Posting, moves)
        .outerjoin(Leg, Leg.posting_id == Posting.id)
        .group_by(Redemption.id)
        .having(or_(pending != due, payable != owed, and_(undone, final)))
    )
    for redemption_id, waits, should_wait, is_owed, should_be_owed in session.execute(rows):
        yield (
            f"redemption {redemption_id}: {waits} pending and {is_owed} payable,"
            f" it should be {should_wait} and {should_be_owed}"
        )
