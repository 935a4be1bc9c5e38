"""Whoever holds passes sees who looked at them: when, where, at which till, and what came of it."""

from datetime import timedelta

import pytest

from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.passes import queries as passes
from o2o.redemption import queries, rules
from tests.counting import counting
from tests.factories import make_account, make_pass, make_role, make_shop, make_terms
from tests.redemption.counter import make_till
from tests.visitor import Visitor


@pytest.fixture
def guest(client: Visitor) -> Visitor:
    client.sign_in("guest")
    return client


def look_around(shops: int) -> None:
    """Have passes of the guest looked at in so many shops: redeemed at a till, undone, refused elsewhere."""
    begin_write()
    wrong = make_shop(db.session, "老城面馆")
    staff = make_account(db.session, "staff").id
    for number in range(shops):
        shop = make_shop(db.session, f"小满咖啡 {number}")
        make_role(db.session, shop, "staff")
        till = make_till(db.session, shop, "door")
        pass_ = make_pass(db.session, make_terms(db.session, shop, price=0))
        code, now = passes.digits(pass_), clock.now()
        given = {"staff_id": staff, "text": code}
        rules.look(db.session, shop_id=wrong.id, now=now - timedelta(hours=1), **given)
        done = {"shop_id": shop.id, "quantity": 1, "now": now, **given}
        first = rules.redeem(db.session, nonce=f"n-{number}", till_id=till.id, **done)
        named = {"shop_id": shop.id, "redemption_id": str(first.redemption_id), "staff_id": staff}
        rules.annul(db.session, reason="mistake", now=now, **named)
        rules.look(db.session, shop_id=shop.id, now=now + timedelta(seconds=1), **given)
        rules.redeem(db.session, nonce=f"m-{number}", **{**done, "now": now + timedelta(seconds=2)})
    assert checks.broken(db.session) == []
    db.session.commit()


def test_the_holder_reads_what_the_tills_wrote(guest: Visitor) -> None:
    look_around(1)
    page = guest.get("/me/looks").text
    for text in ("Wrong shop", "Undone", "Redeemed", "till door", "老城面馆"):
        assert text in page
    assert page.count("<li><a") == 3
    assert page.index("Redeemed") < page.index("Undone") < page.index("Wrong shop")
    assert "/me/looks" in guest.get("/me").text
    guest.set_cookie("o2o_locale", "zh_Hans")
    assert "老城面馆" in guest.get("/me/looks").text


def test_nobody_sees_looks_at_other_peoples_passes(guest: Visitor) -> None:
    look_around(1)
    stranger = make_account_id("stranger")
    assert queries.looks(db.session, stranger) == []
    guest.post("/sign-out")
    guest.sign_in("stranger")
    page = guest.get("/me/looks").text
    assert "Nobody has looked yet" in page
    assert "小满咖啡" not in page


def make_account_id(handle: str) -> int:
    begin_write()
    account = make_account(db.session, handle).id
    db.session.commit()
    return account


def test_looks_cost_the_same_however_many(guest: Visitor) -> None:
    costs = []
    for shops in (1, 4):
        look_around(shops)
        guest.get("/me/looks")
        with counting() as statements:
            guest.get("/me/looks")
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 8


def test_a_refused_look_of_an_offline_till_is_shown(guest: Visitor) -> None:
    look_around(1)
    begin_write()
    scan = queries.looks(db.session, make_account(db.session, "guest").id)[-1].scan
    till = make_till(db.session, make_shop(db.session, "清风书店"), "back")
    given = {"shop_id": till.shop_id, "staff_id": scan.staff_id, "pass_id": scan.pass_id}
    rules.note_look(db.session, till_id=till.id, reason="stale_code", at=clock.now(), **given)
    db.session.commit()
    page = guest.get("/me/looks").text
    assert "Old code" in page
    assert "till back" in page
