"""A till's own modules, asked what they say of a code with no network."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Phone, Town, served
from tests.browser.till_lab import open_lab


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("till-lab")) as running:
        yield running


@pytest.fixture
def page(town: Town, phone: Callable[..., Phone]) -> Page:
    return open_lab(phone, town)
