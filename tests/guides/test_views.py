"""The pages of guides: what everybody sees, what the operator does, what stays hidden."""

import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from o2o.guides import queries, rules
from o2o.guides.models import Guide
from o2o.kernel.db import begin_write, db
from tests.counting import counting
from tests.factories import make_guide, make_shop, make_terms

EVIL = "<script>alert(1)</script>\"'"


@pytest.fixture
def guide(app: Flask) -> Guide:
    begin_write()
    shops = [make_shop(db.session, name) for name in ("乙", "甲", EVIL)]
    make_terms(db.session, shops[0])
    made = make_guide(db.session, *shops, about_zh="下雨也好。", about_en="Rain is fine.")
    stop = rules.Stop(shops[1].id, EVIL, True)
    rules.change_stop(db.session, guide_id=made.id, version=made.version, stop=stop)
    db.session.commit()
    return made


def test_a_guide_shows_its_shops_in_its_order(guide: Guide, client: Any) -> None:
    answer = client.get(f"/guides/{guide.id}")
    body = answer.text
    assert answer.headers["X-O2O-Cache"] == "page"
    shops = [place.shop for place in queries.stops(db.session, guide.id)]
    assert re.findall(r'<article class="card" id="shop-(\d+)"', body) == [str(shop.id) for shop in shops]
    assert "<script>alert" not in body
    assert "Rain is fine." in body
    assert len(re.findall(r"</svg>Ad</span>", body)) == 1
    pins = json.loads(unescape(re.search(r"data-pins='([^']*)'", body)[1]))
    assert [pin[0] for pin in pins] == [shop.id for shop in shops]
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', body, re.DOTALL)[1])
    assert data["@type"] == "ItemList"
    assert [item["name"] for item in data["itemListElement"]] == ["乙", "甲", EVIL]
    assert f'content="http://localhost/guides/{guide.id}"' in body
    assert 'data-behaviour="share"' in body
    chinese = client.get(f"/guides/{guide.id}", headers={"Accept-Language": "zh-CN"}).text
    assert "雨天去处" in chinese
    assert "下雨也好。" in chinese


def test_the_list_and_the_way_to_it(app: Flask, client: Any) -> None:
    begin_write()
    shop = make_shop(db.session)
    draft = make_guide(db.session, shop, is_public=False)
    db.session.commit()
    assert "/guides" not in client.get("/").text
    assert "No guides yet" in client.get("/guides").text
    assert client.get(f"/guides/{draft.id}").status_code == 404
    begin_write()
    rules.publish(db.session, guide_id=draft.id, version=draft.version)
    db.session.commit()
    assert 'href="/guides"' in client.get("/").text
    assert f'href="/guides/{draft.id}"' in client.get("/guides").text


def test_drafts_are_the_operators(app: Flask, client: Any) -> None:
    begin_write()
    draft = make_guide(db.session, make_shop(db.session), is_public=False)
    db.session.commit()
    for handle in ("guest", "owner"):
        client.sign_in(handle)
        assert client.get(f"/guides/{draft.id}").status_code == 404
        assert client.get("/operator/guides").status_code == 404
    client.sign_in("operator")
    answer = client.get(f"/guides/{draft.id}")
    assert "Only you see this page" in answer.text
    assert answer.headers["X-O2O-Cache"] == "none"


def test_the_operator_makes_a_guide_without_a_script(app: Flask, client: Any) -> None:
    begin_write()
    first, second = make_shop(db.session, "面馆"), make_shop(db.session, "面包房")
    db.session.commit()
    client.sign_in("operator")
    assert "No guides yet" in client.get("/operator/guides").text
    form = {"title_zh": "面", "title_en": "Noodles", "version": "0", "idempotency_key": "k1"}
    desk = client.post("/operator/guides", data=form).location
    assert client.post("/operator/guides", data=form).location == desk
    found = client.get(f"{desk}?q=面").text
    for shop in (first, second):
        assert f'action="{desk}/shops/{shop.id}/add"' in found

    def press(path: str, **more: str) -> Any:
        version = re.search(r'name="version" value="(\d+)"', client.get(desk).text)[1]
        return client.post(f"{desk}{path}", data={"version": version, **more})

    assert press("/publish").status_code == 422
    for shop in (first, second):
        assert press(f"/shops/{shop.id}/add").status_code == 303
    assert press(f"/shops/{second.id}", do="up", note="先去这家", is_paid="y").status_code == 303
    assert press("/publish").status_code == 303
    assert press("", title_zh="吃面", title_en="Eat noodles").status_code == 303
    stale = client.post(desk, data={"version": "1", "title_zh": "旧", "title_en": "Old"})
    assert stale.status_code == 409
    assert 'value="Old"' in stale.text
    public = client.get(desk.removeprefix("/operator")).text
    assert public.index(f"shop-{second.id}") < public.index(f"shop-{first.id}")
    assert "先去这家" in public
    assert press(f"/shops/{second.id}", do="remove").status_code == 303
    assert press("/unpublish").status_code == 303
    listed = client.get("/operator/guides").text
    assert "Eat noodles" in listed
    assert "Draft" in listed


def test_one_row_costs_as_many_statements_as_three(app: Flask, client: Any) -> None:
    begin_write()
    shops = [make_shop(db.session, name) for name in "甲乙丙"]
    for shop in shops:
        make_terms(db.session, shop)
    small, large = make_guide(db.session, shops[0], is_public=False), make_guide(db.session, *shops)
    db.session.commit()
    client.sign_in("operator")
    for paths in (("/guides/{}",), ("/operator/guides/{}",)):
        client.get(paths[0].format(small.id))
        counts = []
        for guide_id in (small.id, large.id):
            with counting() as statements:
                assert client.get(paths[0].format(guide_id)).status_code == 200
            counts.append(len(statements))
        assert counts[0] == counts[1], paths
    counts = []
    for _round in range(2):
        client.get("/guides")
        with counting() as statements:
            client.get("/guides")
        counts.append(len(statements))
        begin_write()
        for _one in range(2):
            make_guide(db.session, *shops)
        db.session.commit()
    assert counts[0] == counts[1]
