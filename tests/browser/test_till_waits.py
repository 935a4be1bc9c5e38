"""A till that is asked to wait waits, and then goes on by itself."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Playwright, expect

from o2o.kernel.db import begin_write, db
from tests import factories
from tests.browser.conftest import Town, served
from tests.browser.tills import till_phone
from tests.browser.words import say

pytestmark = pytest.mark.browser
ZH = "zh-CN"
WAIT = 8
SLACK = 0.5


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("till-waits")) as running:
        with running.app.app_context():
            begin_write()
            factories.make_town(db.session)
            db.session.commit()
        yield running


@contextmanager
def crowded(town: Town) -> Iterator[list[float]]:
    """Turn the first call of a till away and ask it to wait; yields when the calls came."""
    answers = town.app.wsgi_app
    calls: list[float] = []

    def door(environ: Any, start_response: Any) -> Any:
        if environ["PATH_INFO"] != "/till/sync":
            return answers(environ, start_response)
        calls.append(time.monotonic())
        if len(calls) > 1:
            return answers(environ, start_response)
        environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        headers = [("Content-Type", "application/problem+json"), ("Retry-After", str(WAIT))]
        start_response("429 Too Many Requests", headers)
        return [b'{"status": 429, "code": "too_many", "title": "Wait."}']

    town.app.wsgi_app = door  # type: ignore[method-assign]
    try:
        yield calls
    finally:
        town.app.wsgi_app = answers  # type: ignore[method-assign]


def test_a_till_waits_as_long_as_it_is_told(playwright: Playwright, town: Town, tmp_path: Path) -> None:
    with town.app.app_context():
        begin_write()
        shop = factories.make_shop(db.session)
        factories.make_role(db.session, shop, f"owner-{shop.id}", kind="owner", name="老板")
        shop_id = shop.id
        db.session.commit()
    with till_phone(playwright, town, tmp_path / "till", f"owner-{shop_id}", shop_id) as till:
        with crowded(town) as calls:
            till.page.get_by_role("button", name=say(ZH, "Send now")).click()
            deadline = time.monotonic() + WAIT + 20
            while len(calls) < 2 and time.monotonic() < deadline:
                till.page.wait_for_timeout(200)
        # By itself it would have tried again after 5 s.
        assert len(calls) >= 2
        assert calls[1] - calls[0] >= WAIT - SLACK
        expect(till.page.locator('[data-part="mode"]')).to_have_text(say(ZH, "Online"))
