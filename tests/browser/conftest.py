"""A served town and phones that visit it; any page error, policy error or third-party request fails the test."""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    expect,
    sync_playwright,
)
from werkzeug.serving import make_server

from o2o import create_app
from o2o.accounts import queries as account_queries
from o2o.accounts import rules as account_rules
from o2o.kernel import worker
from o2o.kernel.db import begin_write, db
from tests import postgres

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
# Waiting long costs nothing where things go right, and a machine that does three things at once needs it.
PATIENCE = 30_000
expect.set_options(timeout=15_000)
SHOTS = Path(os.environ.get("O2O_SHOTS", ""))


@dataclass
class Town:
    """A running server and the app behind it."""

    app: Flask
    url: str

    def work(self) -> None:
        """Do what the worker would do now."""
        with self.app.app_context():
            worker.run_due(db.session, everything=True)
            db.session.rollback()

    def sign_in_link(self, handle: str, *, operator: bool = False) -> str:
        """Make a one-time link, as the operator's shell does; the account is made when missing."""
        with self.app.app_context():
            begin_write()
            account = account_queries.account_by_handle(db.session, handle)
            if account is None:
                account = account_rules.create_account(db.session, handle=handle, operator=operator)
            token = account_rules.make_sign_in_link(db.session, account_id=account.id)
            db.session.commit()
        return f"{self.url}/sign-in/{token}"


@dataclass
class Phone:
    """A browser context of its own, and what went wrong in it."""

    context: BrowserContext
    page: Page
    errors: list[str] = field(default_factory=list)


def free_port() -> int:
    """Find a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(folder: Path) -> Iterator[Town]:
    """Serve an empty, migrated town from `folder` in a thread."""
    port = free_port()
    url = f"http://localhost:{port}"
    app = create_app({"TESTING": "1", "O2O_DATA_DIR": str(folder), "O2O_BASE_URL": url})
    with app.app_context():
        postgres.bring_up(app)
        for clear in app.extensions.get("o2o.caches", []):
            clear()
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Town(app, url)
    finally:
        server.shutdown()
        thread.join(10)
        with app.app_context():
            db.engine.dispose()


@contextmanager
def hanging(town: Town) -> Iterator[None]:
    """Let the server take every connection and answer none, as a phone with one bar of signal sees it."""
    answers, released = town.app.wsgi_app, threading.Event()

    def silent(environ: Any, start_response: Any) -> Any:
        released.wait(60)
        return answers(environ, start_response)

    town.app.wsgi_app = silent  # type: ignore[method-assign]
    try:
        yield
    finally:
        town.app.wsgi_app = answers  # type: ignore[method-assign]
        released.set()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


def chromium() -> str:
    """Find the system's Chromium; under CI a missing one fails."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        message = "Chromium is not installed (Debian: apt-get install chromium)"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return found


def launch(playwright: Playwright, *more: str) -> Browser:
    """Start a Chromium with the flags it needs on a closed network."""
    return playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *more])


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = launch(playwright)
    yield running
    running.close()


@pytest.fixture
def phone(browser: Browser) -> Iterator[Callable[..., Phone]]:
    """Give a maker of phones: phone(town, locale="zh-CN", browser=…, **context options)."""
    phones: list[Phone] = []

    def make(town: Town, locale: str = "zh-CN", *, on: Browser | None = None, **options: Any) -> Phone:
        given = {"viewport": PHONE, "has_touch": True, "is_mobile": True, "device_scale_factor": 2} | options
        context = (on or browser).new_context(locale=locale, base_url=town.url, **given)
        context.set_default_timeout(PATIENCE)
        new = Phone(context, context.new_page())
        watch(new, town.url)
        phones.append(new)
        return new

    yield make
    wrong = [error for each in phones for error in each.errors]
    for each in phones:
        each.context.close()
    assert not wrong, wrong


def watch(phone: Phone, origin: str) -> None:
    """Collect page errors, policy errors and requests to anybody else."""

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            phone.errors.append(f"{message.text} {message.location}")

    def on_request(request: Request) -> None:
        if not request.url.startswith((origin, "data:", "blob:")):
            phone.errors.append(f"third party: {request.url}")

    phone.context.on("console", on_console)
    phone.context.on("weberror", lambda error: phone.errors.append(str(error.error)))
    phone.context.on("request", on_request)


def sign_in(phone: Phone, town: Town, handle: str, *, operator: bool = False) -> None:
    """Sign a phone in by a one-time link and its one button."""
    phone.page.goto(town.sign_in_link(handle, operator=operator))
    phone.page.locator("main form button").first.click()
    phone.page.wait_for_url(lambda url: not under("/sign-in/")(url))


def under(path: str) -> Callable[[str], bool]:
    """Match addresses whose path starts so; a glob would also match the way back inside `/sign-in?next=`."""
    return lambda url: urlsplit(url).path.startswith(path)


def shot(phone: Phone, name: str) -> None:
    """Keep a picture when O2O_SHOTS names a folder."""
    if SHOTS.name:
        SHOTS.mkdir(parents=True, exist_ok=True)
        phone.page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
