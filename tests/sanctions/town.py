"""A shop with its people, two operators, and guests who hold passes; and the steps against it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from o2o.accounts import rules as accounts
from o2o.accounts.queries import account_by_handle
from o2o.admission import rules as admission
from o2o.conduct.models import STEPS, Sanction
from o2o.kernel import clock
from o2o.offers.models import Terms
from o2o.orders import queries as orders
from o2o.passes.models import Pass
from o2o.sanctions import rules
from o2o.shops.models import Shop
from tests.factories import make_paid_order, make_role, make_shop, make_terms

# A rule that leads to every step, and one that may begin with a suspension.
PLAIN, GRAVE = "R1", "R7"
POWER_CUT = "It was the power cut."


@dataclass
class Street:
    """What the tests of this room stand on."""

    shop: Shop
    shop_id: int
    terms: Terms
    owner: int
    manager: int
    operator: int
    second: int


def operator(session: Session, handle: str) -> int:
    """Return an operator's account, made when missing."""
    found = account_by_handle(session, handle)
    return (found or accounts.create_account(session, handle=handle, operator=True)).id


def open_street(session: Session, **terms: Any) -> Street:
    """Open a shop that sells one offer, with an owner, a manager, staff, and two operators of the town."""
    shop = make_shop(session)
    people = {kind: make_role(session, shop, kind, kind).account_id for kind in ("owner", "manager", "staff")}
    admission.give(session, shop_id=shop.id, account_id=people["owner"], now=clock.now())
    return Street(
        shop=shop,
        shop_id=shop.id,
        terms=make_terms(session, shop, **terms),
        owner=people["owner"],
        manager=people["manager"],
        operator=operator(session, "operator"),
        second=operator(session, "second"),
    )


def buy(session: Session, street: Street, handle: str = "guest", key: str = "order") -> Pass:
    """Sell a pass of the street's offer."""
    order = make_paid_order(session, street.terms, handle, key=key)
    return orders.passes_of(session, order.id)[0]


def impose(
    session: Session,
    street: Street,
    step: str = "warn",
    *,
    now: datetime | None = None,
    shop: Shop | None = None,
    **more: Any,
) -> Sanction:
    """Take one step against the street's shop, or another."""
    given = {"rule": PLAIN, "evidence": "Three guests were turned away on 3 June.", "by": street.operator}
    shop_id = (shop or street.shop).id
    return rules.impose(session, shop_id=shop_id, step=step, now=now or clock.now(), **{**given, **more})


def climb(session: Session, street: Street, step: str, *, now: datetime | None = None) -> Sanction:
    """Take the steps up to this one, each with its own row; return the last."""
    rows = [impose(session, street, one, now=now) for one in STEPS[: STEPS.index(step) + 1]]
    return rows[-1]


def appealed(
    session: Session, street: Street, row: Sanction, *, now: datetime | None = None, words: str = POWER_CUT
) -> Sanction:
    """Have the owner object."""
    given = {"shop_id": street.shop.id, "sanction_id": row.id, "by": street.owner}
    return rules.appeal(session, words=words, now=now or clock.now(), **given)
