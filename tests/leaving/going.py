"""A shop with an owner, guests with passes, and its going."""

from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import clock, worker
from o2o.kernel.db import begin_write
from o2o.leaving import rules
from o2o.leaving.models import Closing
from o2o.orders import chores as orders
from o2o.orders import queries as order_queries
from o2o.passes import chores as passes
from o2o.passes.models import Pass
from o2o.payments import rules as payments
from o2o.payments.models import Intent
from o2o.refunds import chores as refunds
from o2o.shops.models import Shop
from tests.factories import make_paid_order, make_role, make_shop, make_terms

NOON = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in the town
MORE = timedelta(seconds=1)


class Leaver:
    """A shop from the map with an owner, a member of staff, an offer, and a guest with one pass."""

    def __init__(self, session: Session, **shop: Any) -> None:
        self.session = session
        self.shop: Shop = make_shop(session, **{"osm_id": "node/7", "osm_digest": "0" * 32, **shop})
        self.owner = make_role(session, self.shop, "owner", kind="owner").account_id
        self.staff = make_role(session, self.shop, "staff").account_id
        self.terms = make_terms(session, self.shop)
        self.pass_ = self.sell("guest")

    def sell(self, handle: str, **more: Any) -> Pass:
        """Sell the offer to somebody, through a bank that can be asked for the money back."""
        key = f"{handle}-{len(more)}-{self.session.query(Pass).count()}"
        order = make_paid_order(self.session, self.terms, handle, key=key, **more)
        intent = self.session.get_one(Intent, str(order.intent_id))
        if intent.provider != "sandbox":
            open_at_bank(self.session, intent)
        return order_queries.passes_of(self.session, order.id)[0]

    def announce(self, days: int = 14, now: datetime | None = None) -> Closing:
        now = now or clock.now()
        return rules.announce(self.session, shop_id=self.shop.id, account_id=self.owner, days=days, now=now)

    def take_back(self, now: datetime | None = None) -> Closing | None:
        now = now or clock.now()
        return rules.take_back(self.session, shop_id=self.shop.id, account_id=self.owner, now=now)


def open_at_bank(session: Session, intent: Intent) -> None:
    """Have the pretended bank know a payment that a test made up, as approved."""
    from o2o.payments.models import SandboxPayment

    intent.provider = "sandbox"
    row = SandboxPayment(
        ref=str(intent.provider_ref),
        key=intent.id,
        amount=intent.amount,
        currency=intent.currency,
        state="approved",
        refunded=0,
        return_url="/",
        decided_at=intent.captured_at,
    )
    session.add(row)
    session.flush()


def work(session: Session) -> None:
    """Do what the worker does, until nothing changes: expiring, closing, paying back."""
    assert payments.takes_money(current_app.config["O2O"])
    for _ in range(3):
        orders.expire(session)
        passes.expire(session)
        worker.JOBS["leaving.chores.close_due"].chore(session)
        refunds.pay_out(session)
    worker.run_due(session)


def the_closing(session: Session) -> Closing:
    return session.scalars(select(Closing).execution_options(populate_existing=True)).one()


def again(session: Session) -> None:
    """Go on writing after a commit."""
    session.commit()
    begin_write(session)
