"""Every page, for everybody who may look at it, in both languages: narrow, with large text, without a mouse."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import ConsoleMessage, Page, expect

from tests.browser.conftest import Phone, Town, served, sign_in
from tests.browser.pages import NO_PAGES, ONCE, Place, places
from tests.browser.words import say
from tests.browser.world import World, furnish

pytestmark = pytest.mark.browser
LOCALES = {"zh-CN": "zh-Hans", "en-US": "en"}
ROLES = ("anybody", "guest", "staff", "owner", "operator")
NARROW = {"width": 320, "height": 640}
NORMAL = {"width": 390, "height": 844}
# Names the widest elements that stick out, so that a failure says where to look.
STICKING_OUT = """async (width) => {
    // A new width reaches vw units one frame late.
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    const root = document.scrollingElement;
    if (root.scrollWidth <= width) return [];
    const scrolls = (one) => {
        for (let up = one.parentElement; up && up !== document.body; up = up.parentElement)
            if (getComputedStyle(up).overflowX !== "visible") return true;
        return false;
    };
    const wide = [...document.body.querySelectorAll("*")].filter(
        (one) => one.getBoundingClientRect().right > width + 0.5 && !scrolls(one));
    const names = wide.slice(-4).map((one) => `${one.tagName}.${one.className} ${one.textContent.trim().slice(0, 30)}`);
    return [`${root.scrollWidth} px at ${width}: ${names.join(" | ")}`];
}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("every-page")) as running:
        yield running


@pytest.fixture(scope="module")
def world(town: Town) -> World:
    return furnish(town)


def sticks_out(page: Page) -> list[str]:
    """Say what does not fit into 390 px, 320 px, and 320 px with large text; the page is left as it was."""
    faults = [f"390: {fault}" for fault in page.evaluate(STICKING_OUT, 390)]
    page.set_viewport_size(NARROW)
    faults += page.evaluate(STICKING_OUT, 320)
    page.evaluate("document.documentElement.style.fontSize = '160%'")
    faults += [f"large text: {fault}" for fault in page.evaluate(STICKING_OUT, 320)]
    page.evaluate("document.documentElement.style.fontSize = ''")
    page.set_viewport_size(NORMAL)
    return faults


def look_at(page: Page, place: Place, url: str, lang: str) -> list[str]:
    """Visit a page; return what is wrong with it."""
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        told_status = place.status >= 400 and "Failed to load resource" in message.text
        if message.type == "error" and not told_status:
            said.append(message.text)

    page.on("console", listen)
    answer = page.goto(url + place.path)
    assert answer is not None
    faults = [] if answer.status == place.status else [f"status {answer.status}"]
    shown = page.evaluate("[document.documentElement.lang, document.querySelectorAll('h1').length]")
    if shown != [lang, 1]:
        faults.append(f"lang and number of h1: {shown}")
    faults += sticks_out(page)
    page.remove_listener("console", listen)
    return [f"{place.name} ({place.path}): {fault}" for fault in faults + said]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_fits(
    phone: Callable[..., Phone], town: Town, world: World, locale: str, role: str
) -> None:
    visitor = phone(town, locale, device_scale_factor=1, reduced_motion="reduce")
    if role != "anybody":
        sign_in(visitor, town, role)
    mine = [place for place in places(world) if place.role == role]
    faults = [fault for place in mine for fault in look_at(visitor.page, place, town.url, LOCALES[locale])]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_key_that_is_shown_once_fits(phone: Callable[..., Phone], town: Town, locale: str) -> None:
    visitor = phone(town, locale)
    visitor.context.add_init_script("delete window.PublicKeyCredential")
    page = visitor.page
    page.goto("/sign-in")
    page.get_by_role("button", name=say(locale, "Continue on this phone")).click()
    page.wait_for_url("**/me/recovery/saved*")
    assert sticks_out(page) == []


def test_no_page_is_forgotten(town: Town, world: World) -> None:
    app = town.app
    visited = {endpoint(app, place.path) for place in places(world)}
    all_pages = {
        rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
    } - NO_PAGES.keys()
    assert all_pages - ONCE - visited == set()
    assert NO_PAGES.keys() <= {rule.endpoint for rule in app.url_map.iter_rules()}


def endpoint(app: Flask, path: str) -> str | None:
    """Name the view behind an address."""
    from werkzeug.exceptions import NotFound

    try:
        return str(app.url_map.bind("localhost").match(path.split("?")[0], method="GET")[0])
    except NotFound:
        return None


def test_titles_speak_the_visitors_language(town: Town, world: World) -> None:
    """The title is the h1: in Chinese it has Chinese in it, and it differs from the English one, but for names."""
    from tests.visitor import Visitor

    titles: dict[str, dict[str, str]] = {}
    visitors: dict[str, Visitor] = {}
    with town.app.app_context():
        for place in places(world):
            if place.role not in visitors:
                visitors[place.role] = Visitor(town.app, town.app.response_class)
                if place.role != "anybody":
                    visitors[place.role].sign_in(place.role)
            for language in ("zh-CN", "en"):
                body = visitors[place.role].get(place.path, headers={"Accept-Language": language}).text
                title = re.search(r"<title>(.*?) · [^<]*</title>", body, re.S)
                titles.setdefault(place.name, {})[language] = title[1] if title else ""
    named = re.compile(r"offer|pass-|order-|listing$|listing-to-give")
    wrong = {
        name: both
        for name, both in titles.items()
        if not both["en"]
        or (
            not named.match(name) and (both["en"] == both["zh-CN"] or not re.search("[一-鿿]", both["zh-CN"]))
        )
    }
    assert wrong == {}


MAIN_PAGES = {
    "home", "shop", "listing", "offer-long", "sign-in", "offline", "missing", "wallet", "pass-valid", "pass-used",
    "order-held", "bank", "inbox", "me", "passkeys", "recovery", "till", "receipt-used", "desk", "offers", "new-offer",
    "edit-shop", "staff", "operator", "listings", "listing-to-give",
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_axe_finds_nothing_serious(phone: Callable[..., Phone], town: Town, world: World, role: str) -> None:
    visitor = phone(town, "zh-CN", reduced_motion="reduce")
    if role != "anybody":
        sign_in(visitor, town, role)
    faults: list[str] = []
    for place in (one for one in places(world) if one.role == role and one.name in MAIN_PAGES):
        visitor.page.goto(place.path)
        faults += [f"{place.name}: {fault}" for fault in axe_faults(visitor.page)]
    assert not faults, "\n".join(faults)


def axe_faults(page: Page) -> list[str]:
    """Return axe's critical and serious findings, each with its first elements."""
    found: dict[str, Any] = Axe().run(page).response
    return [
        f"{one['id']}: {[node['html'][:120] for node in one['nodes'][:3]]}"
        for one in found["violations"]
        if one["impact"] in ("critical", "serious")
    ]


def focused(page: Page) -> str:
    """Tell what has the keyboard: tag, and its id or words."""
    return str(
        page.evaluate("""() => {
        const one = document.activeElement;
        return `${one.tagName} ${one.id || one.textContent.trim()}`;
    }""")
    )


def tab_to(page: Page, what: str) -> None:
    """Press Tab until `what` has the keyboard, as somebody without a mouse does; it must show that it has."""
    for _ in range(20):
        page.keyboard.press("Tab")
        if what in focused(page):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            shadow = page.evaluate("getComputedStyle(document.activeElement).boxShadow")
            assert (outline, shadow) != ("none", "none"), f"{what} does not show the focus"
            return
    pytest.fail(f"Tab never reaches {what}; it stands at {focused(page)}")


@pytest.mark.parametrize("locale", LOCALES)
def test_the_till_works_without_a_mouse(
    phone: Callable[..., Phone], town: Town, world: World, locale: str
) -> None:
    till = phone(town, locale)
    sign_in(till, town, "staff")
    page = till.page
    page.goto("/till")
    tab_to(page, "INPUT code")
    page.keyboard.type(world.codes["given-back"].lower())
    page.keyboard.press("Enter")
    expect(page.locator(".answer-no")).to_be_focused()
    tab_to(page, say(locale, "Next pass"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/till")
    tab_to(page, "INPUT code")
    page.keyboard.type(world.codes["usable"] if locale == "zh-CN" else world.codes["usable-1"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=say(locale, "Confirm and redeem"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".answer-ok")).to_be_focused()
