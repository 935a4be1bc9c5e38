"""A page that this phone has never had: a slow line brings it, and only a silent server counts as no connection."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Response
from playwright.sync_api import Page, expect

from tests.browser.conftest import Phone, Town, hanging, served
from tests.browser.words import say
from tests.browser.world import World, furnish

pytestmark = pytest.mark.browser
FIRST, LAST = "const PATIENCE = 4000;", "const LAST_PATIENCE = 8000;"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("patience")) as running:
        yield running


@pytest.fixture(scope="module")
def world(town: Town) -> World:
    return furnish(town, shops_around=4)


@contextmanager
def impatient(town: Town, **changed: str) -> Iterator[None]:
    """Serve a worker that waits for other times than the product's."""
    serve = town.app.view_functions["service_worker"]

    def hurried() -> Response:
        script = serve().get_data(as_text=True)  # type: ignore[union-attr]
        for said, other in ((FIRST, changed["first"]), (LAST, changed["last"])):
            assert said in script
            script = script.replace(said, f"{said.rsplit(' ', 1)[0]} {other};")
        return Response(script, mimetype="text/javascript")

    town.app.view_functions["service_worker"] = hurried
    try:
        yield
    finally:
        town.app.view_functions["service_worker"] = serve


@contextmanager
def slow(town: Town, path: str, seconds: float) -> Iterator[None]:
    """Let one address take this long."""
    answers = town.app.wsgi_app

    def door(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] == path:
            threading.Event().wait(seconds)
        return answers(environ, start_response)

    town.app.wsgi_app = door  # type: ignore[method-assign]
    try:
        yield
    finally:
        town.app.wsgi_app = answers  # type: ignore[method-assign]


def settled(page: Page) -> None:
    """Wait until the page is the worker's."""
    page.goto("/display")
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    page.reload()


def test_a_slow_line_brings_what_was_never_here(
    phone: Callable[..., Phone], town: Town, world: World
) -> None:
    page = phone(town, "en-US").page
    with impatient(town, first="50", last="60000"):
        settled(page)
        with slow(town, f"/shops/{world.shop}", 0.5):
            page.goto(f"/shops/{world.shop}")
        assert page.locator("h1").inner_text() != say("en", "No connection")


def test_a_silent_server_is_no_connection_in_the_end(
    phone: Callable[..., Phone], town: Town, world: World
) -> None:
    page = phone(town, "en-US").page
    with impatient(town, first="50", last="100"):
        settled(page)
        with hanging(town):
            page.goto(f"/shops/{world.shop}")
            expect(page.locator("h1")).to_have_text(say("en", "No connection"))
