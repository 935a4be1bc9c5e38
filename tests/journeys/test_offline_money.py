"""Money is asked back, or a pass runs out, while a till that is away has taken uses of it."""

from flask import Flask
from sqlalchemy import select
from time_machine import Traveller

from o2o.kernel.db import db
from o2o.notifications.models import Message
from o2o.refunds.models import Refund
from tests.claims.tillkit import Counter, open_counter
from tests.issuer.town import DAY_0
from tests.journeys.away import (
    DAY,
    FIVE,
    HOUR,
    MINUTE,
    Guest,
    MakeStand,
    book,
    paid_back,
    pass_of,
    stands,
    work,
)
from tests.journeys.person import Person


def told(guest: Person) -> list[str]:
    """List the kinds of what the guest's inbox says, the oldest first; the page itself is opened too."""
    guest.go("/inbox")
    assert guest.status == 200
    db.session.rollback()
    return list(db.session.scalars(select(Message.kind).order_by(Message.id)))


def test_one_of_five_uses_comes_before_a_refund_and_one_after_it(
    app: Flask, now: Traveller, five: Counter, stand: MakeStand
) -> None:
    guest = Guest(app, "guest", 1)
    sold = guest.buy(five)
    away, other = stand(five, "away"), stand(five, "other")
    now.shift(10 * MINUTE)
    before = away.take(sold)
    now.shift(10 * MINUTE)
    guest.ask_back(sold)
    assert book(five.shop) == {"cash": 7601, "refunds_due": -7601}
    now.shift(10 * MINUTE)
    after = away.take(sold)
    other.hear()
    work()
    assert other.refusal(sold.live(DAY_0 + HOUR)) == "revoked"
    assert paid_back() == 0

    words = away.sync()
    assert [(word["verdict"], word["cause"]) for word in words] == [
        ("stored", ""),
        ("conflict", "after_refund"),
    ]
    assert (stands(before), stands(after)) == (("won", None), ("lost", "after_refund"))
    assert book(five.shop) == {"cash": 7601, "refunds_due": -6080, "shop_pending": -1521}
    work()
    # The till has sent all that it had, and has not yet said that it heard of the refund.
    assert paid_back() == 0
    away.sync()
    work()
    assert paid_back() == 6080
    assert pass_of(sold) == ("refunded", 4)
    assert {"refund.requested", "refund.changed", "refund.paid"} <= set(told(guest))
    assert "60.80" in guest.body
    now.shift(HOUR)
    work()
    away.hear()
    other.hear()
    work()
    assert book(five.shop) == {"cash": 1521, "shop_payable": -1521}


def test_the_only_use_came_before_the_refund(app: Flask, now: Traveller, stand: MakeStand) -> None:
    counter = open_counter(refund_before_use=True)
    guest = Guest(app, "guest", 1)
    sold = guest.buy(counter)
    away = stand(counter)
    now.shift(10 * MINUTE)
    entry = away.take(sold)
    now.shift(10 * MINUTE)
    guest.ask_back(sold)
    work()
    assert paid_back() == 0
    now.shift(2 * DAY)
    away.hear()
    assert stands(entry) == ("won", None)
    assert db.session.scalars(select(Refund.state)).all() == ["withdrawn"]
    assert (pass_of(sold), book(counter.shop)) == (("used", 0), {"cash": 3800, "shop_pending": -3800})
    work()
    assert paid_back() == 0
    assert "refund.withdrawn" in told(guest)
    now.shift(HOUR)
    work()
    away.hear()
    work()
    assert book(counter.shop) == {"cash": 3800, "shop_payable": -3800}


def test_a_mute_till_holds_a_refund_for_three_days_and_then_bears_its_silence(
    app: Flask, now: Traveller, stand: MakeStand
) -> None:
    counter = open_counter(refund_before_use=True)
    guest = Guest(app, "guest", 1)
    sold = guest.buy(counter)
    away = stand(counter)
    now.shift(10 * MINUTE)
    entry = away.take(sold)
    now.shift(10 * MINUTE)
    guest.ask_back(sold)
    now.shift(3 * DAY - MINUTE)
    work()
    assert paid_back() == 0
    now.shift(MINUTE)
    work()
    assert paid_back() == 3800
    now.shift(HOUR)
    assert away.sync()[0]["cause"] == "late_claim"
    assert stands(entry) == ("lost", "late_claim")
    work()
    assert (pass_of(sold), book(counter.shop)) == (("refunded", 1), {})
    assert told(guest).count("refund.paid") == 1


def test_a_pass_runs_out_while_its_use_waits_in_a_till(app: Flask, now: Traveller, stand: MakeStand) -> None:
    counter = open_counter(**{**FIVE, "valid_days": 1, "refund_at_expiry": True})
    guest = Guest(app, "guest", 1)
    sold = guest.buy(counter)
    away = stand(counter)
    now.shift(HOUR)
    entry = away.take(sold, quantity=2)
    now.shift(2 * DAY)
    work()
    assert pass_of(sold) == ("refunding", 5)
    assert (paid_back(), book(counter.shop)) == (0, {"cash": 7601, "refunds_due": -7601})
    assert [word["verdict"] for word in away.sync()] == ["stored"]
    assert stands(entry) == ("won", None)
    assert pass_of(sold) == ("refunding", 3)
    work()
    assert paid_back() == 0
    away.sync()
    work()
    assert (paid_back(), pass_of(sold)) == (4560, ("refunded", 3))
    now.shift(HOUR)
    work()
    away.hear()
    work()
    assert book(counter.shop) == {"cash": 3041, "shop_payable": -3041}
    assert {"refund.requested", "refund.changed", "refund.paid"} <= set(told(guest))
