"""Robots and sitemap: what is there and nothing else, in parts, streamed, with a fixed number of queries."""

import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from o2o.guides.models import Guide
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.offers.models import Offer
from o2o.pages import crawlers
from o2o.shops.models import Shop
from o2o.shops.queries import forget_town
from tests import factories
from tests.counting import counting

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(client: FlaskClient, path: str) -> list[str]:
    answer = client.get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/xml")
    tree = ElementTree.fromstring(answer.data)
    return [str(loc.text).removeprefix("http://localhost") for loc in tree.iter(f"{SPACE}loc")]


def test_a_real_town_may_be_read(client: FlaskClient, session: Any) -> None:
    factories.make_town(session)
    session.commit()
    answer = client.get("/robots.txt")
    body = answer.get_data(as_text=True)
    assert answer.mimetype == "text/plain"
    assert "Sitemap: http://localhost/sitemap.xml" in body
    assert "Disallow: /\n" not in body
    assert "Disallow: /me\n" in body
    assert "X-Robots-Tag" not in client.get("/about").headers


def test_a_demo_town_may_not(client: FlaskClient, session: Any) -> None:
    factories.make_town(session, is_demo=True)
    session.commit()
    forget_town()
    body = client.get("/robots.txt").get_data(as_text=True)
    assert body == "User-agent: *\nDisallow: /\n"
    for path in ("/", "/about", "/nothing-here"):
        assert client.get(path).headers["X-Robots-Tag"] == "noindex, nofollow"


def test_robots_keeps_out_what_needs_a_sign_in(app: Flask) -> None:
    policies = app.extensions["o2o.policies"]
    for rule in app.url_map.iter_rules():
        if policies[rule.endpoint].kind != "public":
            kept = any(rule.rule.startswith(path) for path in crawlers.KEPT_OUT)
            assert kept or rule.methods <= {"POST", "OPTIONS"}, rule.rule


def test_the_sitemap_lists_what_is_there(client: FlaskClient, session: Any) -> None:
    shop = factories.make_shop(session)
    listing = factories.make_shop(session, name="空店", status="unclaimed")
    gone = factories.make_shop(session, name="关了", status="gone")
    on_sale = factories.make_terms(session, shop).offer_id
    paused = factories.make_terms(session, shop).offer_id
    session.get_one(Offer, paused).state = "paused"
    over = factories.make_terms(session, shop)
    over.valid_days, over.valid_until = None, (clock.now() - timedelta(days=3)).date()
    now = clock.now()
    for state in ("public", "draft"):
        guide = Guide(
            title_zh="早餐", title_en="Breakfast", state=state, created_at=now, updated_at=now, created_by="t"
        )
        session.add(guide)
    session.commit()
    assert gone.id != listing.id
    found = addresses(client, "/sitemap.xml")
    assert found == [f"/sitemaps/{name}.xml" for name in ("pages", "shops-1", "offers-1", "guides-1")]
    assert addresses(client, found[1]) == [f"/shops/{shop.id}", f"/shops/{listing.id}"]
    assert addresses(client, found[2]) == [f"/offers/{on_sale}"]
    assert addresses(client, found[3]) == ["/guides/1"]
    assert {"/", "/about", "/about/terms", "/about/ranking"} <= set(addresses(client, found[0]))


def test_parts_hold_a_fixed_range_of_keys(
    client: FlaskClient, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawlers, "PART", 3)
    for number in range(7):
        factories.make_shop(session, name=f"店 {number}")
    session.commit()
    parts = [path for path in addresses(client, "/sitemap.xml") if "shops" in path]
    assert parts == ["/sitemaps/shops-1.xml", "/sitemaps/shops-2.xml", "/sitemaps/shops-3.xml"]
    listed = [addresses(client, path) for path in parts]
    assert [len(part) for part in listed] == [3, 3, 1]
    assert [path for part in listed for path in part] == [f"/shops/{number}" for number in range(1, 8)]
    begin_write()
    db.session.get_one(Shop, 2).status = "gone"
    db.session.commit()
    assert addresses(client, parts[1]) == listed[1]


def test_the_latest_change_is_said(client: FlaskClient, session: Any) -> None:
    shop = factories.make_shop(session)
    session.commit()
    stamp = f"<lastmod>{shop.updated_at:%Y-%m-%dT%H:%M:%SZ}</lastmod>"
    assert stamp in client.get("/sitemap.xml").get_data(as_text=True)
    assert stamp in client.get("/sitemaps/shops-1.xml").get_data(as_text=True)


@pytest.mark.parametrize(
    "part",
    [
        "shops-0",
        "shops-01",
        "shops-2",
        "shops-1x",
        "shops",
        "shops-",
        "shops-９",
        "me-1",
        "shops--1",
        "x" * 90,
    ],
)
def test_parts_that_are_not_there(client: FlaskClient, session: Any, part: str) -> None:
    factories.make_shop(session)
    session.commit()
    assert client.get(f"/sitemaps/{part}.xml").status_code == 404


def test_more_shops_cost_no_more_queries(client: FlaskClient, session: Any) -> None:
    factories.make_shop(session)
    session.commit()
    counts = []
    for _round in range(2):
        client.get("/about")
        with counting() as statements:
            client.get("/sitemap.xml")
            client.get("/sitemaps/shops-1.xml")
        counts.append(len(statements))
        begin_write()
        for number in range(3):
            factories.make_shop(db.session, name=f"店 {number}")
        db.session.commit()
    assert counts[0] == counts[1] <= 6


def test_an_empty_house_has_pages_all_the_same(client: FlaskClient) -> None:
    assert addresses(client, "/sitemap.xml") == ["/sitemaps/pages.xml"]
    assert client.get("/robots.txt").status_code == 200


def test_canonical_addresses_and_pictures(client: FlaskClient, session: Any) -> None:
    shop = factories.make_shop(session)
    offer = factories.make_terms(session, shop).offer_id
    session.commit()
    for path, picture in (
        ("/", "/og/town.png"),
        (f"/shops/{shop.id}", f"/og/shops/{shop.id}.png"),
        (f"/offers/{offer}", f"/og/offers/{offer}.png"),
    ):
        body = client.get(path, headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
        assert f'<link rel="canonical" href="http://localhost{path}">' in body
        assert f'property="og:image" content="http://localhost{picture}?lang=zh-Hans"' in body
        assert 'name="twitter:card" content="summary_large_image"' in body
        assert len(re.findall("og:image:(?:width|height|alt)", body)) == 3


def test_shops_that_are_proposed_or_delisted_stay_out(client: FlaskClient) -> None:
    begin_write()
    hidden = [
        factories.make_shop(db.session, f"藏{status}", status=status).id
        for status in ("proposed", "delisted")
    ]
    shown = factories.make_shop(db.session, "在").id
    db.session.commit()
    listed = client.get("/sitemaps/shops-1.xml").get_data(as_text=True)
    assert f"/shops/{shown}<" in listed
    for shop_id in hidden:
        assert f"/shops/{shop_id}<" not in listed
