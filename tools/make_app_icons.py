"""Draw the home-screen icons from static/icons/mark.svg with Chromium (Playwright).

    python tools/make_app_icons.py

Needed only when the mark changes; the drawings are kept in the repository.
"""

from pathlib import Path

from playwright.sync_api import sync_playwright

ICONS = Path(__file__).resolve().parent.parent / "static" / "icons"
PAPER = "#fbf7f2"
# name -> (pixels, share of the width that the mark takes, rounded corners)
SIZES = {
    "icon-192.png": (192, 0.84, True),
    "icon-512.png": (512, 0.84, True),
    "maskable-512.png": (512, 0.6, False),
    "apple-touch-icon.png": (180, 0.72, False),
}


def page_of(mark: str, pixels: int, share: float, is_round: bool) -> str:
    """Write the page that shows the mark on its paper."""
    radius = "22%" if is_round else "0"
    return (
        f"<style>body{{margin:0}}div{{width:{pixels}px;height:{pixels}px;display:grid;place-items:center;"
        f"background:{PAPER};border-radius:{radius}}}svg{{width:{share * 100}%}}</style><div>{mark}</div>"
    )


def main() -> None:
    """Draw every size."""
    mark = (ICONS / "mark.svg").read_text()
    (ICONS / "favicon.svg").write_text(mark)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, (pixels, share, is_round) in SIZES.items():
            view = browser.new_page(viewport={"width": pixels, "height": pixels})
            view.set_content(page_of(mark, pixels, share, is_round))
            view.screenshot(path=str(ICONS / name), omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
