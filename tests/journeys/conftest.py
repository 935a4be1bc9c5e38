"""What days in a town with tills begin with: a clock that stands, a shop, and tills that have their first lists."""

from collections.abc import Iterator

import pytest
from flask import Flask
from time_machine import Traveller, travel

from tests.claims.tillkit import Counter, open_counter
from tests.issuer.town import DAY_0
from tests.journeys.away import FIVE, MakeStand, Stand
from tests.journeys.person import Person


@pytest.fixture
def now(app: Flask, quiet: None) -> Iterator[Traveller]:
    """Stop the clock at the beginning of day 0; the test moves it."""
    with travel(DAY_0, tick=False) as moment:
        yield moment


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail where a chore failed: it only writes that down."""
    yield
    wrong = [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")]
    assert not wrong, wrong


@pytest.fixture
def counter(now: Traveller) -> Counter:
    return open_counter()


@pytest.fixture
def stand(app: Flask) -> MakeStand:
    """Give a maker of tills that have their first lists."""

    def make(counter: Counter, name: str = "A") -> Stand:
        made = Stand(counter.till(name), Person(app, "staff", "en"))
        made.sync()
        return made

    return make


@pytest.fixture
def five(now: Traveller) -> Counter:
    return open_counter(**FIVE)
