"""An owner without a passkey stands before a step that asks for proof, and gets through on the phone they hold."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from o2o.accounts.models import Login
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from tests.browser.conftest import Phone, Town, served, shot, sign_in, under
from tests.browser.test_journey import authenticator
from tests.factories import make_role, make_shop

pytestmark = pytest.mark.browser
NO_PASSKEYS = "delete window.PublicKeyCredential"
LOCALES = ("zh-CN", "en-GB")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("wall")) as running:
        yield running


def shop_of(town: Town, handle: str) -> str:
    """Open a shop for somebody; return the address of its desk."""
    with town.app.app_context():
        begin_write()
        shop = make_shop(db.session)
        make_role(db.session, shop, handle, "owner")
        desk = f"/console/{shop.id}"
        db.session.commit()
    return desk


def wait_ten_minutes(town: Town) -> None:
    """Let every sign-in be too old for an important step."""
    with town.app.app_context():
        begin_write()
        db.session.execute(update(Login).values(fresh_at=clock.now() - timedelta(minutes=10)))
        db.session.commit()


def to_the_wall(owner: Phone, town: Town, desk: str) -> None:
    """Want to see the payout account, and be asked."""
    wait_ten_minutes(town)
    owner.page.goto(f"{desk}/payout")
    owner.page.wait_for_url(under("/sign-in"))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_passkey_made_at_the_wall_opens_it(phone: Callable[..., Phone], town: Town, locale: str) -> None:
    handle = f"owner-{locale[:2]}"
    desk, owner = shop_of(town, handle), phone(town, locale)
    authenticator(owner)
    sign_in(owner, town, handle)
    to_the_wall(owner, town, desk)
    shot(owner, f"wall-first-{locale}")
    owner.page.locator('[data-passkey="register"]').click()
    owner.page.wait_for_url(under(f"{desk}/payout"))
    expect(owner.page.locator('[name="holder"]')).to_be_visible()
    to_the_wall(owner, town, desk)
    shot(owner, f"wall-passkey-{locale}")
    owner.page.locator('[data-passkey="sign-in"]').click()
    owner.page.wait_for_url(under(f"{desk}/payout"))


@pytest.mark.parametrize("locale", LOCALES)
def test_without_passkeys_a_key_to_write_down_opens_it(
    phone: Callable[..., Phone], town: Town, locale: str
) -> None:
    handle = f"app-{locale[:2]}"
    desk, owner = shop_of(town, handle), phone(town, locale)
    owner.context.add_init_script(NO_PASSKEYS)
    sign_in(owner, town, handle)
    to_the_wall(owner, town, desk)
    expect(owner.page.locator("[data-passkey-else]")).to_be_visible()
    shot(owner, f"wall-none-{locale}")
    owner.page.locator('form[action="/sign-in/first/key"] button').click()
    owner.page.wait_for_url(under("/me/recovery/saved"))
    key = owner.page.locator("#secret code").inner_text()
    owner.page.locator("#is-saved").check()
    owner.page.locator('form[action="/me/recovery/saved"] button').click()
    owner.page.wait_for_url(under(f"{desk}/payout"))
    # And the next time that key is the way, with a passkey after it where the browser has any.
    to_the_wall(owner, town, desk)
    shot(owner, f"wall-key-{locale}")
    owner.page.locator('[name="key"]').fill(key)
    owner.page.locator('form[action="/sign-in/recover"] button[name="then"]').click()
    owner.page.wait_for_url(under("/me/passkeys"))
    expect(owner.page.locator("[data-passkey-else]")).to_be_visible()
    shot(owner, f"wall-none-then-{locale}")
    owner.page.locator(f'main a[href="{desk}/payout"]').click()
    owner.page.wait_for_url(under(f"{desk}/payout"))


@pytest.mark.parametrize("locale", LOCALES)
def test_a_key_then_a_passkey_then_back_to_the_people(
    phone: Callable[..., Phone], town: Town, locale: str
) -> None:
    owner = phone(town, locale)
    owner.page.goto("/sign-in")
    owner.page.locator('form[action="/sign-in/key"] button').click()
    key = owner.page.locator("#secret code").inner_text()
    owner.page.locator("#is-saved").check()
    owner.page.locator('form[action="/me/recovery/saved"] button').click()
    owner.page.wait_for_url(under("/me"))
    with town.app.app_context():
        begin_write()
        newest = db.session.query(Login).order_by(Login.created_at.desc()).first()
        assert newest is not None
        newest.account.handle = f"keyed-{locale[:2]}"
        db.session.commit()
    desk = shop_of(town, f"keyed-{locale[:2]}")
    owner.page.goto(f"{desk}/staff")
    wait_ten_minutes(town)
    authenticator(owner)
    owner.page.locator(f'form[action="{desk}/staff/invites"] [name="name"]').fill("小王")
    owner.page.locator(f'form[action="{desk}/staff/invites"] button').last.click()
    owner.page.wait_for_url(under("/sign-in"))
    shot(owner, f"wall-people-{locale}")
    owner.page.locator('[name="key"]').fill(key.lower().replace("-", " "))
    owner.page.locator('form[action="/sign-in/recover"] button[name="then"]').click()
    owner.page.wait_for_url(under("/me/passkeys"))
    shot(owner, f"wall-add-{locale}")
    owner.page.locator('[data-passkey="register"]').click()
    owner.page.wait_for_url(under(f"{desk}/staff"))
    expect(owner.page.locator(f'form[action="{desk}/staff/invites"] [name="name"]')).to_have_value("小王")
    shot(owner, f"wall-through-{locale}")


@pytest.mark.parametrize(("locale", "way"), [("zh-CN", "plain"), ("en-GB", "htmx")])
def test_five_minutes_run_out_while_typing_and_nothing_is_lost(
    phone: Callable[..., Phone], town: Town, locale: str, way: str
) -> None:
    handle = f"typist-{way}"
    desk, owner = shop_of(town, handle), phone(town, locale)
    authenticator(owner)
    sign_in(owner, town, handle)
    to_the_wall(owner, town, desk)
    owner.page.locator('[data-passkey="register"]').click()
    owner.page.wait_for_url(under(f"{desk}/payout"))
    form = owner.page.locator(f'form[action="{desk}/payout"]')
    if way == "htmx":
        form.evaluate("(form) => { form.setAttribute('hx-post', form.action); htmx.process(form); }")
    typed = {"holder": "五味咖啡", "bank": "支付宝", "number": "13800000000"}
    form.locator('[name="kind"][value="wallet"]').check()
    for name, text in typed.items():
        form.locator(f'[name="{name}"]').fill(text)
    wait_ten_minutes(town)
    form.locator("button").click()
    owner.page.wait_for_url(under("/sign-in"))
    shot(owner, f"wall-kept-{locale}")
    owner.page.locator('[data-passkey="sign-in"]').click()
    owner.page.wait_for_url(under(f"{desk}/payout"))
    for name, text in typed.items():
        expect(form.locator(f'[name="{name}"]')).to_have_value(text)
    expect(form.locator('[name="kind"][value="wallet"]')).to_be_checked()
    shot(owner, f"wall-refilled-{locale}")
    form.locator("button").click()
    expect(owner.page.get_by_text("•••• 0000")).to_be_visible()


def test_back_from_the_wall_is_no_circle(phone: Callable[..., Phone], town: Town) -> None:
    desk, owner = shop_of(town, "walker"), phone(town)
    sign_in(owner, town, "walker")
    to_the_wall(owner, town, desk)
    owner.page.locator(f'main a[href="{desk}"]').click()
    owner.page.wait_for_url(under(desk))
    expect(owner.page.locator("h1")).to_be_visible()
