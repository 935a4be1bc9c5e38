"""The pages of discovery: what they show, refuse, keep and never keep."""

import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from o2o.discovery import rules
from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write, db
from o2o.shops.models import Shop
from o2o.shops.rules import edit_shop
from tests.counting import counting
from tests.discovery.towns import make_many
from tests.factories import LAT, LNG, make_shop, make_terms, make_town

HX = {"HX-Request": "true"}
EVIL = """<script>alert("1")</script>'"]}</title>&amp;"""


def index() -> None:
    rules.reindex(db.session, shop_ids=[row.id for row in db.session.query(Shop)])
    db.session.commit()


@pytest.fixture
def town(app: Flask) -> Flask:
    """Fill a town with 70 shops."""
    begin_write()
    make_many(db.session, 70, clock.now())
    index()
    return app


def ids(body: str) -> list[int]:
    return [int(found) for found in re.findall(r'<article class="card" id="shop-(\d+)"', body)]


def pins(body: str) -> list[list[Any]]:
    return [pin for found in re.findall(r"data-pins='([^']*)'", body) for pin in json.loads(unescape(found))]


@pytest.mark.parametrize("address", ["/", "/shops"])
def test_the_page_shows_map_list_and_search(town: Flask, client: Any, address: str) -> None:
    body = client.get(address).text
    assert len(ids(body)) == 20
    assert [pin[0] for pin in pins(body)] == ids(body)
    assert 'role="search"' in body
    assert re.search(r'data-map-script="/map/[0-9a-f]{12}\.js"', body)
    assert ">69 places<" in body


def test_an_empty_server_says_what_to_do(app: Flask, client: Any) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/shops.geojson").get_json()["features"] == []


def test_the_next_page_goes_on_with_and_without_a_script(town: Flask, client: Any) -> None:
    first = client.get("/").text
    link = unescape(re.search(r'rel="next" href="([^"]+)"', first)[1])
    part = unescape(re.search(r'hx-get="([^"]+)" hx-target="#more"', first)[1])
    plain, more = client.get(link).text, client.get(part, headers={**HX, "HX-Target": "more"}).text
    assert ids(plain) == ids(more)
    assert not set(ids(more)) & set(ids(first))
    assert "<html" not in more
    assert 'id="found"' not in more
    assert pins(more)[0][0] == ids(more)[0]


def test_the_part_and_the_page_show_the_same(town: Flask, client: Any) -> None:
    query = "?category=amenity/cafe&open=1"
    page, part = client.get(f"/{query}").text, client.get(f"/shops{query}", headers=HX)
    assert ids(page) == ids(part.text)
    assert part.headers["HX-Replace-Url"] == "/?category=amenity%2Fcafe&open=1"
    assert 'hx-swap-oob="innerHTML"' in part.text


def test_nothing_found_says_what_to_do(town: Flask, client: Any) -> None:
    body = client.get("/?q=zzzz").text
    assert "Nothing found" in body
    assert "Show everything" in body


def test_names_cannot_break_out(app: Flask, client: Any) -> None:
    begin_write()
    shop = make_shop(db.session, EVIL)
    make_terms(db.session, shop, title=EVIL[:60])
    index()
    for headers in ({}, HX):
        body = client.get("/shops", headers=headers).text
        assert "<script>alert" not in body
        assert pins(body)[0][3] == EVIL
    page = client.get(f"/shops/{shop.id}").text
    assert "<script>alert" not in page
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1]
    assert json.loads(data)["name"] == EVIL
    assert client.get("/shops.geojson").get_json()["features"][0]["properties"]["name"] == EVIL


def test_one_row_costs_as_many_statements_as_many(app: Flask, client: Any) -> None:
    begin_write()
    make_terms(db.session, make_shop(db.session, "一"), total_cap=5)
    index()
    client.get("/shops?category=food")
    with counting() as one:
        client.get("/shops?offer=1", headers=HX)
    begin_write()
    for name in ("二", "三"):
        make_terms(db.session, make_shop(db.session, name), total_cap=5)
    index()
    client.get("/shops?category=food")
    with counting() as three:
        assert len(ids(client.get("/shops?offer=1", headers=HX).text)) == 3
    assert len(three) == len(one)
    assert len(three) <= 9


def test_a_second_look_is_304_until_something_changes(town: Flask, client: Any) -> None:
    for address, headers in (("/", {}), ("/shops?offer=1", HX)):
        first = client.get(address, headers=headers)
        again = client.get(address, headers={**headers, "If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert not again.data
        assert again.headers["X-Request-ID"] != first.headers["X-Request-ID"]
        assert client.get(address, headers=headers).data == first.data
    before = client.get("/?q=book").headers["ETag"]
    begin_write()
    edit_shop(db.session, shop_id=1, name="Book Cellar")
    db.session.commit()
    journal.deliver(db.session)
    after = client.get("/?q=book", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert 1 in ids(after.text)


def test_languages_fragments_and_people_never_share_an_answer(town: Flask, client: Any) -> None:
    english = client.get("/").text
    assert client.get("/", headers={"Accept-Language": "zh-CN"}).text != english
    assert "<html" not in client.get("/", headers=HX).text
    client.sign_in("guest")
    assert "data-owner" in client.get("/").text
    assert "data-owner" not in english


def test_a_position_is_used_once_and_kept_nowhere(town: Flask, client: Any) -> None:
    answer = client.get(f"/shops?lat={LAT}1234&lng={LNG}", headers=HX)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-O2O-Cache"] == "none"
    assert "ETag" not in answer.headers
    assert "lat" not in answer.headers["HX-Replace-Url"]
    assert re.search(r"· \d+ m<|· [\d.]+ km<", answer.text)
    plain = unescape(re.search(r'rel="next" href="([^"]+)"', answer.text)[1])
    assert "lat" not in plain
    assert "geolocation=(self)" in client.get("/").headers["Permissions-Policy"]
    assert "geolocation=()" in client.get("/shops/1").headers["Permissions-Policy"]


def test_geojson_tells_machines_everything(app: Flask, client: Any) -> None:
    begin_write()
    make_town(db.session, has_osm=True)
    shop = make_shop(
        db.session, "小满咖啡", name_en="Small Full", phone="010", website="https://a.example", hours="24/7",
        wheelchair="yes", osm_id="node/1",
    )  # fmt: skip
    make_shop(db.session, "gone", status="gone")
    index()
    answer = client.get("/shops.geojson")
    assert answer.mimetype == "application/geo+json"
    body = answer.get_json()
    assert "OpenStreetMap" in body["attribution"]
    assert len(body["features"]) == 1
    assert body["features"][0]["geometry"] == {"type": "Point", "coordinates": [LNG, LAT]}
    assert body["features"][0]["properties"] == {
        "id": shop.id, "name": "小满咖啡", "name_zh": None, "name_en": "Small Full", "category": "amenity/cafe",
        "osm_id": "node/1", "address": "成府路 28 号", "phone": "010", "website": "https://a.example",
        "opening_hours": "24/7", "wheelchair": "yes", "claimed": True, "rating": None, "ratings": 0,
    }  # fmt: skip
    assert client.get("/shops.geojson", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert len(client.get("/shops.geojson?q=full").get_json()["features"]) == 1
    assert client.get("/shops.geojson?q=none").get_json()["features"] == []


def test_closed_shops_say_when_they_open(app: Flask, client: Any) -> None:
    from datetime import timedelta

    begin_write()
    now = clock.now()
    hour = timedelta(hours=1)
    for name, start, end in (("开", -hour, hour), ("夜", -hour, 40 * hour), ("关", 30 * hour, 31 * hour)):
        make_shop(db.session, name, open_from=now + start, open_to=now + end)
    make_shop(db.session, "不知")
    index()
    body = client.get("/").text
    assert body.count("Open until ") == 1
    assert body.count("Open now</p>") == 1
    assert len(re.findall(r"Opens (tomorrow|\w{3}) \d\d:\d\d", body)) == 1
    assert len(ids(client.get("/?open=1").text)) == 2


def test_a_kept_card_changes_when_the_shop_opens_and_closes(app: Flask, client: Any) -> None:
    from datetime import timedelta

    import time_machine

    begin_write()
    now, hour = clock.now(), timedelta(hours=1)
    make_shop(db.session, "开", open_from=now + hour, open_to=now + 3 * hour)
    index()
    said = []
    for later in (0, 59, 61, 179, 181):
        with time_machine.travel(now + timedelta(minutes=later), tick=False):
            said.append(re.search(r'class="open open-(\w+)', client.get("/shops", headers=HX).text))
    assert [found[1] if found else "" for found in said[2:]] == ["yes", "yes", ""]
    assert all(found and found[1] in ("later", "no") for found in said[:2])


BAD = [
    ("q=" + "x" * 10_000, "at most 100 characters", "最多 100 个字"),
    ("category=nonsense", "do not know that category", "没有这个分类"),
    ("open=maybe", "either on or off", "只能开或关"),
    ("offer=2", "either on or off", "只能开或关"),
    ("bbox=abc", "not a part of the map", "不是地图上的区域"),
    ("bbox=2,2,1,1", "not a part of the map", "不是地图上的区域"),
    ("bbox=nan,nan,nan,nan", "not a part of the map", "不是地图上的区域"),
    ("lat=NaN&lng=1", "not a position on Earth", "不是地球上的位置"),
    ("lat=91&lng=1", "not a position on Earth", "不是地球上的位置"),
    ("lat=39", "not a position on Earth", "不是地球上的位置"),
    ("sort=fame", "by distance, by points or by price", "按距离、推荐分或价格"),
    ("page=-1", "no such page", "没有这一页"),
    ("page=1e3", "no such page", "没有这一页"),
    ("page=99999999999999999999", "no such page", "没有这一页"),
]


@pytest.mark.parametrize(("query", "english", "chinese"), BAD)
def test_nonsense_gets_a_sentence_and_the_form(
    town: Flask, client: Any, query: str, english: str, chinese: str
) -> None:
    answer = client.get(f"/?{query}")
    assert (answer.status_code, english in answer.text) == (400, True)
    assert 'role="search"' in answer.text
    assert len(ids(answer.text)) == 20
    assert chinese in client.get(f"/?{query}", headers={"Accept-Language": "zh-CN"}).text
    machine = client.get(f"/shops.geojson?{query}", headers={"Accept": "application/json"})
    assert machine.status_code == 400
    assert machine.mimetype == "application/problem+json"


@pytest.mark.parametrize(
    "query", ["q=%00%0a", "q=", "bbox=", "page=", "lat=&lng=", "sort=", "unknown=1", "page=400"]
)
def test_emptiness_is_no_fault(town: Flask, client: Any, query: str) -> None:
    assert client.get(f"/?{query}").status_code == 200


def test_budgets(town: Flask, client: Any) -> None:
    begin_write()
    db.session.execute(update(Shop).values(name_en="A shop with a rather long name near the river"))
    db.session.commit()
    gz = {"Accept-Encoding": "gzip"}
    assert len(client.get("/", headers=gz).data) <= 12_000
    assert len(client.get("/shops", headers={**gz, **HX}).data) <= 8_000
    for card in re.findall(r"<article.*?</article>", client.get("/").text):
        assert len(card.encode()) <= 1_100
