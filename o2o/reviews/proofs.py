"""Proofs of one's own: redemptions and visits that somebody may speak about, and who may not."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Select, literal, or_, select
from sqlalchemy.orm import Session

from o2o.checkin.models import Visit
from o2o.kernel.errors import NotAllowed
from o2o.offers.models import Terms
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.reviews.models import Review
from o2o.shops.models import Role, Shop

OWED_FOR = timedelta(days=30)
# A role casts its shadow so long after it ended.
ROLE_SHADOW = timedelta(days=365)
Rows = Select[*tuple[Any, ...]]


class Proof(NamedTuple):
    """A redemption or a visit of the person who asks; `annulled` says that the till took it back."""

    kind: str
    id: str
    pass_id: str | None
    shop: Shop
    title: str
    at: datetime
    annulled: bool

    @property
    def query(self) -> str:
        """Give its part of an address."""
        return f"{self.kind}={self.id}"


def proof(
    session: Session, *, account_id: int, redemption_id: str | None = None, visit_id: str | None = None
) -> Proof:
    """Return a proof of this account's own; NotAllowed when it is missing, another's, or not exactly one."""
    if bool(redemption_id) == bool(visit_id):
        raise NotAllowed
    wanted = _redemptions(account_id).where(Redemption.id == redemption_id)
    if visit_id:
        wanted = _visits(account_id).where(Visit.id == visit_id)
    row = session.execute(wanted).one_or_none()
    if row is None or row[2].status == "gone":
        raise NotAllowed
    return _proof(row)


def owed(session: Session, *, account_id: int, now: datetime, most: int = 50) -> list[Proof]:
    """List the proofs of the last OWED_FOR without a review, the newest first."""
    redeemed = _redemptions(account_id).where(
        Redemption.at >= now - OWED_FOR,
        Redemption.annulled_at.is_(None),
        Shop.status != "gone",
        Redemption.id.not_in(select(Review.redemption_id).where(Review.redemption_id.is_not(None))),
    )
    visited = _visits(account_id).where(
        Visit.at >= now - OWED_FOR,
        Shop.status != "gone",
        Visit.id.not_in(select(Review.visit_id).where(Review.visit_id.is_not(None))),
    )
    rows = [*session.execute(redeemed.order_by(Redemption.at.desc()).limit(most))]
    rows += session.execute(visited.order_by(Visit.at.desc()).limit(most))
    shops = _shadowed(session, account_id, now)
    found = [_proof(row) for row in rows if row[2].id not in shops]
    return sorted(found, key=lambda one: one.at, reverse=True)[:most]


def works_there(session: Session, *, account_id: int, shop_id: int, at: datetime) -> bool:
    """Tell whether a role at the shop is live, or ended less than ROLE_SHADOW before."""
    return shop_id in _shadowed(session, account_id, at)


def _redemptions(account_id: int) -> Rows:
    rows = select(Redemption, Terms.title, Shop).join(Pass, Pass.id == Redemption.pass_id)
    rows = rows.join(Terms, Terms.id == Pass.terms_id).join(Shop, Shop.id == Redemption.shop_id)
    return rows.where(Pass.account_id == account_id)


def _visits(account_id: int) -> Rows:
    rows = select(Visit, literal(""), Shop).join(Shop, Shop.id == Visit.shop_id)
    return rows.where(Visit.account_id == account_id)


def _proof(row: Any) -> Proof:
    thing, title, shop = row
    if isinstance(thing, Visit):
        return Proof("visit", thing.id, None, shop, "", thing.at, False)
    undone = thing.annulled_at is not None
    return Proof("redemption", thing.id, thing.pass_id, shop, title, thing.at, undone)


def _shadowed(session: Session, account_id: int, at: datetime) -> set[int]:
    role = select(Role.shop_id).where(Role.account_id == account_id)
    return set(session.scalars(role.where(or_(Role.ended_at.is_(None), Role.ended_at > at - ROLE_SHADOW))))
