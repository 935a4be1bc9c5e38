"""An owner types a menu beside its photo: the text outlives a page added later, the photo stays in sight and grows."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from o2o.kernel.db import begin_write, db
from o2o.menus import queries
from tests import factories
from tests.browser.conftest import Phone, Town, served, shot, sign_in
from tests.photos.pictures import scene, written

pytestmark = pytest.mark.browser
TYPED = "热菜：\n宫保鸡丁 38\n水煮鱼 68 微辣\n拿铁 中杯25 大杯30"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("menu-pages")) as running:
        yield running


@pytest.fixture
def shop(town: Town) -> int:
    with town.app.app_context():
        begin_write()
        row = factories.make_shop(db.session, "小满咖啡")
        factories.make_role(db.session, row, "owner", "owner")
        shop_id = row.id
        db.session.commit()
        factories.forget_town()
    return shop_id


def sent(count: int) -> list[dict[str, object]]:
    content = written(scene(600, 800))
    return [{"name": f"{at}.jpg", "mimeType": "image/jpeg", "buffer": content} for at in range(count)]


def names(town: Town, shop: int) -> list[str]:
    with town.app.app_context():
        return [one.line.name + one.line.unit for one in queries.kept(db.session, shop)]


def test_the_text_outlives_a_page_and_the_page_stays_in_sight(
    town: Town, shop: int, phone: Callable[..., Phone]
) -> None:
    owner = phone(town, "zh-CN")
    sign_in(owner, town, "owner")
    page = owner.page
    page.goto(f"/console/{shop}/menu/write")
    page.locator("#text").fill(TYPED)
    page.locator("input[type=file]").set_input_files(sent(2))
    expect(page.locator("[data-behaviour=photos]")).to_have_attribute("aria-busy", "false", timeout=20_000)
    page.locator("#more form[enctype] [type=submit]").click()
    pages = page.locator("#pages img")
    expect(pages).to_have_count(2, timeout=30_000)
    expect(page.locator("#text")).to_have_value(TYPED)
    expect(page.locator("[role=region]")).to_be_focused()
    narrow = pages.first.bounding_box()
    page.locator(".leaves-sizes .chip").nth(1).click()
    wide = pages.first.bounding_box()
    assert narrow is not None
    assert wide is not None
    assert wide["width"] == pytest.approx(2 * narrow["width"], rel=0.02)
    page.locator("#lines [type=submit]").scroll_into_view_if_needed()
    expect(page.locator(".leaves")).to_be_in_viewport(ratio=0.9)
    shot(owner, "menu-pages")
    page.locator("#lines [type=submit]").click()
    page.wait_for_url("**/menu/imports/*")
    assert names(town, shop) == []
    page.locator("form[action$='/apply'] button").click()
    expect(page.locator("form[action$='/undo']")).to_be_visible()
    assert names(town, shop) == ["宫保鸡丁", "拿铁中杯", "拿铁大杯"]


def test_without_scripts_pages_are_laid_first(town: Town, shop: int, phone: Callable[..., Phone]) -> None:
    owner = phone(town, "en", java_script_enabled=False)
    sign_in(owner, town, "owner")
    page = owner.page
    page.goto(f"/console/{shop}/menu/write")
    page.locator("input[type=file]").set_input_files(sent(1))
    page.locator("#more form[enctype] [type=submit]").click()
    expect(page.locator("#pages img")).to_have_count(1)
    page.locator("#more summary").click()
    page.locator("form[action$='/drop'] button").click()
    expect(page.locator("#pages img")).to_have_count(0)
    page.locator("#text").fill("Soup 18")
    page.locator("#lines [type=submit]").click()
    expect(page.locator("form[action$='/apply']")).to_be_visible()
