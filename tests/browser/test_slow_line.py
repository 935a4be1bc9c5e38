"""F16: a line of 128 kbit/s with 400 ms more to every answer: pages come, a purchase counts once, photos arrive."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.orders.models import Order
from o2o.payments.models import Intent
from tests import factories
from tests.browser.conftest import Phone, Town, served, sign_in, under
from tests.browser.test_merchant import licence
from tests.browser.words import say
from tests.onboarding.town import make_claim, make_listing

pytestmark = pytest.mark.browser
LATENCY = 400  # milliseconds
LINE = 128_000 / 8  # bytes a second


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("slow")) as running:
        yield running


def slow(phone: Phone) -> None:
    """Put the phone on a slow line; its service worker, which Chromium would let past it, is blocked."""
    line = phone.context.new_cdp_session(phone.page)
    line.send("Network.enable")
    rates = {"offline": False, "latency": LATENCY, "downloadThroughput": LINE, "uploadThroughput": LINE}
    line.send("Network.emulateNetworkConditions", rates)


def test_a_purchase_over_a_slow_line_counts_once(phone: Callable[..., Phone], town: Town) -> None:
    with town.app.app_context():
        begin_write()
        offer = factories.make_terms(db.session, factories.make_shop(db.session)).offer_id
        db.session.commit()
    guest = phone(town, "en-GB", service_workers="block")
    sign_in(guest, town, "guest")
    page = guest.page
    page.goto(f"/offers/{offer}")  # not the first visit: what pages are made of is there
    slow(guest)
    page.goto(f"/offers/{offer}", wait_until="commit")
    page.get_by_role("button", name=say("en-GB", "Buy")).dblclick()
    page.wait_for_url(under("/orders/"), wait_until="commit")
    waited = page.evaluate("performance.getEntriesByType('navigation')[0].responseStart")
    assert waited > LATENCY / 2  # else the line was not slow
    page.locator('main form[action$="/pay"] button').dblclick()
    page.wait_for_url(under("/sandbox/"), wait_until="commit")
    with town.app.app_context():
        counts = [select(func.count()).select_from(model) for model in (Order, Intent)]
        assert [db.session.scalar(count) for count in counts] == [1, 1]
        assert checks.broken(db.session) == []
        db.session.rollback()


def test_a_photo_takes_longer_than_any_page_may(phone: Callable[..., Phone], town: Town) -> None:
    """A page's own requests give up after seconds; a photo of 600 KB needs forty of them on such a line."""
    with town.app.app_context():
        begin_write()
        shop = make_listing(db.session)
        make_claim(db.session, shop, "owner")
        db.session.commit()
        desk = f"/console/{shop.id}/admission"
    owner = phone(town, "en-GB", service_workers="block")
    sign_in(owner, town, "owner")
    page = owner.page
    page.goto(desk)
    # Played fast: whoever keeps the page's own patience gives up long before the first byte of an answer.
    page.evaluate(f"htmx.config.timeout = {LATENCY // 4}")
    slow(owner)
    line = page.locator("#line-licence")
    line.locator("[name=text]").fill("91110108MA01ABCD2X")
    line.locator("[name=expires_on]").fill((clock.now() + timedelta(days=400)).date().isoformat())
    file = {"name": "licence.jpg", "mimeType": "image/jpeg", "buffer": licence()}
    line.locator("input[type=file]").set_input_files(file)
    line.locator("form button[type=submit]").click()
    expect(line.locator("[role=status]")).to_be_visible()
    expect(page.locator("#offline")).to_be_hidden()
