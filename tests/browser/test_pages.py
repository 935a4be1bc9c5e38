"""Every page, for everybody who may look at it, in both languages and themes: narrow, with large text, read by axe."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from flask import Flask
from playwright.sync_api import ConsoleMessage, Page, ViewportSize

from tests.browser.conftest import Phone, Town, served, sign_in
from tests.browser.pages import NO_PAGES, ONCE, Place, places
from tests.browser.words import say
from tests.browser.world import World, furnish

pytestmark = pytest.mark.browser
LOCALES = {"zh-CN": "zh-Hans", "en-US": "en"}
ROLES = ("anybody", "guest", "staff", "owner", "operator")
SIZES: dict[int, ViewportSize] = {
    320: {"width": 320, "height": 640},
    390: {"width": 390, "height": 844},
}
RUN_AXE = "axe.run(document, { resultTypes: ['violations'] }).then((found) => found.violations)"
# What static/js/main.js does with a choice that was made at /display.
CHOOSE = """([theme, text]) => {
    const root = document.documentElement;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    root.style.fontSize = text;
}"""
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


@dataclass(frozen=True)
class Look:
    """How a page is looked at; `by_hand` chooses what /display would have kept, else the phone's own theme."""

    theme: Literal["light", "dark"]
    width: int
    text: str = ""
    by_hand: bool = False

    def __str__(self) -> str:
        return f"{self.theme} {self.width} {self.text}".strip()

    def put_on(self, page: Page) -> None:
        """Change the page that is open."""
        page.set_viewport_size(SIZES[self.width])
        page.emulate_media(color_scheme="light" if self.by_hand else self.theme)
        page.evaluate(CHOOSE, [self.theme if self.by_hand else "", self.text])


# Every language, theme and size meets every other: axe looks four times at a guest's page, at two visits.
LOOKS = {
    "zh-CN": (Look("light", 390), Look("dark", 320, "160%", by_hand=True)),
    "en-US": (Look("dark", 390), Look("light", 320, "160%", by_hand=True)),
}
OTHER_SIZES = (Look("light", 320), Look("light", 390, "160%"))


def sticks_out(page: Page, *looks: Look) -> list[str]:
    """Say what does not fit, and in which look."""
    faults = []
    for look in looks:
        look.put_on(page)
        faults += [f"{look}: {fault}" for fault in page.evaluate(STICKING_OUT, look.width)]
    return faults


def look_at(page: Page, place: Place, url: str, locale: str) -> list[str]:
    """Visit a page; return what is wrong with it."""
    said: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        told_status = place.status >= 400 and "Failed to load resource" in message.text
        if message.type == "error" and not told_status:
            said.append(message.text)

    page.on("console", listen)
    LOOKS[locale][0].put_on(page)
    answer = page.goto(url + place.path)
    assert answer is not None
    faults = [] if answer.status == place.status else [f"status {answer.status}"]
    shown = page.evaluate("[document.documentElement.lang, document.querySelectorAll('h1').length]")
    if shown != [LOCALES[locale], 1]:
        faults.append(f"lang and number of h1: {shown}")
    faults += faults_in(page, locale, is_desk=place.role in ("owner", "operator"))
    page.remove_listener("console", listen)
    return [f"{place.name} ({place.path}): {fault}" for fault in faults + said]


def faults_in(page: Page, locale: str, *, is_desk: bool = False) -> list[str]:
    """Let axe look at the open page in the looks of a language; nothing sticks out in any size.

    At the desks axe looks once a language: those pages are many, and made of the same pieces as the guests'.
    """
    faults = []
    for number, look in enumerate(LOOKS[locale]):
        faults += sticks_out(page, look)
        if number == 0 or not is_desk:
            faults += [f"{look}: {fault}" for fault in axe_faults(page)]
    return faults + sticks_out(page, *OTHER_SIZES)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("locale", LOCALES)
def test_every_page_fits_and_can_be_read(
    phone: Callable[..., Phone], town: Town, world: World, locale: str, role: str
) -> None:
    visitor = phone(town, locale, device_scale_factor=1, reduced_motion="reduce")
    if role != "anybody":
        sign_in(visitor, town, role)
    mine = [place for place in places(world) if place.role == role]
    faults = [fault for place in mine for fault in look_at(visitor.page, place, town.url, locale)]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("locale", LOCALES)
def test_the_key_that_is_shown_once_fits(phone: Callable[..., Phone], town: Town, locale: str) -> None:
    visitor = phone(town, locale)
    visitor.context.add_init_script("delete window.PublicKeyCredential")
    page = visitor.page
    page.goto("/sign-in")
    page.get_by_role("button", name=say(locale, "Continue on this phone")).click()
    page.wait_for_url("**/me/recovery/saved*")
    assert faults_in(page, locale) == []


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


def axe_faults(page: Page) -> list[str]:
    """Return all that axe finds, each with its first elements."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found: list[dict[str, Any]] = page.evaluate(RUN_AXE)
    return [f"{one['id']}: {node['html'][:120]} {why(node)}" for one in found for node in one["nodes"][:2]]


def why(node: dict[str, Any]) -> str:
    """Give axe's reason in one line."""
    return " ".join(str(node.get("failureSummary", "")).split())[:200]
