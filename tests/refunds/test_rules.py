"""Money back: by the guest's wish, at expiry, in part, once."""

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
from o2o.kernel.journal import Fact
from o2o.ledger.queries import balances, shop_book
from o2o.notifications.models import Message
from o2o.offers import rules as offers
from o2o.orders import queries as orders
from o2o.orders import rules as order_rules
from o2o.passes.chores import expire
from o2o.passes.models import Pass
from o2o.payments import rules as payments
from o2o.payments.models import Payback, SandboxPayment
from o2o.payments.sandbox import Sandbox
from o2o.redemption import rules as till
from o2o.refunds import chores, payout, rules
from o2o.refunds.models import Refund
from tests.factories import make_order, make_paid_order, make_role, make_shop, make_terms
from tests.racers import race

FIVE = {"uses": 5, "contents": (offers.Part("美式咖啡", 5, 2000),), "price": 7601}


def buy(session: Session, quantity: int = 1, **values: object) -> Pass:
    shop = make_shop(session)
    make_role(session, shop, "staff")
    order = make_paid_order(session, make_terms(session, shop, **values), quantity=quantity)
    return orders.passes_of(session, order.id)[0]


def redeem(session: Session, pass_: Pass, quantity: int) -> str:
    staff = make_role_id(session)
    answer = till.redeem(
        session,
        shop_id=pass_.shop_id,
        staff_id=staff,
        pass_id=pass_.id,
        quantity=quantity,
        nonce=f"nonce-{quantity:04d}",
        now=clock.now(),
    )
    assert answer.is_ok
    return str(answer.redemption_id)


def make_role_id(session: Session) -> int:
    from tests.factories import make_account

    return make_account(session, "staff").id


def book(session: Session, pass_: Pass) -> dict[str, int]:
    assert checks.broken(session) == []
    found = balances(session, shop_book(pass_.shop_id))
    return {account: amount for (account, _), amount in found.items() if amount}


def ask(session: Session, pass_: Pass, cause: str = "guest") -> Refund:
    return rules.request(session, pass_id=pass_.id, cause=cause, now=clock.now())


def test_an_unused_voucher_comes_back_whole(session: Session) -> None:
    pass_ = buy(session)
    refund = ask(session, pass_)
    assert ask(session, pass_).id == refund.id
    assert (refund.amount, refund.uses, pass_.state) == (3800, 1, "refunding")
    assert book(session, pass_) == {"cash": 3800, "refunds_due": -3800}
    for _ in range(2):
        rules.pay(session, refund_id=refund.id, provider_ref="back", now=clock.now())
    session.refresh(pass_)
    assert (refund.state, pass_.state) == ("paid", "refunded")
    assert book(session, pass_) == {}
    kinds = session.scalars(select(Message.kind).order_by(Message.id)).all()
    assert kinds == ["order.paid", "refund.requested", "refund.paid"]
    assert {"refund.requested", "refund.paid"} <= set(session.scalars(select(Fact.name)))


def test_of_five_uses_the_unused_three_come_back(session: Session) -> None:
    pass_ = buy(session, **FIVE)
    redeem(session, pass_, 2)
    session.refresh(pass_)
    refund = ask(session, pass_)
    # 7601 in five parts: 1521, 1520, 1520, 1520, 1520; two are spent.
    assert (refund.uses, refund.amount) == (3, 4560)
    assert book(session, pass_) == {"cash": 7601, "shop_pending": -3041, "refunds_due": -4560}
    rules.pay(session, refund_id=refund.id, provider_ref="back", now=clock.now())
    assert book(session, pass_) == {"cash": 3041, "shop_pending": -3041}


def test_a_redemption_cannot_be_undone_behind_a_refund(session: Session) -> None:
    pass_ = buy(session, **FIVE)
    redemption_id = redeem(session, pass_, 2)
    session.refresh(pass_)
    ask(session, pass_)
    undo = {"redemption_id": redemption_id, "staff_id": make_role_id(session), "reason": "x" * 5}
    with pytest.raises(RuleBroken, match="pass_moved_on"):
        till.annul(session, shop_id=pass_.shop_id, now=clock.now(), **undo)


def test_what_is_used_or_excluded_does_not_come_back(session: Session) -> None:
    used = buy(session)
    redeem(session, used, 1)
    session.refresh(used)
    with pytest.raises(RuleBroken, match="not_refundable"):
        ask(session, used)


def test_the_rule_frozen_at_sale_decides(session: Session) -> None:
    pass_ = buy(session, refund_before_use=False)
    with pytest.raises(RuleBroken, match="not_refundable"):
        ask(session, pass_)


def test_a_free_coupon_is_given_back_without_money(session: Session) -> None:
    shop = make_shop(session)
    order = make_order(session, make_terms(session, shop, price=0))
    pass_ = orders.passes_of(session, order.id)[0]
    refund = ask(session, pass_)
    session.refresh(pass_)
    assert (refund.amount, refund.state, refund.payback_id, pass_.state) == (0, "paid", None, "refunded")
    assert book(session, pass_) == {}


def buy_at_the_bank(session: Session, app: Flask, **values: object) -> Pass:
    """Buy with the pretended bank behind it, so that it can pay back."""
    from o2o.kernel.outside import outside
    from o2o.payments import sandbox

    terms = make_terms(session, make_shop(session), **values)
    order = make_order(session, terms)
    order, intent = order_rules.start_paying(
        session, account_id=order.account_id, order_id=order.id, now=clock.now(), provider="sandbox"
    )
    order_id, intent_id, amount = order.id, intent.id, order.total
    session.commit()
    bank = payments.provider(app.config["O2O"])
    with outside(session):
        opened = bank.create(key=intent_id, amount=amount, currency="CNY", return_url="/")
    begin_write(session)
    payments.note_pending(session, intent_id=intent_id, opened=opened)
    sandbox.decide(session, ref=opened.ref, answer="approve", now=clock.now())
    order_rules.capture(session, intent_id=intent_id, now=clock.now())
    session.commit()
    begin_write(session)
    return orders.passes_of(session, order_id)[0]


@pytest.mark.parametrize("by_itself", [True, False], ids=["automatic", "kept value"])
def test_paid_value_never_vanishes_at_expiry(session: Session, app: Flask, by_itself: bool) -> None:
    pass_ = buy_at_the_bank(session, app, valid_days=1, refund_before_use=False, refund_at_expiry=by_itself)
    pass_id = pass_.id
    session.commit()
    with travel(clock.now() + timedelta(days=3), tick=False):
        assert expire(session) == 1
        assert chores.refund_expired(session) == int(by_itself)
        if not by_itself:
            begin_write(session)
            refund = rules.request(session, pass_id=pass_id, cause="guest", now=clock.now())
            assert refund.cause == "guest"
            session.commit()
        assert chores.pay_out(session) == 1
        assert chores.pay_out(session) == 0
        assert chores.refund_expired(session) == 0
    begin_write(session)
    pass_ = session.get_one(Pass, pass_id)
    assert pass_.state == "refunded"
    assert book(session, pass_) == {}
    assert session.scalars(select(SandboxPayment.refunded)).one() == 3800


def test_a_payout_cut_off_anywhere_is_finished_once(
    session: Session, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    pass_ = buy_at_the_bank(session, app)
    refund_id = ask(session, pass_).id
    session.commit()
    real = Sandbox.refund

    def answer_lost(self: Sandbox, **values: object) -> str:
        real(self, **values)
        raise payments.ProviderDown

    monkeypatch.setattr(Sandbox, "refund", answer_lost)
    assert payout.pay_out_due(session, payments.provider(app.config["O2O"])) == 0
    monkeypatch.setattr(Sandbox, "refund", real)
    assert payout.pay_out_due(session, payments.provider(app.config["O2O"])) == 1
    begin_write(session)
    assert session.get_one(Refund, refund_id).state == "paid"
    assert session.scalars(select(SandboxPayment.refunded)).one() == 3800
    assert checks.broken(session) == []


def test_no_more_back_than_was_paid(session: Session) -> None:
    pass_ = buy(session)
    ask(session, pass_)
    payback = session.scalars(select(Payback)).one()
    with pytest.raises(RuleBroken, match="too_much_back"):
        payments.create_payback(session, intent_id=payback.intent_id, key="more", amount=1)
    with pytest.raises(RuleBroken, match="key_reused"):
        payments.create_payback(session, intent_id=payback.intent_id, key=payback.key, amount=1)


def test_refund_against_redeem_at_once(app: Flask, session: Session) -> None:
    """Either the till or the guest has the last use, never both."""
    found = [buy(session, **FIVE) for _ in range(1)]
    pass_id, shop_id, staff = found[0].id, found[0].shop_id, make_role_id(session)
    session.commit()

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        if number == 7:
            rules.request(session, pass_id=pass_id, cause="guest", now=clock.now())
        else:
            till.redeem(
                session,
                shop_id=shop_id,
                staff_id=staff,
                pass_id=pass_id,
                quantity=1,
                nonce=f"nonce-{number:04d}",
                now=clock.now(),
            )
        session.commit()

    outcomes = race(app, attempt, times=12)
    assert outcomes.total() == outcomes["ok"] + outcomes["not_refundable"]
    assert checks.broken(db.session) == []


def test_the_guest_asks_on_the_page(client: FlaskClient, app: Flask) -> None:
    client.sign_in("guest")
    begin_write()
    pass_ = buy_at_the_bank(db.session, app)
    pass_id, order_id = pass_.id, orders.order_of_pass(db.session, pass_.id).id
    db.session.commit()
    url = f"/orders/{order_id}/refunds"
    assert client.post(url, data={"pass": "0" * 16}).status_code == 404
    with travel(clock.now() + timedelta(minutes=6), tick=False):
        answer = client.post(
            url, data={"pass": pass_id}, headers={"Referer": f"http://localhost/passes/{pass_id}"}
        )
        assert answer.location.startswith(f"/sign-in?next=/passes/{pass_id}&fresh=1")
    answer = client.post(url, data={"pass": pass_id})
    assert answer.location == f"/passes/{pass_id}"
    db.session.rollback()
    assert db.session.get_one(Pass, pass_id).state == "refunded"
    assert db.session.scalars(select(SandboxPayment.refunded)).one() == 3800
    db.session.rollback()
    assert client.post(url).status_code == 409
    client.post("/sign-out")
    client.sign_in("guest2")
    assert client.post(url, data={"pass": pass_id}).status_code == 404
