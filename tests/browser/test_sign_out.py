"""Signing out takes the guest's copies off the phone, and nothing else; nobody ever sees another's."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Phone, Town, served, sign_in, under
from tests.browser.kept import guest_with_passes, private_caches
from tests.browser.till_lab import LOAD, append, make_till
from tests.browser.words import say
from tests.browser.world import World, furnish

pytestmark = pytest.mark.browser
UNSENT = """async (folder) => {
    const { rows, get } = await import(`${folder}/till-store.js`);
    const { isUnsent } = await import(`${folder}/till-ledger.js`);
    const kept = { session: (await get("session")) ?? null, acting: (await get("acting")) ?? null };
    return { unsent: (await rows()).filter(isUnsent).length, ...kept };
}"""
SESSION = """async (folder) => {
    const { put } = await import(`${folder}/till-store.js`);
    await put("session", { staff: 7, name: "Ana", at: Date.now() });
    await put("acting", { staff: 8, name: "Bo" });
}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("sign-out")) as running:
        yield running


@pytest.fixture(scope="module")
def world(town: Town) -> World:
    return furnish(town, shops_around=4)


def five_unsent(page: Page, town: Town) -> None:
    """Make the phone a till that has taken five passes with no network, by the till's own modules."""
    folder = f"/static/{town.app.config['BUILD']}/js"
    page.evaluate(LOAD, folder)
    make_till(page)
    page.evaluate(SESSION, folder)
    append(page, 5)


def till_of(page: Page, town: Town) -> dict[str, Any]:
    """Tell what the till on this phone holds."""
    kept: dict[str, Any] = page.evaluate(UNSENT, f"/static/{town.app.config['BUILD']}/js")
    return kept


@contextmanager
def late(town: Town, prefix: str) -> Iterator[list[str]]:
    """Let answers under a path be made at once and delivered at the end; yields the paths asked for."""
    answers, released = town.app.wsgi_app, threading.Event()
    asked_for: list[str] = []

    def slow(environ: Any, start_response: Any) -> Any:
        body = answers(environ, start_response)
        if environ["PATH_INFO"].startswith(prefix):
            asked_for.append(environ["PATH_INFO"])
            released.wait(30)
        return body

    town.app.wsgi_app = slow  # type: ignore[method-assign]
    try:
        yield asked_for
    finally:
        town.app.wsgi_app = answers  # type: ignore[method-assign]
        released.set()


def refresh_until_asked(page: Page, asked_for: list[str]) -> None:
    """Have the worker fetch the passes again, until the server has heard of it."""
    for _ in range(100):
        page.evaluate("navigator.serviceWorker.controller.postMessage({ type: 'refresh-private' })")
        page.wait_for_timeout(50)
        if asked_for:
            return
    pytest.fail("nobody asked")


def test_signing_out_wipes_the_guests_copies_and_nothing_else(
    phone: Callable[..., Phone], town: Town, world: World
) -> None:
    guest = guest_with_passes(phone, town, world)
    page = guest.page
    five_unsent(page, town)
    page.evaluate("""() => new Promise((done) => {
        const opening = indexedDB.open("device-keys", 1);
        opening.onsuccess = () => { opening.result.close(); done(); };
    })""")
    page.evaluate("localStorage.setItem('o2o.sound', 'off')")
    cookies = guest.context.cookies()
    page.goto("/me")
    asked: list[str] = []

    def answer(dialog: object) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined]
        dialog.accept()  # type: ignore[attr-defined]

    page.on("dialog", answer)
    # A refresh is on its way while the guest signs out: what it brings late must not be kept.
    with late(town, "/passes/") as asked_for:
        refresh_until_asked(page, asked_for)
        page.locator('form[action="/sign-out"] button').click()
        page.wait_for_url(lambda url: not under("/me")(url))
        assert private_caches(page) == []
    page.wait_for_timeout(1000)
    assert len(asked) == 1
    assert private_caches(page) == []
    # Who signed out is not at the till any more; what the till has not sent stays.
    assert till_of(page, town) == {"unsent": 5, "session": None, "acting": None}
    assert "device-keys" in page.evaluate("async () => (await indexedDB.databases()).map((one) => one.name)")
    assert page.evaluate("localStorage.getItem('o2o.sound')") == "off"
    page.goto(f"/passes/{world.passes['valid']}")
    assert under("/sign-in")(page.url)
    guest.context.set_offline(True)
    page.goto(f"/passes/{world.passes['valid']}")
    expect(page.locator(".qr-code")).to_have_count(0)
    stolen = phone(town, "en-US")
    stolen.context.add_cookies(cookies)  # type: ignore[arg-type]
    stolen.page.goto("/wallet")
    assert under("/sign-in")(stolen.page.url)


def test_who_says_no_stays_signed_in(phone: Callable[..., Phone], town: Town, world: World) -> None:
    guest = guest_with_passes(phone, town, world)
    page = guest.page
    five_unsent(page, town)
    page.goto("/me")
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.locator('form[action="/sign-out"] button').click()
    page.wait_for_timeout(500)
    assert len(private_caches(page)) == 1
    kept = till_of(page, town)
    assert (kept["unsent"], kept["session"]["name"], kept["acting"]["name"]) == (5, "Ana", "Bo")
    page.goto("/me")
    assert under("/me")(page.url)


def test_another_account_never_sees_the_first_ones_copies(
    phone: Callable[..., Phone], town: Town, world: World
) -> None:
    guest = guest_with_passes(phone, town, world)
    page = guest.page
    [first] = private_caches(page)
    # The first guest's login ends elsewhere: this phone never heard the wipe.
    guest.context.clear_cookies()
    sign_in(guest, town, "stranger")
    page.goto("/wallet")
    expect(page.locator("main")).to_contain_text(say("en", "Your wallet is empty"))
    page.evaluate(
        """async (first) => {
        for (let turn = 0; turn < 100 && (await caches.keys()).includes(first); turn++)
            await new Promise((done) => setTimeout(done, 50));
    }""",
        first,
    )
    [second] = private_caches(page)
    assert second != first
    guest.context.set_offline(True)
    page.goto(f"/passes/{world.passes['valid']}")
    expect(page.locator(".qr-code")).to_have_count(0)
    page.goto("/wallet")
    expect(page.locator("main")).to_contain_text(say("en", "Your wallet is empty"))
