"""The invariants that need the whole way of the money: order, pass, payment, book."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import ColumnElement, String, and_, case, cast, func, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from o2o.kernel.checks import invariant
from o2o.kernel.journal import Fact
from o2o.ledger.models import Leg, Posting
from o2o.offers.models import Terms
from o2o.orders.models import Order, OrderPass
from o2o.passes.models import Pass
from o2o.payments.models import Intent, Payback
from o2o.refunds.models import Refund

REFUND_STEPS = ("refund_due", "refund_less", "refund_more", "refund_paid")


@invariant(
    "I4", "captured minus paid back is what the book says is at the provider, per order, never below 0"
)
def cash_is_there(session: Session) -> Iterator[str]:
    """Name orders whose cash in the book differs from their payments, or is negative."""
    subject = literal("order:") + Order.id
    captured = _sum(Intent.amount, Intent.subject == subject, Intent.state == "captured")
    back = (
        select(func.coalesce(func.sum(Payback.amount), 0))
        .join(Intent, Intent.id == Payback.intent_id)
        .where(Intent.subject == subject, Payback.state == "done")
        .scalar_subquery()
    )
    cash = (
        select(func.coalesce(func.sum(Leg.amount), 0))
        .join(Posting, Posting.id == Leg.posting_id)
        .where(Posting.subject == subject, Leg.account == "cash")
        .scalar_subquery()
    )
    for row in session.execute(select(Order.id, captured, back, cash)):
        if row[1] - row[2] != row[3] or row[3] < 0:
            yield f"order {row[0]}: captured {row[1]}, back {row[2]}, cash {row[3]}"


@invariant(
    "I7", "every sale and every step of a refund is posted exactly once, and the steps are what is owed"
)
def posted_once(session: Session) -> Iterator[str]:
    """Name paid orders and refunds without their posting, and postings of them without their row."""
    paid = select(literal("sale:") + Order.id).where(Order.state == "paid", Order.total > 0)
    key = literal("refund:") + Refund.id
    due = select(key + ":due").where(or_(Refund.amount > 0, Refund.state == "withdrawn"))
    out = select(key + ":paid").where(Refund.amount > 0, Refund.state == "paid")
    expected = {key for rows in (paid, due, out) for key in session.scalars(rows)}
    # Late claims may have taken all the value of a refund that was posted.
    allowed = expected | set(session.scalars(select(key + ":due")))
    kinds = ("sale", "refund_due", "refund_paid")
    found = set(session.scalars(select(Posting.key).where(Posting.kind.in_(kinds))))
    yield from (f"{key}: not posted" for key in sorted(expected - found))
    yield from (f"{key}: posted without its row" for key in sorted(found - allowed))
    yield from _owed(session)


def _owed(session: Session) -> Iterator[str]:
    """Name refunds whose steps together owe the guest something else than they still promise."""
    steps = select(Posting.key, Leg.amount).join(Leg, Leg.posting_id == Posting.id)
    steps = steps.where(Posting.kind.in_(REFUND_STEPS), Leg.account == "refunds_due")
    owed: dict[str, int] = defaultdict(int)
    for key, amount in session.execute(steps):
        owed[key.split(":")[1]] -= amount
    for refund_id, state, amount in session.execute(select(Refund.id, Refund.state, Refund.amount)):
        promised = amount if state == "requested" else 0
        there = owed.pop(refund_id, 0)
        if there != promised:
            yield f"refund {refund_id}: owed {there}, promised {promised}"
    yield from (f"refund {refund_id}: posted without its row" for refund_id in sorted(owed))


@invariant("I10", "no row's shop or owner differs from its parent's")
def parents_agree(session: Session) -> Iterator[str]:
    """Name orders, passes and refunds that belong to another shop, person or order than their parent."""
    orders = select(Order.id).join(Terms, Terms.id == Order.terms_id).where(Order.shop_id != Terms.shop_id)
    yield from (f"order {row}: other shop than its terms" for row in session.scalars(orders))
    strays = (
        select(Pass.id)
        .join(OrderPass, OrderPass.pass_id == Pass.id)
        .join(Order, Order.id == OrderPass.order_id)
        .where(
            or_(
                Pass.shop_id != Order.shop_id,
                Pass.account_id != Order.account_id,
                Pass.terms_id != Order.terms_id,
                Pass.currency != Order.currency,
            )
        )
    )
    yield from (f"pass {row}: differs from its order" for row in session.scalars(strays))
    refunds = select(Refund.id).outerjoin(OrderPass, OrderPass.pass_id == Refund.pass_id)
    wrong = or_(OrderPass.order_id.is_(None), OrderPass.order_id != Refund.order_id)
    yield from (f"refund {row}: other order than its pass" for row in session.scalars(refunds.where(wrong)))
    posted = select(Posting.id).where(Posting.subject.startswith("order:"))
    shops = posted.join(Order, literal("order:") + Order.id == Posting.subject, isouter=True)
    other = or_(Order.id.is_(None), Posting.book != literal("shop:") + cast(Order.shop_id, String))
    yield from (f"posting {row}: not in its shop's book" for row in session.scalars(shops.where(other)))


@invariant("I12", "every money row has an actor and a request id")
def somebody_did_it(session: Session) -> Iterator[str]:
    """Name postings and facts that nobody did."""
    for table in (Posting, Fact):
        nobody = or_(table.actor == "", table.request_id == "")
        yield from (f"{table.__tablename__} {row}" for row in session.scalars(select(table.id).where(nobody)))


@invariant("I14", "captured money bought passes or is on its way back, and every pass was paid for")
def nothing_is_missing(session: Session) -> Iterator[str]:
    """Name captured intents without effect, and paid orders without their money or all of their passes."""
    back = _sum(Payback.amount, Payback.intent_id == Intent.id)
    sold = select(Order.id).where(Order.intent_id == Intent.id, Order.state == "paid").exists()
    idle = select(Intent.id).where(Intent.state == "captured", ~sold, back != Intent.amount)
    yield from (f"intent {row}: captured for nothing" for row in session.scalars(idle))
    issued = select(func.count()).where(OrderPass.order_id == Order.id).scalar_subquery()
    paid = and_(Intent.state == "captured", Intent.amount == Order.total)
    fits = case((Order.state != "paid", issued == 0), else_=issued == Order.quantity)
    unpaid = and_(Order.state == "paid", Order.total > 0, or_(Intent.id.is_(None), ~paid))
    rows = select(Order.id).outerjoin(Intent, Intent.id == Order.intent_id).where(or_(~fits, unpaid))
    yield from (f"order {row}: money or passes are missing" for row in session.scalars(rows))


def _sum(column: InstrumentedAttribute[int], *where: ColumnElement[bool]) -> ColumnElement[int]:
    return select(func.coalesce(func.sum(column), 0)).where(*where).scalar_subquery()
