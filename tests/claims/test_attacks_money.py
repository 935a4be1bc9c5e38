"""Guests and shops who want the same money twice: what was captured is what is owed, paid, refunded or still liable."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from o2o.accounts import registry
from o2o.claims.models import Claim
from o2o.claims.queries import gaps
from o2o.conflicts.models import Conflict, Strike
from o2o.conflicts.rules import settle_due
from o2o.conflicts.strikes import dispute
from o2o.feed import queries as feed
from o2o.kernel import checks, clock, journal
from o2o.kernel.db import begin_write, db
from o2o.ledger.queries import balances, shop_book
from o2o.offers.models import Terms
from o2o.orders import queries as orders
from o2o.redemption import rules as redemption
from o2o.refunds import queries as refund_queries
from o2o.refunds import rules as refunds
from o2o.refunds.models import Refund
from o2o.tills import queries as till_queries
from o2o.tills import rules as tills
from o2o.tills.models import Till
from tests.claims.tillkit import Counter, Sold, ago, open_counter, send, shape
from tests.factories import make_account, make_paid_order
from tests.passes.phone import HolderPhone

PRICE = 4000


def buy(counter: Counter, key: str = "one", guest: str = "guest") -> Sold:
    """Sell a pass for real money and move it to its holder's phone, a while ago."""
    begin_write()
    order = make_paid_order(db.session, db.session.get_one(Terms, counter.terms), guest, key=key)
    row = orders.passes_of(db.session, order.id)[0]
    row.issued_at = row.not_before = ago(days=2)
    sold = shape(row, HolderPhone(7))
    db.session.commit()
    journal.deliver(db.session)
    return counter.rebind(sold, ago(hours=30))


def ask_back(sold: Sold, now: datetime) -> str:
    begin_write()
    refund_id = refunds.request(db.session, pass_id=sold.pass_id, cause="guest", now=now).id
    db.session.commit()
    journal.deliver(db.session)
    return refund_id


def finalise(now: datetime) -> None:
    for moment in (now, now + timedelta(minutes=1)):
        begin_write()
        redemption.finalise_due(db.session, now=moment)
        db.session.commit()
    journal.deliver(db.session)
    begin_write()
    settle_due(db.session, now=now)
    db.session.commit()
    journal.deliver(db.session)


def whole(counter: Counter, captured: int) -> dict[str, int]:
    """Check that every minor unit that was captured is in one place, and return where."""
    db.session.rollback()
    found = {name: amount for (name, _), amount in balances(db.session, shop_book(counter.shop)).items()}
    held = ("voucher_liability", "shop_pending", "shop_payable", "platform_fee", "refunds_due")
    assert -sum(found.get(name, 0) for name in held) == found["cash"] + found.get("platform_cover", 0)
    assert found["cash"] <= captured
    assert checks.broken(db.session) == []
    return {name: amount for name, amount in found.items() if amount}


@pytest.fixture
def counter(app: Flask) -> Counter:
    return open_counter(price=PRICE)


@pytest.mark.parametrize(("ahead", "wins"), [(0, True), (1, True), (2, False)])
def test_shown_and_asked_back_in_the_same_half_minute(counter: Counter, ahead: int, wins: bool) -> None:
    """A phone whose clock runs a step ahead shows the pass, and its holder asks the money back at once."""
    till = counter.till()
    send(till, [])
    sold = buy(counter)
    now = ago(minutes=5)
    entry = till.redeem(sold, now, text=sold.live(now + timedelta(seconds=30 * ahead)), drift=ahead)
    ask_back(sold, now + timedelta(milliseconds=500))
    send(till, [entry])
    db.session.rollback()
    assert db.session.get_one(Claim, entry["claim_id"]).standing == ("won" if wins else "lost")
    assert db.session.scalars(select(Refund.state)).one() == ("withdrawn" if wins else "requested")
    whole(counter, PRICE)


def test_an_undo_of_the_counters_use_behind_a_refund_raises_it(app: Flask) -> None:
    counter = open_counter(uses=4, price=PRICE)
    till = counter.till()
    send(till, [])
    sold = buy(counter)
    nonce = "0f0f0f0f-0000-4000-8000-00000000000d"
    begin_write()
    given = {"shop_id": counter.shop, "staff_id": counter.staff, "quantity": 1, "nonce": nonce}
    redemption.redeem(db.session, pass_id=sold.pass_id, now=ago(minutes=10), **given)
    db.session.commit()
    till.annul(nonce, ago(minutes=6))
    ask_back(sold, ago(minutes=5))
    assert send(till, till.ledger)[0]["verdict"] == "stored"
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.uses, refund.amount, refund.state) == (4, PRICE, "requested")
    assert db.session.get_one(Till, till.id).head == 1
    whole(counter, PRICE)


def test_a_paid_refund_and_a_kept_claim_do_not_both_pay(counter: Counter) -> None:
    till = counter.till()
    send(till, [])
    sold = buy(counter)
    kept = till.redeem(sold, ago(hours=20))
    refund_id = ask_back(sold, ago(hours=10))
    begin_write()
    refund = db.session.get_one(Refund, refund_id)
    refund.requested_at = ago(hours=73)
    db.session.flush()
    assert refunds.release(db.session, refund_id=refund_id, now=clock.now()) is not None
    refunds.pay(db.session, refund_id=refund_id, provider_ref="x", now=clock.now())
    db.session.commit()
    journal.deliver(db.session)
    assert send(till, [kept])[0]["verdict"] == "conflict"
    finalise(clock.now() + timedelta(days=4))
    book = whole(counter, PRICE)
    assert not {"shop_payable", "shop_pending", "cash"} & set(book)


def test_a_till_that_acknowledges_what_it_never_got_hurries_nobody_elses_money(counter: Counter) -> None:
    till, honest = counter.till("A"), counter.till("B")
    for one in (till, honest):
        send(one, [])
    sold = buy(counter)
    refund_id = ask_back(sold, clock.now())
    send(till, [], cursor=2**31 - 1)
    db.session.rollback()
    assert db.session.get_one(Till, till.id).acked == feed.epoch(db.session, counter.shop)
    refund = db.session.get_one(Refund, refund_id)
    assert not refund_queries.is_released(db.session, refund, now=clock.now()), "B has not heard"
    send(honest, [], cursor=2**31 - 1, head=7)
    assert not refund_queries.is_released(db.session, refund, now=clock.now()), "B keeps seven entries"
    assert refund_queries.is_released(db.session, refund, now=clock.now() + timedelta(hours=72)), (
        "not for ever"
    )
    begin_write()
    owner = make_account(db.session, "owner").id
    tills.revoke(db.session, shop_id=counter.shop, till_id=honest.id, account_id=owner, now=clock.now())
    db.session.commit()
    assert refund_queries.is_released(db.session, refund, now=clock.now()), (
        "a revoked till holds nothing back"
    )


def test_revoking_a_till_loses_no_use_that_a_phone_proves(counter: Counter) -> None:
    till = counter.till()
    sold, late = counter.sell(), counter.sell("guest2")
    before = till.redeem(sold, ago(hours=3))
    after = till.redeem(late, ago(hours=1))
    begin_write()
    owner = make_account(db.session, "owner").id
    tills.revoke(db.session, shop_id=counter.shop, till_id=till.id, account_id=owner, now=ago(hours=2))
    db.session.commit()
    words = send(till, till.ledger)
    assert [(word["verdict"], word["reason"]) for word in words] == [
        ("stored", ""),
        ("rejected", "till_revoked"),
    ]
    db.session.rollback()
    assert db.session.get_one(Claim, before["claim_id"]).standing == "won"
    assert db.session.get(Claim, after["claim_id"]) is None
    assert gaps(db.session, till.id) == []
    assert till_queries.watermark(db.session, counter.shop) is None
    assert checks.broken(db.session) == []


def test_one_use_shown_twice_costs_the_platform_one_cover(counter: Counter) -> None:
    first, second = counter.till("A"), counter.till("B")
    sold = buy(counter)
    for number, till in enumerate((first, second, second, first)):
        till.redeem(sold, ago(hours=20) + timedelta(hours=number))
    for till in (first, second, first):
        send(till, till.ledger)
    finalise(clock.now() + timedelta(days=4))
    book = whole(counter, PRICE)
    assert (book["cash"], book["platform_cover"], book["shop_payable"]) == (PRICE, PRICE, -2 * PRICE)


def test_a_holder_who_leaves_takes_the_words_and_breaks_nothing(counter: Counter) -> None:
    first, second = counter.till("A"), counter.till("B")
    sold = counter.sell("leaver")
    first.redeem(sold, ago(hours=5))
    second.redeem(sold, ago(hours=4))
    send(first, first.ledger)
    send(second, second.ledger)
    strike = db.session.scalars(select(Strike)).one()
    holder, strike_id = strike.account_id, strike.id
    db.session.rollback()
    begin_write()
    dispute(
        db.session,
        strike_id=strike_id,
        account_id=holder,
        said="I was abroad, ask 13800138000",
        now=clock.now(),
    )
    db.session.commit()
    begin_write()
    registry.erase(db.session, account_id=holder)
    db.session.commit()
    journal.deliver(db.session)
    db.session.rollback()
    row = db.session.get_one(Strike, strike_id)
    assert (row.said, row.said_at) == (None, None)
    # What comes in afterwards is settled all the same, and tells nobody who is gone.
    first.annul(first.ledger[0], ago(hours=5) + timedelta(minutes=1))
    send(first, first.ledger)
    finalise(clock.now() + timedelta(days=4))
    db.session.rollback()
    assert db.session.scalars(select(Conflict.state)).one() == "gone"
    assert checks.broken(db.session) == []
