"""The main job on a real town: find a shop, buy a voucher, show it offline, have it redeemed by another phone."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect
from sqlalchemy import select

from o2o.discovery.cli import import_osm
from o2o.kernel import checks
from o2o.kernel.db import db
from o2o.shops.models import Shop
from tests.browser.camera import film_of, screen_of
from tests.browser.conftest import Phone, Town, launch, served, shot, sign_in, under
from tests.browser.words import say

pytestmark = pytest.mark.browser
SHOP = "雕刻时光咖啡馆"
OFFER = "双人手冲咖啡"
NO_PASSKEYS = "delete window.PublicKeyCredential"


@pytest.fixture(scope="module")
def town(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Serve Wudaokou as OpenStreetMap has it."""
    with served(tmp_path_factory.mktemp("wudaokou")) as running:
        with running.app.app_context():
            result = running.app.test_cli_runner().invoke(
                import_osm, [str(shared / "osm" / "wudaokou.osm.gz")]
            )
            assert result.exit_code == 0, result.output
        yield running


def cafe(town: Town, number: int) -> tuple[int, str]:
    """Choose a café of the imported town: another one for each journey."""
    with town.app.app_context():
        found = select(Shop.id, Shop.name).where(Shop.category == "amenity/cafe").order_by(Shop.id)
        rows = db.session.execute(found).all()
        names = [row.name for row in rows]
        shop_id, name = [(row.id, row.name) for row in rows if names.count(row.name) == 1][number]
        db.session.rollback()
    return shop_id, name


def open_shop(phone: Callable[..., Phone], town: Town, locale: str, shop_id: int, name: str) -> Phone:
    """The operator gives the listing away, the owner accepts and publishes an offer; return the owner's phone."""
    operator = phone(town, locale)
    sign_in(operator, town, "operator", operator=True)
    page = operator.page
    page.goto("/operator/listings")
    page.get_by_role("searchbox").fill(name)
    page.get_by_role("button", name=say(locale, "Search")).click()
    page.locator(f'a[href="/operator/listings/{shop_id}"]').click()
    page.get_by_role("button", name=say(locale, "Give this listing")).click()
    link = page.get_by_label(say(locale, "One-time link")).input_value()
    shot(operator, f"operator-{locale}")

    owner = phone(town, locale)
    sign_in(owner, town, f"owner-{shop_id}")
    page = owner.page
    page.goto(link)
    page.get_by_role("button", name=say(locale, "Accept the invitation")).click()
    page.goto(f"/console/{shop_id}/offers/new")
    page.locator('[name="title"]').fill(OFFER)
    line = say(locale, "Line %(num)s", num=1)
    page.get_by_label(f"{line} · {say(locale, 'What')}").fill("手冲咖啡")
    page.get_by_label(f"{line} · {say(locale, 'How many')}").fill("2")
    page.get_by_label(f"{line} · {say(locale, 'Price each')}").fill("25")
    page.locator('[name="price"]').fill("38")
    page.locator('[name="valid_days"]').fill("30")
    shot(owner, f"new-offer-{locale}")
    page.get_by_role("button", name=say(locale, "Publish the offer")).click()
    expect(page.get_by_text(OFFER).first).to_be_visible()
    return owner


def authenticator(phone: Phone) -> None:
    """Give the phone a lock that makes and keeps passkeys."""
    session = phone.context.new_cdp_session(phone.page)
    session.send("WebAuthn.enable", {"enableUI": False})
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
    }
    given = {**options, "isUserVerified": True, "automaticPresenceSimulation": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": given})


def find(phone: Phone, locale: str, shop_id: int, name: str) -> None:
    """Find the shop by search, then again by its pin on the map, and open it."""
    page = phone.page
    page.goto("/")
    page.get_by_role("searchbox").fill(name)
    page.get_by_role("button", name=say(locale, "Search"), exact=True).click()
    card = page.locator(f"#shop-{shop_id}")
    expect(card).to_be_visible()
    shot(phone, f"found-{locale}")
    page.goto(f"/?q={name}")
    pin = page.locator(f'.map .leaflet-marker-icon[title="{name}"]')
    expect(pin).to_be_visible()
    pin.click()
    expect(card).to_be_in_viewport()
    card.get_by_role("link").click()
    page.wait_for_url(f"**/shops/{shop_id}")
    page.get_by_role("link", name=OFFER).first.click()


def buy(phone: Phone, locale: str) -> str:
    """Buy on the open offer page and pay at the test bank; return the pass's address."""
    page = phone.page
    page.get_by_role("button", name=say(locale, "Buy")).click()
    page.wait_for_url(under("/orders/"))
    shot(phone, f"order-{locale}")
    page.get_by_role("button", name=say(locale, "Pay %(amount)s", amount="¥38")).click()
    page.wait_for_url(under("/sandbox/"))
    page.get_by_role("button", name=say(locale, "Pay %(amount)s", amount="¥38")).click()
    page.wait_for_url(under("/passes/"))
    return page.url


def redeem_by_camera(
    playwright: Playwright,
    phone: Callable[..., Phone],
    town: Town,
    locale: str,
    handle: str,
    picture: bytes,
    folder: Path,
) -> None:
    """Staff scan the guest's screen with another phone's camera, and confirm."""
    tape = film_of(picture, folder / "code.y4m")
    flags = (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={tape}",
    )
    with closing(launch(playwright, *flags)) as filming:
        till = phone(town, locale, on=filming, permissions=["camera"])
        sign_in(till, town, handle)
        till.page.goto("/till")
        confirm = till.page.get_by_role("button", name=say(locale, "Confirm and redeem"))
        expect(confirm).to_be_visible(timeout=15_000)
        shot(till, f"till-confirm-{locale}")
        confirm.click()
        expect(till.page.locator(".answer-ok")).to_be_visible()
        shot(till, f"till-answer-{locale}")


@pytest.mark.parametrize(
    ("locale", "number", "script"), [("zh-CN", 0, ""), ("en-US", 1, ""), ("zh-CN", 2, NO_PASSKEYS)]
)
def test_the_whole_loop(
    playwright: Playwright,
    browser: Browser,
    phone: Callable[..., Phone],
    town: Town,
    tmp_path: Path,
    locale: str,
    number: int,
    script: str,
) -> None:
    shop_id, name = cafe(town, number)
    open_shop(phone, town, locale, shop_id, name)
    guest = phone(town, locale)
    page = guest.page
    if script:
        guest.context.add_init_script(script)
    else:
        authenticator(guest)
    find(guest, locale, shop_id, name)
    page.get_by_role("link", name=say(locale, "Sign in to buy")).click()
    shot(guest, f"sign-in-{locale}{number}")
    if script:
        page.get_by_role("button", name=say(locale, "Continue on this phone")).click()
        page.locator('[name="saved"]').check()
        page.get_by_role("button", name=say(locale, "Go on")).click()
    else:
        page.get_by_role("button", name=say(locale, "Create an account with a passkey")).click()
    page.wait_for_url(under("/offers/"))
    shot(guest, f"offer-{locale}")
    address = buy(guest, locale)
    expect(page.locator(".pass-state, .pass").first).to_be_visible()
    shot(guest, f"pass-{locale}")
    wait_until_kept(guest, address)
    wait_until_kept(guest, f"{town.url}/wallet")

    guest.context.set_offline(True)
    page.goto("/wallet")
    page.get_by_role("link", name=OFFER).first.click()
    page.wait_for_url(under("/passes/"))
    expect(page.locator(".qr-code svg, .qr svg").first).to_be_visible()
    expect(page.locator("#saved")).to_be_visible()
    shot(guest, f"pass-offline-{locale}")
    guest.context.set_offline(False)

    page.goto(address)
    redeem_by_camera(playwright, phone, town, locale, f"owner-{shop_id}", screen_of(page), tmp_path)
    expect(page.locator("#pass")).to_contain_text(say(locale, "Used"), timeout=5_000)
    shot(guest, f"pass-used-{locale}")
    with town.app.app_context():
        assert checks.broken(db.session) == []
        db.session.rollback()


def wait_until_kept(phone: Phone, address: str) -> None:
    """Wait until the service worker holds the pass, which nobody has to visit again for it."""
    phone.page.evaluate(
        """async (address) => {
            for (let turn = 0; turn < 250; turn++) {
                for (const name of await caches.keys())
                    if (name.startsWith("private-") && await (await caches.open(name)).match(address)) return;
                await new Promise((done) => setTimeout(done, 100));
            }
            throw new Error("the pass was not kept");
        }""",
        address,
    )


def test_without_javascript_up_to_the_pass(phone: Callable[..., Phone], town: Town) -> None:
    shop_id, name = cafe(town, 3)
    open_shop(phone, town, "zh-CN", shop_id, name)
    guest = phone(town, "zh-CN", java_script_enabled=False)
    sign_in(guest, town, "guest-without-script")
    page = guest.page
    page.goto("/")
    page.get_by_role("searchbox").fill(OFFER)
    page.get_by_role("button", name=say("zh", "Search"), exact=True).click()
    page.locator(f"#shop-{shop_id} a, a#shop-{shop_id}").first.click()
    page.get_by_role("link", name=OFFER).first.click()
    buy(guest, "zh-CN")
    expect(page.locator(".qr-code svg, .qr svg").first).to_be_visible()
    assert page.locator("#pass").get_by_text(say("zh", "Valid")).count()
