"""Everything at once: two tills hand over, money is asked back and released, uses become final, conflicts settle."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.conflicts import rules as conflicts
from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import Busy, RuleBroken
from o2o.passes.models import Pass
from o2o.redemption import rules as redemption
from o2o.refunds import rules as refunds
from o2o.refunds.models import Refund
from tests.claims.test_attacks_money import PRICE, ago, buy, whole
from tests.claims.tillkit import open_counter, send
from tests.racers import race


def test_all_that_moves_a_pass_at_once(app: Flask) -> None:
    counter = open_counter(uses=2, price=PRICE)
    tills = [counter.till("A"), counter.till("B")]
    passes = [buy(counter, f"key{number}", f"guest{number}") for number in range(4)]
    for number, sold in enumerate(passes):
        for order, till in enumerate(tills):
            till.redeem(sold, ago(hours=4) + timedelta(minutes=10 * number + 25 * order))
            till.redeem(sold, ago(hours=2) + timedelta(minutes=10 * number + 25 * order))
    later = clock.now() + timedelta(days=4)

    def ask(session: Session, number: int) -> None:
        begin_write(session)
        try:
            pass_id = passes[number % 4].pass_id
            refund = refunds.request(session, pass_id=pass_id, cause="guest", now=clock.now())
            session.commit()
            begin_write(session)
            if refunds.release(session, refund_id=refund.id, now=later):
                refunds.pay(session, refund_id=refund.id, provider_ref="x", now=clock.now())
        except RuleBroken:
            session.rollback()
            return
        session.commit()

    def end(session: Session, number: int) -> None:
        begin_write(session)
        redemption.finalise_due(session, now=later)
        session.commit()
        settled = 1
        while settled:
            begin_write(session)
            settled = conflicts.settle_due(session, now=later, most=1)
            session.commit()

    def hand_over(session: Session, number: int) -> None:
        till = tills[number % 2]
        half = len(till.ledger) // 2
        send(till, till.ledger[half:] if number % 4 < 2 else till.ledger[:half], session=session)

    def attempt(session: Session, number: int) -> None:
        for _ in range(5):
            try:
                (hand_over, ask, end)[number % 3](session, number // 3)
                break
            except Busy:
                # A 503 with Retry-After: the till, the guest and the worker come again.
                session.rollback()
        session.rollback()
        journal.deliver(session)

    outcomes = race(app, attempt, times=36, threads=6)
    assert outcomes == {"ok": 36}, outcomes
    for till in tills:
        send(till, till.ledger)
    book = whole(counter, 4 * PRICE)
    db.session.rollback()
    paid_back = sum(db.session.scalars(select(Refund.amount).where(Refund.state == "paid")))
    assert book.get("cash", 0) == 4 * PRICE - paid_back
    used = sum(row.uses - row.uses_left for row in db.session.scalars(select(Pass)))
    refunded = sum(db.session.scalars(select(Refund.uses).where(Refund.state == "paid")))
    assert used + refunded <= 8
