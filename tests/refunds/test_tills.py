"""Money back while tills may still hold uses: it waits for them, follows them, and is withdrawn for them."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.ledger.models import Leg, Posting
from o2o.notifications.models import Message
from o2o.orders import queries as orders
from o2o.passes.chores import expire
from o2o.passes.models import Pass
from o2o.payments import rules as payments
from o2o.payments.models import Payback, SandboxPayment
from o2o.redemption import rules as redemption
from o2o.refunds import chores, payout, queries, rules
from o2o.refunds.models import Refund
from o2o.shops.models import Shop
from o2o.tills.models import Till
from tests.factories import make_account
from tests.racers import race
from tests.redemption.counter import claim, hears, make_till
from tests.refunds.test_rules import FIVE, ask, book, buy, buy_at_the_bank


class Away:
    """A pass of five uses, a refund asked for, and a till that was away."""

    def __init__(self, session: Session, **terms: object) -> None:
        self.session = session
        self.pass_ = buy(session, **{**FIVE, **terms})
        self.till = make_till(session, session.get_one(Shop, self.pass_.shop_id))
        self.staff = make_account(session, "staff").id
        self.refund = ask(session, self.pass_)

    def take(self, quantity: int) -> redemption.TakenClaim:
        taken = claim(self.pass_, self.till, self.staff, quantity=quantity, at=clock.now())
        redemption.take_claim(self.session, taken=taken, now=clock.now())
        return taken

    def lose(self, taken: redemption.TakenClaim) -> None:
        redemption.lose_claim(
            self.session, claim_id=taken.claim_id, why="conflict:late_claim", now=clock.now()
        )

    def adjust(self) -> Refund | None:
        return rules.adjust(self.session, pass_id=self.pass_.id, now=clock.now())

    def steps(self) -> list[tuple[str, int]]:
        """List what was posted of refunds: the kind, and what the guest was owed more by it."""
        rows = select(Posting.kind, Leg.amount).join(Leg, Leg.posting_id == Posting.id)
        rows = rows.where(Leg.account == "refunds_due").order_by(Posting.id)
        return [(kind, -amount) for kind, amount in self.session.execute(rows)]


def test_a_late_use_lowers_the_refund(session: Session) -> None:
    away = Away(session)
    away.take(2)
    refund = away.adjust()
    assert (refund.uses, refund.amount, refund.state) == (3, 4560, "requested")
    assert session.get_one(Payback, refund.payback_id).amount == 4560
    assert book(session, away.pass_) == {"cash": 7601, "shop_pending": -3041, "refunds_due": -4560}
    away.take(1)
    assert away.adjust().amount == 3040
    assert away.adjust().amount == 3040
    assert away.steps() == [("refund_due", 7601), ("refund_less", -3041), ("refund_less", -1520)]
    rules.pay(session, refund_id=refund.id, provider_ref="back", now=clock.now())
    assert book(session, away.pass_) == {"cash": 4561, "shop_pending": -4561}
    kinds = session.scalars(select(Message.kind).where(Message.kind.startswith("refund."))).all()
    assert sorted(kinds) == ["refund.changed", "refund.changed", "refund.paid", "refund.requested"]


def test_with_every_use_gone_the_refund_is_withdrawn(session: Session) -> None:
    away = Away(session)
    away.take(5)
    refund = away.adjust()
    assert (refund.state, refund.amount, refund.payback_id) == ("withdrawn", 0, None)
    session.refresh(away.pass_)
    assert away.pass_.state == "used"
    assert session.scalars(select(Payback)).all() == []
    assert book(session, away.pass_) == {"cash": 7601, "shop_pending": -7601}
    assert away.adjust() is None
    assert queries.refund_of(session, away.pass_.id).id == refund.id


def test_what_a_claim_gives_back_is_refunded_after_all(session: Session) -> None:
    away = Away(session)
    first = away.take(2)
    away.adjust()
    away.lose(first)
    refund = away.adjust()
    assert (refund.uses, refund.amount) == (5, 7601)
    assert [amount for _, amount in away.steps()] == [7601, -3041, 3041]
    last = away.take(5)
    away.lose(last)
    # Used up and given back before anybody looked: the wish still stands.
    assert away.adjust().state == "requested"
    session.refresh(away.pass_)
    assert away.pass_.state == "refunding"
    assert book(session, away.pass_) == {"cash": 7601, "refunds_due": -7601}


def test_after_a_withdrawal_the_guest_may_ask_anew(session: Session) -> None:
    away = Away(session)
    taken = away.take(5)
    away.adjust()
    away.lose(taken)
    session.refresh(away.pass_)
    assert away.pass_.state == "valid"
    again = ask(session, away.pass_)
    assert (again.state, again.amount) == ("requested", 7601)
    assert again.id != away.refund.id
    assert book(session, away.pass_) == {"cash": 7601, "refunds_due": -7601}


def test_uses_worth_nothing_close_the_refund(session: Session) -> None:
    away = Away(session, price=1)
    away.take(1)
    refund = away.adjust()
    session.refresh(away.pass_)
    assert (refund.state, refund.amount, away.pass_.state) == ("paid", 0, "refunded")
    assert book(session, away.pass_) == {"cash": 1, "shop_pending": -1}


def test_money_at_the_bank_changes_no_more(session: Session) -> None:
    away = Away(session)
    assert not queries.is_sent(session, away.refund)
    hears_of(session, away.till)
    assert rules.release(session, refund_id=away.refund.id, now=clock.now()) == away.refund.payback_id
    assert queries.is_sent(session, away.refund)
    away.take(1)
    with pytest.raises(RuleBroken, match="payback_sent"):
        away.adjust()


def test_a_refund_that_follows_without_its_posting_is_noticed(session: Session) -> None:
    away = Away(session)
    away.take(1)
    refund = away.adjust()
    refund.amount += 1
    session.flush()
    assert [line for line in checks.broken(session) if line.startswith("I7") and refund.id in line]


def test_a_pass_without_a_refund_has_nothing_to_adjust(session: Session) -> None:
    assert rules.adjust(session, pass_id=buy(session).id, now=clock.now()) is None


def hears_of(session: Session, till: Till) -> None:
    session.commit()
    begin_write(session)
    hears(session, till)


@pytest.fixture
def bank(app: Flask) -> payments.Provider:
    return payments.provider(app.config["O2O"])


def test_money_waits_until_every_till_has_heard(
    session: Session, bank: payments.Provider, app: Flask
) -> None:
    pass_ = buy_at_the_bank(session, app)
    shop = session.get_one(Shop, pass_.shop_id)
    till, other = make_till(session, shop), make_till(session, shop, "till 3")
    refund_id = ask(session, pass_).id
    hears_of(session, till)
    session.commit()
    assert payout.pay_out_due(session, bank) == 0
    assert not payout.pay_out(session, bank, refund_id=refund_id)
    begin_write(session)
    hears(session, other)
    session.commit()
    assert payout.pay_out_due(session, bank) == 1
    assert session.scalars(select(SandboxPayment.refunded)).one() == 3800
    assert checks.broken(session) == []


def test_money_waits_for_a_mute_till_three_days_at_most(
    session: Session, bank: payments.Provider, app: Flask
) -> None:
    pass_ = buy_at_the_bank(session, app)
    make_till(session, session.get_one(Shop, pass_.shop_id))
    with travel(clock.now(), tick=False):
        refund = ask(session, pass_)
        latest = queries.released_at_latest(refund)
        session.commit()
    with travel(latest - timedelta(seconds=1), tick=False):
        assert payout.pay_out_due(session, bank) == 0
    with travel(latest, tick=False):
        assert payout.pay_out_due(session, bank) == 1


def test_the_refund_at_expiry_waits_too(session: Session, bank: payments.Provider, app: Flask) -> None:
    pass_ = buy_at_the_bank(session, app, valid_days=1, uses=5, contents=FIVE["contents"], price=7601)
    till = make_till(session, session.get_one(Shop, pass_.shop_id))
    pass_id, staff = pass_.id, make_account(session, "staff").id
    in_time = claim(pass_, till, staff, quantity=2, at=clock.now())
    session.commit()
    with travel(clock.now() + timedelta(days=3), tick=False):
        assert (expire(session), chores.refund_expired(session)) == (1, 1)
        assert payout.pay_out_due(session, bank) == 0
        begin_write(session)
        assert redemption.take_claim(session, taken=in_time, now=clock.now())
        assert rules.adjust(session, pass_id=pass_id, now=clock.now()).amount == 4560
        hears(session, till)
        session.commit()
        assert payout.pay_out_due(session, bank) == 1
    assert session.scalars(select(SandboxPayment.refunded)).one() == 4560
    assert checks.broken(session) == []


def test_claims_and_payout_at_once(session: Session, bank: payments.Provider, app: Flask) -> None:
    """Either the money is lower by the late use, or it is out and the use is refused; never both."""
    pass_ = buy_at_the_bank(session, app, uses=5, contents=FIVE["contents"], price=7601)
    till = make_till(session, session.get_one(Shop, pass_.shop_id))
    pass_id, staff = pass_.id, make_account(session, "staff").id
    wanted = [claim(pass_, till, staff, at=clock.now()) for _ in range(4)]
    ask(session, pass_)
    hears_of(session, till)
    session.commit()

    def attempt(session: Session, number: int) -> None:
        if number == 2:
            payout.pay_out_due(session, bank)
            return
        begin_write(session)
        redemption.take_claim(session, taken=wanted[min(number, 3)], now=clock.now())
        rules.adjust(session, pass_id=pass_id, now=clock.now())
        session.commit()

    outcomes = race(app, attempt, times=5, threads=5)
    assert set(outcomes) <= {"ok", "payback_sent"}, outcomes
    payout.pay_out_due(db.session, bank)
    pass_ = db.session.get_one(Pass, pass_id)
    assert pass_.state == "refunded"
    assert db.session.scalars(select(SandboxPayment.refunded)).one() == 7601 - pass_.spent
    assert checks.broken(db.session) == []


def test_the_page_says_how_long_it_takes(client: FlaskClient, app: Flask) -> None:
    client.sign_in("guest")
    begin_write()
    pass_ = buy_at_the_bank(db.session, app)
    make_till(db.session, db.session.get_one(Shop, pass_.shop_id))
    pass_id, order_id = pass_.id, orders.order_of_pass(db.session, pass_.id).id
    db.session.commit()
    answer = client.post(f"/orders/{order_id}/refunds", data={"pass": pass_id}, follow_redirects=True)
    assert "once every till has heard, at the latest" in answer.text
    db.session.rollback()
    assert db.session.get_one(Pass, pass_id).state == "refunding"
    assert db.session.scalars(select(SandboxPayment.refunded)).one() == 0
