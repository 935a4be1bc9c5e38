"""Reads of reports: one's own, and the operator's list with what decides."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, case, func, select
from sqlalchemy.orm import Session

from o2o.accounts.queries import Place, on_me
from o2o.checkin.models import Visit
from o2o.kernel.errors import NotAllowed
from o2o.kernel.words import N_
from o2o.redemption.models import Redemption
from o2o.reports.models import Report
from o2o.reviews import queries as reviews
from o2o.shops.models import Shop

PAGE = 20
MOST_EARLIER = 10
SHOWS = ("all", "open", "decided")


class Filed(NamedTuple):
    """A report and the shop it is about, which may be gone by now."""

    report: Report
    shop: Shop


class Evidence(NamedTuple):
    """A reported review, the kind of its proof (paid, free, confirmed, unconfirmed) and when that was."""

    said: reviews.Said
    kind: str
    at: datetime


def open_count(session: Session) -> int:
    """Count the reports that wait for a decision."""
    return session.scalar(select(func.count()).where(Report.state == "open")) or 0


def one(session: Session, report_id: int) -> Report:
    """Return a report; NotAllowed when there is none. For the operator."""
    row = session.get(Report, report_id)
    if row is None:
        raise NotAllowed
    return row


def by_key(session: Session, *, account_id: int, key: str) -> Report | None:
    """Return what this account reported under this key."""
    return session.scalars(
        select(Report).where(Report.account_id == account_id, Report.key == key)
    ).one_or_none()


def waiting(session: Session, *, account_id: int, shop_id: int, review_id: int | None) -> Report | None:
    """Return this account's open report of the same thing."""
    mine = select(Report).where(Report.account_id == account_id, Report.state == "open")
    same = mine.where(Report.shop_id == shop_id, Report.review_id.is_not_distinct_from(review_id))
    return session.scalars(same.order_by(Report.id).limit(1)).first()


def reviewed(session: Session, *, shop_id: int, review_id: int | None) -> reviews.Said | None:
    """Return a review that stands in public at this shop, None where a listing is meant; NotAllowed otherwise."""
    if review_id is None:
        return None
    said = reviews.one(session, review_id)
    if said.review.shop_id != shop_id or said.review.state != "shown":
        raise NotAllowed
    return said


def mine(session: Session, *, account_id: int, number: int) -> tuple[list[Filed], bool]:
    """Return a page of what an account reported, the newest first, and whether there is more; pages count from 1."""
    rows = _filed().where(Report.account_id == account_id).order_by(Report.at.desc(), Report.id.desc())
    return _page(session, rows, number)


def listed(session: Session, *, show: str, number: int) -> tuple[list[Filed], bool]:
    """Return a page of all reports, or the open or decided ones: open first, then the newest."""
    rows = _filed()
    if show != "all":
        rows = rows.where(Report.state == "open" if show == "open" else Report.state != "open")
    first = case((Report.state == "open", 0), else_=1)
    return _page(session, rows.order_by(first, Report.at.desc(), Report.id.desc()), number)


def earlier(session: Session, report: Report) -> list[Report]:
    """List other reports of the same thing, the newest first, at most MOST_EARLIER."""
    same = select(Report).where(
        Report.shop_id == report.shop_id, Report.review_id.is_not_distinct_from(report.review_id)
    )
    rows = same.where(Report.id != report.id).order_by(Report.at.desc(), Report.id.desc())
    return list(session.scalars(rows.limit(MOST_EARLIER)))


def record_of(session: Session, account_id: int) -> tuple[int, int]:
    """Count what an account reported, and how much of it was upheld."""
    upheld = func.coalesce(func.sum(case((Report.state == "upheld", 1), else_=0)), 0)
    row = session.execute(select(func.count(), upheld).where(Report.account_id == account_id)).one()
    return row[0], int(row[1])


def evidence(session: Session, review_id: int | None) -> Evidence | None:
    """Return a reported review with its proof; None for a listing, or where the shop has left the map."""
    if review_id is None:
        return None
    try:
        said = reviews.one(session, review_id)
    except NotAllowed:
        return None
    if said.review.visit_id is not None:
        visit = session.get_one(Visit, said.review.visit_id)
        return Evidence(said, "confirmed" if visit.confirmed_at else "unconfirmed", visit.at)
    redemption = session.get_one(Redemption, said.review.redemption_id)
    return Evidence(said, "paid" if redemption.value else "free", redemption.at)


@on_me
def reports_line(session: Session, account_id: int, locale: str) -> list[Place]:
    """Give /me the way to one's reports once there are any."""
    first = session.scalar(select(Report.id).where(Report.account_id == account_id).limit(1))
    return [] if first is None else [Place("/me/reports", "flag", N_("My reports"))]


def _filed() -> Select[Report, Shop]:
    return select(Report, Shop).join(Shop, Shop.id == Report.shop_id)


def _page(session: Session, rows: Select[Report, Shop], number: int) -> tuple[list[Filed], bool]:
    found = session.execute(rows.offset((number - 1) * PAGE).limit(PAGE + 1)).all()
    return [Filed(report, shop) for report, shop in found[:PAGE]], len(found) > PAGE
