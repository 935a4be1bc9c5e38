"""Tills for tests: a phone's key, and a till in every state."""

from typing import Any, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.shops.models import Shop
from o2o.tills import rules
from o2o.tills.models import Till
from tests.factories import make_account


class Phone(NamedTuple):
    """A browser's key: the private half, and both coordinates as a till posts them."""

    key: ec.EllipticCurvePrivateKey
    x: str
    y: str


def make_phone() -> Phone:
    """Make a browser's P-256 key."""
    key = ec.generate_private_key(ec.SECP256R1())
    point = key.public_key().public_numbers()
    return Phone(key, f"{point.x:064x}", f"{point.y:064x}")


def make_till(
    session: Session, shop: Shop, handle: str = "owner", *, phone: Phone | None = None, **more: Any
) -> Till:
    """Register a phone to a shop by somebody who works there: an owner's is active, staff's waits."""
    phone = phone or make_phone()
    given = {"name": "收银台", "x": phone.x, "y": phone.y, "now": clock.now(), **more}
    return rules.ask(session, shop_id=shop.id, account_id=make_account(session, handle).id, **given)
