"""An owner at the offers' form: a shop, what is sent, what is kept."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from o2o.kernel.db import begin_write, db
from o2o.offers.models import Offer
from tests.factories import make_role, make_shop
from tests.offer_changes.test_console import GOOD

CANARY = {"cost": "26.31", "fixed": "777.13", "regulars": "37"}
UNDER = {"price": "20", "cost": "26", "total_cap": "50"}  # 50 × −6.00 = −300.00


def found_shop(client: FlaskClient) -> int:
    """Make a shop with an owner, who signs in, and a manager."""
    client.sign_in("owner")
    begin_write()
    shop = make_shop(db.session)
    for handle in ("owner", "manager"):
        make_role(db.session, shop, handle, handle)
    shop_id = shop.id
    db.session.commit()
    return shop_id


def send(client: FlaskClient, shop: int, **change: Any) -> TestResponse:
    """Send the form of a new offer."""
    return client.post(f"/console/{shop}/offers", data={**GOOD, **change})


def rows(model: Any = Offer) -> list[Any]:
    """Return all rows as they are kept."""
    db.session.rollback()
    return list(db.session.scalars(select(model).order_by(*model.__table__.primary_key)))
