"""What is written with no connection is kept on the phone and sent once, under the account that wrote it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import func, select

from o2o.checkin.models import Poster, Visit
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from tests import factories
from tests.browser.conftest import Phone, Town, served, sign_in, under

pytestmark = pytest.mark.browser
KEPT = """() => new Promise((done, fail) => {
    const opening = indexedDB.open("guest-outbox");
    opening.onupgradeneeded = () => opening.transaction.abort();  // looking must not make an empty database
    opening.onerror = () => (opening.error.name === "AbortError" ? done([]) : fail(opening.error));
    opening.onsuccess = () => {
        const database = opening.result;
        if (!database.objectStoreNames.length) { database.close(); return done([]); }
        const reading = database.transaction("entries").objectStore("entries").getAll();
        reading.onsuccess = () => {
            database.close();
            done(reading.result.map(({ key, owner, refused }) => ({ key, owner, refused })));
        };
    };
})"""
REFRESH = """navigator.serviceWorker.ready.then((registration) =>
    registration.active.postMessage({ type: "refresh-private" }))"""
PRIVATE = """async () => {
    for (let turn = 0; turn < 200; turn++) {
        const name = (await caches.keys()).find((one) => one.startsWith("private-"));
        const files = await (await caches.open((await caches.keys()).find((one) => one.startsWith("static-")))).keys();
        if (name && files.some((one) => one.url.endsWith("offline-checkin.js"))) return;
        await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error("no private copies");
}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("outbox")) as running:
        yield running


@pytest.fixture
def code(town: Town) -> str:
    """Hang a poster in a shop of its own: visits of one shop lie hours apart."""
    with town.app.app_context():
        begin_write()
        shop = factories.make_shop(db.session, name="雨棚咖啡")
        poster = factories.make_poster(db.session, shop)
        db.session.commit()
        return str(poster.code)


def visits(town: Town, code: str) -> int:
    """Count the arrivals by a poster."""
    with town.app.app_context():
        poster = select(Poster.shop_id).where(Poster.code == code).scalar_subquery()
        found = db.session.scalar(select(func.count()).select_from(Visit).where(Visit.shop_id == poster))
        db.session.rollback()
        return int(found or 0)


def claims(town: Town, code: str) -> list[Any]:
    """Give the times that the phones claim."""
    with town.app.app_context():
        poster = select(Poster.shop_id).where(Poster.code == code).scalar_subquery()
        found = list(db.session.scalars(select(Visit.claimed_at).where(Visit.shop_id == poster)))
        db.session.rollback()
        return found


def visitor(phone: Callable[..., Phone], town: Town, handle: str, locale: str = "en-US") -> Phone:
    """Give a phone that is signed in and has what it needs with no connection."""
    new = phone(town, locale)
    sign_in(new, town, handle)
    new.page.goto("/wallet")
    new.page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    new.page.evaluate(
        "navigator.serviceWorker.ready.then((one) => one.active.postMessage({ type: 'refresh-private' }))"
    )
    new.page.evaluate(PRIVATE)
    return new


def press(page: Page) -> None:
    page.locator("main form[data-outbox-kind=checkin] button[type=submit]").click()


def wait_for(page: Page, kept: int) -> None:
    """Wait until so many entries are kept."""
    for _ in range(400):
        if len(page.evaluate(KEPT)) == kept:
            return
        page.wait_for_timeout(50)
    pytest.fail(f"kept: {page.evaluate(KEPT)}, wanted {kept}")


def test_online_it_is_a_plain_form(phone: Callable[..., Phone], town: Town, code: str) -> None:
    guest = visitor(phone, town, "plain")
    guest.page.goto(f"/c/{code}")
    press(guest.page)
    guest.page.wait_for_url(under("/visits/"))
    assert visits(town, code) == 1
    assert claims(town, code) == [None]
    assert guest.page.evaluate(KEPT) == []


@pytest.mark.parametrize("closed", [False, True])
def test_a_poster_opened_with_no_connection(
    phone: Callable[..., Phone], town: Town, code: str, closed: bool
) -> None:
    guest = visitor(phone, town, "below-closed" if closed else "below")
    page = guest.page
    guest.context.set_offline(True)
    page.goto(f"/c/{code}")
    expect(page.locator("h1")).to_have_text("Check in here")
    press(page)
    expect(page.locator("main .notice-wait").first).to_be_visible()
    expect(page.locator("#waiting")).to_contain_text("1")
    wait_for(page, 1)
    assert visits(town, code) == 0
    if closed:
        page.close()
        guest.context.set_offline(False)
        page = guest.context.new_page()
        page.goto("/")
    else:
        guest.context.set_offline(False)
    wait_for(page, 0)
    expect(page.locator("#waiting")).to_be_hidden()
    assert visits(town, code) == 1
    [claim] = claims(town, code)
    assert claim is not None
    assert abs((clock.now() - claim).total_seconds()) < 60


def test_a_lost_answer_is_no_second_visit(phone: Callable[..., Phone], town: Town, code: str) -> None:
    """The server commits, the phone never hears of it: the same press is sent again and changes nothing."""
    guest = visitor(phone, town, "lost")
    page = guest.page
    sent: list[str] = []
    is_back: list[bool] = []

    def lose(route: Route) -> None:
        if is_back:
            sent.append(f"heard {route.request.method}")
            return route.continue_()
        if not sent and route.request.method == "POST":
            route.fetch()
            sent.append("lost")
        return route.abort()

    page.goto(f"/c/{code}")
    guest.context.route(f"**/c/{code}", lose)
    press(page)
    expect(page.locator("#waiting")).to_contain_text("1")
    assert visits(town, code) == 1
    is_back.append(True)
    page.goto("/wallet")
    wait_for(page, 0)
    assert set(sent[1:]) == {"heard POST"}
    assert visits(town, code) == 1


def test_two_tabs_send_once(phone: Callable[..., Phone], town: Town, code: str) -> None:
    guest = visitor(phone, town, "tabs")
    first, second = guest.page, guest.context.new_page()
    second.goto("/me")
    posts: list[str] = []
    guest.context.on("request", lambda one: posts.append(one.url) if one.method == "POST" else None)
    guest.context.set_offline(True)
    first.goto(f"/c/{code}")
    press(first)
    wait_for(first, 1)
    posts.clear()
    guest.context.set_offline(False)
    second.reload()
    wait_for(second, 0)
    first.wait_for_timeout(500)
    assert len([url for url in posts if "/c/" in url]) == 1
    assert visits(town, code) == 1


def test_a_refusal_is_kept_for_the_visitor_to_decide(
    phone: Callable[..., Phone], town: Town, code: str
) -> None:
    guest = visitor(phone, town, "refused")
    page = guest.page
    guest.context.set_offline(True)
    page.goto(f"/c/{code}x")  # a code that leads nowhere
    press(page)
    wait_for(page, 1)
    guest.context.set_offline(False)
    page.goto("/me")
    line = page.locator("#outbox li")
    expect(line.locator(".field-error")).not_to_be_empty()
    line.get_by_role("button").first.click()
    expect(line.locator(".field-error")).not_to_be_empty()
    page.on("dialog", lambda dialog: dialog.accept())
    line.get_by_role("button").last.click()
    expect(page.locator("#outbox")).to_be_hidden()
    assert page.evaluate(KEPT) == []


def test_a_broken_server_is_asked_again(phone: Callable[..., Phone], town: Town, code: str) -> None:
    guest = visitor(phone, town, "broken")
    page = guest.page
    page.goto(f"/c/{code}")
    guest.context.route(f"**/c/{code}", lambda route: route.fulfill(status=503, body="busy"))
    press(page)
    expect(page.locator("#waiting")).to_contain_text("1")
    guest.context.unroute(f"**/c/{code}")
    wait_for(page, 0)  # by itself: the first pause is five seconds
    assert visits(town, code) == 1


def test_signing_out_asks_and_throws_away_only_the_guests_own(
    phone: Callable[..., Phone], town: Town, code: str
) -> None:
    guest = visitor(phone, town, "leaver")
    page = guest.page
    guest.context.set_offline(True)
    page.goto(f"/c/{code}")
    press(page)
    wait_for(page, 1)
    # Another guest's entry on the same phone, as a shared phone would have it.
    page.evaluate(
        """() => new Promise((done) => {
            const opening = indexedDB.open("guest-outbox");
            opening.onsuccess = () => {
                const writing = opening.result.transaction("entries", "readwrite");
                writing.objectStore("entries").put({
                    key: "another", owner: "somebody-else", kind: "review", action: "/c/none", fields: [],
                    made_at: new Date().toISOString(), until: 0 });
                writing.oncomplete = () => { opening.result.close(); done(); };
            };
        })"""
    )
    guest.context.route(f"**/c/{code}", lambda route: route.abort())
    guest.context.set_offline(False)
    page.goto("/me")
    expect(page.locator("#outbox li")).to_have_count(1)
    answers = [False, True]
    page.on("dialog", lambda dialog: dialog.accept() if answers.pop(0) else dialog.dismiss())
    page.locator('form[action="/sign-out"] button').click()
    page.wait_for_timeout(300)
    assert len(page.evaluate(KEPT)) == 2
    page.locator('form[action="/sign-out"] button').click()
    page.wait_for_url(lambda url: not under("/me")(url))
    assert [one["key"] for one in page.evaluate(KEPT)] == ["another"]
    assert visits(town, code) == 0


def test_it_is_never_sent_under_another_account(phone: Callable[..., Phone], town: Town, code: str) -> None:
    guest = visitor(phone, town, "writer")
    page = guest.page
    guest.context.set_offline(True)
    page.goto(f"/c/{code}")
    press(page)
    wait_for(page, 1)
    guest.context.clear_cookies()  # the login ended elsewhere
    guest.context.set_offline(False)
    page.goto("/")
    expect(page.locator("#waiting a")).to_have_attribute("href", "/sign-in?next=/me")
    posts: list[str] = []
    guest.context.on(
        "request", lambda one: posts.append(one.url) if one.method == "POST" and "/c/" in one.url else None
    )
    sign_in(guest, town, "another-guest")
    page.goto("/wallet")
    page.wait_for_timeout(1000)
    assert posts == []
    assert len(page.evaluate(KEPT)) == 1
    assert visits(town, code) == 0
    guest.context.clear_cookies()
    sign_in(guest, town, "writer")
    page.goto("/wallet")
    wait_for(page, 0)
    assert visits(town, code) == 1


def test_a_stranger_to_the_phone_is_not_asked_to_check_in(
    phone: Callable[..., Phone], town: Town, code: str
) -> None:
    """Nobody is signed in and nothing is stored: the offline page says so, and offers nothing it cannot keep."""
    passer_by = phone(town, "en-US")
    page = passer_by.page
    page.goto("/")
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    passer_by.context.set_offline(True)
    page.goto(f"/c/{code}")
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator("form[data-outbox-kind]")).to_be_hidden()
