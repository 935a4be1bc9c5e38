"""On a phone: a shop put on the map by a tap, its papers answered one by one, in place."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from o2o.kernel.db import begin_write, db
from tests.browser.conftest import Phone, Town, served, shot, sign_in
from tests.factories import make_town
from tests.onboarding.town import make_listing
from tests.photos.pictures import scene, written

pytestmark = pytest.mark.browser
WORDS = {
    "en": {"name": "Old Wang's", "left": "1 line still needs you"},
    "zh-CN": {"name": "老王面馆", "left": "还差 1 项"},
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("claim")) as running:
        with running.app.app_context():
            begin_write()
            make_town(db.session)
            make_listing(db.session, "老王面馆", name_en="Old Wang's")
            db.session.commit()
        yield running


def test_a_tap_on_the_map_is_a_place(town: Town, phone: Callable[..., Phone]) -> None:
    wang = phone(town, "en")
    sign_in(wang, town, "tapper")
    page = wang.page
    page.goto("/shops/new")
    page.locator("#map[data-ready]").scroll_into_view_if_needed()
    box = page.locator("#map").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] / 2 + 40, box["y"] + box["height"] / 2 + 20)
    expect(page.locator("#lat")).to_have_value(re.compile(r"^39\.99\d{4}$"))
    expect(page.locator("#lng")).to_have_value(re.compile(r"^116\.3\d{5}$"))
    expect(page.locator(".leaflet-marker-icon.is-here")).to_have_count(1)
    before = page.locator(".leaflet-marker-icon.is-here").bounding_box()
    page.locator("#lat").fill("39.9935")
    page.locator("#lat").blur()
    assert page.locator(".leaflet-marker-icon.is-here").bounding_box() != before
    page.get_by_label("Name on the sign").fill("Tapped noodles")
    page.get_by_label("Category").select_option("amenity/cafe")
    shot(wang, "new-shop")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/admission")


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
def test_papers_are_answered_in_place(
    town: Town, phone: Callable[..., Phone], locale: str, tmp_path: Path
) -> None:
    wang, words = phone(town, locale), WORDS[locale]
    sign_in(wang, town, f"wang-{locale.lower()}")
    page = wang.page
    with town.app.app_context():
        begin_write()
        number = make_listing(db.session, f"面馆 {locale}", name_en=f"Noodles {locale}").id
        db.session.commit()
    page.goto(f"/shops/{number}")
    page.locator(f"a[href='/shops/{number}/claim']").click()
    page.locator("main form button").click()
    page.wait_for_url("**/admission")
    shot(wang, f"papers-{locale}")
    photo = tmp_path / "licence.jpg"
    photo.write_bytes(written(scene()))
    licence = page.locator("#line-licence")
    licence.locator("input[name=text]").fill("91110108MA")
    licence.locator("input[type=date]").fill("2030-12-31")
    licence.locator("input[type=file]").set_input_files(photo)
    licence.locator("button[type=submit]").click()
    expect(page.locator("#line-licence a[href^='/photos/']")).to_be_visible()
    for key in ("identity", "phone_call"):
        page.locator(f"#line-{key} input[name=text]").fill("王小明 010-12345")
        page.locator(f"#line-{key} button[type=submit]").click()
        expect(page.locator(f"#line-{key} details")).to_be_visible()
    page.locator("#line-terms summary").click()
    page.locator("#line-terms button[type=submit]").click()
    expect(page.locator("#line-terms details.sure")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/admission$"))
    expect(page.locator("#line-payout a.btn")).to_be_visible()
    assert words["left"] in page.locator("#state").inner_text()
    shot(wang, f"papers-answered-{locale}")
    overflow = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    assert overflow <= 0
