"""F12: pages ask nobody outside, so nobody outside can make them hang: no tiles, no fonts, no mail, no push."""

import socket
from pathlib import Path
from typing import Any

import pytest

from o2o import create_app
from o2o.kernel import checks
from o2o.kernel.db import db
from tests import postgres
from tests.orders.buying import order, sell, state, to_bank
from tests.visitor import Visitor

PAGES = (
    "/",
    "/?q=coffee",
    "/wallet",
    "/inbox",
    "/me",
    "/offers/1",
    "/shops/1",
    "/about",
    "/manifest.webmanifest",
)


@pytest.mark.sqlite_only("what is tested is that no socket is opened; PostgreSQL's own is none of Python's")
def test_a_town_goes_on_with_nobody_to_ask(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Buy and look around where every call to the outside, one to the tile server's host too, would raise."""
    given = {"TESTING": "1", "O2O_DATA_DIR": str(tmp_path), "O2O_SECRET_KEY": "test" * 10}
    given |= {"O2O_BASE_URL": "http://localhost", "O2O_TILE_URL": "https://tiles.invalid/{z}/{x}/{y}.png"}
    app = create_app(given)

    def connect(*_ignored: Any) -> None:
        raise AssertionError("a page called somebody outside")

    with app.app_context():
        postgres.bring_up(app)
        for clear in app.extensions.get("o2o.caches", []):
            clear()
        monkeypatch.setattr(socket.socket, "connect", connect)
        monkeypatch.setattr(socket, "getaddrinfo", connect)
        guest = Visitor(app, app.response_class)
        guest.sign_in("guest")
        url = order(guest, sell())
        for page in PAGES:
            assert guest.get(page).status_code == 200, page
        guest.post(to_bank(guest, url), data={"answer": "approve"})
        assert state(url) == "paid"
        assert checks.broken(db.session) == []
        db.session.rollback()
        db.engine.dispose()
        for clear in app.extensions.get("o2o.caches", []):
            clear()
