"""The operator's checklist and terms: nothing stops a shop unseen, and nothing in the past."""

import gzip
import html
import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from o2o.checklist import queries as asked
from o2o.checklist.models import MerchantTerms, Requirement
from o2o.checklist.rules import ensure
from o2o.kernel import clock
from o2o.kernel.db import Base, begin_write, db
from o2o.offers.rules import day_start, local_day
from o2o.papers import rules as papers
from o2o.requirements import rules as requirements
from o2o.shops.models import Shop
from tests.counting import counting
from tests.factories import make_town
from tests.onboarding.town import make_admitted, make_listing

HOME = "/operator/requirements"
TERMS = "/operator/merchant-terms"
ZONE = "Asia/Shanghai"
OWN = {
    "is_on": "y", "kind": "verified", "title_zh": "卫生许可", "title_en": "Hygiene permit", "asks_photo": "y",
}  # fmt: skip


@pytest.fixture
def operator(client: FlaskClient) -> FlaskClient:
    client.sign_in("operator")
    begin_write()
    make_town(db.session)
    db.session.commit()
    return client


def admitted(number: int) -> list[int]:
    """Admit so many shops and return their numbers."""
    begin_write()
    claims = [
        make_admitted(db.session, make_listing(db.session, f"店{n}"), f"owner-{n}") for n in range(number)
    ]
    found = [claim.shop_id for claim in claims]
    db.session.commit()
    return found


def day(days: int) -> str:
    return (local_day(clock.now(), ZONE) + timedelta(days=days)).isoformat()


def end_of(text: str) -> Any:
    return day_start(date.fromisoformat(text) + timedelta(days=1), ZONE)


def until(shop: int) -> Any:
    db.session.rollback()
    return db.session.get_one(Shop, shop).sells_until


def text(answer: TestResponse) -> str:
    return html.unescape(answer.get_data(as_text=True))


def count(table: type[Base]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def twice(client: FlaskClient, address: str, data: dict[str, str]) -> TestResponse:
    """Press, read the warning, press again."""
    warned = client.post(address, data=data)
    page = text(warned)
    assert (warned.status_code, "Not saved yet." in page) == (422, True)
    sure = re.findall(r'name="sure"[^>]*value="(\d+)"', page)[0]
    return client.post(address, data={**data, "sure": sure})


def test_a_fresh_town_shows_the_houses_lines(operator: FlaskClient) -> None:
    page = text(operator.get(HOME))
    for words in ("Business licence", "Who you are", "Terms for merchants", "A menu"):
        assert words in page
    assert page.index("Business licence") < page.index("A menu")
    assert count(Requirement) == 0


def test_a_line_is_switched_on_with_thirty_days(operator: FlaskClient) -> None:
    page = text(operator.get(f"{HOME}/bank"))
    assert f'value="{day(30)}"' in page
    assert (
        operator.post(f"{HOME}/bank", data={"is_on": "y", "kind": "verified", "due": day(30)}).location
        == HOME
    )
    db.session.rollback()
    row = asked.requirement(db.session, "bank")
    assert (row.is_on, row.due_at) == (True, end_of(day(30)))
    assert operator.post(f"{HOME}/bank", data={"kind": "verified"}).location == HOME
    db.session.rollback()
    assert not asked.requirement(db.session, "bank").is_on


def test_it_says_how_many_shops_would_stop_before_it_saves(operator: FlaskClient) -> None:
    first, second = admitted(2)
    before = until(first)
    data = {**OWN, "due": day(10)}
    warned = operator.post(HOME, data=data)
    page = text(warned)
    assert warned.status_code == 422
    assert "2 shops that sell would stop after" in page
    assert 'value="Hygiene permit"' in page
    assert (until(first), count(Requirement)) == (before, 13)
    assert operator.post(HOME, data={**data, "sure": "1"}).status_code == 422
    assert operator.post(HOME, data={**data, "sure": "2"}).location == HOME
    assert until(first) == until(second) == end_of(day(10))


def test_no_day_asks_new_shops_only(operator: FlaskClient) -> None:
    (shop,) = admitted(1)
    before = until(shop)
    assert operator.post(HOME, data=OWN).location == HOME
    assert until(shop) == before
    row = db.session.scalars(select(Requirement).where(Requirement.title_en == "Hygiene permit")).one()
    assert (row.kind, row.asks_photo, row.asks_text, row.due_at) == ("verified", True, False, None)
    assert "Hygiene permit" in text(operator.get(HOME))


def test_a_computed_line_stops_nobody(operator: FlaskClient) -> None:
    admitted(1)
    assert operator.post(f"{HOME}/menu", data={"is_on": "y", "due": day(1)}).location == HOME


def test_switching_off_gives_the_right_back(operator: FlaskClient) -> None:
    (shop,) = admitted(1)
    before = until(shop)
    twice(operator, HOME, {**OWN, "due": day(5)})
    assert until(shop) == end_of(day(5))
    key = db.session.scalars(select(Requirement.key).where(Requirement.title_en == "Hygiene permit")).one()
    off = {name: value for name, value in OWN.items() if name != "is_on"}
    assert operator.post(f"{HOME}/{key}", data={**off, "due": day(5)}).location == HOME
    assert until(shop) == before


def test_a_double_click_adds_one_line(operator: FlaskClient) -> None:
    for _ in range(2):
        assert operator.post(HOME, data={**OWN, "idempotency_key": "once"}).location == HOME
    assert count(Requirement) == 14


@pytest.mark.parametrize(
    ("key", "wrong", "english"),
    [
        ("", {"title_zh": ""}, "Name it in both languages."),
        ("", {"title_en": "t" * 81}, "within 80 characters"),
        ("", {"help_en": "h" * 301}, "within 300 characters"),
        ("", {"kind": "computed"}, "one of the listed answers"),
        ("", {"due": "tomorrow"}, "Give a date such as"),
        ("", {"due": "PAST"}, "Choose today or a later day"),
        ("", {"due": "FAR"}, "Choose today or a later day"),
        ("bank", {"kind": "attested"}, "one of the listed answers"),
        ("bank", {"due": "PAST"}, "Choose today or a later day"),
    ],
    ids=["no-name", "long-name", "long-help", "computed", "no-date", "past", "far", "kind", "past-bank"],
)
def test_bad_lines(operator: FlaskClient, key: str, wrong: dict[str, str], english: str) -> None:
    days = {"PAST": day(-1), "FAR": day(4000)}
    given = {name: days.get(value, value) for name, value in wrong.items()}
    answered = operator.post(f"{HOME}/{key}".rstrip("/"), data={**OWN, **given})
    page = text(answered)
    assert (answered.status_code, english in page) == (422, True)
    assert 'value="卫生许可"' in page or "title_zh" in wrong
    assert count(Requirement) == 0


def test_a_day_that_stands_already_may_stay(operator: FlaskClient) -> None:
    begin_write()
    ensure(db.session)
    over = end_of(day(-3))
    asked.requirement(db.session, "bank").due_at = over
    asked.requirement(db.session, "bank").is_on = True
    db.session.commit()
    assert f'value="{day(-3)}"' in text(operator.get(f"{HOME}/bank"))
    data = {"is_on": "y", "kind": "verified", "due": day(-3), "title_en": "Bank", "title_zh": "银行"}
    assert operator.post(f"{HOME}/bank", data=data).location == HOME
    db.session.rollback()
    assert asked.requirement(db.session, "bank").due_at == over


def test_an_unknown_line(operator: FlaskClient) -> None:
    assert operator.get(f"{HOME}/nothing").status_code == 404
    assert operator.post(f"{HOME}/nothing", data=OWN).status_code == 404
    assert count(Requirement) == 0


def test_new_terms_ask_every_shop_again(operator: FlaskClient) -> None:
    (shop,) = admitted(1)
    data = {"text_zh": "第二版", "text_en": "Second version\nwith a second line", "due": day(9)}
    assert twice(operator, TERMS, data).location == TERMS
    assert until(shop) == end_of(day(9))
    page = text(operator.get(TERMS))
    assert "Version 2" in page
    assert "Version 1" in page
    public = text(operator.get("/about/merchant-terms"))
    assert "<p>Second version</p><p>with a second line</p>" in public
    assert "第二版" in text(operator.get("/about/merchant-terms", headers={"Accept-Language": "zh-CN"}))


def test_a_double_click_publishes_once(operator: FlaskClient) -> None:
    data = {"text_zh": "二", "text_en": "Two", "due": day(7), "idempotency_key": "once"}
    for _ in range(2):
        assert operator.post(TERMS, data=data).location == TERMS
    assert count(MerchantTerms) == 2


@pytest.mark.parametrize(
    ("wrong", "english"),
    [
        ({"text_zh": " "}, "Write the terms in both languages."),
        ({"text_en": "t" * 20_001}, "within 20000 characters"),
        ({"due": ""}, "Say until when they have time."),
        ({"due": "6"}, "Give them at least 7 days"),
        ({"due": "-1"}, "Give them at least 7 days"),
        ({"due": "4000"}, "at most three years"),
        ({"due": "x"}, "Give a date such as"),
    ],
    ids=["no-text", "long", "no-day", "six-days", "past", "far", "no-date"],
)
def test_bad_terms(operator: FlaskClient, wrong: dict[str, str], english: str) -> None:
    given = dict(wrong)
    if re.fullmatch(r"-?\d+", given.get("due", "")):
        given["due"] = day(int(given["due"]))
    answered = operator.post(TERMS, data={"text_zh": "二", "text_en": "Two", "due": day(30), **given})
    assert (answered.status_code, english in text(answered)) == (422, True)
    assert count(MerchantTerms) == 0


def test_the_public_page_is_there_before_any_version(client: FlaskClient) -> None:
    page = client.get("/about/merchant-terms")
    assert page.status_code == 200
    assert "Every voucher sold is honoured" in text(page)


def test_many_shops_are_weighed_by_the_worker(operator: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("o2o.requirements.operator.CHUNK", 1)
    shops = admitted(3)
    twice(operator, HOME, {**OWN, "due": day(5)})
    assert sum(until(shop) == end_of(day(5)) for shop in shops) == 1
    begin_write()
    papers.weigh_all(db.session)
    db.session.commit()
    assert {until(shop) for shop in shops} == {end_of(day(5))}


def test_the_pages_cost_little(operator: FlaskClient) -> None:
    costs = []
    for number in (1, 12):
        begin_write()
        for at in range(number):
            requirements.add_requirement(
                db.session, kind="attested", title_zh=f"项{number}{at}", title_en=f"Line {number} {at}", now=clock.now()
            )  # fmt: skip
        db.session.commit()
        for address in (HOME, TERMS):
            operator.get(address)
            with counting() as statements:
                page = operator.get(address)
            costs.append(len(statements))
            assert len(gzip.compress(page.data)) < 12 * 1024
    assert costs[:2] == costs[2:]
    assert max(costs) <= 15
