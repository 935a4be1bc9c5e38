"""A guest who buys while the clock stands still."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from time_machine import Traveller, travel

from o2o.kernel import clock


@pytest.fixture
def now() -> Iterator[Traveller]:
    with travel(clock.now(), tick=False) as moment:
        yield moment


@pytest.fixture
def guest(client: FlaskClient, now: Traveller) -> FlaskClient:
    client.sign_in("guest")
    return client
