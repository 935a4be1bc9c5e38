"""A tap that comes before its behaviour was loaded, as on a slow phone, is carried out once the behaviour is there."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Route
from sqlalchemy import func, select

from o2o.accounts.models import Passkey
from o2o.kernel.db import db
from tests.browser.conftest import Phone, Town, served
from tests.browser.test_journey import authenticator


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("early")) as running:
        yield running


def test_a_tap_before_its_behaviour_is_not_lost(town: Town, phone: Callable[..., Phone]) -> None:
    guest = phone(town)
    authenticator(guest)
    held: list[Route] = []
    guest.page.route("**/js/passkey.js", lambda route: held.append(route))
    guest.page.goto("/sign-in")
    guest.page.locator("[data-passkey=register]").click()
    assert held
    assert "/sign-in" in guest.page.url
    for route in held:
        route.continue_()
    guest.page.wait_for_url(lambda url: "/sign-in" not in url)
    with town.app.app_context():
        # One tap, one account: a held tap is carried out once.
        assert db.session.scalar(select(func.count()).select_from(Passkey)) == 1
