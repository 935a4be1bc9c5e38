"""What is bought on a phone with a key is bound to it; without one it is anybody's to show."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from o2o.holders.models import DeviceKey
from o2o.kernel.db import db
from o2o.orders import queries
from o2o.passes.models import Pass
from tests.factories import make_order, make_paid_order, make_shop, make_terms
from tests.orders.buying import order, sell, to_bank
from tests.passes.phone import HolderPhone
from tests.passes.test_shapes import make_device

POINT = {"x": HolderPhone(1).x.hex(), "y": HolderPhone(1).y.hex()}


def bound_to(pass_: Pass) -> str | None:
    key = db.session.get(DeviceKey, pass_.device_id) if pass_.device_id else None
    return key.x if key else None


def test_a_free_coupon_is_bound_at_once(session: Session) -> None:
    phone = make_device(session)
    terms = make_terms(session, make_shop(session), price=0)
    bought = make_order(session, terms, quantity=2, device_id=phone.id)
    assert [bound_to(one) for one in queries.passes_of(session, bought.id)] == [phone.x] * 2


def test_without_a_key_the_pass_is_a_bearers(session: Session) -> None:
    bought = make_paid_order(session, make_terms(session, make_shop(session)))
    assert [one.form for one in queries.passes_of(session, bought.id)] == ["bearer"]


def test_nobody_orders_for_somebody_elses_phone(session: Session) -> None:
    stranger = make_device(session, "stranger")
    terms = make_terms(session, make_shop(session))
    with pytest.raises(IntegrityError):
        make_order(session, terms, device_id=stranger.id)


@pytest.mark.parametrize("has_key", [True, False])
def test_the_login_that_orders_decides(guest: FlaskClient, has_key: bool) -> None:
    if has_key:
        assert guest.post("/me/device", json=POINT).status_code in (200, 201)
    guest.post(to_bank(guest, order(guest, sell())), data={"answer": "approve"})
    db.session.rollback()
    pass_ = db.session.scalars(select(Pass)).one()
    assert bound_to(pass_) == (POINT["x"] if has_key else None)
