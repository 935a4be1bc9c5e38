"""I19: what tills lost is written down as a conflict, once, with its strike and its cover."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.claims.models import Claim
from o2o.conflicts.models import Conflict, Cover, Strike
from o2o.kernel.checks import invariant
from o2o.kernel.journal import Delivery, Fact
from o2o.ledger.models import Leg, Posting


@invariant(
    "I19", "every lost claim has its conflict, every double showing its strike, every cover its posting"
)
def conflicts_are_whole(session: Session) -> Iterator[str]:
    """Name what lacks its other half; passes whose claims were settled just now have a fact on its way."""
    on_its_way = _on_its_way(session)
    live = select(Conflict.id).where(Conflict.claim_id == Claim.id, Conflict.state != "gone").exists()
    lost = select(Claim.id, Claim.pass_id).where(Claim.standing == "lost", Claim.cause.is_not(None))
    for claim_id, pass_id in session.execute(lost.where(Claim.cause != "same_scan", ~live)):
        if pass_id not in on_its_way:
            yield f"claim {claim_id} of pass {pass_id} lost and has no live conflict"
    struck = select(Strike.id).where(Strike.conflict_id == Conflict.id).exists()
    twice = select(Conflict.id).where(Conflict.cause == "presented_twice", Conflict.state != "gone", ~struck)
    for conflict_id in session.scalars(twice):
        yield f"conflict {conflict_id}: shown twice and no strike"
    yield from _unposted(session)


def _on_its_way(session: Session) -> set[str]:
    waiting = select(Fact).join(Delivery, Delivery.fact_id == Fact.id).where(Delivery.state == "pending")
    rows = session.scalars(waiting.where(Fact.name.in_(("claims.folded", "claims.final"))))
    return {str(fact.ids["pass_id"]) for fact in rows}


def _unposted(session: Session) -> Iterator[str]:
    posted = select(Leg.amount).join(Posting, Posting.id == Leg.posting_id)
    amount = posted.where(Posting.subject == "conflict:" + Cover.conflict_id, Leg.account == "platform_cover")
    rows = select(Cover.conflict_id, Cover.amount, amount.scalar_subquery())
    for conflict_id, promised, paid in session.execute(rows):
        if promised != paid:
            yield f"conflict {conflict_id}: cover of {promised}, posted {paid}"
