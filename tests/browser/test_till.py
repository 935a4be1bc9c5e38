"""Both phones offline: bought online, shown and taken with no network, settled when the network is back."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import time_machine
from playwright.sync_api import Playwright, expect
from sqlalchemy import select

from o2o.claims.models import Claim
from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.tills.models import Till
from tests import factories
from tests.browser.camera import screen_of
from tests.browser.conftest import Phone, Town, served, shot, sign_in
from tests.browser.test_journey import buy, wait_until_kept
from tests.browser.tills import TillPhone, till_phone
from tests.browser.words import say

pytestmark = pytest.mark.browser
OFFER = "双人手冲咖啡"
KNOWN = """async (claim) => {
    const opening = indexedDB.open("till");
    const database = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
    const reading = database.transaction("state").objectStore("state").get("lists");
    const lists = await new Promise((done) => { reading.onsuccess = () => done(reading.result); });
    database.close();
    return lists.conflicts[claim]?.cause;
}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("tills")) as running:
        with running.app.app_context():
            begin_write()
            factories.make_town(db.session)
            db.session.commit()
        yield running


class Stall(NamedTuple):
    """A shop with an offer; `owner` has it, and `staff` works there."""

    shop: int
    offer: int
    owner: str
    staff: str


@pytest.fixture
def stall(town: Town) -> Stall:
    """Open a shop of its own for each test: a till that is switched off holds no other shop's money back."""
    with town.app.app_context():
        begin_write()
        shop = factories.make_shop(db.session)
        owner, staff = f"owner-{shop.id}", f"staff-{shop.id}"
        factories.make_role(db.session, shop, owner, kind="owner", name="老板")
        factories.make_role(db.session, shop, staff, kind="owner", name="二掌柜")
        offer = factories.make_terms(db.session, shop, title=OFFER).offer_id
        found = Stall(shop.id, offer, owner, staff)
        db.session.commit()
    return found


def bought(guest: Phone, stall: Stall, locale: str) -> str:
    """Buy one pass and wait until the phone keeps it; return its address."""
    guest.page.goto(f"/offers/{stall.offer}")
    address = buy(guest, locale)
    expect(guest.page.locator(".qr-code svg")).to_be_visible()
    wait_until_kept(guest, address)
    return address


def accept(till: TillPhone, picture: bytes) -> None:
    """Hold the picture up, say yes, and see green."""
    till.see(picture)
    till.open()
    till.confirm()
    expect(till.page.locator(".answer-ok")).to_be_visible()


@pytest.mark.parametrize("locale", ["zh-CN", "en-US"])
def test_both_phones_offline(
    playwright: Playwright, phone: Callable[..., Phone], town: Town, stall: Stall, tmp_path: Path, locale: str
) -> None:
    guest = phone(town, locale)
    sign_in(guest, town, f"guest-{locale[:2]}")
    spare = bought(guest, stall, locale)
    address = bought(guest, stall, locale)
    pass_id = address.rsplit("/", 1)[1]
    with till_phone(playwright, town, tmp_path, stall.owner, stall.shop, locale=locale) as till:
        guest.context.set_offline(True)
        till.context.set_offline(True)
        guest.page.goto(address)
        shot(guest, f"pass-live-{locale}")
        accept(till, screen_of(guest.page))
        expect(till.page.locator('[data-part="unsent"]')).to_have_attribute("data-count", "1")
        shot(Phone(till.context, till.page), f"till-green-{locale}")

        till.see_nothing()
        till.page.reload()
        expect(till.page.locator('[data-part="unsent"]')).to_have_attribute("data-count", "1")
        shot(Phone(till.context, till.page), f"till-home-{locale}")
        till.switch_off()
        till.switch_on(offline=True)
        till.open()
        expect(till.page.locator('[data-part="unsent"]')).to_have_attribute("data-count", "1")

        guest.page.goto(spare)
        old = screen_of(guest.page)
        till.see(old)
        till.page.clock.install(time=clock.now() + timedelta(minutes=2))
        till.open()
        expect(till.page.locator(".answer-no")).to_contain_text("stale_code")
        shot(Phone(till.context, till.page), f"till-stale-{locale}")
        till.see_nothing()
        till.page.clock.set_system_time(clock.now())

        guest.context.set_offline(False)
        till.context.set_offline(False)
        till.open()
        till.sync()
        with town.app.app_context():
            claim = db.session.scalars(select(Claim).where(Claim.pass_id == pass_id)).one()
            assert (claim.standing, claim.is_confirmed, claim.kind) == ("won", False, "live")
            assert db.session.get_one(Pass, pass_id).state == "used"
            db.session.rollback()
        guest.page.goto(address)
        expect(guest.page.locator("#pass")).to_contain_text(say(locale, "Used"))
        shot(guest, f"pass-used-{locale}")
        with time_machine.travel(clock.now() + timedelta(minutes=16), tick=True):
            town.work()
            till.open()
            till.sync()  # it hears that the time to undo is over,
            till.sync()  # and says so
            town.work()
        with town.app.app_context():
            row = db.session.scalars(select(Redemption).where(Redemption.pass_id == pass_id)).one()
            assert row.final_at is not None
            assert checks.broken(db.session) == []
            db.session.rollback()


PLANS = [
    # one showing before two tills, or the pass presented again later; who sends first; in one piece or entry by entry
    ("one_showing_two_tills", "first", 0),
    ("one_showing_two_tills", "second", 0),
    ("presented_twice", "second", 3),
]


@pytest.mark.parametrize(("cause", "sender", "minutes"), PLANS)
def test_two_offline_tills_take_one_pass(
    playwright: Playwright,
    phone: Callable[..., Phone],
    town: Town,
    stall: Stall,
    tmp_path: Path,
    cause: str,
    sender: str,
    minutes: int,
) -> None:
    guest = phone(town, "zh-CN")
    sign_in(guest, town, "guest-two")
    address = bought(guest, stall, "zh-CN")
    pass_id = address.rsplit("/", 1)[1]
    kit: Any = (playwright, town)
    with (
        till_phone(*kit, tmp_path / "1", stall.owner, stall.shop, name="前台") as first,
        till_phone(*kit, tmp_path / "2", stall.staff, stall.shop, name="吧台") as second,
    ):
        for each in (guest, first, second):
            each.context.set_offline(True)
        guest.page.goto(address)
        accept(first, screen_of(guest.page))
        if minutes:
            later = clock.now() + timedelta(minutes=minutes)
            guest.page.clock.install(time=later)
            second.page.clock.install(time=later)
            guest.page.goto(address)
        accept(second, screen_of(guest.page))
        for each in (guest, first, second):
            each.context.set_offline(False)
        travel = time_machine.travel(clock.now() + timedelta(minutes=minutes), tick=True)
        with travel:
            order = (first, second) if sender == "first" else (second, first)
            for till in (*order, *order):
                till.see_nothing()
                till.open()
                till.sync()
            with town.app.app_context():
                claims = {
                    claim.standing: claim
                    for claim in db.session.scalars(select(Claim).where(Claim.pass_id == pass_id))
                }
                assert set(claims) == {"won", "lost"}
                assert claims["lost"].cause == cause
                assert claims["lost"].against == claims["won"].id
                lost = claims["lost"].id
                winner = db.session.get_one(Till, claims["won"].till_id).name
                # Of one showing the earlier corrected time wins, of two the earlier step: the first till both times.
                assert winner == "前台"
                assert checks.broken(db.session) == []
                db.session.rollback()
            for till in (first, second):
                assert till.page.evaluate(KNOWN, lost) == cause
            expect(second.page.locator(".scan-no")).to_contain_text(say("zh-CN", "Also used elsewhere"))
            shot(Phone(second.context, second.page), f"till-conflict-{cause}")
            owner = phone(town, "zh-CN")
            sign_in(owner, town, stall.owner)
            owner.page.goto(f"/console/{stall.shop}/conflicts")
            owner.page.locator(f'a[href^="/console/{stall.shop}/conflicts/"]').first.click()
            expect(owner.page.locator("main")).to_contain_text("吧台")
            shot(owner, f"conflict-{cause}")
        guest.page.goto(address)
        expect(guest.page.locator("#pass")).to_contain_text("前台")
        shot(guest, f"pass-conflict-{cause}")
