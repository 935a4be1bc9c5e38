"""The menu as guests read it."""

import pytest
from flask import Flask

from o2o.kernel.db import begin_write, db
from o2o.shops.models import Shop
from tests import factories
from tests.menus.town import add_lines, open_shop
from tests.visitor import Visitor


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop()


def test_guests_read_it_in_their_language(app: Flask, shop: Shop, client: Visitor) -> None:
    """A page, a window on the shop's page, the next part; only where the shop keeps its page."""
    english = client.get(f"/shops/{shop.id}/menu")
    assert english.headers["X-O2O-Cache"] == "page"
    assert "<b>Latte</b> <small>拿铁</small>" in english.text
    chinese = client.get(f"/shops/{shop.id}/menu", headers={"Accept-Language": "zh-CN"}).text
    assert "<b>拿铁</b> <small>Latte</small>" in chinese
    front = client.get(f"/shops/{shop.id}").text
    assert f'hx-get="/shops/{shop.id}/menu" hx-trigger="load"' in front
    assert f'"hasMenu":"http://localhost/shops/{shop.id}/menu"' in front
    window = client.get(f"/shops/{shop.id}/menu", headers={"HX-Request": "true"}).text
    assert not window.lstrip().startswith("<!doctype")
    assert "<h2>Menu</h2>" in window
    begin_write()
    factories.make_shop(db.session)
    bare = factories.make_shop(db.session)
    listing = factories.make_shop(db.session, status="unclaimed")
    add_lines(db.session, listing.id)
    db.session.commit()
    assert client.get(f"/shops/{listing.id}/menu").status_code == 404
    assert f"/shops/{listing.id}/menu" not in client.get(f"/shops/{listing.id}").text
    assert "No menu yet" in client.get(f"/shops/{bare.id}/menu").text
    assert "hasMenu" not in client.get(f"/shops/{bare.id}").text
