"""F6: the server's clock jumps ten days on and back; months end and clocks change: nothing breaks, nothing doubles."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from time_machine import travel

from o2o.accounts import rules as accounts
from o2o.kernel import checks, clock, worker
from o2o.kernel.db import begin_write, db
from o2o.orders.models import Order
from o2o.passes.models import Pass
from o2o.passes.queries import digits
from tests.factories import make_account, make_role, make_shop, make_terms
from tests.orders.buying import order, state, to_bank
from tests.visitor import Visitor

DAYS = timedelta(days=10)
PAGES = ("/", "/wallet", "/me", "/inbox", "/shops/1")


def work() -> None:
    """Do what the worker does at this hour."""
    db.session.rollback()
    worker.run_due(db.session, everything=True)
    db.session.rollback()


@pytest.mark.parametrize("days", [DAYS, -DAYS], ids=["fast", "slow"])
def test_a_clock_that_is_wrong_for_a_while(client: Visitor, days: timedelta) -> None:
    with travel(clock.now(), tick=False) as now:
        begin_write()
        shop = make_shop(db.session)
        make_role(db.session, shop, "staff")
        offer_id = make_terms(db.session, shop, total_cap=9).offer_id
        guest = make_account(db.session, "guest").id
        link = accounts.make_sign_in_link(db.session, account_id=guest)
        db.session.commit()
        client.sign_in("guest")
        paid, held = order(client, offer_id), order(client, offer_id, idempotency_key="held")
        client.post(to_bank(client, paid), data={"answer": "approve"})
        client.get(paid)
        now.shift(days)
        for page in (*PAGES, paid, held):
            assert client.get(page).status_code in (200, 303), page
        work()
        assert state(paid) == "paid"
        assert state(held) == ("expired" if days > timedelta(0) else "held")
        begin_write()
        code = digits(db.session.scalars(select(Pass)).one())
        db.session.commit()
        staff = Visitor(client.application, client.application.response_class)
        staff.sign_in("staff")
        form = {"shop": 1, "code": code, "quantity": 1, "nonce": "while-wrong"}
        redeemed = staff.post("/till/redemptions", data=form)
        assert redeemed.status_code in (303, 409, 422)
        now.shift(-days)
        work()
        assert staff.post("/till/redemptions", data=form).status_code == 303
        assert (state(paid), db.session.scalars(select(Pass.uses_left)).one()) == ("paid", 0)
        for page in (*PAGES, paid, held):
            assert client.get(page).status_code in (200, 303), page
        # A link made before is worth what it was: ten minutes of the clock that counts now.
        db.session.rollback()
        assert client.post(f"/sign-in/{link}").status_code == 303
        now.shift(timedelta(minutes=11))
        work()
        assert state(held) == "expired"
        assert checks.broken(db.session) == []


# The day of a cap is the town's: it ends at its midnight, after 23, 24 or 25 hours.
NIGHTS = {
    "month end": ("Asia/Shanghai", datetime(2026, 2, 28, 15, 59, tzinfo=UTC)),
    "spring": ("Europe/Helsinki", datetime(2026, 3, 29, 20, 59, tzinfo=UTC)),
    "autumn": ("Europe/Helsinki", datetime(2026, 10, 25, 21, 59, tzinfo=UTC)),
}


@pytest.mark.parametrize("night", NIGHTS)
def test_a_cap_of_the_day_ends_with_the_towns_day(app: Flask, client: Visitor, night: str) -> None:
    zone, last_minute = NIGHTS[night]
    begin = last_minute - timedelta(hours=12)
    with travel(begin, tick=False) as now:
        begin_write()
        from tests.factories import make_town

        make_town(db.session, timezone=zone)
        offer_id = make_terms(db.session, make_shop(db.session), day_cap=1).offer_id
        db.session.commit()
        client.sign_in("guest")
        address = f"/offers/{offer_id}/orders"

        def buy(key: str) -> int:
            return client.post(address, data={"quantity": 1, "idempotency_key": key}).status_code

        client.post(to_bank(client, order(client, offer_id)), data={"answer": "approve"})
        for order_id in db.session.scalars(select(Order.id)).all():
            client.get(f"/orders/{order_id}")
        assert buy("same day") == 409
        now.move_to(last_minute)
        assert buy("last minute") == 409
        now.shift(timedelta(minutes=1))
        assert buy("next day") == 303
        db.session.rollback()
        assert checks.broken(db.session) == []
