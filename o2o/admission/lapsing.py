"""Claims that end by themselves: nobody touched them for 30 days, or their shop is gone."""

from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from o2o.kernel.words import N_
from o2o.offers.rules import local_day
from o2o.onboarding.models import Claim
from o2o.onboarding.rules import UNTOUCHED, let_go, locked, move, tell, withdraw
from o2o.papers.models import Submission
from o2o.papers.rules import weigh
from o2o.shops import queries as shops
from o2o.shops.models import Shop

LAPSED = N_("Nobody touched it for 30 days.")
AT_ONCE = 200
WEEK = timedelta(days=7)


def lapse(session: Session, *, now: datetime, most: int = 100) -> int:
    """Withdraw claims that nobody touched for 30 days, at most so many, and tell their people; return how many."""
    ids = session.scalars(untouched(before=now - UNTOUCHED).limit(most)).all()
    for claim_id in ids:
        row = withdraw(session, claim_id=claim_id, now=now, reason=LAPSED)
        tell(session, row, "claim.lapsed", f"/shops/{row.shop_id}/claim")
    return len(ids)


def untouched(*, before: datetime) -> Select[int]:
    """Select the claims that wait for their person, and that neither moved nor got an answer since."""
    newest = select(func.max(Submission.at)).where(Submission.claim_id == Claim.id).scalar_subquery()
    waits = (Claim.state.in_(("onboarding", "invited")), Claim.moved_at <= before)
    return select(Claim.id).where(*waits, func.coalesce(newest, 0) <= before).order_by(Claim.id)


def gone() -> Select[int]:
    """Select the claims of shops that were taken off the map."""
    rows = select(Claim.id).join(Shop, Shop.id == Claim.shop_id).order_by(Claim.id)
    return rows.where(Shop.status == "gone", Claim.state.not_in(("withdrawn", "closed", "rejected")))


def end_gone(session: Session, *, now: datetime, most: int = 100) -> int:
    """End the claims of shops that were taken off the map, at most so many; return how many."""
    ids = session.scalars(gone().limit(most)).all()
    for claim_id in ids:
        row = locked(session, claim_id)
        to = "closed" if row.state in ("approved", "suspended") else "withdrawn"
        move(session, claim=row, to=to, now=now)
        let_go(session, row, now=now)
        weigh(session, shop_id=row.shop_id)
    return len(ids)


def any_stale(session: Session, *, now: datetime) -> bool:
    """Tell whether a claim lapses within a week, or holds a shop that is gone."""
    soon = untouched(before=now - UNTOUCHED + WEEK)
    return session.scalar(soon.limit(1)) is not None or session.scalar(gone().limit(1)) is not None


def warn_stale(session: Session, *, now: datetime) -> None:
    """Tell people a week before their claim lapses."""
    town = shops.founded(session)
    for claim_id in session.scalars(untouched(before=now - UNTOUCHED + WEEK).limit(AT_ONCE)).all():
        claim = session.get_one(Claim, claim_id)
        day = local_day(claim.moved_at + UNTOUCHED, town.timezone).isoformat()
        tell(session, claim, "claim.lapsing", f"/console/{claim.shop_id}/admission", day=day)
