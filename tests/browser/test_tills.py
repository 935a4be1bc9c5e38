"""A phone of staff asks, an owner lets it in on another phone; a till that was switched off can become a new one."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.tills import rules
from o2o.tills.models import Till
from tests import factories
from tests.browser.conftest import Phone, Town, served, shot, sign_in
from tests.browser.test_pages import axe_faults

pytestmark = pytest.mark.browser
READ = """(key) => new Promise((resolve, reject) => {
  const opening = indexedDB.open("till");
  opening.onerror = () => reject(opening.error);
  opening.onsuccess = () => {
    const database = opening.result;
    const asking = database.transaction("state").objectStore("state").get(key);
    asking.onsuccess = async () => {
      const found = asking.result;
      database.close();
      if (!found?.pair) return resolve(found ?? null);
      const { pair, ...rest } = found;
      const { extractable, usages } = pair.privateKey;
      const jwk = await crypto.subtle.exportKey("jwk", pair.privateKey).then(() => "leaked", (error) => error.name);
      resolve({ ...rest, extractable, usages, jwk });
    };
  };
})"""

LEDGER = """new Promise((resolve, reject) => {
  const opening = indexedDB.open("till");
  opening.onsuccess = () => {
    const store = opening.result.transaction("ledger", "readwrite").objectStore("ledger");
    const asking = %s;
    asking.onerror = () => reject(asking.error);
    asking.onsuccess = () => { opening.result.close(); resolve(asking.result); };
  };
})"""
WRITE = LEDGER % 'store.add({ seq: 1, claim_id: "c", act: "redeem", verdict: "ok", own: {}, fate: null })'
COUNT = LEDGER % "store.count()"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("tills")) as running:
        yield running


@pytest.fixture
def shop(town: Town) -> int:
    with town.app.app_context():
        begin_write()
        made = factories.make_shop(db.session, "雕刻时光咖啡馆")
        factories.make_role(db.session, made, "owner", "owner", name="王姐")
        factories.make_role(db.session, made, "staff", name="小李")
        found = made.id
        db.session.commit()
        factories.forget_town()
    return found


def kept(page: Page, key: str = "till") -> dict:
    return page.evaluate(READ, key)


def states(town: Town, shop: int) -> list[str]:
    with town.app.app_context():
        rows = select(Till.state).where(Till.shop_id == shop).order_by(Till.asked_at)
        return list(db.session.scalars(rows))


def check(page: Page) -> None:
    """Nothing sticks out, and axe finds nothing."""
    width, inner = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= inner
    assert axe_faults(page) == []


def test_staff_ask_and_an_owner_lets_them_in(town: Town, shop: int, phone: Callable[..., Phone]) -> None:
    staff, owner = phone(town), phone(town)
    sign_in(staff, town, "staff")
    sign_in(owner, town, "owner")
    page, desk = staff.page, owner.page
    page.goto(f"/till/register?shop={shop}")
    button = page.get_by_role("button", name="请店主把这台手机设为收银机")
    expect(button).to_be_visible()
    check(page)
    shot(staff, "tills-ask")
    page.get_by_label("给这台手机起个名字").fill("吧台左边")
    button.click()
    expect(page.get_by_text("等店主同意")).to_be_visible()
    check(page)
    shot(staff, "tills-waiting")
    mine = kept(page)
    assert (mine["state"], mine["shop"], mine["name"]) == ("waiting", shop, "吧台左边")
    assert (mine["extractable"], mine["usages"], mine["jwk"]) == (False, ["sign"], "InvalidAccessError")
    page.reload()
    expect(page.get_by_text("等店主同意")).to_be_visible()

    desk.goto(f"/console/{shop}")
    desk.get_by_role("link", name="有 1 台手机申请成为收银机").click()
    expect(desk.get_by_role("heading", name="吧台左边")).to_be_visible()
    check(desk)
    shot(owner, "tills-desk-waiting")
    desk.get_by_role("button", name="同意", exact=True).click()
    expect(desk.get_by_text("使用中")).to_be_visible()
    check(desk)
    shot(owner, "tills-desk-active")

    page.wait_for_url(re.compile(r"/till$"), timeout=15_000)
    assert kept(page)["state"] == "active"
    assert kept(page)["id"] == mine["id"]
    assert states(town, shop) == ["active"]


def test_an_owners_phone_is_a_till_in_two_taps(town: Town, shop: int, phone: Callable[..., Phone]) -> None:
    owner = phone(town)
    sign_in(owner, town, "owner")
    owner.page.goto(f"/console/{shop}/tills")
    owner.page.get_by_role("link", name="把这台手机设为收银机").click()
    owner.page.get_by_role("button", name="把这台手机设为收银机").click()
    owner.page.wait_for_url(re.compile(r"/till$"))
    assert kept(owner.page)["name"] == "收银机 1"
    assert states(town, shop) == ["active"]


def test_an_owner_lets_the_phone_in_hand_in_by_a_press_only(
    town: Town, shop: int, phone: Callable[..., Phone]
) -> None:
    held = phone(town)
    page = held.page
    sign_in(held, town, "staff")
    page.goto(f"/till/register?shop={shop}")
    page.get_by_label("给这台手机起个名字").fill("吧台左边")
    page.get_by_role("button", name="请店主把这台手机设为收银机").click()
    expect(page.get_by_text("等店主同意")).to_be_visible()
    sign_in(held, town, "owner")
    page.goto(f"/till/register?shop={shop}")
    expect(page.get_by_label("给这台手机起个名字")).to_have_value("吧台左边")
    assert states(town, shop) == ["waiting"]
    page.get_by_role("button", name="把这台手机设为收银机").click()
    page.wait_for_url(re.compile(r"/till$"))
    assert states(town, shop) == ["active"]


def test_a_lost_answer_makes_no_second_till(town: Town, shop: int, phone: Callable[..., Phone]) -> None:
    staff = phone(town)
    sign_in(staff, town, "staff")
    page = staff.page
    page.goto(f"/till/register?shop={shop}")

    def swallow(route) -> None:
        route.fetch()
        route.abort()

    page.route("**/till/register", swallow)
    page.get_by_role("button", name="请店主把这台手机设为收银机").click()
    expect(page.get_by_role("alert")).to_have_text("没有网络，请稍后再试。")
    page.unroute("**/till/register")
    page.reload()
    page.get_by_role("button", name="请店主把这台手机设为收银机").click()
    expect(page.get_by_text("等店主同意")).to_be_visible()
    assert states(town, shop) == ["waiting"]


def switched_off(town: Town, shop: int, phone: Callable[..., Phone]) -> Phone:
    """Give a phone that asked to be a till and was turned down."""
    staff = phone(town)
    sign_in(staff, town, "staff")
    staff.page.goto(f"/till/register?shop={shop}")
    staff.page.get_by_role("button", name="请店主把这台手机设为收银机").click()
    expect(staff.page.get_by_text("等店主同意")).to_be_visible()
    with town.app.app_context():
        begin_write()
        owner = factories.make_account(db.session, "owner").id
        edge = {"shop_id": shop, "till_id": kept(staff.page)["id"], "account_id": owner}
        rules.revoke(db.session, **edge, now=clock.now())
        db.session.commit()
    expect(staff.page.get_by_role("button", name="重新设为收银机")).to_be_visible(timeout=15_000)
    return staff


def test_what_is_not_sent_yet_is_never_laid_aside(town: Town, shop: int, phone: Callable[..., Phone]) -> None:
    staff = switched_off(town, shop, phone)
    page = staff.page
    page.evaluate(WRITE)
    page.route("**/till/sync", lambda route: route.abort())
    page.get_by_role("button", name="重新设为收银机").click()
    expect(page.get_by_role("alert")).to_have_text("这台手机还有没上传的记录。请联网后再试。")
    assert kept(page)["state"] == "revoked"
    assert page.evaluate(COUNT) == 1


def test_a_switched_off_phone_becomes_a_new_till(town: Town, shop: int, phone: Callable[..., Phone]) -> None:
    staff = switched_off(town, shop, phone)
    page, first = staff.page, kept(staff.page)
    again = page.get_by_role("button", name="重新设为收银机")
    check(page)
    shot(staff, "tills-over")
    again.click()
    page.get_by_role("button", name="请店主把这台手机设为收银机").click()
    expect(page.get_by_text("等店主同意")).to_be_visible()
    assert kept(page)["id"] != first["id"]
    assert kept(page, f"kept:{first['id']}")["till"]["id"] == first["id"]
    assert states(town, shop) == ["revoked", "waiting"]


def test_the_pin_page(town: Town, shop: int, phone: Callable[..., Phone]) -> None:
    staff = phone(town)
    sign_in(staff, town, "staff")
    page = staff.page
    page.goto(f"/till/pin?shop={shop}")
    page.get_by_label("新 PIN").fill("2580")
    page.get_by_label("再输一次").fill("2581")
    page.get_by_role("button", name="设置我的 PIN").click()
    expect(page.get_by_text("两次输入不一样。")).to_be_visible()
    check(page)
    shot(staff, "tills-pin")
    page.get_by_label("新 PIN").fill("2580")
    page.get_by_label("再输一次").fill("2580")
    page.get_by_role("button", name="设置我的 PIN").click()
    page.wait_for_url(re.compile(r"/till$"))
