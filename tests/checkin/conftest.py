"""A shop with a poster."""

import pytest
from sqlalchemy.orm import Session

from o2o.checkin.models import Poster
from o2o.shops.models import Shop
from tests.factories import make_poster, make_shop


@pytest.fixture
def shop(session: Session) -> Shop:
    return make_shop(session)


@pytest.fixture
def poster(session: Session, shop: Shop) -> Poster:
    return make_poster(session, shop)
