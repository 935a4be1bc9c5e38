"""A till in a browser of its own: it keeps its profile over restarts, and its camera sees what a test holds up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright, expect

from tests.browser.camera import film_of
from tests.browser.conftest import FLAGS, PATIENCE, PHONE, Phone, Town, chromium, sign_in, under, watch
from tests.browser.words import say

LEDGER = """async () => {
    const opening = indexedDB.open("till");
    const database = await new Promise((done, fail) => {
        opening.onsuccess = () => done(opening.result);
        opening.onerror = () => fail(opening.error);
    });
    const reading = database.transaction("ledger").objectStore("ledger").getAll();
    const rows = await new Promise((done) => { reading.onsuccess = () => done(reading.result); });
    database.close();
    return rows;
}"""


@dataclass
class TillPhone:
    """A registered phone of a shop; `folder` holds its profile and its camera's film."""

    playwright: Playwright
    town: Town
    folder: Path
    locale: str
    context: BrowserContext = None  # type: ignore[assignment]
    page: Page = None  # type: ignore[assignment]
    errors: list[str] = field(default_factory=list)

    @property
    def tape(self) -> Path:
        return self.folder / "camera.y4m"

    def switch_on(self, *, offline: bool = False) -> None:
        """Start the browser with the profile it had."""
        flags = (
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={self.tape}",
        )
        options: dict[str, Any] = {
            "viewport": PHONE,
            "has_touch": True,
            "is_mobile": True,
            "device_scale_factor": 2,
        }
        self.context = self.playwright.chromium.launch_persistent_context(
            self.folder / "profile",
            executable_path=chromium(),
            args=[*FLAGS, *flags],
            locale=self.locale,
            base_url=self.town.url,
            permissions=["camera"],
            offline=offline,
            **options,
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.pages[0] if self.context.pages else self.context.new_page()
        watch(Phone(self.context, self.page, self.errors), self.town.url)

    def switch_off(self) -> None:
        """Close the browser, as when the phone is restarted."""
        self.context.close()

    def see(self, picture: bytes) -> None:
        """Hold a picture of a screen in front of the camera from now on."""
        film_of(picture, self.tape)

    def see_nothing(self) -> None:
        """Lay the phone on the table."""
        import io

        from PIL import Image

        blank = io.BytesIO()
        Image.new("L", (40, 40), 120).save(blank, "PNG")
        self.see(blank.getvalue())

    def ledger(self) -> list[dict[str, Any]]:
        """Read the till's ledger from its IndexedDB."""
        rows: list[dict[str, Any]] = self.page.evaluate(LEDGER)
        return rows

    def open(self) -> None:
        """Open the till from its icon and wait until its app runs."""
        self.page.goto("/till")
        # A code before the camera may already have its answer over the whole screen.
        expect(self.page.locator("#till-app:not([hidden])")).to_be_attached()

    def confirm(self) -> None:
        """Say yes to what the till asks."""
        self.page.get_by_role("button", name=say(self.locale, "Confirm and redeem")).click()

    def next(self) -> None:
        """Go back to the camera."""
        self.page.get_by_role("button", name=say(self.locale, "Next pass")).click()

    def sync(self) -> None:
        """Send what waits, and wait until all is sent."""
        with self.page.expect_response(lambda answer: answer.url.endswith("/till/sync")):
            self.page.get_by_role("button", name=say(self.locale, "Send now")).click()
        expect(self.page.locator('[data-part="unsent"]')).to_have_attribute("data-count", "0")


@contextmanager
def till_phone(
    playwright: Playwright,
    town: Town,
    folder: Path,
    handle: str,
    shop_id: int,
    *,
    locale: str = "zh-CN",
    name: str = "",
) -> Iterator[TillPhone]:
    """Sign a member of staff in on a new phone and make it a till of the shop; the handle must be an owner's."""
    folder.mkdir(parents=True, exist_ok=True)
    till = TillPhone(playwright, town, folder, locale)
    till.see_nothing()
    till.switch_on()
    try:
        sign_in(Phone(till.context, till.page), town, handle)
        till.page.goto(f"/till/register?shop={shop_id}")
        if name:
            till.page.locator("#till-name").fill(name)
        till.page.get_by_role("button", name=say(locale, "Make this phone a till")).click()
        till.page.wait_for_url(under("/till"))
        expect(till.page.locator("#till-app")).to_be_visible()
        expect(till.page.locator('[data-part="mode"]')).to_have_text(say(locale, "Online"))
        kept(till)
        yield till
        assert not till.errors, till.errors
    finally:
        till.context.close()


def kept(till: TillPhone) -> None:
    """Wait until the phone holds the till's page and all it needs."""
    till.page.evaluate(
        """async () => {
            for (let turn = 0; turn < 100; turn++) {
                const any = { ignoreVary: true };
                const shell = await caches.has("till") && await (await caches.open("till")).match("/till", any);
                const wasm = await caches.match(document.querySelector("[data-wasm]").dataset.wasm, any);
                if (shell && wasm) return;
                await new Promise((done) => setTimeout(done, 100));
            }
            throw new Error("the till was not kept");
        }"""
    )
