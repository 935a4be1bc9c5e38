"""The owner's form: every bad input has its status and sentence in both languages; pressing twice publishes once."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.kernel.db import begin_write, db
from o2o.offers.models import Offer, Terms
from tests.counting import counting
from tests.factories import make_role, make_shop, make_terms

GOOD = {
    "idempotency_key": "k1",
    "title": "双人手冲",
    "contents-0-text": "手冲咖啡",
    "contents-0-quantity": "2",
    "contents-0-alone": "25",
    "price": "38",
    "uses": "1",
    "validity": "days",
    "valid_days": "30",
    "weekdays": ["0", "1", "2", "3", "4", "5", "6"],
    "refund_before_use": "y",
    "refund_at_expiry": "y",
    "do": "publish",
}
DATES = {"validity": "dates", "valid_days": ""}
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"title": ""}, "Give the offer a title", "给套餐起个名字"),
    ({"title": "长" * 81}, "within 80 characters", "最多 80 个字"),
    ({"contents-0-text": "", "contents-0-alone": ""}, "at least one thing", "至少写一项"),
    ({"contents-0-text": ""}, "what each thing is", "每一项都要写明"),
    ({"contents-0-quantity": "two"}, "Give a whole number.", "请填整数"),
    ({"contents-0-quantity": "100"}, "from 1 to 99", "1 到 99"),
    ({"contents-0-alone": "x"}, "such as 38 or 38.50", "比如 38"),
    ({"price": ""}, "0 makes it free", "填 0 就是免费"),
    ({"price": "abc"}, "such as 38 or 38.50", "比如 38"),
    ({"price": "-1"}, "cannot be negative", "不能是负数"),
    ({"price": "1.234"}, "more decimals", "小数位数太多"),
    ({"price": "99999999999"}, "too large", "太大"),
    ({"price": "51"}, "higher than its parts", "比单点还贵"),
    ({"uses": ""}, "Give a whole number.", "请填整数"),
    ({"uses": "21"}, "from 1 to 20", "1 到 20"),
    ({"valid_days": ""}, "how many days", "有效几天"),
    ({"valid_days": "731"}, "from 1 to 730", "1 到 730"),
    ({"valid_days": "soon"}, "Give a whole number.", "请填整数"),
    (DATES, "how many days", "有效几天"),
    ({**DATES, "valid_until": "31.12."}, "Give a date such as", "请填日期"),
    ({**DATES, "valid_until": "2020-01-01"}, "already over", "已经过去"),
    ({**DATES, "valid_from": "2027-02-01", "valid_until": "2027-01-01"}, "must not come after", "不能晚于"),
    ({"weekdays": []}, "at least one day", "至少选一天"),
    ({"from_minute": "25:00"}, "times like 09:30", "09:30"),
    ({"from_minute": "9", "to_minute": "x:y"}, "times like 09:30", "09:30"),
    ({"from_minute": "10:00", "to_minute": " "}, "both times", "要么都填"),
    ({"from_minute": "10:00"}, "both times", "要么都填"),
    ({"per_person": "0"}, "limit per person", "每人限购请填"),
    ({"total_cap": "9999999"}, "from 1 to 1000000", "1 到 1000000"),
    ({"day_cap": "-1"}, "number a day", "每日份数请填"),
    ({"notes": "n" * 501}, "within 500 characters", "最多 500 个字"),
]


@pytest.fixture
def shop(client: FlaskClient) -> int:
    client.sign_in("owner")
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", "owner")
    make_role(db.session, shop, "staff", "staff")
    shop_id = shop.id
    db.session.commit()
    return shop_id


def offers() -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(Offer)) or 0


@pytest.mark.parametrize(("change", "english", "chinese"), BAD)
def test_bad_input(
    client: FlaskClient, shop: int, change: dict[str, Any], english: str, chinese: str
) -> None:
    data = {**GOOD, **change}
    for language, words in (("en", english), ("zh-CN", chinese)):
        page = client.post(f"/console/{shop}/offers", data=data, headers={"Accept-Language": language})
        body = page.get_data(as_text=True)
        assert page.status_code == 422
        assert words in body
        if "contents-0-text" not in change:
            assert 'value="手冲咖啡"' in body  # what was typed stays
    assert offers() == 0


def test_publishing_twice_publishes_once(client: FlaskClient, shop: int) -> None:
    for _ in range(2):
        answer = client.post(f"/console/{shop}/offers", data=GOOD)
        assert (answer.status_code, answer.location) == (303, f"/console/{shop}/offers")
    assert offers() == 1
    other = client.post(f"/console/{shop}/offers", data={**GOOD, "price": "40"})
    assert other.status_code == 409
    assert "双人手冲" in client.get(f"/console/{shop}/offers").get_data(as_text=True)


def test_a_preview_shows_what_guests_see_and_writes_nothing(client: FlaskClient, shop: int) -> None:
    page = client.post(f"/console/{shop}/offers", data={**GOOD, "do": "preview", "uses": "3"})
    body = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "What guests will see" in body
    assert "Save ¥12" in body
    assert offers() == 0
    lines = client.post(f"/console/{shop}/offers", data={**GOOD, "do": "lines"}).get_data(as_text=True)
    assert "contents-7-text" in lines


def test_times_after_midnight_and_dates_are_understood(client: FlaskClient, shop: int) -> None:
    hours = {"from_minute": "18:00", "to_minute": "02:00", "contents-0-alone": "２５元", "weekdays": ["4"]}
    assert client.post(f"/console/{shop}/offers", data={**GOOD, **hours}).status_code == 303
    db.session.rollback()
    terms = db.session.scalars(select(Terms)).one()
    assert (terms.from_minute, terms.to_minute, terms.weekdays) == (1080, 1560, 16)
    form = client.get(f"/console/{shop}/offers/{terms.offer_id}").get_data(as_text=True)
    assert 'value="18:00"' in form
    assert 'value="02:00"' in form


def test_an_edit_is_a_new_version(client: FlaskClient, shop: int) -> None:
    client.post(f"/console/{shop}/offers", data=GOOD)
    db.session.rollback()
    offer = db.session.scalars(select(Offer.id)).one()
    for _ in range(2):
        again = client.post(
            f"/console/{shop}/offers/{offer}", data={**GOOD, "price": "36", "idempotency_key": "k2"}
        )
        assert again.status_code == 303
    db.session.rollback()
    assert [(row.version, row.price) for row in db.session.scalars(select(Terms).order_by(Terms.id))] == [
        (1, 3800),
        (2, 3600),
    ]


def test_pause_resume_end(client: FlaskClient, shop: int) -> None:
    client.post(f"/console/{shop}/offers", data=GOOD)
    db.session.rollback()
    offer = db.session.scalars(select(Offer.id)).one()
    for verb, state in (("pause", "paused"), ("pause", "paused"), ("resume", "on_sale"), ("end", "ended")):
        assert client.post(f"/console/{shop}/offers/{offer}/{verb}").status_code == 303
        db.session.rollback()
        assert db.session.get_one(Offer, offer).state == state
    assert client.post(f"/console/{shop}/offers/{offer}/resume").status_code == 409


def test_another_shops_offer_is_missing(client: FlaskClient, shop: int) -> None:
    begin_write()
    foreign = make_terms(db.session, make_shop(db.session, "别家")).offer_id
    db.session.commit()
    for verb in ("", "/pause", "/resume", "/end"):
        assert client.post(f"/console/{shop}/offers/{foreign}{verb}", data=GOOD).status_code == 404
    assert client.get(f"/console/{shop}/offers/{foreign}").status_code == 404


def test_staff_may_not(client: FlaskClient, shop: int) -> None:
    client.sign_in("staff")
    assert client.get(f"/console/{shop}/offers").status_code == 404
    assert client.post(f"/console/{shop}/offers", data=GOOD).status_code == 404


def test_a_production_town_gives_coupons_only(
    client: FlaskClient, shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from o2o.offer_changes import writing

    monkeypatch.setattr(writing, "coupons_only", lambda: True)
    page = client.post(f"/console/{shop}/offers", data=GOOD)
    assert page.status_code == 422
    assert "Only free coupons" in page.get_data(as_text=True)
    assert client.post(f"/console/{shop}/offers", data={**GOOD, "price": "0"}).status_code == 303


def test_the_list_costs_the_same_for_one_and_three(client: FlaskClient, shop: int) -> None:
    counts = []
    for wanted in (1, 3):
        while offers() < wanted:
            key = f"more{offers()}"
            assert (
                client.post(f"/console/{shop}/offers", data={**GOOD, "idempotency_key": key}).status_code
                == 303
            )
        with counting() as statements:
            page = client.get(f"/console/{shop}/offers").get_data(as_text=True)
        assert len(re.findall(r'id="offer-\d+"', page)) == wanted
        counts.append(len(statements))
    assert counts[0] == counts[1]
