"""A till's own modules against a server that answers as it is told."""

from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Page

from tests.browser.conftest import Phone, Town, served
from tests.browser.till_door import Door, open_till
from tests.browser.till_lab import make_till


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("till-door")) as running:
        yield running


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def page(town: Town, phone: Callable[..., Phone], door: Door) -> Page:
    return open_till(phone, town, door)


@pytest.fixture
def key(page: Page) -> ec.EllipticCurvePublicKey:
    return make_till(page)
