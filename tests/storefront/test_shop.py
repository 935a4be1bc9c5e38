"""A shop's page says what is known, what is not, and what it sells."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from flask import Flask

from o2o.kernel.db import begin_write, db
from o2o.shops.models import Shop
from o2o.shops.rules import refresh_open
from tests.counting import counting
from tests.factories import make_shop, make_terms, make_town

SUNDAY_NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # 12:00 in Wudaokou


def keep(**values: Any) -> Shop:
    """Make a shop with everything a map may know."""
    begin_write()
    make_town(db.session, has_osm=True)
    given = {
        "name": "雪侬舍咖啡",
        "name_en": "Snow Café",
        "phone": "+86 10 1234 5678",
        "wheelchair": "limited",
    }
    given |= {
        "website": "https://www.snow.example/menu?a=1&b=2",
        "hours": "Mo-Sa 09:00-21:00; Su 10:00-02:00",
    }
    shop = make_shop(db.session, **{**given, **values})
    refresh_open(db.session, shops=[shop], now=SUNDAY_NOON)
    db.session.commit()
    return shop


def data(body: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', body, re.DOTALL)
    assert found
    return dict(json.loads(found[1]))


@time_machine.travel(SUNDAY_NOON, tick=False)
def test_everything_known_is_said(app: Flask, client: Any) -> None:
    shop = keep()
    body = client.get(f"/shops/{shop.id}").text
    assert re.search(r"<h1>\s*Snow Café\s*</h1>", body)
    for said in (
        "雪侬舍咖啡", "Café", 'href="/?category=amenity/cafe"', "成府路 28 号", 'href="tel:%2B861012345678"',
        'href="https://www.snow.example/menu?a=1&amp;b=2" rel="noopener nofollow">snow.example<',
        "Partly step-free", "Open until 02:00", "09:00–21:00", "10:00–02:00", "© OpenStreetMap contributors",
        'property="og:title" content="Snow Café"', "This shop has no offers at the moment.",
    ):  # fmt: skip
        assert said in body, said
    assert len(re.findall(r'<tr class="is-today" aria-current="date"><th scope="row">Sunday<', body)) == 1
    assert "Unclaimed" not in body
    tiles = re.findall(r'<image href="/tiles/17/(\d+)/(\d+)\.svg', body)
    assert 2 <= len(tiles) == len(set(tiles)) <= 8
    said = data(body)
    assert said["@type"] == "LocalBusiness"
    assert (said["name"], said["alternateName"]) == ("雪侬舍咖啡", ["Snow Café"])
    assert said["telephone"] == "+86 10 1234 5678"
    assert {spec["opens"] for spec in said["openingHoursSpecification"]} == {"09:00", "10:00"}
    assert (
        "雪侬舍咖啡"
        in client.get(f"/shops/{shop.id}", headers={"Accept-Language": "zh"}).text.split("<h1>")[1][:40]
    )


@pytest.mark.parametrize(
    ("hours", "said"),
    [
        ("24/7", "Open now"),
        ("Su 14:00-20:00", "Closed · opens 14:00"),
        ("Mo 08:00-20:00", "Closed · opens tomorrow 08:00"),
        ("We 08:00-20:00", "Closed · opens Wednesday 08:00"),
        ("2026 Jun 01-30 10:00-12:00", "Closed for now"),
        ("nach Vereinbarung", "nach Vereinbarung"),
    ],
)
@time_machine.travel(SUNDAY_NOON, tick=False)
def test_hours_in_words(app: Flask, client: Any, hours: str, said: str) -> None:
    shop = keep(hours=hours)
    body = client.get(f"/shops/{shop.id}").text
    assert said in body
    assert ("<table" in body) == (hours != "nach Vereinbarung")


def test_an_unclaimed_listing_says_so(app: Flask, client: Any) -> None:
    shop = keep(status="unclaimed", phone=None, website=None, wheelchair=None, hours=None, address=None)
    body = client.get(f"/shops/{shop.id}").text
    assert "Unclaimed listing." in body
    assert "nothing is sold here" in body
    assert "tel:" not in body
    assert "/offers/" not in body


def test_offers_are_shown_with_their_real_prices(app: Flask, client: Any) -> None:
    shop = keep()
    begin_write()
    terms = make_terms(db.session, shop, total_cap=3)
    db.session.commit()
    body = client.get(f"/shops/{shop.id}").text
    assert f'href="/offers/{terms.offer_id}"' in body
    assert "¥38" in body
    assert "<s>¥50</s>" in body
    assert "3 left" in body
    assert data(body)["makesOffer"][0]["price"] == "38.00"


def test_more_offers_cost_no_more_statements(app: Flask, client: Any) -> None:
    shop = keep()
    begin_write()
    make_terms(db.session, shop, total_cap=3)
    db.session.commit()
    client.get("/shops/999")
    with counting() as one:
        client.get(f"/shops/{shop.id}")
    begin_write()
    for price in (1000, 2000):
        make_terms(db.session, shop, price=price, total_cap=3)
    db.session.commit()
    client.get("/shops/999")
    with counting() as three:
        assert client.get(f"/shops/{shop.id}").text.count('<article class="offer"') == 3
    one, three = ([line for line in lines if line != "BEGIN"] for lines in (one, three))
    assert len(three) == len(one) <= 6


def test_gone_and_missing_shops_are_not_found(app: Flask, client: Any) -> None:
    gone = keep(status="gone")
    for address in (f"/shops/{gone.id}", "/shops/999", "/shops/99999999999999999999"):
        assert client.get(address).status_code == 404


def test_the_page_is_light_and_may_be_kept(app: Flask, client: Any) -> None:
    shop = keep()
    answer = client.get(f"/shops/{shop.id}", headers={"Accept-Encoding": "gzip"})
    assert len(answer.data) <= 12_000
    assert answer.headers["X-O2O-Cache"] == "page"


def test_links_are_only_ever_web_addresses(app: Flask, client: Any) -> None:
    shop = keep(website="javascript:alert(1)", phone='"><script>')
    body = client.get(f"/shops/{shop.id}").text
    assert "javascript:" not in body
    assert '"><script>' not in body
