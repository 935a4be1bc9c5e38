"""How many bad frames of a live code the till's reader reads, how fast, and how fast the holder's page draws; JSON.

    python -m bench.frames [FRAMES]

A frame is 640 by 480, the code's modules 200 px wide, tilted up to 18 degrees and turned as far, blurred by 0.6 to
1.3 px, faint and noisy. The promises: 93 of 100 are read, half of them within 50 ms from picture to text, and a live
code is drawn in 15 ms; all in Chromium. The smaller code, 200 px with its quiet zone, is for the record.
"""

import json
import sys
import tempfile
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import PHONE, launch, served
from tests.browser.frames import CODE_PX, digits, frame, read_all

FRAMES, AT_ONCE, DRAWINGS = 500, 25, 60
SEED = 7
READ_RATE, READ_MS, DRAW_MS = 0.93, 50.0, 15.0
SMALLER_PX = CODE_PX * 57 / 65
DRAW = """async ([address, codes]) => {
  const { path } = await import(address);
  return codes.map((code) => {
    const begin = performance.now();
    path(code, "M");
    return performance.now() - begin;
  });
}"""


def reading(page: Page, build: str, count: int, *, code_px: float) -> dict[str, Any]:
    """Read frames of a code of this size; a wrong text counts apart."""
    rng = Random(SEED)
    spent: list[float] = []
    good = wrong = 0
    while len(spent) < count:
        texts = [digits(rng) for _ in range(min(AT_ONCE, count - len(spent)))]
        answers = read_all(page, build, [frame(text, rng, code_px=code_px) for text in texts])
        spent += [answer.spent for answer in answers]
        good += sum(answer.text == text for answer, text in zip(answers, texts, strict=True))
        wrong += sum(answer.text not in ("", text) for answer, text in zip(answers, texts, strict=True))
    return {
        "frames": count,
        "read": round(good / count, 4),
        "wrong": wrong,
        "p50_ms": round(median(spent), 1),
        "worst_ms": round(max(spent), 1),
    }


def drawing(page: Page, build: str) -> dict[str, Any]:
    """Draw live codes one after the other; the first pays for the tables."""
    rng = Random(SEED)
    codes = [digits(rng) for _ in range(DRAWINGS)]
    spent = page.evaluate(DRAW, [f"/static/{build}/js/qr.js", codes])
    middle = median(spent)
    return {
        "first_ms": round(spent[0], 1),
        "p50_ms": round(middle, 1),
        "worst_ms": round(max(spent), 1),
        "kept": middle <= DRAW_MS,
    }


def main() -> None:
    """Serve a town, open the page that may decode, draw and read."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else FRAMES
    with tempfile.TemporaryDirectory() as name, served(Path(name)) as town, sync_playwright() as playwright:
        browser = launch(playwright)
        page = browser.new_context(viewport=PHONE, base_url=town.url).new_page()
        page.goto("/scan")
        build = town.app.config["BUILD"]
        rows = {
            "draw": drawing(page, build),
            "read": reading(page, build, count, code_px=CODE_PX),
            "read_smaller": reading(page, build, max(1, count // 4), code_px=SMALLER_PX),
        }
        browser.close()
    read = rows["read"]
    read["kept"] = read["read"] >= READ_RATE and read["p50_ms"] <= READ_MS and not read["wrong"]
    promises = {"read": READ_RATE, "read_ms": READ_MS, "draw_ms": DRAW_MS}
    print(json.dumps({"frames": {"promises": promises, **rows}}, indent=1))


if __name__ == "__main__":
    main()
