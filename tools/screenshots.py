"""Take the pictures of docs/shots: the demo town on a phone, and the maps of real towns where their files are there.

    .venv/bin/python tools/screenshots.py [--out docs/shots] [--only NAME …]

Everything is made anew in temporary folders: two towns, their people, a purchase and a redemption. Playwright drives
the system's Chromium.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, expect, sync_playwright  # noqa: E402
from sqlalchemy import select  # noqa: E402

from o2o.demo.seed import seed  # noqa: E402
from o2o.discovery.cli import import_osm  # noqa: E402
from o2o.kernel.db import db  # noqa: E402
from o2o.offers.models import Terms  # noqa: E402
from o2o.passes.models import Pass  # noqa: E402
from o2o.payments import rules as payments  # noqa: E402
from o2o.shops.models import Shop  # noqa: E402
from tests.browser.conftest import Phone, Town, launch, served, sign_in, under  # noqa: E402
from tests.browser.test_journey import wait_until_kept  # noqa: E402
from tests.browser.world import furnish  # noqa: E402
from tools.small_png import small_png  # noqa: E402

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 320, "height": 640}
DESK = {"width": 1280, "height": 800}
MAP = {"width": 1280, "height": 900}
SCALE = 1.5
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
SHOP, OFFER = "半日闲咖啡", "双人手冲咖啡"
REAL_TOWNS = {"wudaokou-map": "wudaokou.osm.gz", "helsinki-map": "helsinki.osm.pbf"}
OSM = ROOT.parent / "shared" / "data" / "osm"


@dataclass
class Studio:
    """Where pictures are taken and put; `only` names those wanted, all when empty."""

    browser: Browser
    out: Path
    only: set[str]
    phones: list[Phone] = field(default_factory=list)

    def phone(self, town: Town, language: str, handle: str = "", **options: Any) -> Phone:
        """Give a phone in a language, signed in as `handle` if one is named."""
        size = options.pop("viewport", PHONE)
        is_phone = size["width"] < 600
        context = self.browser.new_context(
            viewport=size,
            device_scale_factor=SCALE if is_phone else 1,
            is_mobile=is_phone,
            has_touch=is_phone,
            locale=LANGUAGES[language],
            timezone_id="Asia/Shanghai",
            base_url=town.url,
            reduced_motion="reduce",
            **options,
        )
        phone = Phone(context, context.new_page())
        self.phones.append(phone)
        if handle:
            sign_in(phone, town, handle, operator=handle == "operator")
        return phone

    def wants(self, *names: str) -> bool:
        """Tell whether one of these pictures is wanted."""
        return not self.only or bool(self.only & set(names))

    def take(self, phone: Phone, name: str) -> None:
        """Take what is on the screen, once it is quiet."""
        if not self.wants(name):
            return
        page = phone.page
        page.wait_for_load_state("networkidle")
        if page.locator("[data-map-script]").count():
            expect(page.locator("[data-map-script][data-ready]")).to_be_attached()
            page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready.then(() => undefined)")
        page.wait_for_timeout(300)
        target = self.out / f"{name}.png"
        target.write_bytes(small_png(self.browser, page.screenshot()))
        print(f"{name}.png  {target.stat().st_size // 1024} KB")


@dataclass(frozen=True)
class Stage:
    """What the demo's pictures show."""

    shop: int
    offer: int


def find_stage(town: Town) -> Stage:
    """Find the shop and the offer by name."""
    with town.app.app_context():
        shop = db.session.scalars(select(Shop.id).where(Shop.name_zh == SHOP)).one()
        wanted = select(Terms.offer_id).where(Terms.shop_id == shop, Terms.title == OFFER)
        offer = db.session.scalars(wanted).first()
        db.session.rollback()
    assert offer is not None
    return Stage(shop, offer)


def discover(studio: Studio, town: Town, stage: Stage) -> None:
    """Take what a passer-by sees."""
    for language in LANGUAGES:
        visitor = studio.phone(town, language)
        visitor.page.goto("/")
        studio.take(visitor, f"discover-{language}")
        visitor.page.goto(f"/shops/{stage.shop}" if language == "zh" else f"/offers/{stage.offer}")
        studio.take(visitor, "shop-zh" if language == "zh" else "offer-en")
    wide = studio.phone(town, "zh", viewport=DESK)
    wide.page.goto("/")
    studio.take(wide, "wide-zh")


def buy_and_use(studio: Studio, town: Town, stage: Stage) -> None:
    """Take the guest's way from the order to the redeemed pass, and the till's side of it."""
    guest = studio.phone(town, "zh", "guest")
    page = guest.page
    page.goto(f"/offers/{stage.offer}")
    page.locator('form[action$="/orders"] button[type="submit"]').click()
    page.wait_for_url(under("/orders/"))
    studio.take(guest, "order-zh")
    page.locator('main form[action$="/pay"] button').click()
    page.wait_for_url(under("/sandbox/"))
    page.locator('button[value="approve"]').first.click()
    page.wait_for_url(under("/passes/"))
    address = page.url
    studio.take(guest, "pass-zh")
    wait_until_kept(guest, address)
    guest.context.set_offline(True)
    page.goto(address)
    page.wait_for_timeout(1000)
    guest.context.set_offline(True)
    studio.take(guest, "pass-offline-zh")
    guest.context.set_offline(False)
    page.goto("/me")
    studio.take(guest, "me-zh")
    reader = studio.phone(town, "en", "guest")
    reader.page.goto(address)
    studio.take(reader, "pass-en")
    reader.page.goto("/wallet")
    studio.take(reader, "wallet-en")
    at_the_till(studio, town, address.rsplit("/", 1)[1])


def at_the_till(studio: Studio, town: Town, pass_id: str) -> None:
    """Take the counter and its green answer."""
    with town.app.app_context():
        code = db.session.get_one(Pass, pass_id).short_code
        db.session.rollback()
    till = studio.phone(town, "zh", "staff")
    till.page.goto("/till")
    till.page.locator("#code").fill(code)
    till.page.locator("#scan button").click()
    till.page.locator('form[action="/till/redemptions"] button').click()
    expect(till.page.locator(".answer-ok")).to_be_visible()
    studio.take(till, "till-answer-zh")
    other = studio.phone(town, "en", "staff")
    other.page.goto("/till")
    studio.take(other, "till-en")


def desks(studio: Studio, town: Town, stage: Stage) -> None:
    """Take the merchant's and the operator's first page."""
    owner = studio.phone(town, "zh", "owner")
    owner.page.goto(f"/console/{stage.shop}")
    studio.take(owner, "console-zh")
    operator = studio.phone(town, "en", "operator")
    operator.page.goto("/operator")
    studio.take(operator, "operator-en")


def demo(studio: Studio) -> None:
    """Seed the demo town and take its pictures."""
    parts: list[tuple[Callable[[Studio, Town, Stage], None], tuple[str, ...]]] = [
        (discover, ("discover-zh", "discover-en", "shop-zh", "offer-en", "wide-zh")),
        (
            buy_and_use,
            (
                "order-zh",
                "pass-zh",
                "pass-offline-zh",
                "me-zh",
                "pass-en",
                "wallet-en",
                "till-answer-zh",
                "till-en",
            ),
        ),
        (desks, ("console-zh", "operator-en")),
    ]
    wanted = [part for part, names in parts if studio.wants(*names)]
    if not wanted:
        return
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as town:
        with town.app.app_context():
            seed(db.session, payments.provider(town.app.config["O2O"]))
            db.session.rollback()
        for part in wanted:
            part(studio, town, find_stage(town))


def longest(studio: Studio) -> None:
    """Take the narrowest phone with the longest words."""
    if not studio.wants("discover-320-en"):
        return
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as town:
        world = furnish(town)
        visitor = studio.phone(town, "en", viewport=NARROW)
        visitor.page.goto("/?offer=1")
        visitor.page.locator(f"#shop-{world.shop}").scroll_into_view_if_needed()
        studio.take(visitor, "discover-320-en")


def real_maps(studio: Studio) -> None:
    """Take the maps of real towns, each imported from its file."""
    for name, file in REAL_TOWNS.items():
        if not studio.wants(name):
            continue
        if not (OSM / file).exists():
            print(f"{name}: {OSM / file} is not there")
            continue
        with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as town:
            result = town.app.test_cli_runner().invoke(import_osm, [str(OSM / file)])
            assert result.exit_code == 0, result.output
            visitor = studio.phone(town, "zh" if "wudaokou" in file else "en", viewport=MAP)
            visitor.page.goto("/")
            studio.take(visitor, name)


def main() -> None:
    """Take all the pictures that are wanted."""
    parser = argparse.ArgumentParser(description="Take the pictures of docs/shots.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "shots")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        studio = Studio(browser, given.out, set(given.only))
        for part in (demo, longest, real_maps):
            part(studio)
        browser.close()


if __name__ == "__main__":
    main()
