"""How soon a registered till is there from its icon with no network, and how soon a code before its camera is answered.

    python -m bench till_open [LOOKS]

`open` is from the navigation to the till's own line on the page (promise 400 ms); `answer` from the navigation, camera
start and reader included, to the question what to hand over (promise 1.5 s).
"""

import json
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import sync_playwright

from o2o.kernel.db import begin_write, db
from tests import factories
from tests.browser.camera import screen_of
from tests.browser.conftest import PHONE, Phone, launch, served, sign_in
from tests.browser.test_journey import buy, wait_until_kept
from tests.browser.tills import till_phone

LOOKS = 10
OPEN_MS, ANSWER_MS = 400.0, 1500.0
SEEN = """(name) => new Promise((done) => {
    const look = () => document.querySelector(name) ? done(performance.now()) : requestAnimationFrame(look);
    look();
})"""
OPENED, ASKED = "#till-app:not([hidden])", ".ask"


def main() -> None:
    """Register a till, cut the line, open it again and again, then hold a live code up."""
    looks = int(sys.argv[1]) if len(sys.argv) > 1 else LOOKS
    rows: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as name, served(Path(name)) as town, sync_playwright() as playwright:
        with town.app.app_context():
            begin_write()
            factories.make_town(db.session)
            shop = factories.make_shop(db.session)
            factories.make_role(db.session, shop, "owner", kind="owner")
            offer, shop_id = factories.make_terms(db.session, shop).offer_id, shop.id
            db.session.commit()
        browser = launch(playwright)
        context = browser.new_context(viewport=PHONE, base_url=town.url, locale="zh-CN")
        guest = Phone(context, context.new_page())
        sign_in(guest, town, "guest")
        guest.page.goto(f"/offers/{offer}")
        address = buy(guest, "zh-CN")
        wait_until_kept(guest, address)
        with till_phone(playwright, town, Path(name) / "till", "owner", shop_id) as till:
            till.context.set_offline(True)
            context.set_offline(True)
            opened = []
            for _ in range(looks):
                till.page.goto("/till", wait_until="commit")
                opened.append(float(till.page.evaluate(SEEN, OPENED)))
            answered = []
            for _ in range(max(3, looks // 3)):
                guest.page.goto(address)
                till.see(screen_of(guest.page))
                till.page.goto("/till", wait_until="commit")
                answered.append(float(till.page.evaluate(SEEN, ASKED)))
                till.see_nothing()
                time.sleep(0.1)
        browser.close()
    for key, spent, promise in (("open", opened, OPEN_MS), ("answer", answered, ANSWER_MS)):
        middle = median(spent)
        rows[key] = {"p50_ms": round(middle, 1), "worst_ms": round(max(spent), 1), "kept": middle <= promise}
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
