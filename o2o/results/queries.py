"""One offer's history: vouchers, uses, refunds, and what its guests did at the shop besides."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from o2o.checkin.models import Visit
from o2o.designer.models import Plan
from o2o.kernel.errors import NotAllowed
from o2o.offers import queries as offers
from o2o.offers.models import Offer, Terms
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.refunds.models import Refund
from o2o.shops import queries as shops


class Voucher(NamedTuple):
    """One pass of the offer; money in minor units."""

    id: str
    account_id: int
    terms_id: int
    state: str
    uses: int
    uses_left: int
    paid: int
    spent: int
    issued_at: datetime
    expires: datetime


class Use(NamedTuple):
    """A redemption that counts, of this offer or of another one of the shop, by a holder of this offer."""

    id: str
    pass_id: str
    account_id: int
    at: datetime
    quantity: int
    value: int
    offer_id: int
    price: int
    parts_price: int


class Came(NamedTuple):
    """A confirmed visit of a holder."""

    id: str
    account_id: int
    at: datetime


class Back(NamedTuple):
    """A refund that was paid, or is on its way."""

    pass_id: str
    account_id: int
    amount: int
    state: str
    at: datetime


class History(NamedTuple):
    """Everything that the numbers count; lists in order of time, plans by terms."""

    offer_id: int
    vouchers: list[Voucher]
    uses: list[Use]
    visits: list[Came]
    refunds: list[Back]
    plans: dict[int, Plan]


def seen_offer(session: Session, *, shop_id: int, offer_id: int) -> Offer:
    """Return an offer of this very desk that guests have seen; NotAllowed otherwise."""
    offer = offers.desk_offer(session, shop_id=shop_id, offer_id=offer_id)
    if offer.state == "draft":
        raise NotAllowed
    return offer


def history(session: Session, *, shop_id: int, offer_id: int) -> History:
    """Read one offer's history in six queries, however long it is; whom a former owner knew is nobody's guest here."""
    since = shops.kept_from(session, shop_id)
    mine = Pass.terms_id.in_(select(Terms.id).where(Terms.offer_id == offer_id))
    plans = session.scalars(select(Plan).where(Plan.offer_id == offer_id).order_by(Plan.terms_id))
    return History(
        offer_id,
        _vouchers(session, mine),
        _uses(session, shop_id, mine, since),
        _visits(session, shop_id, mine, since),
        _refunds(session, mine),
        {plan.terms_id: plan for plan in plans},
    )


def _vouchers(session: Session, mine: ColumnElement[bool]) -> list[Voucher]:
    rows = select(
        Pass.id, Pass.account_id, Pass.terms_id, Pass.state, Pass.uses, Pass.uses_left, Pass.paid, Pass.spent,
        Pass.issued_at, Pass.expires,
    ).where(mine).order_by(Pass.issued_at, Pass.id)  # fmt: skip
    return [Voucher._make(row) for row in session.execute(rows)]


def _uses(session: Session, shop_id: int, mine: ColumnElement[bool], since: datetime | None) -> list[Use]:
    rows = (
        select(
            Redemption.id, Redemption.pass_id, Pass.account_id, Redemption.at, Redemption.quantity,
            Redemption.value, Terms.offer_id, Terms.price, Terms.parts_price,
        )
        .join(Pass, Pass.id == Redemption.pass_id)
        .join(Terms, Terms.id == Pass.terms_id)
        .where(Redemption.shop_id == shop_id, Redemption.annulled_at.is_(None), shops.own(Redemption.at, since))
        .where(Pass.account_id.in_(select(Pass.account_id).where(mine)))
        .order_by(Redemption.at, Redemption.id)
    )  # fmt: skip
    return [Use(*row) for row in session.execute(rows)]


def _visits(session: Session, shop_id: int, mine: ColumnElement[bool], since: datetime | None) -> list[Came]:
    rows = (
        select(Visit.id, Visit.account_id, Visit.at)
        .where(Visit.shop_id == shop_id, Visit.confirmed_at.is_not(None), shops.own(Visit.at, since))
        .where(Visit.account_id.in_(select(Pass.account_id).where(mine)))
        .order_by(Visit.at, Visit.id)
    )
    return [Came(*row) for row in session.execute(rows)]


def _refunds(session: Session, mine: ColumnElement[bool]) -> list[Back]:
    rows = (
        select(
            Refund.pass_id, Pass.account_id, Refund.amount, Refund.state, Refund.requested_at, Refund.paid_at
        )
        .join(Pass, Pass.id == Refund.pass_id)
        .where(mine, Refund.state != "withdrawn")
        .order_by(Refund.requested_at, Refund.id)
    )
    return [
        Back(pass_id, account_id, amount, state, paid_at or asked_at)
        for pass_id, account_id, amount, state, asked_at, paid_at in session.execute(rows)
    ]
