"""The designer on a phone: words while one types, a question before a loss, and the few taps to a first offer."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from o2o.kernel.db import begin_write, db
from o2o.offers.models import Offer
from tests import factories
from tests.browser.conftest import Phone, Town, served, sign_in

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("designer")) as running:
        yield running


@pytest.fixture
def shop(town: Town) -> int:
    with town.app.app_context():
        begin_write()
        row = factories.make_shop(db.session, "雕刻时光咖啡馆")
        factories.make_role(db.session, row, "owner", "owner")
        number = row.id
        db.session.commit()
    return number


def sold(town: Town, shop: int) -> int:
    with town.app.app_context():
        count = db.session.query(Offer).filter_by(shop_id=shop, state="on_sale").count()
        db.session.rollback()
    return count


def write(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.locator(f"[name='{name.replace('__', '-')}']").fill(text)


def test_a_first_offer_takes_six_taps(town: Town, shop: int, phone: Callable[..., Phone]) -> None:
    owner = phone(town, locale="en-US")
    sign_in(owner, town, "owner")
    owner.page.goto(f"/console/{shop}/offers/new")
    write(owner.page, title="Two coffees", contents__0__text="Coffee", contents__0__alone="50", price="38")
    owner.page.get_by_role("button", name="Publish the offer").click()
    expect(owner.page).to_have_url(re.compile(rf"/console/{shop}/offers$"))
    assert sold(town, shop) == 1


def test_words_come_while_one_types_and_nothing_is_kept(
    town: Town, shop: int, phone: Callable[..., Phone]
) -> None:
    owner = phone(town, locale="en-US")
    sign_in(owner, town, "owner")
    page = owner.page
    page.goto(f"/console/{shop}/offers/new")
    page.locator("details.fold > summary").click()
    panel = page.locator(".worth")
    expect(panel).to_contain_text("Still missing: the price")
    write(
        page, title="Two coffees", contents__0__text="Coffee", contents__0__alone="50", price="38", cost="26"
    )
    expect(panel).to_contain_text("Every voucher leaves you ¥12.")
    write(page, total_cap="100")
    expect(panel).to_contain_text("If all 100 are sold: +¥1,200.")
    write(page, price="20")
    expect(panel).to_contain_text("If all 100 are sold: −¥600.")
    expect(panel.locator(".badge-no").first).to_be_visible()
    assert sold(town, shop) == 0
    page.get_by_role("button", name="Publish the offer").click()
    sure = page.get_by_role("button", name="I know: up to −¥600. Publish anyway")
    expect(sure).to_be_visible()
    assert sold(town, shop) == 0
    sure.click()
    expect(page).to_have_url(re.compile(rf"/console/{shop}/offers$"))
    assert sold(town, shop) == 1
