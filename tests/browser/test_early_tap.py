"""A tap or a choice that comes before its behaviour was loaded, as on a slow phone, counts once it is there."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Route, expect
from sqlalchemy import func, select

from o2o.accounts.models import Passkey
from o2o.kernel.db import begin_write, db
from o2o.passes.models import Pass
from tests import factories
from tests.browser.conftest import Phone, Town, served, sign_in
from tests.browser.test_journey import authenticator
from tests.photos.pictures import with_place


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


def test_photos_chosen_before_their_behaviour_are_shown(town: Town, phone: Callable[..., Phone]) -> None:
    with town.app.app_context():
        begin_write()
        shop = factories.make_shop(db.session, "雕刻时光咖啡馆").id
        db.session.commit()
    guest = phone(town, service_workers="block")
    sign_in(guest, town, "guest")
    held: list[Route] = []
    guest.page.route("**/js/photos.js", lambda route: held.append(route))
    with guest.page.expect_request("**/js/photos.js"):
        guest.page.goto(f"/reports/new?shop={shop}")
    field = guest.page.locator("input[type=file]")
    field.set_input_files({"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": with_place("JPEG")})
    held.pop().continue_()
    expect(guest.page.locator("[data-shots] img")).to_have_count(1)
    assert field.evaluate("(input) => input.files[0].name") == "photo.jpg"


def test_a_purchase_pressed_before_its_behaviour_has_the_phones_key(
    town: Town, phone: Callable[..., Phone]
) -> None:
    with town.app.app_context():
        begin_write()
        terms = factories.make_terms(db.session, factories.make_shop(db.session, "蓝瓶"), price=0)
        offer = terms.offer_id
        db.session.commit()
    guest = phone(town, service_workers="block")
    sign_in(guest, town, "early")
    held: list[Route] = []
    guest.page.route("**/js/device.js", lambda route: held.append(route))
    with guest.page.expect_request("**/js/device.js"):
        guest.page.goto(f"/offers/{offer}")
    guest.page.locator("form[data-behaviour~=device] [type=submit]").click()
    guest.page.locator("form[data-behaviour~=device] [type=submit]").click()
    held.pop().continue_()
    guest.page.wait_for_url("**/passes/*")
    assert guest.page.locator("#pass").get_attribute("data-device")
    with town.app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Pass)) == 1
