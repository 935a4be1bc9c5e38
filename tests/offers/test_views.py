"""The offer's page says everything before the button, and only what is true."""

import json
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from o2o.capacity import rules as capacity
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.offers import rules
from tests.factories import make_shop, make_terms


def published(**values: object) -> tuple[int, int]:
    begin_write()
    terms = make_terms(db.session, make_shop(db.session, name_en="Xiaoman"), **values)
    ids = terms.offer_id, terms.shop_id
    db.session.commit()
    return ids


def test_everything_is_said_before_the_button(client: FlaskClient) -> None:
    offer, shop = published(
        total_cap=40, per_person=2, uses=2, notes="外带另计", weekdays=31, from_minute=1080, to_minute=1560
    )
    page = client.get(f"/offers/{offer}")
    body = page.get_data(as_text=True)
    assert (page.status_code, page.headers["X-O2O-Cache"]) == (200, "page")
    for words in (
        "双人手冲咖啡", "Xiaoman", f"/shops/{shop}", "¥38", "¥50", "Save ¥12", "30 days after purchase", "Mon–Fri",
        "18:00–02:00", "2 uses", "At most 2 per person", "40 left", "外带另计",
        "Full refund any time before you use it.",
        "the money comes back by itself", f"/sign-in?next=/offers/{offer}",
    ):  # fmt: skip
        assert words in body, words
    assert f"/offers/{offer}/orders" not in body
    data = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', body)[0])
    assert (data["@type"], data["price"], data["priceCurrency"]) == ("Offer", "38.00", "CNY")
    assert 'property="og:title"' in body


def test_a_guest_who_is_signed_in_gets_the_form(client: FlaskClient) -> None:
    offer, _ = published(per_person=3)
    client.sign_in("guest")
    body = client.get(f"/offers/{offer}").get_data(as_text=True)
    assert f'action="/offers/{offer}/orders"' in body
    assert re.search(r'name="idempotency_key" value="[0-9a-f]{16}"', body)
    assert 'max="3"' in body


def test_chinese_pages_speak_chinese(client: FlaskClient) -> None:
    offer, _ = published()
    body = client.get(f"/offers/{offer}", headers={"Accept-Language": "zh-CN"}).get_data(as_text=True)
    assert 'lang="zh-Hans"' in body
    assert "¥38" in body


def test_a_title_cannot_break_out_of_the_page(client: FlaskClient) -> None:
    offer, _ = published(title="</script><b>x</b>")
    body = client.get(f"/offers/{offer}").get_data(as_text=True)
    assert "<b>x</b>" not in body
    data = json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', body)[0])
    assert data["name"] == "</script><b>x</b>"


@pytest.mark.parametrize(
    ("move", "words"), [(rules.pause, "paused this offer"), (rules.end, "This offer has ended")]
)
def test_what_is_not_on_sale_says_so(client: FlaskClient, move, words: str) -> None:
    offer, _ = published()
    begin_write()
    move(db.session, offer_id=offer)
    db.session.commit()
    body = client.get(f"/offers/{offer}").get_data(as_text=True)
    assert words in body
    assert "Sign in to buy" not in body


@pytest.mark.parametrize(
    ("cap", "words"), [("total_cap", "Sold out."), ("day_cap", "Today&#39;s share is sold out")]
)
def test_sold_out_is_told_at_once(client: FlaskClient, cap: str, words: str) -> None:
    offer, _ = published(**{cap: 1})
    begin_write()
    from o2o.offers import queries

    terms = queries.current_terms(db.session, queries.offer(db.session, offer))
    claims = rules.claims(terms, account_id=1, quantity=1, now=clock.now(), timezone="Asia/Shanghai")
    capacity.hold_all(db.session, claims=claims, until=clock.now() + timedelta(minutes=10), key="k")
    db.session.commit()
    body = client.get(f"/offers/{offer}").get_data(as_text=True)
    assert words in body
    assert "Sign in to buy" not in body


def test_an_offer_of_a_shop_that_is_gone_is_missing(client: FlaskClient) -> None:
    offer, shop_id = published()
    begin_write()
    from o2o.shops.models import Shop

    db.session.get_one(Shop, shop_id).status = "gone"
    db.session.commit()
    assert client.get(f"/offers/{offer}").status_code == 404
    assert client.get("/offers/999999").status_code == 404
