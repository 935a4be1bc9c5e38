"""Make the demo town, step by step: every step is committed, and a seeding cut off goes on where it stopped."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from o2o.demo import life, rules
from o2o.demo.town import draw_town
from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write
from o2o.kernel.outside import outside
from o2o.payments import rules as payments
from o2o.payments.rules import Provider
from o2o.refunds import rules as refunds
from o2o.shops import queries as shops


def seed(session: Session, bank: Provider, *, say: Callable[[str], object] = lambda text: None) -> bool:
    """Fill an empty database with the demo town; tell whether there was anything left to do.

    Raises RuleBroken real_data when the database holds anything else.
    """
    stage = rules.stage(session)
    session.rollback()
    if stage == "done":
        return False
    if stage == "empty":
        say("drawing streets and houses")
        drawn = draw_town()
        plan = rules.plan_map(session, drawn=drawn)
        say("opening shops")
        begin_write(session)
        rules.found(session, drawn=drawn, plan=plan)
        session.commit()
        shops.forget_town()
    say("selling vouchers")
    sell(session, bank)
    journal.deliver(session)
    return True


def sell(session: Session, bank: Provider) -> None:
    """Sell, use, refund and visit; the bank is called with no transaction open."""
    now = clock.now()
    begin_write(session)
    placed = rules.place_sales(session, now=now)
    session.commit()
    opened = {}
    for one in placed:
        if one.intent_id is None:
            continue
        with outside(session):
            opened[one.intent_id] = bank.create(
                key=one.intent_id,
                amount=one.amount,
                currency=one.currency,
                return_url=f"/orders/{one.order_id}",
            )
    begin_write(session)
    rules.take_money(session, placed=placed, opened=opened)
    session.commit()
    begin_write(session)
    due = [(row.id, str(row.payback_id)) for row in rules.live_on(session, placed=placed, now=now)]
    session.commit()
    for refund_id, payback_id in due:
        ref = payments.send_back(session, bank, payback_id)
        begin_write(session)
        refunds.pay(session, refund_id=refund_id, provider_ref=ref, now=clock.now())
        session.commit()
    begin_write(session)
    life.live(session, now=now)
    rules.finish(session)
    session.commit()
