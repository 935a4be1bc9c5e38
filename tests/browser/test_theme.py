"""Theme and text size: chosen on the phone, there before the first paint, legible, and printed as paper."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Phone, Town, served, shot, sign_in
from tests.browser.world import World, furnish

pytestmark = pytest.mark.browser
PAPER = "getComputedStyle(document.body).backgroundColor"
# Colours as sRGB, since the browser answers in the space of the sheet.
BRIGHTNESS = """(selector) => {
    const canvas = document.createElement("canvas").getContext("2d");
    canvas.fillStyle = getComputedStyle(document.querySelector(selector)).backgroundColor;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / 3;
}"""
COLOUR_OF_BAR = """() => [...document.querySelectorAll('meta[name="theme-color"]')].find(
    (meta) => !meta.media || matchMedia(meta.media).matches).content"""
SIZE = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
FIRST_FRAME = """
    requestAnimationFrame(() => {
        const root = document.documentElement;
        window.first = [root.dataset.theme, root.style.fontSize];
    });
"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("theme")) as running:
        yield running


@pytest.fixture(scope="module")
def world(town: Town) -> World:
    return furnish(town)


def is_dark(page: Page) -> bool:
    return bool(page.evaluate(BRIGHTNESS, "body") < 80)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_phones_own_theme_is_followed(
    phone: Callable[..., Phone], town: Town, world: World, scheme: str
) -> None:
    for javascript in (True, False):
        page = phone(town, "en-US", color_scheme=scheme, java_script_enabled=javascript).page
        page.goto("/")
        if javascript:
            assert is_dark(page) is (scheme == "dark")
            assert page.evaluate(COLOUR_OF_BAR) == ("#1b1411" if scheme == "dark" else "#fbf7f2")
        page.goto("/display")
        expect(page.locator("noscript .notice")).to_have_count(0 if javascript else 1)
        expect(page.locator("form.looks")).to_be_visible(visible=javascript)


def test_a_choice_is_kept_and_there_before_the_first_frame(
    phone: Callable[..., Phone], town: Town, world: World
) -> None:
    page = phone(town, "en-US", color_scheme="light").page
    page.goto("/display")
    normal = page.evaluate(SIZE)
    page.locator('[name="theme"][value="dark"]').check()
    page.locator('[name="text"][value="160"]').check()
    assert is_dark(page)
    assert page.evaluate(SIZE) == pytest.approx(normal * 1.6)
    page.add_init_script(FIRST_FRAME)
    page.goto(f"/shops/{world.shop}")
    expect(page.locator("h1")).to_be_visible()
    assert page.evaluate("window.first") == ["dark", "160%"]
    assert is_dark(page)
    assert page.evaluate(COLOUR_OF_BAR) == "#1b1411"
    page.goto("/display")
    expect(page.locator('[name="theme"][value="dark"]')).to_be_checked()
    page.locator('[name="theme"][value="light"]').check()
    page.locator('[name="text"][value=""]').check()
    page.emulate_media(color_scheme="dark")
    assert not is_dark(page)
    assert page.evaluate(COLOUR_OF_BAR) == "#fbf7f2"
    assert page.evaluate(SIZE) == normal


def test_the_code_is_dark_on_white_in_the_dark(phone: Callable[..., Phone], town: Town, world: World) -> None:
    guest = phone(town, "en-US", color_scheme="dark")
    sign_in(guest, town, "guest")
    guest.page.goto(f"/passes/{world.passes['valid']}")
    assert is_dark(guest.page)
    assert guest.page.evaluate(BRIGHTNESS, ".qr-code") == 255
    assert guest.page.evaluate(BRIGHTNESS, ".pass") == 255
    shot(guest, "pass-dark")


def test_a_pass_is_printed_on_one_page_without_the_frame(
    phone: Callable[..., Phone], town: Town, world: World, tmp_path: Path
) -> None:
    guest = phone(town, "zh-CN", color_scheme="dark")
    sign_in(guest, town, "guest")
    page = guest.page
    page.goto(f"/passes/{world.passes['valid']}")
    page.emulate_media(media="print")
    expect(page.locator(".mast")).to_be_hidden()
    expect(page.locator(".foot")).to_be_hidden()
    expect(page.locator(".qr-code svg")).to_be_visible()
    assert page.locator(".qr-code").bounding_box()["width"] > 280  # type: ignore[index]
    assert not is_dark(page)
    paper = page.pdf(format="A4", path=tmp_path / "pass.pdf")
    assert paper.count(b"/Type /Page\n") + paper.count(b"/Type /Page ") + paper.count(b"/Type /Page/") == 1
