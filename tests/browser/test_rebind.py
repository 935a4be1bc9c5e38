"""A pass leaves its phone for good: a new phone, a storage that is gone, and a till that has heard of it."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect
from sqlalchemy import select

from o2o.accounts import recovery
from o2o.claims.models import Claim
from o2o.kernel import checks
from o2o.kernel.db import begin_write, db
from o2o.passes.models import Pass
from tests import factories
from tests.browser.conftest import Phone, Town, served, shot, sign_in
from tests.browser.test_journey import buy, wait_until_kept
from tests.browser.tills import TillPhone, till_phone

pytestmark = pytest.mark.browser
LOCALE = "en-US"
CODE = "7K2MQ8X40W3VZ9AB"
DRAWN = re.compile("^M4 4h7")
LOST = "indexeddb,local_storage,cache_storage,service_workers"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("rebind")) as running:
        yield running


@pytest.fixture
def stall(town: Town) -> tuple[int, int]:
    """Open a shop with an owner and one offer; give both numbers."""
    with town.app.app_context():
        begin_write()
        shop = factories.make_shop(db.session)
        factories.make_role(db.session, shop, "keeper", kind="owner", name="老板")
        found = shop.id, factories.make_terms(db.session, shop).offer_id
        db.session.commit()
    return found


def is_live(page: Page, gen: int) -> None:
    """Wait until this phone draws the pass in a form of its own."""
    expect(page.locator("#pass")).to_have_attribute("data-gen", str(gen))
    expect(page.locator("#live-code")).to_have_attribute("d", DRAWN)
    expect(page.locator("#away")).to_be_hidden()


def take_over(page: Page) -> None:
    """Move the pass to this phone: the button, and the yes."""
    expect(page.locator("#away")).to_be_visible()
    expect(page.locator("#live")).to_be_hidden()
    page.locator("#away summary").click()
    page.locator("#away form button").click()


def lose_storage(phone: Phone, town: Town) -> None:
    """Empty the browser's storage from outside, as a phone does that is short of space; the sign-in stays."""
    session = phone.context.new_cdp_session(phone.page)
    session.send("Storage.clearDataForOrigin", {"origin": town.url, "storageTypes": LOST})
    session.detach()
    phone.page.reload()


def screen(phone: Phone) -> bytes:
    """Photograph the code on a phone's screen."""
    expect(phone.page.locator("#live-code")).to_have_attribute("d", DRAWN)
    return phone.page.locator(".qr-code").screenshot()


def give_code(town: Town, pass_id: str) -> None:
    with town.app.app_context():
        account_id = db.session.get_one(Pass, pass_id).account_id
        begin_write()
        recovery.replace_codes(db.session, account_id=account_id, codes=[CODE])
        db.session.commit()


def judged(town: Town, till: TillPhone, old: Phone, new: Phone) -> None:
    """Let a till that has heard look at both phones, with no network anywhere."""
    for each in (new, till):
        each.context.set_offline(True)
    till.see(screen(old))
    till.open()
    expect(till.page.locator(".answer-no")).to_contain_text("superseded")
    shot(Phone(till.context, till.page), "till-superseded")
    till.next()
    till.see(screen(new))
    till.open()
    till.confirm()
    expect(till.page.locator(".answer-ok")).to_be_visible()
    till.see_nothing()
    for each in (new, till):
        each.context.set_offline(False)
    till.open()
    till.sync()


def test_a_pass_that_moved_is_taken_from_its_new_phone_alone(
    playwright: Playwright,
    phone: Callable[..., Phone],
    town: Town,
    stall: tuple[int, int],
    tmp_path: Path,
) -> None:
    shop, offer = stall
    old = phone(town, LOCALE)
    sign_in(old, town, "mover")
    old.page.goto(f"/offers/{offer}")
    address = buy(old, LOCALE)
    pass_id = address.rsplit("/", 1)[1]
    is_live(old.page, 0)
    wait_until_kept(old, address)
    old.context.set_offline(True)
    old.page.reload()
    is_live(old.page, 0)

    new = phone(town, LOCALE)
    sign_in(new, town, "mover")
    new.page.goto(address)
    take_over(new.page)
    is_live(new.page, 1)
    for gen in (2, 3):
        lose_storage(new, town)
        take_over(new.page)
        is_live(new.page, gen)
    give_code(town, pass_id)
    lose_storage(new, town)
    take_over(new.page)
    new.page.locator("#recovery").fill(CODE)
    new.page.locator("#move button").click()
    is_live(new.page, 4)

    with till_phone(playwright, town, tmp_path, "keeper", shop, locale=LOCALE) as till:
        judged(town, till, old, new)
        with town.app.app_context():
            claim = db.session.scalars(select(Claim).where(Claim.pass_id == pass_id)).one()
            assert (claim.standing, claim.gen, claim.kind) == ("won", 4, "live")
            assert db.session.get_one(Pass, pass_id).state == "used"
            assert checks.broken(db.session) == []
            db.session.rollback()
        assert [row["reason"] for row in till.ledger() if row["act"] == "refuse"] == ["superseded"]
