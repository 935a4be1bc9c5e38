"""A new version waits until it is wanted; the home screen is offered once, quietly; the first visit in one line."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect
from whitenoise import WhiteNoise

from tests.browser.conftest import Phone, Town, served, sign_in
from tests.browser.kept import CACHES
from tests.browser.world import World, furnish

pytestmark = pytest.mark.browser
NEW = "0123456789ab"
LOOK_FOR_NEW = "navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => undefined)"
WAITS = """async () => {
    const registration = await navigator.serviceWorker.getRegistration();
    while (!registration.waiting) await new Promise((done) => setTimeout(done, 20));
}"""
PROMPT = """() => {
    const prompt = new Event("beforeinstallprompt", { cancelable: true });
    prompt.prompt = () => { window.asked = true; };
    prompt.userChoice = Promise.resolve({ outcome: "accepted" });
    window.dispatchEvent(prompt);
}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("update")) as running:
        yield running


@pytest.fixture(scope="module")
def world(town: Town) -> World:
    return furnish(town, shops_around=4)


@contextmanager
def released(town: Town) -> Iterator[None]:
    """Bring out the same files as a new build."""
    old, answers = town.app.config["BUILD"], town.app.wsgi_app
    folder = town.app.config["O2O"].data_dir / "static" / old
    noise = WhiteNoise(answers, max_age=60)
    noise.add_files(str(folder), prefix=f"static/{NEW}/")
    town.app.wsgi_app = noise  # type: ignore[method-assign]
    town.app.config["BUILD"] = NEW
    try:
        yield
    finally:
        town.app.config["BUILD"] = old
        town.app.wsgi_app = answers  # type: ignore[method-assign]


def settled(page: Page) -> None:
    """Wait until the page is the worker's."""
    page.goto("/display")
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.reload()


def test_a_new_version_is_taken_when_asked_for(phone: Callable[..., Phone], town: Town, world: World) -> None:
    guest = phone(town, "en-US")
    page = guest.page
    settled(page)
    page.evaluate("window.before = true")
    with released(town):
        page.evaluate(LOOK_FOR_NEW)
        expect(page.locator("#update")).to_be_visible()
        page.wait_for_timeout(500)
        assert page.evaluate("window.before") is True  # nothing reloads by itself
        with page.expect_navigation():
            page.locator("#update button").click()
        expect(page.locator("#update")).to_be_hidden()
        assert [name for name in page.evaluate(CACHES) if name.startswith("static-")] == [f"static-{NEW}"]


def test_nobody_is_disturbed_while_writing(phone: Callable[..., Phone], town: Town, world: World) -> None:
    page = phone(town, "en-US").page
    settled(page)
    page.goto("/")
    page.locator("#q").fill("a coffee")
    with released(town):
        page.evaluate(LOOK_FOR_NEW)
        page.evaluate(WAITS)
        page.wait_for_timeout(300)
        expect(page.locator("#update")).to_be_hidden()
        page.locator("#q").fill("")
        expect(page.locator("#update")).to_be_visible()


def test_the_till_is_left_alone(phone: Callable[..., Phone], town: Town, world: World) -> None:
    till = phone(town, "en-US")
    sign_in(till, town, "staff")
    page = till.page
    page.goto("/till")
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.reload()
    with released(town):
        page.evaluate(LOOK_FOR_NEW)
        page.evaluate(WAITS)
        page.evaluate(PROMPT)
        page.wait_for_timeout(500)
        expect(page.locator("#update")).to_be_hidden()
        expect(page.locator("#install")).to_have_count(0)


def test_the_home_screen_is_offered_once_there_is_something_to_keep(
    phone: Callable[..., Phone], town: Town, world: World
) -> None:
    guest = phone(town, "en-US")
    page = guest.page
    page.goto("/")
    page.evaluate(PROMPT)
    page.wait_for_timeout(500)
    expect(page.locator("#install")).to_have_count(0)  # a first visit is left in peace
    sign_in(guest, town, "guest")
    page.goto("/wallet")
    page.evaluate(PROMPT)
    expect(page.locator("#install")).to_be_visible()
    page.locator("#install button").first.click()
    assert page.evaluate("window.asked") is True
    expect(page.locator("#install")).to_have_count(0)
    page.reload()
    page.evaluate(PROMPT)
    page.wait_for_timeout(500)
    expect(page.locator("#install")).to_have_count(0)


def test_a_second_visit_is_worth_an_offer_and_a_no_is_a_no(
    phone: Callable[..., Phone], town: Town, world: World
) -> None:
    guest = phone(town, "en-US")
    page = guest.page
    page.goto("/")
    page.evaluate("localStorage.setItem('o2o.install', new Date(0).toDateString())")
    page.evaluate(PROMPT)
    page.locator("#install button").last.click()
    expect(page.locator("#install")).to_have_count(0)
    page.reload()
    page.evaluate(PROMPT)
    page.wait_for_timeout(500)
    expect(page.locator("#install")).to_have_count(0)


def test_an_iphone_is_told_how(phone: Callable[..., Phone], town: Town, world: World) -> None:
    guest = phone(town, "en-US")
    guest.context.add_init_script("Object.defineProperty(navigator, 'standalone', { value: false })")
    guest.context.add_init_script("localStorage.setItem('o2o.install', new Date(0).toDateString())")
    page = guest.page
    page.goto("/")
    expect(page.locator("#install button").first).to_be_hidden()
    page.locator("#install a").click()
    expect(page.locator("main")).to_contain_text("Safari")


def test_the_first_visit_explains_itself_once(phone: Callable[..., Phone], town: Town, world: World) -> None:
    page = phone(town, "en-US").page
    page.goto("/")
    expect(page.locator("#hello")).to_be_visible()
    page.locator("#hello button").click()
    expect(page.locator("#hello")).to_be_hidden()
    page.reload()
    expect(page.locator("#hello")).to_be_hidden()


def test_the_language_switch_keeps_the_page_and_its_query(
    phone: Callable[..., Phone], town: Town, world: World
) -> None:
    page = phone(town, "zh-CN").page
    page.goto("/?q=小店&open=1")
    address = page.url
    page.locator('.foot [value="en"]').click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.url == address


def test_sharing_copies_the_link_where_no_sheet_is(
    phone: Callable[..., Phone], town: Town, world: World
) -> None:
    guest = phone(town, "en-US")
    guest.context.grant_permissions(["clipboard-read", "clipboard-write"])
    guest.context.add_init_script("delete Navigator.prototype.share")
    page = guest.page
    page.goto(f"/shops/{world.shop}")
    page.locator("[data-behaviour=share]").click()
    assert page.evaluate("navigator.clipboard.readText()") == f"{town.url}/shops/{world.shop}"
    expect(page.locator(".toast")).to_be_visible()
