"""How soon a stored pass is on a phone's screen, with no network and with a server that never answers; prints JSON.

    python -m bench.offline [LOOKS]

The promise is 300 ms from the navigation to the painted code, in Chromium, the service worker stopped before each
look as it is when somebody opens the app at the counter. The phone signs and draws the code anew at each look.
"""

import json
import sys
import tempfile
from pathlib import Path
from statistics import median

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import PHONE, Phone, hanging, launch, served, sign_in
from tests.browser.test_journey import wait_until_kept
from tests.browser.test_offline import SHOWN, WATCH
from tests.browser.world import furnish

LOOKS = 30
PROMISE_MS = 300.0
STORED = """async (address) => {
    for (let turn = 0; turn < 200; turn++) {
        const copy = await caches.match(address, { ignoreVary: true });
        if ((await copy?.text())?.includes("data-token")) return;
        await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error("the new form was not kept");
}"""


def looks(page: Page, path: str, count: int, *, cold: bool) -> list[float]:
    """Open the pass `count` times; return milliseconds from navigation to the painted code."""
    session = page.context.new_cdp_session(page)
    session.send("ServiceWorker.enable")
    spent = []
    for _ in range(count):
        page.goto("about:blank")
        if cold:
            session.send("ServiceWorker.stopAllWorkers")
        page.goto(path, wait_until="commit")
        page.locator("#live-code[d]").wait_for()
        spent.append(float(page.evaluate(SHOWN)))
    return spent


def bind(page: Page, path: str) -> None:
    """Bind the pass to this phone: from then on the phone signs and draws its code."""
    page.goto(path)
    page.locator("#bind summary").click()
    page.locator("#bind form button").click()
    page.locator("#live-code[d]").wait_for()
    page.evaluate(STORED, page.url)


def row(spent: list[float]) -> dict[str, float | bool]:
    """Sum up one way of looking."""
    middle = median(spent)
    return {"p50_ms": round(middle, 1), "worst_ms": round(max(spent), 1), "kept": middle <= PROMISE_MS}


def main() -> None:
    """Buy, keep, cut the line, look."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else LOOKS
    rows: dict[str, dict[str, float | bool]] = {}
    with tempfile.TemporaryDirectory() as name, served(Path(name)) as town, sync_playwright() as playwright:
        world = furnish(town, shops_around=4)
        browser = launch(playwright)
        context = browser.new_context(
            viewport=PHONE, is_mobile=True, has_touch=True, device_scale_factor=2, base_url=town.url
        )
        guest = Phone(context, context.new_page())
        sign_in(guest, town, "guest")
        path = f"/passes/{world.passes['valid']}"
        bind(guest.page, path)
        guest.page.goto("/wallet")
        wait_until_kept(guest, town.url + path)
        context.add_init_script(WATCH)
        for cold in (False, True):
            state = "worker stopped" if cold else "worker awake"
            context.set_offline(True)
            rows[f"no network, {state}"] = row(looks(guest.page, path, count, cold=cold))
            context.set_offline(False)
            with hanging(town):
                rows[f"silent server, {state}"] = row(looks(guest.page, path, count, cold=cold))
        browser.close()
    print(json.dumps({"offline": {"promise_ms": PROMISE_MS, "looks": count, **rows}}, indent=1))


if __name__ == "__main__":
    main()
