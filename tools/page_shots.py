"""Take a picture of every page: Chinese in the light theme, English in the dark one.

    .venv/bin/python tools/page_shots.py [--out docs/shots/pages] [--only NAME …]

The pages are those that the browser tests visit (tests/browser/pages.py), in the demo town with the tests' own shop,
orders and passes added to it. A picture shows the first screen of a phone.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import Browser, sync_playwright  # noqa: E402
from sqlalchemy import update  # noqa: E402

from o2o.accounts.models import Account  # noqa: E402
from o2o.demo.seed import seed  # noqa: E402
from o2o.kernel.db import begin_write, db  # noqa: E402
from o2o.payments import rules as payments  # noqa: E402
from tests.browser.conftest import PHONE, Phone, Town, launch, served, sign_in  # noqa: E402
from tests.browser.pages import Place, places  # noqa: E402
from tests.browser.world import furnish  # noqa: E402
from tools.small_png import small_png  # noqa: E402

LOOKS = (("zh", "zh-CN", "light"), ("en", "en-US", "dark"))


def take(browser: Browser, town: Town, wanted: Iterable[Place], out: Path) -> int:
    """Take the wanted pages in both looks; return how many pictures there are."""
    count = 0
    by_role: dict[str, list[Place]] = {}
    for place in wanted:
        by_role.setdefault(place.role, []).append(place)
    for language, locale, scheme in LOOKS:
        for role, mine in by_role.items():
            phone = visit(browser, town, role, locale, scheme)
            for place in mine:
                phone.page.goto(place.path)
                phone.page.wait_for_load_state("networkidle")
                phone.page.wait_for_timeout(250)
                target = out / f"{place.name}-{language}-{scheme}.png"
                target.write_bytes(small_png(browser, phone.page.screenshot()))
                count += 1
            phone.context.close()
    return count


def visit(browser: Browser, town: Town, role: str, locale: str, scheme: str) -> Phone:
    """Give a phone in one language and theme, signed in as somebody."""
    context = browser.new_context(
        viewport=PHONE,
        locale=locale,
        color_scheme="dark" if scheme == "dark" else "light",
        timezone_id="Asia/Shanghai",
        base_url=town.url,
        reduced_motion="reduce",
        has_touch=True,
        is_mobile=True,
    )
    phone = Phone(context, context.new_page())
    if role != "anybody":
        sign_in(phone, town, role, operator=role == "operator")
    return phone


def main() -> None:
    """Take all the pictures that are wanted."""
    parser = argparse.ArgumentParser(description="Take a picture of every page.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "shots" / "pages")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        served(Path(folder)) as town,
        sync_playwright() as playwright,
    ):
        with town.app.app_context():
            seed(db.session, payments.provider(town.app.config["O2O"]))
            # The tests' people have the same names as the demo's: those keep what is theirs, nameless.
            begin_write()
            db.session.execute(update(Account).values(handle=None))
            db.session.commit()
        world = furnish(town)
        wanted = [place for place in places(world) if not given.only or place.name in given.only]
        browser = launch(playwright)
        print(f"{take(browser, town, wanted, given.out)} pictures in {given.out}")
        browser.close()


if __name__ == "__main__":
    main()
