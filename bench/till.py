"""How long a till takes to decide after the camera has read a code, its lists full; JSON.

    python -m bench till

The lists name 5,000 passes as revoked, superseded and used, and 5,000 short codes; the ledger holds 500 entries, fifty
of them not yet sent. Each code is another guest's, live, and good: it goes through every check, and two signatures.
`decide` is from digits to the answer. `look` is what staff feel, and what the promise is about: the till reads its
lists and sums its ledger up first.
"""

import json
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import PHONE, launch, served
from tests.browser.till_lab import LOAD, NOW, STEP, Scan, append, key_line, lists, make_till, terms
from tests.passes.phone import HolderPhone

EACH, ENTRIES, CODES = 5_000, 500, 200
DECIDE_MS = 50.0
SETUP = """async ([lists, at]) => {
    await window.store.learn(lists);
    for (const { seq } of (await window.store.rows()).slice(0, -50)) {
        await window.store.mark([{ seq, fate: { verdict: "stored" } }]);
    }
    window.known = lists;
    window.clock = window.verdict.clockOf({ offset: 0, at, seen: at }, at);
}"""
DECIDE = """async (codes) => {
    const sums = await window.ledger.tally();
    const spent = [];
    for (const code of codes) {
        const begin = performance.now();
        const world = { ...sums, lists: window.known, clock: window.clock, shop: 42 };
        const answer = await window.verdict.judge(code, 1, world);
        spent.push(performance.now() - begin);
        if (answer.reason !== "ok") throw new Error(answer.reason);
    }
    return spent;
}"""
LOOK = """async (codes) => {
    const spent = [];
    for (const code of codes) {
        const begin = performance.now();
        const lists = await window.store.lists();
        const sums = await window.ledger.tally(lists.annulled);
        const answer = await window.verdict.judge(code, 1, { ...sums, lists, clock: window.clock, shop: 42 });
        spent.push(performance.now() - begin);
        if (answer.reason !== "ok") throw new Error(answer.reason);
    }
    return spent;
}"""


def full_lists() -> dict[str, Any]:
    """Give the lists of a shop that sells a lot."""
    names = [f"{number:016x}" for number in range(EACH)]
    codes = {
        f"{number:032x}": [name, 0, 7, NOW // 60_000 - 100, NOW // 60_000 + 100, 1, 1250, 2]
        for number, name in enumerate(names)
    }
    return lists(
        keys={str(kid): key_line(kid) for kid in (1, 2)},
        terms={str(number): terms(id=number) for number in range(1, 100)},
        revoked=dict.fromkeys(names, "refund"),
        superseded=dict.fromkeys(names, 1),
        used={name: [1, 1] for name in names},
        codes=codes,
    )


def codes_of(count: int) -> list[str]:
    """Show passes on as many phones."""
    shown = []
    for number in range(count):
        phone = HolderPhone(100 + number)
        device = {"device": phone.x, "parity": phone.parity, "pass_id": f"{2**40 + number:016x}"}
        shown.append(Scan(token=device, holder=phone, step=STEP).text)
    return shown


def row(spent: list[float]) -> dict[str, float]:
    """Sum up times in milliseconds."""
    return {"p50_ms": round(median(spent), 1), "worst_ms": round(max(spent), 1)}


def measure(page: Page, folder: str) -> dict[str, dict[str, float]]:
    """Make the page a till with much to know, and show it codes."""
    page.goto("/display")
    page.evaluate(LOAD, folder)
    make_till(page)
    append(page, ENTRIES)
    page.evaluate(SETUP, [full_lists(), NOW])
    codes = codes_of(CODES)
    return {"decide": row(page.evaluate(DECIDE, codes)), "look": row(page.evaluate(LOOK, codes))}


def main() -> int:
    """Print times as JSON; return 1 when the promise is broken."""
    with tempfile.TemporaryDirectory() as name, served(Path(name)) as town, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_context(viewport=PHONE, base_url=town.url).new_page()
        found = measure(page, f"/static/{town.app.config['BUILD']}/js")
        browser.close()
    kept = found["look"]["p50_ms"] <= DECIDE_MS
    told = {
        "codes": CODES,
        "listed": EACH,
        "entries": ENTRIES,
        **found,
        "promise_ms": DECIDE_MS,
        "kept": kept,
    }
    print(json.dumps({"till": told}, indent=1))
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
