"""The holder's phone: bound when bought, live without a network, moved in two taps, put on paper."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, Route, expect

from o2o.accounts import recovery
from o2o.issuer import queries as issuer
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.passes.models import Pass
from o2o.passes.proof import GREEN, proof_holds, step_of
from o2o.passes.token import Shown, read
from tests.browser.conftest import Phone, Town, served, shot, sign_in, under
from tests.browser.frames import picture, read_all
from tests.browser.test_journey import wait_until_kept
from tests.browser.words import say
from tests.browser.world import World, furnish

pytestmark = pytest.mark.browser
CODE = "7K2MQ8X40W3VZ9AB"
KEYLESS = "Object.defineProperty(window, 'indexedDB', { value: undefined })"
FORGET = """() => new Promise((done, fail) => {
    const gone = indexedDB.deleteDatabase("holder");
    gone.onsuccess = () => done();
    gone.onerror = gone.onblocked = () => fail(gone.error ?? new Error("blocked"));
})"""
DRAWN, SECONDS, SAID = (
    re.compile("^M4 4h7"),
    re.compile("^([1-9]|[12][0-9]|30)$"),
    re.compile("^New code in [0-9]+ s$"),
)
STORED = """async (address) => {
    for (let turn = 0; turn < 100; turn++) {
        const copy = await caches.match(address, { ignoreVary: true });
        if ((await copy?.text())?.includes('data-gen="1"')) return;
        await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error("the new form was not kept");
}"""
Phones = Callable[..., Phone]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("holder")) as running:
        yield running


@pytest.fixture(scope="module")
def world(town: Town) -> World:
    return furnish(town, shops_around=4)


@pytest.fixture
def eye(phone: Phones, town: Town) -> Callable[[Page], Shown]:
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


def taps(page: Page) -> None:
    """Move the pass to this phone: the button, and the yes."""
    page.locator("#away summary").click()
    page.locator("#away form button").click()


def is_fresh(shown: Shown) -> bool:
    assert shown.step is not None
    return GREEN[0] <= shown.step - step_of(clock.now()) <= GREEN[1]


def test_a_pass_bought_here_is_shown_live_here(
    phone: Phones, town: Town, world: World, eye: Callable[[Page], Shown]
) -> None:
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


def test_the_live_code_is_there_with_no_network(
    phone: Phones, town: Town, world: World, eye: Callable[[Page], Shown]
) -> None:
    guest = holder(phone, town, world, "bea")
    wait_until_kept(guest, guest.page.url)
    guest.context.set_offline(True)
    guest.page.reload()
    shown_live(guest.page)
    shown = eye(guest.page)
    assert proof_holds(shown)
    assert is_fresh(shown)


def test_a_clock_that_is_wrong_is_put_right(
    phone: Phones, town: Town, world: World, eye: Callable[[Page], Shown]
) -> None:
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


def test_a_phone_that_forgot_gets_the_pass_back_in_two_taps(
    phone: Phones, town: Town, world: World, eye: Callable[[Page], Shown]
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
    phone: Phones, town: Town, world: World, eye: Callable[[Page], Shown]
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


def test_a_bearer_pass_can_be_bound(
    phone: Phones, town: Town, world: World, eye: Callable[[Page], Shown]
) -> None:
    guest = phone(town, "en-US")
    sign_in(guest, town, "guest")
    page = guest.page
    page.goto(f"/passes/{world.passes['usable']}")
    assert eye(page).kind == "bearer"
    page.locator("#bind summary").click()
    page.locator("#bind form button").click()
    shown_live(page)
    assert eye(page).token.gen == 1


def test_the_paper_is_the_pass(phone: Phones, town: Town, world: World, eye: Callable[[Page], Shown]) -> None:
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


def test_a_browser_without_keys_buys_all_the_same(
    phone: Phones, town: Town, world: World, eye: Callable[[Page], Shown]
) -> None:
    guest = phone(town, "en-US")
    guest.context.add_init_script(KEYLESS)
    sign_in(guest, town, "jana")
    buy(guest, world)
    assert eye(guest.page).kind == "bearer"
    guest.page.locator("#bind summary").click()
    expect(guest.page.locator("#bind form")).to_be_hidden()
    expect(guest.page.locator("#move > p")).to_be_visible()


def test_a_purchase_does_not_wait_for_ever(
    phone: Phones, town: Town, world: World, eye: Callable[[Page], Shown]
) -> None:
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
