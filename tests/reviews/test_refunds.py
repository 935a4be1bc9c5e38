"""A review says what became of the money behind it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db, new_id
from tests.factories import make_paid_order
from tests.reviews.test_views import commit, corner


@pytest.mark.parametrize("uses", [1, 3], ids=["another pass", "uses left"])
def test_the_unused_part_that_went_back_later_is_said(app: Flask, client: Any, uses: int) -> None:
    """Of one purchase, one use was had and reviewed; what was left of it is paid back a day later."""
    from o2o.orders import queries as orders
    from o2o.orders.models import OrderPass
    from o2o.refunds import rules as refunds

    town = corner(uses=uses)
    if uses == 1:
        order = make_paid_order(db.session, town.terms, "guest", quantity=2, key=new_id())
        first, second = (held.id for held in orders.passes_of(db.session, order.id))
        row = town.redeem(orders.passes_of(db.session, order.id)[0])
    else:
        row = town.redeemed()
        first = second = row.pass_id
    (review_id,) = commit(town.write(row))
    address = f"/reviews/{review_id}"
    said = "The unused part of this purchase was refunded later."
    assert said not in client.get(address).text
    begin_write()
    refunds.request(db.session, pass_id=second, cause="guest", now=clock.now())
    db.session.commit()
    assert said in client.get(address).text
    assert said in client.get(f"/shops/{town.shop.id}/reviews").text
    assert db.session.scalar(select(func.count(OrderPass.pass_id))) == (2 if first != second else 1)
