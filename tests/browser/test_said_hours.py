"""An owner pastes the hours: the week stands there to be looked at, with and without JavaScript, and Enter saves."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect

from o2o.kernel.db import begin_write, db
from o2o.shops.models import Shop
from tests import factories
from tests.browser.conftest import Phone, Town, served, shot, sign_in

pytestmark = pytest.mark.browser
PASTED = {
    "zh-CN": "周一到周五早上九点到晚上十点，周六11点半到2点、下午5点到9点，外卖到20:00",
    "en": "Mon-Fri 9am-10pm, Sat 11:30-2, 5pm-9pm, kitchen till 20:00",
}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("said-hours")) as running:
        yield running


def open_shop(town: Town) -> int:
    with town.app.app_context():
        begin_write()
        shop = factories.make_shop(db.session, "小满咖啡")
        factories.make_role(db.session, shop, "owner", "owner")
        shop_id = shop.id
        db.session.commit()
        factories.forget_town()
    return shop_id


def hours(town: Town, shop_id: int) -> str | None:
    with town.app.app_context():
        return db.session.get_one(Shop, shop_id).hours


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_pasted_hours_fill_the_week(town: Town, phone: Callable[..., Phone], locale: str) -> None:
    shop = open_shop(town)
    owner = phone(town, locale)
    sign_in(owner, town, "owner")
    page = owner.page
    page.goto(f"/console/{shop}/shop")
    page.locator("#about").fill("Typed before")
    page.locator("#said").fill(PASTED[locale])
    page.locator("button[formaction]").click()
    expect(page.locator("#hours [role=status]")).to_be_focused()
    expect(page.locator("#day0-from1")).to_have_value("09:00")
    expect(page.locator("#day4-to1")).to_have_value("22:00")
    expect(page.locator("#day5-to1")).to_have_value("14:00")
    expect(page.locator("#day5-to2")).to_have_value("21:00")
    expect(page.locator("#hours .notice-wait")).to_contain_text("20:00")
    expect(page.locator("#hours .notice-info")).to_contain_text("11:30–14:00")
    expect(page.locator("#about")).to_have_value("Typed before")
    shot(owner, f"said-hours-{locale}")
    assert hours(town, shop) is None
    with page.expect_navigation():
        page.locator("#name").press("Enter")
    assert hours(town, shop) == "Mo-Fr 09:00-22:00; Sa 11:30-14:00,17:00-21:00"


def test_without_scripts_the_whole_page_comes_back(town: Town, phone: Callable[..., Phone]) -> None:
    shop = open_shop(town)
    owner = phone(town, "en", java_script_enabled=False)
    sign_in(owner, town, "owner")
    page = owner.page
    page.goto(f"/console/{shop}/shop")
    page.locator("#about").fill("Typed before")
    page.locator("#said").fill("nothing of the kind")
    page.locator("button[formaction]").click()
    expect(page.locator("#said-error")).to_be_visible()
    page.locator("#said").fill("daily 9:00-21:00")
    page.locator("button[formaction]").click()
    expect(page.locator("#day6-to1")).to_have_value("21:00")
    expect(page.locator("#about")).to_have_value("Typed before")
    page.locator(".acts-stay button").click()
    expect(page.locator("#day6-to1")).to_have_value("21:00")
    assert hours(town, shop) == "Mo-Su 09:00-21:00"
