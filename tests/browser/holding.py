"""A holder's phone in the browser tests: it buys, and somebody looks at its screen as a till would."""

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from o2o.issuer import queries as issuer
from o2o.kernel.db import db
from o2o.passes.token import Shown, read
from tests.browser.conftest import Phone, Town, sign_in, under
from tests.browser.frames import picture, read_all
from tests.browser.words import say
from tests.browser.world import World

DRAWN = re.compile("^M4 4h7")
Phones = Callable[..., Phone]
Eye = Callable[[Page], Shown]


def eye_of(phone: Phones, town: Town) -> Eye:
    """Give what reads a code off another phone's screen, as a till does, and checks the issuer's signature."""
    reader = phone(town, "en-US", permissions=[]).page
    reader.goto("/scan")

    def look(page: Page) -> Shown:
        seen = picture(page.locator(".qr-code svg, .poster-qr svg").first.screenshot())
        answer = read_all(reader, town.app.config["BUILD"], [seen])[0]
        with town.app.app_context():
            keys = issuer.verifying_keys(db.session)
            db.session.rollback()
        return read(answer.text, keys=keys)

    return look


def buy(guest: Phone, world: World) -> str:
    """Take the free coupon; return the pass's address."""
    page = guest.page
    page.goto(f"/offers/{world.offers['coupon']}")
    page.get_by_role("button", name=say("en", "Get it free")).click()
    page.wait_for_url(under("/passes/"))
    return page.url


def holder(phone: Phones, town: Town, world: World, name: str, **options: object) -> Phone:
    """Sign somebody in who has just bought."""
    guest = phone(town, "en-US", **options)
    sign_in(guest, town, name)
    buy(guest, world)
    return guest


def shown_live(page: Page) -> str:
    """Wait for the live code; return its path."""
    expect(page.locator("#live-code")).to_have_attribute("d", DRAWN)
    return str(page.locator("#live-code").get_attribute("d"))
