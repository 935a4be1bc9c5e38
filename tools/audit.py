"""Check every page with the Nu HTML checker, and the five that matter most with Lighthouse; write docs/audit.md.

    make audit            (needs Node.js with npm, Java and Chromium; installs both tools below build/audit once)

The town is the one that the browser tests furnish: one of everything, the longest words. Lighthouse 11.7.1 is the last
version with a PWA category; its performance score is not asked, budgets are counted by tests/browser/test_budgets.py.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from playwright.sync_api import sync_playwright  # noqa: E402

from tests.browser.conftest import FLAGS, PHONE, Phone, Town, chromium, launch, served, sign_in  # noqa: E402
from tests.browser.pages import Place, places  # noqa: E402
from tests.browser.test_sent_back import sendings  # noqa: E402
from tests.browser.world import World, furnish  # noqa: E402
from tests.visitor import Visitor  # noqa: E402

PINS = ("lighthouse@11.7.1", "vnu-jar@26.9.27")
TOOLS = ROOT / "build" / "audit"
LANGUAGES = {"zh": "zh-CN", "en": "en-US"}
CATEGORIES = ("pwa", "accessibility", "best-practices")
# What htmx adds to HTML, and the tiles' image element inside our own drawing of a map.
OURS = r".*Attribute “hx-[a-z-]+” not allowed.*"


def install() -> None:
    """Install both tools once, at the pinned versions, without running anything of theirs."""
    if (TOOLS / "node_modules").exists():
        return
    TOOLS.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--no-fund", "--no-audit", "--ignore-scripts", "--silent", *PINS]
    subprocess.run(command, cwd=TOOLS, check=True)


def printed(town: Town, world: World) -> Iterator[tuple[str, str]]:
    """Give (name, HTML) of every page, and every form that comes back, in both languages, as its visitor sees it."""
    for role in ("anybody", "guest", "staff", "owner", "operator"):
        for short, language in LANGUAGES.items():
            visitor = Visitor(town.app, town.app.response_class)
            if role != "anybody":
                with town.app.app_context():
                    visitor.sign_in(role)
            for place in (one for one in places(world) if one.role == role):
                answer = visitor.get(place.path, headers={"Accept-Language": language})
                yield f"{place.name}-{short}", answer.get_data(as_text=True)
            for number, sent in enumerate(sendings(world)[role], 1):
                answer = visitor.post(sent.path, data=sent.fields, headers={"Accept-Language": language})
                yield f"sent-back-{role}-{number}-{short}", answer.get_data(as_text=True)


def check_html(town: Town, world: World) -> tuple[int, list[str]]:
    """Run the Nu HTML checker over all pages; return how many there are, and its errors."""
    jar = TOOLS / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        count = 0
        for page, html in printed(town, world):
            (folder / f"{page}.html").write_text(html)
            count += 1
        command = ["java", "-jar", str(jar), "--format", "json", "--stdout", "--exit-zero-always"]
        command += ["--filterpattern", OURS, name]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    said = [one for one in json.loads(done.stdout)["messages"] if one["type"] == "error"]
    print(f"Nu HTML checker: {count} pages, {len(said)} errors")
    return count, [f"{Path(one['url']).stem}: {one['message']} … {one.get('extract', '')!r}" for one in said]


def five(world: World) -> list[Place]:
    """Name the pages that Lighthouse judges."""
    return [
        Place("home", "anybody", "/"),
        Place("shop", "anybody", f"/shops/{world.shop}"),
        Place("offer", "anybody", f"/offers/{world.offer}"),
        Place("pass", "guest", f"/passes/{world.passes['valid']}"),
        Place("till", "staff", "/till"),
    ]


def judge(town: Town, place: Place, cookie: str) -> dict[str, Any]:
    """Run Lighthouse on one page; return scores by category and the audits that fell short."""
    headers = {"Accept-Language": "zh-CN"} | ({"Cookie": cookie} if cookie else {})
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        command = [
            str(TOOLS / "node_modules" / ".bin" / "lighthouse"),
            town.url + place.path,
            "--quiet",
            "--output=json",
            f"--output-path={report.name}",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags=--headless=new {' '.join(FLAGS)}",
            f"--extra-headers={json.dumps(headers)}",
        ]
        subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": chromium()})
        said = json.loads(Path(report.name).read_text())
    scores = {name: said["categories"][name]["score"] for name in CATEGORIES}
    short = [
        f"{audit['id']}: {audit['title']}"
        for name in CATEGORIES
        for ref in said["categories"][name]["auditRefs"]
        if ref["weight"] and (audit := said["audits"][ref["id"]])["score"] not in (None, 1)
    ]
    return {"scores": scores, "short": short}


def cookies(town: Town) -> dict[str, str]:
    """Sign a guest and a member of staff in; give their cookies."""
    found = {"anybody": ""}
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for role in ("guest", "staff"):
            context = browser.new_context(viewport=PHONE, base_url=town.url)
            sign_in(Phone(context, context.new_page()), town, role)
            found[role] = "; ".join(f"{one['name']}={one['value']}" for one in context.cookies())
        browser.close()
    return found


def main() -> int:
    """Check, print, write docs/audit.md; return 1 when anything falls short."""
    install()
    lines = ["# What the checkers say", "", "Written by `make audit`.", ""]
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as town:
        world = furnish(town)
        count, errors = check_html(town, world)
        lines += [f"Nu HTML checker ({PINS[1]}): {len(errors)} errors on {count} pages.", ""]
        lines += [*(f"- {error}" for error in errors), ""] if errors else []
        lines += [f"| {PINS[0]} | " + " | ".join(CATEGORIES) + " |", "|---" * 4 + "|"]
        known = cookies(town)
        for place in five(world):
            result = judge(town, place, known[place.role])
            lines.append(f"| {place.name} | " + " | ".join(str(s) for s in result["scores"].values()) + " |")
            errors += [f"{place.name}: {one}" for one in result["short"]]
            print(lines[-1])
    (ROOT / "docs" / "audit.md").write_text("\n".join(lines) + "\n")
    print("\n".join(errors))
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
