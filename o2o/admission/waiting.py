"""The operator's queue: what to look at first, then what is on its way, what runs out, what was turned down."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, exists, func, select
from sqlalchemy.orm import Session, aliased

from o2o.accounts.models import Account
from o2o.checklist.models import Requirement
from o2o.onboarding.models import SELLING, Claim
from o2o.papers.models import Submission
from o2o.papers.queries import SOON
from o2o.shops.models import Shop

PAGE = 25
# Shows by name: the ranks that each lists.
SHOWS = {"open": (0, 1, 2, 3), "wait": (0,), "way": (1,), "ending": (2,), "rejected": (3,), "rest": (4,)}
ON_THE_WAY = ("pending", "invited", "onboarding")


class Waiting(NamedTuple):
    """A claim in the queue: its shop, whose it is, since when it waits, and its rank (0 is to look at)."""

    claim: Claim
    shop: Shop
    handle: str | None
    since: datetime
    rank: int


def queue_page(session: Session, *, show: str, number: int, now: datetime) -> tuple[list[Waiting], bool]:
    """Return a page of the queue, and whether there is more; pages count from 1."""
    rank, since = _rank(now), _since()
    rows = (
        select(Claim, Shop, Account.handle, since.label("since"), rank.label("rank"))
        .join(Shop, Shop.id == Claim.shop_id)
        .outerjoin(Account, Account.id == Claim.account_id)
        .where(rank.in_(SHOWS[show]))
        .order_by(rank, since, Claim.id)
        .offset((number - 1) * PAGE)
        .limit(PAGE + 1)
    )
    found = [Waiting(*row) for row in session.execute(rows)]
    return found[:PAGE], len(found) > PAGE


def count_to_look_at(session: Session, now: datetime) -> int:
    """Count the claims that wait for the operator: handed in, or with a renewed paper."""
    rows = select(func.count()).select_from(Claim).join(Shop, Shop.id == Claim.shop_id)
    return session.scalar(rows.where(_rank(now) == 0)) or 0


def _rank(now: datetime) -> ColumnElement[int]:
    admitted = Claim.state.in_(SELLING)
    return case(
        (Claim.state == "ready_for_review", 0),
        (and_(admitted, _renewed().is_not(None)), 0),
        (Claim.state.in_(ON_THE_WAY), 1),
        (and_(admitted, Shop.sells_until <= now + SOON), 2),
        (Claim.state == "rejected", 3),
        else_=4,
    )


def _since() -> ColumnElement[datetime]:
    handed_in = case((Claim.state == "ready_for_review", Claim.submitted_at), else_=_renewed())
    return func.coalesce(handed_in, Claim.moved_at)


def _renewed() -> ScalarSelect[datetime]:
    """Give since when an admitted shop's newest answer to a verified line waits to be looked at."""
    newer = aliased(Submission)
    same = (newer.claim_id == Submission.claim_id, newer.requirement_id == Submission.requirement_id)
    return (
        select(func.min(Submission.at))
        .join(Requirement, Requirement.id == Submission.requirement_id)
        .where(Submission.claim_id == Claim.id, Submission.decision.is_(None), Claim.state.in_(SELLING))
        .where(Requirement.kind == "verified", Requirement.is_on)
        .where(~exists().where(*same, newer.id > Submission.id))
        .correlate(Claim)
        .scalar_subquery()
    )


def same_shop(session: Session, claim: Claim) -> list[tuple[Claim, str | None]]:
    """List the other claims of the same shop with their people's names, the newest first."""
    rows = (
        select(Claim, Account.handle)
        .outerjoin(Account, Account.id == Claim.account_id)
        .where(Claim.shop_id == claim.shop_id, Claim.id != claim.id)
        .order_by(Claim.id.desc())
        .limit(PAGE)
    )
    return [(row, handle) for row, handle in session.execute(rows)]
