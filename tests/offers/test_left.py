"""Shop.has_left is true exactly when something on sale there can still be bought."""

from datetime import date, timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from o2o.kernel import clock, worker
from o2o.kernel.db import begin_write, db
from o2o.offers import rules
from o2o.offers.models import Terms
from o2o.offers.rules import Draft, Part
from o2o.orders import rules as orders
from o2o.shops.models import Shop
from tests.factories import make_order, make_paid_order, make_shop, make_terms


@pytest.fixture
def session(app: Flask) -> Session:
    begin_write()
    return db.session


def left(session: Session, shop: Shop) -> bool:
    """Let the worker's minute come, then look."""
    session.commit()
    for name in ("offers.chores.end_over", "offers.chores.refresh_left"):
        worker.JOBS[name].chore(session)
    found = session.get_one(Shop, shop.id).has_left
    assert rules.changed_left(session, now=clock.now()) == {}
    begin_write()
    return found


def draft(terms: Terms, **values: object) -> Draft:
    given = {"title": terms.title, "contents": (Part("手冲咖啡", 2, 2500),), "price": 3800, "valid_days": 30}
    return Draft(**{**given, **values})


def test_an_offer_on_sale_is_left_until_it_is_not_on_sale(session: Session) -> None:
    shop, other = make_shop(session), make_shop(session, "别家")
    assert not shop.has_left
    terms = make_terms(session, shop)
    assert shop.has_left
    assert not other.has_left
    rules.pause(session, offer_id=terms.offer_id)
    assert not shop.has_left
    rules.resume(session, offer_id=terms.offer_id)
    assert shop.has_left
    rules.end(session, offer_id=terms.offer_id)
    assert not shop.has_left


def test_the_total_counts_sales_and_holds(session: Session) -> None:
    shop = make_shop(session)
    terms = make_terms(session, shop, total_cap=2)
    make_paid_order(session, terms, key="one")
    assert left(session, shop)
    order = make_order(session, terms, key="two")
    assert not left(session, shop)
    orders.cancel(session, account_id=order.account_id, order_id=order.id)
    assert left(session, shop)
    make_paid_order(session, terms, key="three")
    assert not left(session, shop)
    rules.revise(session, offer_id=terms.offer_id, draft=draft(terms, total_cap=3))
    assert shop.has_left
    make_paid_order(session, terms, key="four")
    assert not left(session, shop)
    make_terms(session, shop, title="另一份")
    assert shop.has_left


def test_a_hold_that_ran_out_is_free_again(session: Session) -> None:
    shop = make_shop(session)
    make_order(session, make_terms(session, shop, total_cap=1))
    assert not left(session, shop)
    session.commit()
    with time_machine.travel(clock.now() + timedelta(hours=2), tick=False):
        begin_write()
        assert left(session, shop)


def test_a_day_has_its_own_number(session: Session) -> None:
    with time_machine.travel("2026-03-02T04:00:00Z", tick=False) as machine:
        shop = make_shop(session)
        terms = make_terms(session, shop, day_cap=1)
        make_paid_order(session, terms)
        assert not left(session, shop)
        rules.revise(session, offer_id=terms.offer_id, draft=draft(terms, day_cap=2))
        assert shop.has_left
        rules.revise(session, offer_id=terms.offer_id, draft=draft(terms, day_cap=1))
        assert not shop.has_left
        machine.move_to("2026-03-02T16:01:00Z")
        assert left(session, shop)


def test_fixed_dates_are_over_at_midnight_of_the_town(session: Session) -> None:
    with time_machine.travel("2026-03-02T04:00:00Z", tick=False) as machine:
        shop = make_shop(session)
        until = {"valid_days": None, "valid_from": date(2026, 3, 1), "valid_until": date(2026, 3, 2)}
        make_terms(session, shop, **until)
        assert left(session, shop)
        machine.move_to("2026-03-02T16:01:00Z")
        assert rules.changed_left(session, now=clock.now()) == {shop.id: False}
        assert not left(session, shop)
