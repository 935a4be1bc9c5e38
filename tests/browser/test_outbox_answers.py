"""What counts as sent: only our own server's way on; everything else leaves the words on the phone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Phone, Town, sign_in
from tests.browser.test_outbox import KEPT, code, press, town, visitor, visits, wait_for

__all__ = ["code", "town"]
pytestmark = pytest.mark.browser


def test_a_page_in_between_is_no_answer(phone: Callable[..., Phone], town: Town, code: str) -> None:
    """A hotel's network says 200 to everything, after a redirect or not: nothing of that was sent."""
    guest = visitor(phone, town, "hotel")
    page = guest.page
    page.goto(f"/c/{code}")
    hotel = "<!doctype html><title>Welcome to our network</title>"
    guest.context.route(f"**/c/{code}", lambda route: route.fulfill(status=200, body=hotel))
    press(page)
    expect(page.locator("#waiting")).to_contain_text("1")
    assert visits(town, code) == 0
    guest.context.unroute(f"**/c/{code}")
    wait_for(page, 0)
    assert visits(town, code) == 1


def test_a_login_that_ended_meanwhile_loses_nothing(
    phone: Callable[..., Phone], town: Town, code: str
) -> None:
    """The server asks an anonymous press to sign in: that is no success, and the press is kept."""
    guest = visitor(phone, town, "ended")
    page = guest.page
    page.goto(f"/c/{code}")
    guest.context.clear_cookies()
    press(page)
    expect(page.locator("#waiting")).to_contain_text("1")
    assert len(page.evaluate(KEPT)) == 1
    assert visits(town, code) == 0
    sign_in(guest, town, "ended")
    page.goto("/wallet")
    wait_for(page, 0)
    assert visits(town, code) == 1
