"""Getters of posters and visits; the ones that take an account or a shop are the permission."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, ColumnElement, Exists, and_, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session, aliased

from o2o.accounts.queries import Place, on_me
from o2o.checkin import codes
from o2o.checkin.models import LastVisit, Poster, PosterDay, Visit
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.orders.models import Order
from o2o.shops import queries as shops
from o2o.shops.models import VISIBLE, Role, Shop

PAGE = 20
ARRIVALS = timedelta(hours=4)
MOST_ARRIVALS = 50
# A paid order counts for the visit before it when it came within so long.
SALE_WITHIN = timedelta(hours=24)
POSTER_GONE = N_(
    "This code is no longer valid: the shop has put up a new one. Please scan the poster that hangs there now."
)


class Arrival(NamedTuple):
    """A visit as the till lists it; staff's own are never confirmed."""

    visit: Visit
    is_staff: bool


class PosterLine(NamedTuple):
    """A poster with what came of it; see posters_of."""

    poster: Poster
    opened: int
    visits: int
    firsts: int
    sales: int


class Been(NamedTuple):
    """A visit with its shop, as its guest sees it."""

    visit: Visit
    shop: Shop


def live_poster(session: Session, code: str, *, lock: bool = False) -> Poster:
    """Return the poster of a code; NotAllowed when there never was one, RuleBroken 410 when it has ended.

    With `lock` nobody ends the code before the caller commits, and who is ending it right now is waited for.
    """
    wanted = (
        select(Poster, Shop.status)
        .join(Shop, Shop.id == Poster.shop_id)
        .where(Poster.code == codes.normal(code))
    )
    if lock:
        wanted = wanted.with_for_update(read=True, of=Poster)
    row = session.execute(wanted.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotAllowed
    if row[0].ended_at is not None or row[1] not in VISIBLE:
        raise RuleBroken("poster_gone", POSTER_GONE, status=410)
    return row[0]


def is_code(session: Session, code: str) -> bool:
    """Tell whether a poster has or had this code."""
    return session.scalar(select(Poster.id).where(Poster.code == code)) is not None


def shop_poster(session: Session, *, shop_id: int, poster_id: int) -> Poster:
    """Return one of a shop's posters, ended or not; NotAllowed otherwise, also for a former owner's."""
    row = session.get(Poster, poster_id)
    if row is None or row.shop_id != shop_id:
        raise NotAllowed
    shops.check_own(session, shop_id=shop_id, began=row.created_at)
    return row


def live_posters(session: Session, shop_id: int) -> list[Poster]:
    """List a shop's posters whose codes still check in, in the order they were made."""
    rows = select(Poster).where(Poster.shop_id == shop_id, Poster.ended_at.is_(None))
    return list(session.scalars(rows.order_by(Poster.id)))


def address(base_url: str, poster: Poster) -> str:
    """Give the address that a poster's QR holds."""
    return codes.address(base_url, poster.code)


def posters_of(session: Session, shop_id: int) -> list[PosterLine]:
    """List a shop's posters, live ones first, with openings, visits, new guests' first visits, and sales.

    A former owner's are left out.

    Sales: paid orders (not free coupons) of this shop that a visitor paid within SALE_WITHIN after a visit; an order
    counts once, for the last visit before it.
    """
    opened = select(func.sum(PosterDay.opened)).where(PosterDay.poster_id == Poster.id)
    visits = select(func.count()).where(Visit.poster_id == Poster.id)
    firsts = visits.where(Visit.is_first)
    bought = and_(Order.account_id == Visit.account_id, Order.shop_id == Visit.shop_id)
    paid = and_(Order.state == "paid", Order.total > 0)
    sales = select(func.count(Order.id.distinct())).join(Visit, bought)
    sales = sales.where(Visit.poster_id == Poster.id, paid, _soon_after(Visit), ~_between())
    columns = (part.correlate(Poster).scalar_subquery() for part in (opened, visits, firsts, sales))
    rows = select(Poster, *columns).where(Poster.shop_id == shop_id)
    rows = rows.where(shops.own(Poster.created_at, shops.kept_from(session, shop_id)))
    rows = rows.order_by(Poster.ended_at.is_not(None), Poster.id.desc())
    return [PosterLine(row[0], row[1] or 0, row[2], row[3], row[4]) for row in session.execute(rows)]


def _soon_after(visit: type[Visit]) -> ColumnElement[bool]:
    waited = type_coerce(Order.paid_at, BigInteger) - type_coerce(visit.at, BigInteger)
    return waited.between(0, SALE_WITHIN // timedelta(milliseconds=1))


def _between() -> Exists:
    """Say that another visit of the same guest lies between this one and the order."""
    later = aliased(Visit)
    same = and_(later.account_id == Visit.account_id, later.shop_id == Visit.shop_id)
    return exists().where(same, later.at > Visit.at, later.at <= Order.paid_at)


def own_visit(session: Session, *, account_id: int, visit_id: str) -> Visit:
    """Return an account's own visit; NotAllowed when it is missing or somebody else's."""
    row = session.get(Visit, visit_id)
    if row is None or row.account_id != account_id:
        raise NotAllowed
    return row


def one(session: Session, visit_id: str) -> Visit:
    """Return a visit; NotAllowed when there is none. The caller checks its shop."""
    row = session.get(Visit, visit_id)
    if row is None:
        raise NotAllowed
    return row


def visit_by_key(session: Session, *, account_id: int, key: str) -> Visit | None:
    """Return the visit that this press of the account made."""
    mine = select(Visit).where(Visit.account_id == account_id, Visit.key == key)
    return session.scalars(mine).one_or_none()


def last_visit(session: Session, *, account_id: int, shop_id: int) -> Visit:
    """Return a person's latest visit to a shop; NotAllowed when there was none."""
    latest = select(Visit).join(LastVisit, LastVisit.visit_id == Visit.id)
    mine = (LastVisit.account_id == account_id, LastVisit.shop_id == shop_id)
    row = session.scalars(latest.where(*mine)).one_or_none()
    if row is None:
        raise NotAllowed
    return row


def been_lately(session: Session, *, account_id: int, shop_id: int, now: datetime) -> Visit | None:
    """Return the visit of the last four hours that a further press would be answered with."""
    mine = (Visit.account_id == account_id, Visit.shop_id == shop_id, Visit.at > now - ARRIVALS)
    return session.scalars(select(Visit).where(*mine).order_by(Visit.at.desc()).limit(1)).first()


def recent_visits(session: Session, *, account_id: int, since: datetime) -> list[Visit]:
    """List an account's visits since a moment, the latest first."""
    mine = select(Visit).where(Visit.account_id == account_id, Visit.at >= since)
    return list(session.scalars(mine.order_by(Visit.at.desc(), Visit.id)))


def visits_of(session: Session, *, account_id: int, page: int) -> tuple[list[Been], bool]:
    """Return one page of an account's visits, the latest first, and whether there are more; pages count from 1."""
    mine = select(Visit, Shop).join(Shop, Shop.id == Visit.shop_id).where(Visit.account_id == account_id)
    rows = mine.order_by(Visit.at.desc(), Visit.id).offset((page - 1) * PAGE).limit(PAGE + 1)
    found = [Been(*row) for row in session.execute(rows)]
    return found[:PAGE], len(found) > PAGE


def arrivals(session: Session, *, shop_id: int, now: datetime) -> list[Arrival]:
    """List a shop's arrivals of the last four hours, the latest first, at most MOST_ARRIVALS; not a former owner's."""
    rows = select(Visit, _worked_here()).where(Visit.shop_id == shop_id, Visit.at > now - ARRIVALS)
    rows = rows.where(shops.own(Visit.at, shops.kept_from(session, shop_id)))
    rows = rows.order_by(Visit.at.desc(), Visit.id).limit(MOST_ARRIVALS)
    return [Arrival(*row) for row in session.execute(rows)]


def is_staff_visit(session: Session, visit: Visit) -> bool:
    """Tell whether the visitor works at the shop, or did at the time of the visit."""
    return bool(session.scalar(select(_worked_here()).select_from(Visit).where(Visit.id == visit.id)))


def _worked_here() -> ColumnElement[bool]:
    held = exists().where(Role.shop_id == Visit.shop_id, Role.account_id == Visit.account_id)
    return held.where(or_(Role.ended_at.is_(None), Role.ended_at > Visit.at)).correlate(Visit)


@on_me
def visits_line(session: Session, account_id: int, locale: str) -> list[Place]:
    """Give /me the way to the visits."""
    return [Place("/me/visits", "pin", N_("My visits"), N_("Where you checked in"))]
