"""What the counter and its owner see of redemptions; the shop is the caller's permission."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.kernel.errors import NotAllowed
from o2o.offers.models import Terms
from o2o.offers.rules import day_start, local_day
from o2o.passes import queries as passes
from o2o.passes.models import Pass
from o2o.redemption.answer import Answer, Sight
from o2o.redemption.models import Redemption, Scan
from o2o.shops import queries as shops
from o2o.shops.models import Role, Shop
from o2o.tills import queries as tills
from o2o.tills.models import Till

__all__ = [
    "LOOKS_SHOWN", "Done", "Look", "Scanned", "last_scans", "looks", "of_pass", "one", "receipt", "staff_name",
    "till_name", "today",
]  # fmt: skip


LOOKS_SHOWN = 100


class Done(NamedTuple):
    """A redemption with the offer's title; `staff` is the name the shop gave them, maybe empty."""

    redemption: Redemption
    title: str
    staff: str


class Scanned(NamedTuple):
    """A line of the till's list: the scan, its offer's title and redemption where it has them."""

    scan: Scan
    title: str | None
    redemption: Redemption | None


class Look(NamedTuple):
    """A scan of somebody's pass as its holder sees it: what for, where, at which till, what came of it."""

    scan: Scan
    title: str
    shop: Shop
    till: str | None
    redemption: Redemption | None


def today(session: Session, shop_id: int, timezone: str, now: datetime) -> list[Done]:
    """List a shop's redemptions of the day of its zone, the latest first, undone ones too; none of a former owner's."""
    day = local_day(now, timezone)
    start, end = day_start(day, timezone), day_start(day + timedelta(days=1), timezone)
    rows = (
        select(Redemption, Terms.title)
        .join(Pass, Pass.id == Redemption.pass_id)
        .join(Terms, Terms.id == Pass.terms_id)
        .where(Redemption.shop_id == shop_id, Redemption.at >= start, Redemption.at < end)
        .where(shops.own(Redemption.at, shops.kept_from(session, shop_id)))
        .order_by(Redemption.at.desc(), Redemption.id)
    )
    found = session.execute(rows).all()
    names = _staff_names(session, shop_id)
    return [Done(row, title, names.get(row.staff_id, "")) for row, title in found]


def last_scans(session: Session, shop_id: int, most: int = 10) -> list[Scanned]:
    """List a till's last scans, the latest first; a pass of another shop stays nameless, a former owner's are away."""
    rows = (
        select(Scan, Terms.title, Redemption)
        .outerjoin(Pass, (Pass.id == Scan.pass_id) & (Pass.shop_id == Scan.shop_id))
        .outerjoin(Terms, Terms.id == Pass.terms_id)
        .outerjoin(Redemption, Redemption.id == Scan.redemption_id)
        .where(Scan.shop_id == shop_id, shops.own(Scan.at, shops.kept_from(session, shop_id)))
        .order_by(Scan.at.desc(), Scan.id.desc())
        .limit(most)
    )
    return [Scanned(*row) for row in session.execute(rows)]


def of_pass(session: Session, pass_id: str) -> list[Redemption]:
    """List a pass's redemptions, the latest first, undone ones too."""
    rows = select(Redemption).where(Redemption.pass_id == pass_id).order_by(Redemption.number.desc())
    return list(session.scalars(rows))


def one(session: Session, redemption_id: str) -> Redemption:
    """Return a redemption; NotAllowed when there is none. The caller checks its shop."""
    row = session.get(Redemption, redemption_id)
    if row is None:
        raise NotAllowed
    return row


def receipt(session: Session, row: Redemption) -> Answer:
    """Return a redemption as the till's answer, as it was; an undone one says so."""
    return Answer.of(row, Sight.of(passes.held_pass(session, row.pass_id)))


def staff_name(session: Session, *, shop_id: int, account_id: int) -> str:
    """Say who somebody is at a shop: the name the shop gave, else the handle, else a number."""
    given = select(Role.name).where(Role.shop_id == shop_id, Role.account_id == account_id, Role.name != "")
    name = session.scalars(given.order_by(Role.id.desc()).limit(1)).first()
    if name:
        return name
    account = session.get(Account, account_id)
    return (account.handle if account else None) or f"#{account_id}"


def till_name(session: Session, till_id: str | None) -> str:
    """Return the name a shop gave a till; empty for none."""
    return "" if till_id is None else tills.till(session, till_id).name


def looks(session: Session, account_id: int, *, most: int = LOOKS_SHOWN) -> list[Look]:
    """List where the passes of an account were looked at, the latest first."""
    rows = (
        select(Scan, Terms.title, Shop, Till.name, Redemption)
        .join(Pass, Pass.id == Scan.pass_id)
        .join(Terms, Terms.id == Pass.terms_id)
        .join(Shop, Shop.id == Scan.shop_id)
        .outerjoin(Till, Till.id == Scan.till_id)
        .outerjoin(Redemption, Redemption.id == Scan.redemption_id)
        .where(Pass.account_id == account_id)
        .order_by(Scan.at.desc(), Scan.id.desc())
        .limit(most)
    )
    return [Look(*row) for row in session.execute(rows)]


def _staff_names(session: Session, shop_id: int) -> dict[int, str]:
    rows = select(Role.account_id, Role.name).where(Role.shop_id == shop_id).order_by(Role.id)
    return {row[0]: row[1] for row in session.execute(rows)}


def is_code(session: Session, short_code: str | None) -> bool:
    """Tell whether a typed code belongs to a pass, of whichever shop."""
    return short_code is not None and passes.pass_by_code(session, short_code) is not None
