"""The whole loop without a mouse: every step by the keyboard alone, and the place it stands at always seen."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.passes.models import Pass
from o2o.shops import rules as shops
from tests import factories
from tests.browser.conftest import Phone, Town, served, sign_in, under
from tests.browser.test_journey import authenticator
from tests.browser.words import say

pytestmark = pytest.mark.browser
LOCALES = ("zh-CN", "en-US")
SHOP, OFFER = "雕刻时光咖啡馆", "双人手冲咖啡"
WORDS = "热汤很香，店员记得我。"
MOST_TABS = 60
# What has the keyboard: tag, id or name, words; whether it can be seen, and what shows that it stands there.
STANDING = """() => {
    const one = document.activeElement;
    const words = one.labels?.[0]?.textContent ?? one.ariaLabel ?? one.textContent;
    // A button that is drawn beside or around its input shows there that it has the keyboard.
    const isDrawn = ["radio", "checkbox", "file"].includes(one.type);
    const drawn = isDrawn ? [one, one.nextElementSibling, one.closest("label")].filter(Boolean) : [one];
    const rings = drawn.filter((part) => {
        const look = getComputedStyle(part);
        return look.outlineStyle !== "none" && parseFloat(look.outlineWidth) >= 2;
    });
    const box = (rings[0] ?? one).getBoundingClientRect();
    const middle = [box.left + box.width / 2, box.top + Math.min(box.height, innerHeight) / 2];
    const inView = middle[0] >= 0 && middle[1] >= 0 && middle[0] <= innerWidth && middle[1] <= innerHeight;
    return {
        name: `${one.tagName} ${one.id || one.name || ""} ${words.trim().replace(/\\s+/g, " ")}`,
        isLost: one === document.body || one === document.documentElement,
        isSeen: box.width > 1 && box.height > 1 && inView,
        hasRing: rings.length > 0,
    };
}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("keyboard")) as running:
        yield running


class Keys:
    """Somebody without a mouse at a phone's page."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def standing(self) -> str:
        """Say what has the keyboard; it is there, in view, and shows it."""
        at = self.page.evaluate(STANDING)
        assert not at["isLost"], f"nothing has the keyboard at {self.page.url}"
        assert at["isSeen"], f"{at['name']} has the keyboard out of sight at {self.page.url}"
        assert at["hasRing"], f"{at['name']} does not show the focus at {self.page.url}"
        return str(at["name"])

    def to(self, what: str) -> None:
        """Press Tab until `what` has the keyboard; every place on the way shows that it has it."""
        passed = []
        for _ in range(MOST_TABS):
            self.page.keyboard.press("Tab")
            if self.has_left():
                continue
            passed.append(self.standing())
            if what in passed[-1]:
                return
        pytest.fail(f"Tab never reaches {what} at {self.page.url}; it passes {passed}")

    def has_left(self) -> bool:
        """Tell whether Tab went past the last place, out of the page and to its beginning."""
        return bool(self.page.evaluate("document.activeElement === document.body"))

    def press(self, key: str, times: int = 1) -> None:
        """Press a key on what has the keyboard."""
        for _ in range(times):
            self.page.keyboard.press(key)

    def go(self, what: str, path: str) -> None:
        """Tab to a link or button, press Enter, and wait for where it leads."""
        self.to(what)
        with self.page.expect_navigation(url=under(path)):
            self.press("Enter")


def open_shop(town: Town, number: int) -> tuple[int, str]:
    """Open a shop of this number with an offer, a poster and staff; return it and the poster's code."""
    with town.app.app_context():
        begin_write()
        shop = factories.make_shop(db.session, f"{SHOP} {number} 店", hours="24/7")
        factories.make_terms(db.session, shop, title=OFFER)
        factories.make_role(db.session, shop, f"staff-{number}")
        shops.refresh_open(db.session, shops=[shop], now=clock.now())
        found = shop.id, factories.make_poster(db.session, shop).code
        db.session.commit()
    town.work()
    return found


def find(keys: Keys, locale: str, number: int, shop_id: int) -> None:
    """Type two letters of pinyin, go down to the suggestion with the arrow keys, and open the shop's offer."""
    page = keys.page
    page.goto("/")
    keys.to("INPUT")
    page.keyboard.type("diaoke")
    box = page.get_by_role("combobox")
    expect(box).to_have_attribute("aria-expanded", "true")
    names = page.get_by_role("option").all_text_contents()
    wanted = next(i for i, name in enumerate(names) if f"{number} 店" in name)
    keys.press("ArrowDown", wanted + 1)
    expect(page.get_by_role("option").nth(wanted)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", f"hint-{wanted}")
    keys.standing()
    keys.press("Enter")
    page.wait_for_url(under(f"/shops/{shop_id}"))
    keys.go(OFFER, "/offers/")


def buy(keys: Keys, locale: str) -> str:
    """Make an account with a passkey, buy, pay at the test bank; return the pass's id."""
    keys.go(say(locale, "Sign in to buy"), "/sign-in")
    passkey = say(locale, "Create an account with a passkey")
    expect(keys.page.get_by_role("button", name=passkey)).to_be_visible()  # its module brings it
    keys.go(passkey, "/offers/")
    keys.go(f"BUTTON  {say(locale, 'Buy')}", "/orders/")
    keys.go(say(locale, "Pay %(amount)s", amount="¥38"), "/sandbox/")
    keys.go(say(locale, "Pay %(amount)s", amount="¥38"), "/passes/")
    expect(keys.page.locator(".qr-code svg")).to_be_visible()
    return keys.page.url.rsplit("/", 1)[1]


def arrive(keys: Keys, locale: str, code: str) -> None:
    """Open the poster's address and check in."""
    keys.page.goto(f"/c/{code}")
    keys.go(f"BUTTON  {say(locale, 'Check in')}", "/visits/")


def serve(keys: Keys, town: Town, locale: str, pass_id: str) -> None:
    """At the till: confirm the arrival, then type the pass's code and redeem it."""
    with town.app.app_context():
        code = db.session.get_one(Pass, pass_id).short_code
        db.session.rollback()
    page = keys.page
    page.goto("/till")
    arrivals = page.locator("#arrivals")
    expect(arrivals.get_by_role("button")).to_be_visible()
    keys.to("BUTTON confirm-")
    keys.press("Enter")
    expect(arrivals.get_by_text(say(locale, "Confirmed"), exact=True)).to_be_visible()
    keys.standing()
    page.goto("/till")
    keys.to("INPUT code")
    page.keyboard.type(code.lower())
    keys.press("Enter")
    expect(page.get_by_role("button", name=say(locale, "Confirm and redeem"))).to_be_focused()
    keys.standing()
    keys.press("Enter")
    expect(page.locator(".answer-ok")).to_be_focused()
    keys.go(say(locale, "Next pass"), "/till")
    keys.to("INPUT code")
    page.keyboard.type(code)
    keys.press("Enter")
    expect(page.locator(".answer-no")).to_be_focused()
    keys.standing()
    keys.go(say(locale, "Next pass"), "/till")


def review(keys: Keys, locale: str) -> None:
    """Choose four stars with the arrow keys, write, publish."""
    page = keys.page
    keys.to("INPUT rating")
    keys.press("ArrowRight", 3)
    if page.locator('[name="rating"][value="4"]:checked').count() == 0:
        keys.press("Space")
    keys.standing()
    expect(page.locator('[name="rating"][value="4"]')).to_be_checked()
    keys.to("TEXTAREA")
    page.keyboard.type(WORDS)
    keys.go(f"BUTTON  {say(locale, 'Publish')}", "/reviews/")
    expect(page.get_by_text(WORDS)).to_be_visible()


@pytest.mark.parametrize(("locale", "number"), list(zip(LOCALES, (1, 2), strict=True)))
def test_the_loop_without_a_mouse(phone: Callable[..., Phone], town: Town, locale: str, number: int) -> None:
    shop_id, code = open_shop(town, number)
    guest, staff = phone(town, locale), phone(town, locale)
    authenticator(guest)
    sign_in(staff, town, f"staff-{number}")
    keys, till = Keys(guest.page), Keys(staff.page)
    find(keys, locale, number, shop_id)
    pass_id = buy(keys, locale)
    arrive(keys, locale, code)
    serve(till, town, locale, pass_id)
    guest.page.reload()
    keys.go(say(locale, "Write a review"), "/reviews/new")
    review(keys, locale)
    with town.app.app_context():
        assert checks.broken(db.session) == []
        db.session.rollback()
