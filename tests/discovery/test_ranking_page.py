"""What people read about the order is what the code does, in both languages; and what the cards say of it."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from flask import Flask

from o2o.discovery import explained, ranking
from o2o.discovery.ranking import Inputs
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.vocabulary import rules as vocabulary
from tests.factories import LAT, LNG, make_shop, make_terms

HX = {"HX-Request": "true"}
LANGUAGES = ["en", "zh-CN"]


@pytest.fixture
def rated(app: Flask) -> int:
    """List a shop with ratings, answers and an offer, and one with nothing."""
    begin_write()
    now, day = clock.now(), timedelta(days=1)
    shop = make_shop(
        db.session, "小满咖啡", name_en="Small Full", open_from=now - day, open_to=now + day, has_left=True,
        rating_sum=97, rating_count=23, honest_yes=11, honest_count=12,
    )  # fmt: skip
    make_terms(db.session, shop, title="拿铁套餐")
    other = make_shop(db.session, "另一家")
    vocabulary.reindex(db.session, shop_ids=[shop.id, other.id])
    db.session.commit()
    return shop.id


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_prints_the_constants_of_the_code(rated: int, client: Any, language: str) -> None:
    answer = client.get("/about/ranking", headers={"Accept-Language": language})
    assert answer.headers["X-O2O-Cache"] == "page"
    printed = dict(re.findall(r'id="([A-Z_]+)">([\d.]+)<', answer.text))
    assert printed == {name: f"{getattr(ranking, name):g}" for name in explained.CONSTANTS}
    numbers = {
        name for name in vars(ranking) if name.isupper() and isinstance(getattr(ranking, name), int | float)
    }
    assert numbers - {"METRES"} == set(explained.CONSTANTS)
    text = unescape(answer.text)
    for sums in (explained.FEW, explained.MANY):
        points = ranking.points(Inputs(*sums, 0, 0, True, 350, True))
        assert f"{ranking.mean(*sums):.2f}" in text
        assert f"{points.rating:.1f}" in text
        assert f"{points.total:.1f}" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_says_its_points_part_by_part(rated: int, client: Any, language: str) -> None:
    headers = {**HX, "Accept-Language": language}
    body = client.get(f"/shops?sort=rating&lat={LAT}&lng={LNG}", headers=headers).text
    first = re.search(r'<article class="card" id="shop-(\d+)".*?</article>', body, re.DOTALL)
    assert int(first[1]) == rated
    why = unescape(re.search(r'<details class="why">.*?<p>(.*?)</p>', first[0], re.DOTALL)[1])
    parts = [float(value) for value in re.findall(r"→ ([\d.]+)", why)]
    total = float(re.search(r"= ([\d.]+)", why)[1])
    wanted = ranking.points(Inputs(97, 23, 11, 12, True, 0.0, True))
    assert parts == pytest.approx(list(wanted), abs=0.06)
    assert total == pytest.approx(wanted.total, abs=0.06)
    assert "(23)" in why
    assert f'<a href="/shops/{rated}/reviews">' in first[0]
    assert f"{ranking.mean(97, 23):.1f} · 23" in first[0]
    assert not re.search("[\x00-\x03]", body)


def test_every_order_says_why(rated: int, client: Any) -> None:
    def said(query: str) -> list[str]:
        body = client.get(f"/shops{query}", headers=HX).text
        assert not re.search("[\x00-\x03]", body)
        assert body.count("<details") == body.count("<article") == body.count("Why here?<span")
        return [unescape(one) for one in re.findall(r"</summary><p>(.*?) · <a", body)]

    assert said("") == ["Open now · 100 m from the centre", "Opening hours unknown · 100 m from the centre"]
    assert said(f"?lat={LAT}&lng={LNG}")[0] == "Open now · 100 m from you"
    assert said("?sort=price")[0].startswith("Cheapest offer ¥")
    assert said("?sort=price")[1] == "No offer on sale · 100 m from the centre"
    assert said("?q=小满")[0].startswith("Found by its name · Open now")
    assert said("?q=拿铁")[0].startswith("Found by its offer · Open now")


def test_nothing_is_made_up_where_nobody_rated(rated: int, client: Any) -> None:
    cards = re.findall(r"<article.*?</article>", client.get("/").text, re.DOTALL)
    assert ["card-rated" in card for card in cards] == [True, False]
    features = client.get("/shops.geojson").get_json()["features"]
    said = [(one["properties"]["rating"], one["properties"]["ratings"]) for one in features]
    assert said == [(round(ranking.mean(97, 23), 2), 23), (None, 0)]
