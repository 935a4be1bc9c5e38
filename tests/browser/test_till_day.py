"""A day at a till with no network: typed codes, the budget, undo, another member of staff, the ledger as a file."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.shops.models import Shop
from o2o.tills import queries as tills
from o2o.tills import rules as till_rules
from tests import factories
from tests.browser.conftest import Phone, Town, served, shot
from tests.browser.tills import TillPhone, till_phone
from tests.browser.words import say

pytestmark = pytest.mark.browser
ZH = "zh-CN"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("till-day")) as running:
        with running.app.app_context():
            begin_write()
            factories.make_town(db.session)
            db.session.commit()
        yield running


@pytest.fixture
def shop(town: Town) -> int:
    """Open a shop whose owner lets tills take typed codes offline, three at most; two people have PINs."""
    with town.app.app_context():
        begin_write()
        shop = factories.make_shop(db.session)
        owner = factories.make_role(db.session, shop, f"owner-{shop.id}", kind="owner", name="老板")
        staff = factories.make_role(db.session, shop, f"staff-{shop.id}", name="小李")
        limits = tills.Limits(bearer=True, most_claims=4, most_each=20_000, most_total=200_000)
        now = clock.now()
        till_rules.set_rules(db.session, shop_id=shop.id, account_id=owner.account_id, limits=limits, now=now)
        for role, pin in ((owner, "4826"), (staff, "7391")):
            till_rules.set_pin(db.session, shop_id=shop.id, account_id=role.account_id, pin=pin, now=now)
        found = shop.id
        db.session.commit()
    return found


def codes(town: Town, shop_id: int, number: int, **terms: Any) -> list[str]:
    """Issue passes nobody's phone is bound to; return their short codes."""
    with town.app.app_context():
        begin_write()
        given = factories.make_terms(db.session, db.session.get_one(Shop, shop_id), **terms)
        found = [factories.make_pass(db.session, given).short_code for _ in range(number)]
        db.session.commit()
    return found


def type_in(till: TillPhone, code: str) -> None:
    """Type a code as the guest reads it out."""
    till.page.locator("#code").fill(f"{code[:4]} {code[4:8].lower()}-{code[8:]}")
    till.page.get_by_role("button", name=say(ZH, "Check")).click()


def take(till: TillPhone, code: str) -> None:
    type_in(till, code)
    till.confirm()
    expect(till.page.locator(".answer-ok")).to_be_visible()


def refused(till: TillPhone, reason: str) -> None:
    expect(till.page.locator(".answer-code")).to_have_text(reason)
    till.next()


def count(till: TillPhone, number: int) -> None:
    expect(till.page.locator('[data-part="unsent"]')).to_have_attribute("data-count", str(number))


def offline(till: TillPhone) -> None:
    till.context.set_offline(True)
    till.open()


def test_typed_codes_count_double_and_then_the_till_wants_the_server(
    playwright: Playwright, town: Town, shop: int, tmp_path: Path
) -> None:
    first, second, third = codes(town, shop, 3)
    with till_phone(playwright, town, tmp_path, f"owner-{shop}", shop) as till:
        offline(till)
        take(till, first)
        till.next()
        type_in(till, first)
        refused(till, "already_used_here")
        take(till, second)
        till.next()
        type_in(till, third)
        refused(till, "budget")
        type_in(till, "ZZZZZZZZZZZZ")
        refused(till, "format")
        count(till, 5)  # two uses, three refusals
        till.context.set_offline(False)
        till.open()
        till.sync()
        take(till, third)
        expect(till.page.locator(".answer")).to_contain_text(say(ZH, "Confirmed by the server."))


def test_undo_offline_gives_the_use_back(
    playwright: Playwright, town: Town, shop: int, tmp_path: Path
) -> None:
    (code,) = codes(town, shop, 1)
    with till_phone(playwright, town, tmp_path, f"owner-{shop}", shop) as till:
        offline(till)
        take(till, code)
        till.page.locator("details.undo summary").click()
        till.page.get_by_role("button", name=say(ZH, "Undo this redemption")).click()
        expect(till.page.locator(".answer h2")).to_have_text(say(ZH, "Undone"))
        till.next()
        take(till, code)
        till.next()
        later = clock.now() + timedelta(minutes=16)
        till.page.clock.install(time=later)
        till.open()
        expect(till.page.locator(".scan").first).to_be_visible()
        assert till.page.locator('.scan button[data-part="undo"]:visible').count() == 0
        acts = [(row["act"], row["of"]) for row in till.ledger()]
        assert [act for act, _ in acts] == ["redeem", "annul", "redeem"]
        assert acts[1][1] == till.ledger()[0]["claim_id"]


def test_a_colleague_takes_the_phone_by_pin_and_acts_under_their_own_name(
    playwright: Playwright, town: Town, shop: int, tmp_path: Path
) -> None:
    first, second = codes(town, shop, 2)
    with till_phone(playwright, town, tmp_path, f"owner-{shop}", shop) as till:
        offline(till)
        take(till, first)
        till.next()
        page = till.page
        page.get_by_role("button", name=say(ZH, "Change who acts")).click()
        page.locator("#till-who").select_option(label="小李")
        page.locator("#till-pin").fill("0000")
        page.get_by_role("button", name=say(ZH, "That’s me")).click()
        expect(page.locator("dialog [role=alert]")).to_have_text(say(ZH, "This PIN is not right."))
        shot(Phone(till.context, page), "till-pin")
        page.locator("#till-pin").fill("７３９１")
        page.get_by_role("button", name=say(ZH, "That’s me")).click()
        expect(page.locator('[data-part="staff"]')).to_have_text("小李")
        take(till, second)
        till.next()
        staff = [row["staff"] for row in till.ledger()]
        assert len(set(staff)) == 2
        with page.expect_download() as saving:
            page.get_by_role("button", name=say(ZH, "Save as a file")).click()
        saved = json.loads(Path(saving.value.path()).read_text())
        assert [entry["staff"] for entry in saved["entries"]] == staff
        assert saved["entries"][1]["prev"] == saved["entries"][0]["hash"]


def test_twelve_hours_without_a_network_end_the_session_and_nothing_else(
    playwright: Playwright, town: Town, shop: int, tmp_path: Path
) -> None:
    first, second = codes(town, shop, 2)
    with till_phone(playwright, town, tmp_path, f"owner-{shop}", shop) as till:
        offline(till)
        take(till, first)
        till.page.clock.install(time=clock.now() + timedelta(hours=11, minutes=58))
        till.open()
        take(till, second)
        till.next()
        till.page.clock.set_system_time(clock.now() + timedelta(hours=12, minutes=2))
        till.open()
        type_in(till, second)
        expect(till.page.locator(".answer h2")).to_have_text(say(ZH, "Signed out"))
        till.next()
        # A clock that is turned back opens no session again, and makes no list young.
        till.page.clock.set_system_time(clock.now())
        till.open()
        count(till, 2)
        expect(till.page.locator('[data-part="lists"]')).to_contain_text("12")
        expect(till.page.locator(".scan").first).to_be_visible()
        type_in(till, second)
        expect(till.page.locator(".answer h2")).to_have_text(say(ZH, "Signed out"))
        till.next()
        till.context.set_offline(False)
        till.open()
        till.sync()
        count(till, 0)


def test_a_phone_that_cannot_write_shows_no_green(
    playwright: Playwright, town: Town, shop: int, tmp_path: Path
) -> None:
    (code,) = codes(town, shop, 1)
    with till_phone(playwright, town, tmp_path, f"owner-{shop}", shop) as till:
        offline(till)
        till.page.evaluate(
            "() => { IDBObjectStore.prototype.add = () => { throw new DOMException('full', 'QuotaExceededError'); }; }"
        )
        type_in(till, code)
        till.confirm()
        expect(till.page.locator(".answer h2")).to_have_text(say(ZH, "Not written down"))
        assert till.page.locator(".answer-ok").count() == 0
        till.open()
        take(till, code)


def test_a_hanging_server_costs_staff_a_moment_and_nothing_more(
    playwright: Playwright, phone: Callable[..., Phone], town: Town, shop: int, tmp_path: Path
) -> None:
    first, second = codes(town, shop, 2)
    with till_phone(playwright, town, tmp_path, f"owner-{shop}", shop) as till:
        till.context.route("**/till/sync", lambda route: None)
        take(till, first)
        expect(till.page.locator('[data-part="mode"]')).to_have_text(say(ZH, "Offline"))
        till.next()
        take(till, second)
        till.context.unroute_all(behavior="ignoreErrors")
        till.next()
        till.sync()
        count(till, 0)
