"""A shop with a till that may be offline, for every test of the room."""

import pytest
from flask import Flask

from tests.claims.tillkit import Counter, TillPhone, open_counter
from tests.visitor import Visitor


@pytest.fixture
def counter(app: Flask) -> Counter:
    return open_counter()


@pytest.fixture
def till(counter: Counter) -> TillPhone:
    return counter.till()


@pytest.fixture
def staff(client: Visitor, counter: Counter) -> Visitor:
    client.sign_in("staff")
    return client
