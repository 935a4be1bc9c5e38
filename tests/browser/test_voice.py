"""Visit and voice on a real town: poster, check-in, arrival, a review written offline, reply, report, decision."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect
from sqlalchemy import func, select

from o2o.checkin.models import Poster
from o2o.discovery.cli import import_osm
from o2o.kernel import checks
from o2o.kernel.db import db
from o2o.reviews.models import Review
from o2o.shops.models import Shop
from tests.browser.conftest import Phone, Town, served, shot, sign_in, under
from tests.browser.test_journey import NO_PASSKEYS, authenticator, cafe
from tests.browser.words import say

pytestmark = pytest.mark.browser
WORDS = "热汤很香，店员记得我不吃香菜。"
REPLY = "谢谢你，下次再来。"
REASON = "说的是另一家店"
KEPT = "Kept on this phone. It is sent by itself once there is a connection."


@pytest.fixture(scope="module")
def town(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Serve Wudaokou as OpenStreetMap has it."""
    with served(tmp_path_factory.mktemp("voices")) as running:
        with running.app.app_context():
            result = running.app.test_cli_runner().invoke(
                import_osm, [str(shared / "osm" / "wudaokou.osm.gz")]
            )
            assert result.exit_code == 0, result.output
        yield running


def picture(colour: str) -> bytes:
    """Make a photo as a phone's camera would."""
    file = io.BytesIO()
    Image.new("RGB", (1600, 1200), colour).save(file, "JPEG")
    return file.getvalue()


def operator_gives(phone: Callable[..., Phone], town: Town, locale: str, shop_id: int) -> Phone:
    """The operator gives the listing away; return their phone, with the link in the clipboard of the test."""
    operator = phone(town, locale)
    sign_in(operator, town, "operator", operator=True)
    operator.page.goto(f"/operator/listings/{shop_id}")
    operator.page.get_by_role("button", name=say(locale, "Give this listing")).click()
    return operator


def print_poster(owner: Phone, town: Town, locale: str, shop_id: int) -> str:
    """The owner makes a poster and opens its sheet; return the path of the address that is printed on it."""
    page = owner.page
    page.goto(f"/console/{shop_id}/posters")
    page.locator('[name="label"]').fill("门口")
    page.get_by_role("button", name=say(locale, "Make the poster")).click()
    page.get_by_role("link", name=say(locale, "Poster (A4)")).click()
    expect(page.locator(".poster-qr svg")).to_be_visible()
    shot(owner, f"poster-{locale}")
    with town.app.app_context():
        code = db.session.scalars(select(Poster.code).where(Poster.shop_id == shop_id)).one()
        db.session.rollback()
    assert f"/c/{code}" in (page.locator(".poster-foot code").text_content() or "")
    return f"/c/{code}"


def arrive(guest: Phone, locale: str, address: str, *, with_passkey: bool) -> str:
    """The visitor opens the poster's address, makes an account there and checks in; return the visit's address."""
    page, taps = guest.page, 0
    page.goto(address)
    shot(guest, f"door-{locale}")
    if with_passkey:
        page.get_by_role("button", name=say(locale, "Make a passkey and check in")).click()
        taps += 1
    else:
        page.get_by_role("button", name=say(locale, "Continue on this phone")).click()
        page.locator('[name="saved"]').check()
        page.get_by_role("button", name=say(locale, "Go on")).click()
        taps += 3
    page.wait_for_url(lambda url: under("/c/")(url) or under("/visits/")(url))
    if under("/c/")(page.url):
        page.get_by_role("button", name=say(locale, "Check in")).click()
        taps += 1
    page.wait_for_url(under("/visits/"))
    assert taps <= 5
    shot(guest, f"visit-{locale}")
    return page.url


def write_offline(guest: Phone, locale: str, visit: str) -> None:
    """The visitor loses the network, writes a review with two photos; it goes out once when the network is back."""
    page = guest.page
    wanted = f"/reviews/new?visit={visit.rsplit('/', 1)[1]}"
    wait_until_kept(guest, wanted)
    guest.context.set_offline(True)
    page.goto(wanted)
    expect(page.locator("#saved")).to_be_visible()
    page.locator('[name="rating"][value="5"]').check(force=True)
    page.locator('[name="text"]').fill(WORDS)
    files = [
        {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": picture(colour)}
        for colour in ("tomato", "teal")
    ]
    page.locator('input[type="file"]').set_input_files(files)
    page.get_by_role("button", name=say(locale, "Publish"), exact=True).click()
    expect(page.get_by_text(say(locale, KEPT))).to_be_visible()
    shot(guest, f"kept-{locale}")
    guest.context.set_offline(False)
    expect(page.get_by_text(say(locale, "Sent what was waiting."))).to_be_visible(timeout=15_000)
    page.goto("/me/reviews")
    expect(page.get_by_text(WORDS)).to_be_visible()


def wait_until_kept(phone: Phone, path: str) -> None:
    """Wait until the service worker holds a private page."""
    phone.page.evaluate(
        """async (path) => {
            const address = new URL(path, location.origin).href;
            for (let turn = 0; turn < 100; turn++) {
                for (const name of await caches.keys())
                    if (name.startsWith("private-") && await (await caches.open(name)).match(address)) return;
                await new Promise((done) => setTimeout(done, 100));
            }
            throw new Error(`${path} was not kept`);
        }""",
        path,
    )


def rank_of(page_owner: Phone, shop_id: int, name: str) -> int:
    """Give a shop's place in the public order by rating, among all that match its category."""
    page_owner.page.goto("/?sort=rating&category=amenity/cafe")
    ids = page_owner.page.locator("#results .card").evaluate_all("cards => cards.map(card => card.id)")
    assert f"shop-{shop_id}" in ids, name
    return int(ids.index(f"shop-{shop_id}"))


@pytest.mark.parametrize(
    ("locale", "number", "script"), [("zh-CN", 4, ""), ("en-US", 5, ""), ("zh-CN", 6, NO_PASSKEYS)]
)
def test_the_loop_closes(
    phone: Callable[..., Phone], town: Town, locale: str, number: int, script: str
) -> None:
    shop_id, name = cafe(town, number)
    operator = operator_gives(phone, town, locale, shop_id)
    link = operator.page.get_by_label(say(locale, "One-time link")).input_value()
    owner = phone(town, locale)
    sign_in(owner, town, f"owner-{shop_id}")
    owner.page.goto(link)
    owner.page.get_by_role("button", name=say(locale, "Accept the invitation")).click()
    address = print_poster(owner, town, locale, shop_id)

    guest = phone(town, locale)
    guest.context.add_init_script(script) if script else authenticator(guest)
    before = rank_of(guest, shop_id, name)
    visit = arrive(guest, locale, address, with_passkey=not script)

    owner.page.goto("/till")
    arrivals = owner.page.locator("#arrivals")
    confirm = arrivals.get_by_role("button", name=say(locale, "Confirm"))
    expect(confirm).to_be_visible()
    shot(owner, f"arrivals-{locale}")
    confirm.click()
    expect(arrivals.get_by_text(say(locale, "Confirmed"), exact=True)).to_be_visible()

    write_offline(guest, locale, visit)
    with town.app.app_context():
        assert db.session.scalar(select(func.count()).where(Review.shop_id == shop_id)) == 1
        shop = db.session.get_one(Shop, shop_id)
        assert (shop.rating_sum, shop.rating_count) == (5, 1)
        review_id = db.session.scalars(select(Review.id).where(Review.shop_id == shop_id)).one()
        db.session.rollback()

    stranger = phone(town, locale)
    page = stranger.page
    assert rank_of(stranger, shop_id, name) <= before
    expect(page.locator(f"#shop-{shop_id}")).to_contain_text("3.9")
    shot(stranger, f"ranked-{locale}")
    page.goto(f"/shops/{shop_id}")
    expect(page.get_by_text(WORDS)).to_be_visible()
    assert page.locator(f"#review-{review_id} img").count() == 2
    shot(stranger, f"reviewed-{locale}")

    reply_and_report(owner, operator, stranger, town, locale, shop_id, review_id)
    page.goto(f"/shops/{shop_id}/reviews")
    expect(page.get_by_text(WORDS)).to_have_count(0)
    expect(page.get_by_text(REASON)).to_be_visible()
    shot(stranger, f"hidden-{locale}")
    with town.app.app_context():
        shop = db.session.get_one(Shop, shop_id)
        assert (shop.rating_sum, shop.rating_count) == (0, 0)
        assert checks.broken(db.session) == []
        db.session.rollback()


def reply_and_report(
    owner: Phone, operator: Phone, stranger: Phone, town: Town, locale: str, shop_id: int, review_id: int
) -> None:
    """The owner replies in public, another visitor reports the review, the operator hides it with a reason."""
    page = owner.page
    page.goto(f"/console/{shop_id}/reviews")
    line = page.locator(f"#review-{review_id}")
    line.locator("summary").first.click()
    line.locator("textarea").fill(REPLY)
    line.get_by_role("button", name=say(locale, "Publish the reply")).click()
    expect(page.locator(f"#review-{review_id}").get_by_text(REPLY).first).to_be_visible()

    page = stranger.page
    page.goto(f"/shops/{shop_id}/reviews")
    expect(page.get_by_text(REPLY)).to_be_visible()
    sign_in(stranger, town, f"stranger-{shop_id}")
    page.goto(f"/reports/new?shop={shop_id}&review={review_id}")
    page.locator('[name="reason"][value="other"]').check()
    page.locator('[name="text"]').fill("不是这家店")
    shot(stranger, f"report-{locale}")
    page.get_by_role("button", name=say(locale, "Send"), exact=True).click()
    page.wait_for_url(under("/me/reports"))

    page = operator.page
    page.goto("/operator/reports?show=open")
    shot(operator, f"reports-{locale}")
    page.locator('main a[href^="/operator/reports/"]').first.click()
    page.locator('[name="state"][value="upheld"]').check()
    page.locator('[name="words"]').fill(REASON)
    shot(operator, f"decide-{locale}")
    page.get_by_role("button", name=say(locale, "Decide"), exact=True).click()
    page.wait_for_url(lambda url: url.endswith("/operator/reports"))
    stranger.page.goto("/me/reports")
    expect(stranger.page.get_by_text(REASON).first).to_be_visible()
