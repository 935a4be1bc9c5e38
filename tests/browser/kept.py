"""A guest's phone that keeps the passes: what the tests of offline and of signing out begin with."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.conftest import Phone, Town, sign_in
from tests.browser.test_journey import wait_until_kept
from tests.browser.world import World

CACHES = "async () => (await caches.keys()).sort()"
# What a test opens offline: the wallet and every pass in it.
LISTED = """async () => {
    const listed = await (await fetch("/me/offline.json", { headers: { Accept: "application/json" } })).json();
    return listed.pages.filter((path) => /^\\/(wallet|passes)/.test(path));
}"""


def guest_with_passes(phone: Callable[..., Phone], town: Town, world: World, **options: object) -> Phone:
    """Sign the guest in and wait until this phone keeps the passes, which nobody has opened on it."""
    guest = phone(town, "en-US", **options)
    sign_in(guest, town, "guest")
    guest.page.goto("/wallet")
    for path in guest.page.evaluate(LISTED):
        wait_until_kept(guest, town.url + path)
    return guest


def private_caches(page: Page) -> list[str]:
    """Name the guests whose copies are on this phone."""
    return [name for name in page.evaluate(CACHES) if name.startswith("private-")]
