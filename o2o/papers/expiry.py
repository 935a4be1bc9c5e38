"""Until when a shop may sell: the earliest end of its papers, and of what it was asked for and has not answered."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.checklist.models import MerchantTerms, Requirement
from o2o.checklist.queries import requirements, terms_versions
from o2o.offers import rules as offers
from o2o.onboarding.models import SELLING, Claim
from o2o.papers.models import Submission
from o2o.papers.proofs import end_of
from o2o.papers.standing import latest, state_of
from o2o.shops import queries as shops
from o2o.shops.models import Shop

SOON = timedelta(days=30)


class Deadline(NamedTuple):
    """A line that ends, or ended, a shop's right to sell, and how the line stands."""

    requirement: Requirement
    until: datetime
    is_over: bool
    state: str


class _Asked(NamedTuple):
    """What is the same for every shop, read once."""

    requirements: list[Requirement]
    terms: Sequence[MerchantTerms]
    zone: ZoneInfo


def weigh(session: Session, *, shop_id: int) -> None:
    """Write until when a shop may sell, and keep what lists say of it true; nothing for a shop that is gone."""
    shop = session.get(Shop, shop_id, with_for_update=True, populate_existing=True)
    if shop is None:
        return
    until = reckon(session, [shop_id]).get(shop_id)
    if shop.sells_until == until:
        return
    shop.sells_until = until
    session.flush()
    if shop.status != "gone":
        offers.refresh_shop(session, shop_id=shop_id)


def unweighed(session: Session) -> list[int]:
    """List the shops whose right to sell is another than what stands."""
    reckoned = reckon(session)
    admitted = select(Claim.shop_id).where(Claim.state.in_(SELLING))
    told = select(Shop.id, Shop.sells_until).where(Shop.id.in_(admitted)).order_by(Shop.id)
    return [shop_id for shop_id, until in session.execute(told) if until != reckoned.get(shop_id)]


def weigh_all(session: Session, *, most: int | None = None) -> int:
    """Weigh those shops, all or at most so many; return how many."""
    due = unweighed(session)[:most]
    for shop_id in due:
        weigh(session, shop_id=shop_id)
    return len(due)


def reckon(session: Session, shop_ids: Iterable[int] | None = None) -> dict[int, datetime | None]:
    """Reckon for admitted shops, all or these, until when they may sell; four statements however many."""
    found = ends(session, shop_ids)
    return {shop_id: min((until for _row, until in dates), default=None) for shop_id, dates in found.items()}


def ends(
    session: Session, shop_ids: Iterable[int] | None = None
) -> dict[int, list[tuple[Requirement, datetime]]]:
    """List per admitted shop which lines end its right to sell, and when."""
    claims = select(Claim).where(Claim.state.in_(SELLING))
    if shop_ids is not None:
        claims = claims.where(Claim.shop_id.in_(list(shop_ids)))
    held = {row.id: row.shop_id for row in session.scalars(claims)}
    answers: dict[tuple[int, int], list[Submission]] = {}
    rows = select(Submission).where(Submission.claim_id.in_(claims.with_only_columns(Claim.id)))
    for row in session.scalars(rows.order_by(Submission.id.desc())):
        answers.setdefault((row.claim_id, row.requirement_id), []).append(row)
    asked = _asked(session)
    found: dict[int, list[tuple[Requirement, datetime]]] = {}
    for claim_id, shop_id in held.items():
        dates = [
            (row, end_of(row, answers.get((claim_id, row.id), []), asked.terms, asked.zone))
            for row in asked.requirements
        ]
        found[shop_id] = [(row, until) for row, until in dates if until is not None]
    return found


def warnings(session: Session, shop_id: int, now: datetime) -> list[Deadline]:
    """List what ends a shop's right to sell within 30 days or has ended it, the most urgent first."""
    dates = [one for one in ends(session, [shop_id]).get(shop_id, []) if one[1] - now <= SOON]
    if not dates:
        return []
    asked, claim = _asked(session), select(Claim.id).where(Claim.shop_id == shop_id, Claim.state.in_(SELLING))
    rows = select(Submission).where(Submission.claim_id.in_(claim)).order_by(Submission.id.desc())
    newest, today = latest(session.scalars(rows).all()), offers.local_day(now, asked.zone.key)
    version = max((row.version for row in asked.terms), default=1)
    found = [
        Deadline(row, until, until <= now, state)
        for row, until in dates
        for state in [state_of(row, newest.get(row.id), is_met=False, version=version, today=today)]
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.until)


def _asked(session: Session) -> _Asked:
    town = shops.town(session)
    return _Asked(requirements(session), terms_versions(session), town.zone if town else ZoneInfo("UTC"))
