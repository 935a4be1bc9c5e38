"""A pass moves: to a new phone in two taps, with a recovery code after three of them, to paper and back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from o2o.accounts import recovery
from o2o.kernel.db import begin_write, db
from o2o.passes.models import Pass
from o2o.passes.proof import proof_holds
from tests.browser.conftest import Town, served, shot, sign_in
from tests.browser.holding import Eye, Phones, eye_of, holder, shown_live
from tests.browser.test_journey import wait_until_kept
from tests.browser.words import say
from tests.browser.world import World, furnish

pytestmark = pytest.mark.browser
CODE = "7K2MQ8X40W3VZ9AB"
FORGET = """() => new Promise((done, fail) => {
    const gone = indexedDB.deleteDatabase("holder");
    gone.onsuccess = () => done();
    gone.onerror = gone.onblocked = () => fail(gone.error ?? new Error("blocked"));
})"""
STORED = """async (address) => {
    for (let turn = 0; turn < 100; turn++) {
        const copy = await caches.match(address, { ignoreVary: true });
        if ((await copy?.text())?.includes('data-gen="1"')) return;
        await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error("the new form was not kept");
}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("moves")) as running:
        yield running


@pytest.fixture(scope="module")
def world(town: Town) -> World:
    return furnish(town, shops_around=4)


@pytest.fixture
def eye(phone: Phones, town: Town) -> Eye:
    return eye_of(phone, town)


def taps(page: Page) -> None:
    """Move the pass to this phone: the button, and the yes."""
    page.locator("#away summary").click()
    page.locator("#away form button").click()


def test_a_phone_that_forgot_gets_the_pass_back_in_two_taps(
    phone: Phones, town: Town, world: World, eye: Eye
) -> None:
    guest = holder(phone, town, world, "gina")
    page = guest.page
    shown_live(page)
    page.evaluate(FORGET)
    page.reload()
    expect(page.locator("#away")).to_be_visible()
    expect(page.locator("#live")).to_be_hidden()
    shot(guest, "holder-away")
    taps(page)
    shown_live(page)
    shown = eye(page)
    assert shown.token.gen == 1
    assert proof_holds(shown)


def test_the_old_phone_says_so_and_offline_still_shows_what_it_had(
    phone: Phones, town: Town, world: World, eye: Eye
) -> None:
    old = holder(phone, town, world, "hanna")
    address = old.page.url
    shown_live(old.page)
    wait_until_kept(old, address)
    old.context.set_offline(True)
    new = phone(town, "en-US")
    sign_in(new, town, "hanna")
    new.page.goto(address)
    expect(new.page.locator("#away")).to_be_visible()
    taps(new.page)
    shown_live(new.page)
    assert eye(new.page).token.gen == 1
    left = eye(old.page)
    assert left.token.gen == 0
    assert proof_holds(left)
    old.context.set_offline(False)
    expect(old.page.locator("#away")).to_be_visible()
    expect(old.page.locator("#live")).to_be_hidden()
    # What the new phone keeps for later is the new form, at once: it opens with no network.
    new.page.evaluate(STORED, address)
    new.context.set_offline(True)
    new.page.reload()
    shown_live(new.page)
    assert eye(new.page).token.gen == 1


def test_after_three_moves_a_recovery_code_is_asked_for(phone: Phones, town: Town, world: World) -> None:
    guest = phone(town, "en-US")
    sign_in(guest, town, "guest")
    page = guest.page
    page.goto(f"/passes/{world.passes['bound']}")
    taps(page)
    expect(page.locator('#move a[href="/me/recovery"]')).to_be_visible()
    with town.app.app_context():
        account_id = db.session.get_one(Pass, world.passes["bound"]).account_id
        begin_write()
        recovery.replace_codes(db.session, account_id=account_id, codes=[CODE])
        db.session.commit()
    page.reload()
    taps(page)
    page.locator("#recovery").fill("nothing of that kind")
    page.locator("#move button").click()
    expect(page.locator("#move [role=alert]")).to_have_text(
        say("en", "That is none of your recovery codes, or it was used before.")
    )
    shot(guest, "holder-recovery")
    page.locator("#recovery").fill("7k2m-q8x4-0w3v-z9ab")
    page.locator("#move button").click()
    shown_live(page)


def test_a_bearer_pass_can_be_bound(phone: Phones, town: Town, world: World, eye: Eye) -> None:
    guest = phone(town, "en-US")
    sign_in(guest, town, "guest")
    page = guest.page
    page.goto(f"/passes/{world.passes['usable']}")
    assert eye(page).kind == "bearer"
    page.locator("#bind summary").click()
    page.locator("#bind form button").click()
    shown_live(page)
    assert eye(page).token.gen == 1


def test_the_paper_is_the_pass(phone: Phones, town: Town, world: World, eye: Eye) -> None:
    guest = holder(phone, town, world, "ida")
    page = guest.page
    address = page.url
    shown_live(page)
    page.locator("#print summary").click()
    page.locator("#print form button").click()
    page.wait_for_url(lambda url: url.endswith("/paper"))
    shot(guest, "holder-paper")
    shown = eye(page)
    assert (shown.kind, shown.token.gen) == ("bearer", 1)
    page.goto(address)
    expect(page.locator(".qr-code")).to_have_count(0)
    page.locator(".pass-away summary").click()
    page.locator(".pass-away form button").click()
    shown_live(page)
    assert eye(page).token.gen == 2


def test_an_unchanged_copy_is_left_alone(phone: Phones, town: Town, world: World) -> None:
    """Between the two taps nothing may swap the page: the stored copy and the fresh page read the same."""
    guest = holder(phone, town, world, "lena")
    page = guest.page
    shown_live(page)
    wait_until_kept(guest, page.url)
    page.reload()
    page.locator("#pass").evaluate("(one) => { one.dataset.mark = 'mine'; }")
    expect(page.locator("#saved")).to_be_hidden()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#pass")).to_have_attribute("data-mark", "mine")
