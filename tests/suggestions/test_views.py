"""The list under the search box, and the page that says what it searched instead."""

import re
from html import unescape
from typing import Any

import pytest
from flask import Flask

from o2o.kernel.db import begin_write, db
from tests.suggestions.town import build

HX = {"HX-Request": "true"}
ZH = {"Accept-Language": "zh-CN"}
EVIL = "<script>alert(1)</script>"


@pytest.fixture
def town(app: Flask) -> Flask:
    """Fill the street."""
    begin_write()
    build(db.session)
    db.session.commit()
    return app


def lines(body: str) -> list[tuple[str, str]]:
    found = re.findall(r'role="option" href="([^"]+)".*?<span>([^<]*)</span>', body)
    return [(unescape(href), unescape(text)) for href, text in found]


def test_kinds_shops_and_dishes_are_suggested(town: Flask, client: Any) -> None:
    body = client.get("/suggest?q=yinh", headers={**HX, **ZH}).text
    assert lines(body)[0] == ("/?category=amenity%2Fbank", "银行")
    body = client.get("/suggest?q=rou", headers={**HX, **ZH}).text
    found = dict(map(reversed, lines(body)))  # type: ignore[arg-type]
    assert found["肉夹馍"] == "/?q=%E8%82%89%E5%A4%B9%E9%A6%8D"
    assert re.fullmatch(r"/shops/\d+", found["老王肉夹馍"])
    assert "<html" not in body
    assert client.get(found["老王肉夹馍"]).status_code == 200


@pytest.mark.parametrize("typed", ["r", "a", "肉", "s", "k", "coffee"])
def test_a_list_is_short(town: Flask, client: Any, typed: str) -> None:
    answer = client.get(f"/suggest?q={typed}", headers=HX)
    assert len(answer.data) <= 5 * 1024
    assert len(lines(answer.text)) <= 8
    assert answer.headers["X-O2O-Cache"] == "none"


def test_without_a_script_it_is_a_plain_search(town: Flask, client: Any) -> None:
    answer = client.get("/suggest?q=rou jia")
    assert answer.status_code == 302
    assert answer.location == "/?q=rou+jia"
    assert client.get("/suggest").location == "/"


@pytest.mark.parametrize(
    "typed", ["", " ", "%00", "%F0%9F%8D%9C", "a" * 500, "%3Cscript%3E", "%25%27%22", "\u202e"]
)
def test_whatever_is_typed_is_answered(town: Flask, client: Any, typed: str) -> None:
    answer = client.get(f"/suggest?q={typed}", headers=HX)
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert not lines(answer.text)


def test_names_cannot_break_out(app: Flask, client: Any) -> None:
    from o2o.vocabulary.rules import reindex
    from tests.factories import make_shop

    begin_write()
    reindex(db.session, shop_ids=[make_shop(db.session, EVIL).id])
    db.session.commit()
    assert EVIL not in client.get("/suggest?q=script", headers=HX).text
    assert EVIL not in client.get("/?q=scripd").text


def cards(body: str) -> list[int]:
    return [int(found) for found in re.findall(r'<article class="card" id="shop-(\d+)"', body)]


@pytest.mark.parametrize("headers", [{}, HX])
def test_the_page_says_what_it_searched_instead(town: Flask, client: Any, headers: dict[str, str]) -> None:
    body = client.get("/shops?q=肉莫", headers=headers).text
    assert "Nothing matches “肉莫”. These are the results for “肉夹馍”." in unescape(body)
    assert len(cards(body)) == 2
    link = unescape(re.search(r'href="(/\?q=[^"]*exact=1[^"]*)"', body)[1])  # type: ignore[index]
    exact = client.get(link)
    assert cards(exact.text) == []
    assert "Nothing found" in exact.text


def test_what_is_found_needs_no_words(town: Flask, client: Any) -> None:
    for typed in ("肉夹馍", "roujiamo", "rjm"):
        body = client.get(f"/?q={typed}").text
        assert len(cards(body)) == 2, typed
        assert "Nothing matches" not in body


def test_nothing_like_it_is_said(town: Flask, client: Any) -> None:
    body = client.get("/?q=牛肉").text
    assert "Nothing matches" not in body
    assert "Nothing found" in body


def test_a_filter_is_no_slip(town: Flask, client: Any) -> None:
    body = client.get("/?q=海底捞&offer=1").text
    assert "Nothing matches" not in body
    assert "Nothing found" in body
