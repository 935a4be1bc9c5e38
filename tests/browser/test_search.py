"""The search box as a thumb and a keyboard use it: suggestions, recent searches on the phone only, no script at all."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from o2o.kernel.db import begin_write, db
from tests.browser.conftest import Phone, Town, served, shot
from tests.suggestions.town import build

pytestmark = pytest.mark.browser
IDLE = 400  # ms, longer than the box waits before it asks


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("search")) as running:
        with running.app.app_context():
            begin_write()
            build(db.session)
            db.session.commit()
        yield running


def asked(page: Page) -> list[str]:
    """Collect what is asked of the server while somebody types."""
    found: list[str] = []
    page.on("request", lambda request: found.append(request.url) if "/suggest?" in request.url else None)
    return found


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_typing_suggests_and_keys_choose(phone: Callable[..., Phone], town: Town, locale: str) -> None:
    visitor = phone(town, locale)
    page = visitor.page
    page.goto("/")
    expect(page.locator("script[src*='search.js']")).to_have_count(0)
    box = page.locator("#q")
    box.focus()
    expect(box).to_have_attribute("role", "combobox")
    expect(box).to_have_attribute("aria-expanded", "false")
    box.press_sequentially("rou", delay=20)
    options = page.locator("#hints [role=option]")
    expect(options.first).to_be_visible()
    expect(box).to_have_attribute("aria-expanded", "true")
    shot(visitor, f"suggest-{locale[:2]}")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "hint-0")
    expect(options.first).to_have_attribute("aria-selected", "true")
    box.press("ArrowUp")
    expect(box).to_have_attribute("aria-activedescendant", "")
    box.press("Escape")
    expect(page.locator("#hints")).to_be_hidden()
    expect(box).to_have_value("rou")
    box.press("Backspace")
    expect(options.first).to_be_visible()
    dish = options.filter(has_text="肉夹馍").filter(has_not_text="老王").first
    dish.tap()
    expect(box).to_have_value("肉夹馍")
    expect(page.locator(".card")).to_have_count(2)
    expect(page.locator("#hints")).to_be_hidden()


def test_recent_searches_stay_on_the_phone(phone: Callable[..., Phone], town: Town) -> None:
    visitor = phone(town)
    page = visitor.page
    page.goto("/")
    box = page.locator("#q")
    box.focus()
    expect(box).to_have_attribute("role", "combobox")
    for text in ("火锅", "rjm", "<b>x</b>"):
        box.fill(text)
        box.press("Enter")
        page.wait_for_timeout(IDLE)
    box.fill("")
    box.blur()
    urls = asked(page)
    box.focus()
    options = page.locator("#hints [role=option]")
    expect(options).to_have_text(["<b>x</b>", "rjm", "火锅"])
    shot(visitor, "recent-zh")
    assert all(url.endswith("/suggest?q=") for url in urls)
    page.locator(".hint-drop").nth(1).tap()
    expect(options).to_have_text(["<b>x</b>", "火锅"])
    page.goto("/")
    box.focus()
    expect(options).to_have_text(["<b>x</b>", "火锅"])
    box.press("ArrowDown")
    box.press("ArrowDown")
    box.press("Enter")
    expect(box).to_have_value("火锅")
    expect(page.locator(".card")).to_have_count(1)
    box.fill("")
    box.blur()
    box.focus()
    expect(options).to_have_text(["火锅", "<b>x</b>"])
    page.locator(".hints-foot button").tap()
    expect(options).to_have_count(0)
    assert page.evaluate("localStorage['o2o.searches']") == "[]"


def test_nothing_is_asked_while_characters_are_composed(phone: Callable[..., Phone], town: Town) -> None:
    visitor = phone(town)
    page = visitor.page
    page.goto("/")
    box = page.locator("#q")
    box.focus()
    expect(box).to_have_attribute("role", "combobox")
    urls = asked(page)
    client = visitor.context.new_cdp_session(page)
    client.send("Input.imeSetComposition", {"text": "rou jia", "selectionStart": 7, "selectionEnd": 7})
    page.wait_for_timeout(IDLE)
    assert urls == []
    client.send("Input.insertText", {"text": "肉夹"})
    expect(page.locator("#hints [role=option]").first).to_be_visible()
    assert [url.rsplit("=", 1)[1] for url in urls] == ["%E8%82%89%E5%A4%B9"]


def test_only_the_last_question_counts(phone: Callable[..., Phone], town: Town) -> None:
    page = phone(town).page
    page.goto("/")
    box = page.locator("#q")
    box.focus()
    expect(box).to_have_attribute("role", "combobox")
    urls = asked(page)
    box.press_sequentially("xingbake", delay=30)
    expect(page.locator("#hints [role=option]").first).to_contain_text("星巴克")
    assert len(urls) <= 2


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_a_slip_is_said(phone: Callable[..., Phone], town: Town, locale: str) -> None:
    visitor = phone(town, locale)
    page = visitor.page
    page.goto("/?q=rmh")
    expect(page.locator(".card")).to_have_count(2)
    expect(page.locator(".notice")).to_contain_text("肉夹馍")
    shot(visitor, f"instead-{locale[:2]}")
    page.locator(".notice a").first.click()
    expect(page.locator(".card")).to_have_count(0)
    expect(page.locator("#q")).to_have_value("rmh")


def test_without_a_script_the_box_is_a_plain_search(phone: Callable[..., Phone], town: Town) -> None:
    page = phone(town, java_script_enabled=False).page
    page.goto("/")
    page.locator("#q").fill("roujiamo")
    page.locator("#filters button.btn").click()
    expect(page.locator(".card")).to_have_count(2)
    page.goto("/suggest?q=rjm")
    expect(page.locator(".card")).to_have_count(2)
