"""From an unclaimed listing of a real town to a redeemed voucher: the owner's taps and page loads counted."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from o2o.discovery.cli import import_osm
from o2o.kernel import checks, clock
from o2o.kernel.db import db
from o2o.onboarding.models import Claim
from o2o.redemption.models import Redemption
from o2o.shops.models import Shop
from tests.browser.conftest import Phone, Town, served, shot, sign_in, under
from tests.browser.test_journey import authenticator, buy
from tests.browser.words import say

pytestmark = pytest.mark.browser
MOST_TAPS = 40
MOST_LOADS = 12


class Hand:
    """The owner's thumb: what it taps and which pages it waits for. Typing into a field is one tap on it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.taps = 0
        self.loads = 0
        page.on("load", self._loaded)

    def _loaded(self, _page: Page) -> None:
        self.loads += 1

    def open(self, path: str) -> None:
        """Follow a link from elsewhere, such as the inbox."""
        self.taps += 1
        self.page.goto(path)

    def tap(self, target: Locator | str) -> None:
        self.taps += 1
        self._one(target).click()

    def type(self, target: Locator | str, text: str) -> None:
        self.taps += 1
        self._one(target).fill(text)

    def photo(self, target: str, picture: bytes) -> None:
        """Choose a picture: the button, and the picture in the phone's own sheet."""
        self.taps += 2
        file = {"name": "licence.jpg", "mimeType": "image/jpeg", "buffer": picture}
        self.page.locator(target).set_input_files(file)

    def _one(self, target: Locator | str) -> Locator:
        return self.page.locator(target) if isinstance(target, str) else target


@pytest.fixture(scope="module")
def town(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("merchants")) as running:
        with running.app.app_context():
            file = str(shared / "osm" / "wudaokou.osm.gz")
            result = running.app.test_cli_runner().invoke(import_osm, [file])
            assert result.exit_code == 0, result.output
        yield running


def listing(town: Town, number: int) -> tuple[int, str]:
    """Choose an unclaimed listing that says when it is open."""
    with town.app.app_context():
        open_ones = select(Shop.id, Shop.name).where(Shop.status == "unclaimed", Shop.hours.is_not(None))
        rows = db.session.execute(open_ones.order_by(Shop.id)).all()
        db.session.rollback()
    return rows[number][0], rows[number][1]


def licence() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (240, 230, 210)).save(out, "JPEG")
    return out.getvalue()


def claim(owner: Phone, hand: Hand, shop_id: int) -> None:
    """From the listing to its checklist, with a passkey made on the way."""
    page = owner.page
    hand.open(f"/shops/{shop_id}")
    hand.tap(f'a[href="/shops/{shop_id}/claim"]')
    hand.tap("[data-passkey=register]")
    hand.taps += 1  # the phone's own lock
    mine = page.locator(f'form[action="/shops/{shop_id}/claim"] button')
    expect(mine).to_be_visible()
    hand.tap(mine)
    page.wait_for_url(under(f"/console/{shop_id}/admission"))


def hand_in(owner: Phone, hand: Hand) -> None:
    """Answer every line and hand in."""
    page = owner.page

    def done(line: str) -> None:
        expect(page.locator(f"#line-{line} .badge-ok, #line-{line} .badge-wait").first).to_be_visible()
        expect(page.locator(f"#line-{line} [role=status]")).to_be_visible()

    hand.tap("#line-terms form button[type=submit]")
    done("terms")
    hand.type("#line-licence [name=text]", "91110108MA01ABCD2X")
    hand.photo("#line-licence input[type=file]", licence())
    hand.type("#line-licence [name=expires_on]", (clock.now() + timedelta(days=400)).date().isoformat())
    hand.tap("#line-licence form button[type=submit]")
    done("licence")
    hand.type("#line-identity [name=text]", "王小满，店主")
    hand.tap("#line-identity form button[type=submit]")
    done("identity")
    hand.type("#line-phone_call [name=text]", "010-62780000")
    hand.tap("#line-phone_call form button[type=submit]")
    done("phone_call")
    hand.tap("#line-payout a.btn")
    hand.type("[name=holder]", "王小满")
    hand.type("[name=bank]", "招商银行")
    hand.type("[name=number]", "6228480402564890018")
    hand.tap("main form button[type=submit]")
    page.wait_for_url(under("/console/"))
    hand.tap('form[action$="/admission/submit"] button')
    expect(page.locator('form[action$="/admission/take-back"]')).to_be_visible()


def write_offer(owner: Phone, hand: Hand, locale: str, shop_id: int) -> None:
    """Write the first offer while the papers are looked at."""
    page = owner.page
    hand.tap(f'#checklist a[href="/console/{shop_id}/offers/new"]')
    hand.type('[name="title"]', "双人手冲咖啡")
    line = say(locale, "Line %(num)s", num=1)
    hand.type(page.get_by_label(f"{line} · {say(locale, 'What')}"), "手冲咖啡")
    hand.type(page.get_by_label(f"{line} · {say(locale, 'Price each')}"), "50")
    hand.type('[name="price"]', "38")
    hand.tap("details.fold > summary")
    hand.type('[name="cost"]', "12")
    shot(owner, f"merchant-designer-{locale}")
    hand.tap(page.get_by_role("button", name=say(locale, "Save for later")))
    page.wait_for_url(under(f"/console/{shop_id}/offers"))


def approve(phone: Callable[..., Phone], town: Town, locale: str, shop_id: int) -> None:
    """The operator looks at each paper, calls, and lets the shop in."""
    operator = phone(town, locale)
    sign_in(operator, town, "operator", operator=True)
    page = operator.page
    page.goto("/operator/claims")
    with town.app.app_context():
        claim_id = db.session.scalars(select(Claim.id).where(Claim.shop_id == shop_id)).one()
        db.session.rollback()
    page.locator(f'a[href="/operator/claims/{claim_id}"]').first.click()
    shot(operator, f"merchant-review-{locale}")
    for line in ("licence", "phone_call"):
        page.locator(f'form[action$="/claims/{claim_id}/lines/{line}"] button[value="accept"]').click()
        expect(page.locator(f"#line-{line} .badge-ok")).to_be_visible()
    page.locator(f'form[action$="/claims/{claim_id}/approve"] button').click()
    expect(page.locator(f'form[action$="/claims/{claim_id}/approve"]')).to_have_count(0)


@pytest.mark.parametrize(("locale", "number"), [("zh-CN", 0), ("en-US", 1)])
def test_a_merchant_opens(town: Town, phone: Callable[..., Phone], locale: str, number: int) -> None:
    shop_id, _name = listing(town, number)
    owner = phone(town, locale)
    authenticator(owner)
    hand, page = Hand(owner.page), owner.page
    claim(owner, hand, shop_id)
    shot(owner, f"merchant-checklist-{locale}")
    hand_in(owner, hand)
    shot(owner, f"merchant-handed-in-{locale}")
    write_offer(owner, hand, locale, shop_id)
    approve(phone, town, locale, shop_id)
    hand.open(f"/console/{shop_id}/offers")
    hand.tap('form[action$="/publish"] button')
    expect(page.locator(".sheet .badge-ok").first).to_be_visible()
    shot(owner, f"merchant-on-sale-{locale}")
    guest = phone(town, locale)
    sign_in(guest, town, f"guest{number}")
    guest.page.goto(f"/shops/{shop_id}")
    guest.page.locator('a[href^="/offers/"]').first.click()
    buy(guest, locale)
    code = guest.page.locator("figcaption code").first.inner_text()
    hand.tap(f'.desk-nav a[href="/till?shop={shop_id}"]')
    hand.type("#code", code)
    hand.tap("#scan button[type=submit]")
    hand.tap(".ask button[type=submit]")
    page.wait_for_url(under("/till/redemptions/"))
    shot(owner, f"merchant-redeemed-{locale}")
    with town.app.app_context():
        assert db.session.scalars(select(Redemption).where(Redemption.shop_id == shop_id)).one()
        assert checks.broken(db.session) == []
        db.session.rollback()
    print(f"taps {hand.taps}, loads {hand.loads}")
    assert hand.taps <= MOST_TAPS
    assert hand.loads <= MOST_LOADS
