"""A shop with a poster."""

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from o2o.checkin.models import Poster
from o2o.kernel.db import begin_write, db
from o2o.shops.models import Shop
from tests.factories import make_poster, make_role, make_shop


@pytest.fixture
def shop(session: Session) -> Shop:
    return make_shop(session)


@pytest.fixture
def poster(session: Session, shop: Shop) -> Poster:
    return make_poster(session, shop)


@pytest.fixture
def code(app: Flask) -> str:
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", "owner")
    make_role(db.session, shop, "staff")
    poster = make_poster(db.session, shop)
    found = poster.code
    db.session.commit()
    return found
