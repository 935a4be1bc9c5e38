"""The holder's phone: a pass is bound when bought, and shown live, also without a network and with a wrong clock."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Route, expect

from o2o.kernel import clock
from o2o.passes.proof import GREEN, proof_holds, step_of
from o2o.passes.token import Shown
from tests.browser.conftest import Town, served, shot, sign_in, under
from tests.browser.holding import Eye, Phones, buy, eye_of, holder, shown_live
from tests.browser.test_journey import wait_until_kept
from tests.browser.world import World, furnish

pytestmark = pytest.mark.browser
SECONDS, SAID = re.compile("^([1-9]|[12][0-9]|30)$"), re.compile("^New code in [0-9]+ s$")
KEYLESS = "Object.defineProperty(window, 'indexedDB', { value: undefined })"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("holder")) as running:
        yield running


@pytest.fixture(scope="module")
def world(town: Town) -> World:
    return furnish(town, shops_around=4)


@pytest.fixture
def eye(phone: Phones, town: Town) -> Eye:
    return eye_of(phone, town)


def is_fresh(shown: Shown) -> bool:
    assert shown.step is not None
    return GREEN[0] <= shown.step - step_of(clock.now()) <= GREEN[1]


def test_a_pass_bought_here_is_shown_live_here(phone: Phones, town: Town, world: World, eye: Eye) -> None:
    guest = phone(town, "en-US")
    guest.context.clock.install(time=clock.now())
    sign_in(guest, town, "ada")
    buy(guest, world)
    page = guest.page
    before = shown_live(page)
    first = eye(page)
    assert (first.kind, first.token.gen) == ("live", 0)
    assert proof_holds(first)
    assert is_fresh(first)
    assert page.locator(".qr-code svg").evaluate("(one) => one.getBoundingClientRect().width") >= 240
    expect(page.locator("#ring")).to_have_attribute("data-left", SECONDS)
    expect(page.locator("#ring svg")).to_have_attribute("aria-label", SAID)
    shot(guest, "holder-live")
    wait_until_kept(guest, page.url)
    guest.context.set_offline(True)
    page.clock.fast_forward(30_000)
    expect(page.locator("#live-code")).not_to_have_attribute("d", before)
    second = eye(page)
    assert proof_holds(second)
    assert first.step is not None
    assert second.step in (first.step + 1, first.step + 2)
    assert second.token_bytes == first.token_bytes


def test_the_live_code_is_there_with_no_network(phone: Phones, town: Town, world: World, eye: Eye) -> None:
    guest = holder(phone, town, world, "bea")
    wait_until_kept(guest, guest.page.url)
    guest.context.set_offline(True)
    guest.page.reload()
    shown_live(guest.page)
    shown = eye(guest.page)
    assert proof_holds(shown)
    assert is_fresh(shown)


def test_a_clock_that_is_wrong_is_put_right(phone: Phones, town: Town, world: World, eye: Eye) -> None:
    guest = phone(town, "en-US")
    guest.context.clock.install(time=clock.now() + timedelta(hours=1))
    sign_in(guest, town, "cleo")
    buy(guest, world)
    page = guest.page
    wrong = shown_live(page)
    expect(page.locator("#live-code")).not_to_have_attribute("d", wrong)
    assert abs(page.evaluate("JSON.parse(localStorage['o2o.clock']).offset") + 3_600_000) < 5_000
    assert is_fresh(eye(page))


def test_the_key_survives_a_sign_out(phone: Phones, town: Town, world: World) -> None:
    guest = holder(phone, town, world, "dora")
    address = guest.page.url
    guest.page.goto("/me")
    guest.page.on("dialog", lambda dialog: dialog.accept())
    guest.page.locator('form[action="/sign-out"] button').click()
    guest.page.wait_for_url(lambda url: not under("/me")(url))
    sign_in(guest, town, "dora")
    guest.page.goto(address)
    shown_live(guest.page)
    expect(guest.page.locator("#away")).to_be_hidden()


def test_two_people_on_one_phone_have_a_key_each(phone: Phones, town: Town, world: World) -> None:
    guest = holder(phone, town, world, "edda")
    shown_live(guest.page)
    first = guest.page.locator("#pass").get_attribute("data-device")
    sign_in(guest, town, "frida")
    buy(guest, world)
    shown_live(guest.page)
    assert guest.page.locator("#pass").get_attribute("data-device") != first


def test_a_browser_without_keys_buys_all_the_same(phone: Phones, town: Town, world: World, eye: Eye) -> None:
    guest = phone(town, "en-US")
    guest.context.add_init_script(KEYLESS)
    sign_in(guest, town, "jana")
    buy(guest, world)
    assert eye(guest.page).kind == "bearer"
    guest.page.locator("#bind summary").click()
    expect(guest.page.locator("#bind form")).to_be_hidden()
    expect(guest.page.locator("#move > p")).to_be_visible()


def test_a_purchase_does_not_wait_for_ever(phone: Phones, town: Town, world: World, eye: Eye) -> None:
    guest = phone(town, "en-US")
    held_back: list[Route] = []
    sign_in(guest, town, "kaja")
    guest.context.route("**/me/device", lambda route: held_back.append(route))
    buy(guest, world)
    assert held_back
    assert eye(guest.page).kind == "bearer"


def test_without_javascript_there_is_the_short_code(phone: Phones, town: Town, world: World) -> None:
    guest = phone(town, "en-US", java_script_enabled=False)
    sign_in(guest, town, "guest")
    page = guest.page
    page.goto(f"/passes/{world.passes['bound']}")
    expect(page.locator("figcaption code")).to_be_visible()
    expect(page.locator("noscript")).to_be_visible()
    page.locator("#print summary").click()
    page.locator("#print form button").click()
    page.wait_for_url(lambda url: url.endswith("/paper"))
