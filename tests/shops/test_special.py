"""Special days: said, taken back, and followed by everything that says when a shop is open."""

import gzip
import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.shops import calendar, chores, rules
from o2o.shops.models import Shop, SpecialDay
from tests.counting import counting
from tests.factories import make_role, make_shop

NOON = datetime(2026, 9, 28, 4, 0, tzinfo=UTC)  # Monday 12:00 in Wudaokou
TODAY = date(2026, 9, 28)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
GOOD = {"first": "2026-10-01", "last": "2026-10-03", "kind": "closed", "note": "National Day"}


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def keep(session: Session, shop: Shop, first: int, last: int, minutes: Any = None, note: str = "") -> int:
    days = {"first": day(first), "last": day(last), "minutes": minutes, "note": note}
    return rules.set_special(session, shop_id=shop.id, **days, now=NOON)


def kept(session: Session, shop: Shop) -> list[tuple[int, Any]]:
    return [
        ((row.day - TODAY).days, row.minutes) for row in calendar.of_shop(session, shop.id, since=date.min)
    ]


@pytest.fixture
def shop(session: Session) -> Shop:
    row = make_shop(session, hours="Mo-Su 10:00-20:00")
    rules.refresh_open(session, shops=[row], now=NOON)
    return row


def test_the_stored_interval_follows(session: Session, shop: Shop) -> None:
    opened = NOON - 2 * HOUR
    assert (shop.open_from, shop.open_to) == (opened, opened + 10 * HOUR)
    assert keep(session, shop, 0, 1) == 2
    assert (shop.open_from, shop.open_to) == (opened + 2 * DAY, opened + 2 * DAY + 10 * HOUR)
    assert keep(session, shop, 0, 0, (720, 840)) == 1
    assert (shop.open_from, shop.open_to) == (NOON, NOON + 2 * HOUR)
    assert rules.drop_special(session, shop_id=shop.id, first=day(0), last=day(9), now=NOON) == 2
    assert (shop.open_from, shop.open_to) == (opened, opened + 10 * HOUR)
    assert rules.drop_special(session, shop_id=shop.id, first=day(0), last=day(9), now=NOON) == 0


def test_the_chore_moves_on_over_special_days(session: Session, shop: Shop) -> None:
    keep(session, shop, 1, 1)
    assert rules.refresh_due(session, now=NOON + 9 * HOUR) == 1
    assert shop.open_from == NOON - 2 * HOUR + 2 * DAY


def test_what_is_said_again_replaces(session: Session, shop: Shop) -> None:
    keep(session, shop, 1, 3)
    keep(session, shop, 2, 2, (600, 720))
    assert kept(session, shop) == [(1, None), (2, (600, 720)), (3, None)]
    runs = calendar.runs(calendar.of_shop(session, shop.id, since=TODAY), today=day(2))
    assert [(run.first, run.last, run.minutes) for run in runs] == [
        (day(2), day(2), (600, 720)), (day(3), day(3), None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last", "minutes", "note", "code", "field"),
    [
        (-1, 0, None, "", "days_over", "first"),
        (2, 1, None, "", "days_turned", "last"),
        (0, 31, None, "", "days_many", "last"),
        (366, 367, None, "", "days_far", "last"),
        (0, 0, (600, 600), "", "hours_turned", "closes"),
        (0, 0, (1440, 1500), "", "hours_turned", "closes"),
        (0, 0, (0, 2881), "", "hours_turned", "closes"),
        (0, 0, None, "x" * 81, "too_long", "note"),
    ],
)
def test_what_cannot_be(
    session: Session, shop: Shop, first: int, last: int, minutes: Any, note: str, code: str, field: str
) -> None:
    with pytest.raises(RuleBroken, match=code) as refusal:
        keep(session, shop, first, last, minutes, note)
    assert (refusal.value.status, refusal.value.params["field"]) == (422, field)
    assert kept(session, shop) == []


def test_a_month_is_fine_and_a_year_of_them_is_not(session: Session, shop: Shop) -> None:
    for number in range(6):
        assert keep(session, shop, number * 31, number * 31 + 30) == 31
    with pytest.raises(RuleBroken, match="days_many"):
        keep(session, shop, 190, 220)


@pytest.mark.parametrize("status", ["unclaimed", "delisted", "proposed"])
def test_days_of_a_shop_that_is_not_let_in_change_nothing(session: Session, shop: Shop, status: str) -> None:
    keep(session, shop, 0, 1)
    shop.status = status
    rules.refresh_open(session, shops=[shop], now=NOON)
    assert shop.open_from == NOON - 2 * HOUR


def test_many_shops_cost_one_statement_more(app: Flask, session: Session) -> None:
    shops = [make_shop(session, f"{n}", hours="10:00-20:00") for n in range(5)]
    for row in shops:
        keep(session, row, 1, 2)
    with counting() as statements:
        rules.refresh_open(session, shops=shops, now=NOON)
    assert len([line for line in statements if "special_day" in line]) == 1


def test_the_worker_forgets_what_is_long_over(app: Flask, session: Session, shop: Shop) -> None:
    keep(session, shop, 0, 1)
    session.commit()
    with time_machine.travel(NOON + timedelta(days=31), tick=False):
        assert chores.drop_past_days(db.session) == 1
        assert kept(db.session, shop) == [(1, None)]


@pytest.fixture
def desk(client: FlaskClient) -> int:
    begin_write()
    row = make_shop(db.session, hours="Mo-Su 10:00-20:00")
    for who in ("owner", "manager", "staff", "claimant"):
        make_role(db.session, row, who, who)
    rules.refresh_open(db.session, shops=[row], now=NOON)
    shop_id = row.id
    db.session.commit()
    return shop_id


def days(shop: int) -> list[SpecialDay]:
    db.session.rollback()
    return calendar.of_shop(db.session, shop, since=date.min)


@time_machine.travel(NOON, tick=False)
def test_from_the_desk_to_the_guest(client: FlaskClient, desk: int) -> None:
    client.sign_in("manager")  # type: ignore[attr-defined]
    body = client.get(f"/console/{desk}/days").text
    assert "Thu, Oct 1" in body
    chosen = client.get(f"/console/{desk}/days?day=2026-10-01").text
    assert re.search(r'<input[^>]*name="first"[^>]*value="2026-10-01"', chosen)
    form = {**GOOD, "idempotency_key": "k"}
    for _ in range(2):
        answer = client.post(f"/console/{desk}/days", data=form)
        assert (answer.status_code, answer.location) == (303, f"/console/{desk}/days")
    assert len(days(desk)) == 3
    night = {"first": "2026-09-28", "kind": "open", "opens": "14:00", "closes": "02:00", "note": "<b>Party"}
    assert client.post(f"/console/{desk}/days", data=night).status_code == 303
    assert days(desk)[0].minutes == (840, 1560)
    body = client.get(f"/shops/{desk}").text
    for said in (
        "Closed · opens 14:00",
        "Special hours",
        "Thu, Oct 1 – Sat, Oct 3 · National Day",
        "&lt;b&gt;Party",
        "14:00–02:00",
    ):
        assert said in body, said
    data = json.loads(re.search(r'ld\+json">(.*?)</script>', body, re.DOTALL)[1])  # type: ignore[index]
    special = [
        (item["opens"], item["closes"], item["validFrom"], item["validThrough"])
        for item in data["specialOpeningHoursSpecification"]
    ]
    assert special == [
        ("14:00", "02:00", "2026-09-28", "2026-09-28"),
        ("00:00", "00:00", "2026-10-01", "2026-10-03"),
    ]
    assert {item["opens"] for item in data["openingHoursSpecification"]} == {"10:00"}
    assert "shop-1" not in client.get("/shops?open=1").text
    with time_machine.travel(NOON + 3 * HOUR, tick=False):
        assert "shop-1" in client.get("/shops?open=1").text
        assert "Open until 02:00" in client.get(f"/shops/{desk}").text
    client.post(f"/console/{desk}/days/drop", data={"first": "2026-09-28", "last": "2026-09-28"})
    assert "shop-1" in client.get("/shops?open=1").text
    assert len(days(desk)) == 3


BAD = [
    ({"first": ""}, "Give a date such as 2026-12-31.", "请填日期"),
    ({"first": "tomorrow"}, "Give a date such as 2026-12-31.", "请填日期"),
    ({"last": "2026-02-30"}, "Give a date such as 2026-12-31.", "请填日期"),
    ({"first": "2020-01-01"}, "That day is over already.", "这一天已经过去"),
    ({"last": "2026-09-30"}, "The last day comes before the first.", "最后一天"),
    ({"last": "2026-12-01"}, "At most 31 days at once.", "31 天"),
    ({"first": "2028-01-01", "last": ""}, "more than a year ahead", "一年"),
    ({"kind": "maybe"}, "Choose one of the listed answers.", "请从列出的选项里选"),
    ({"kind": "open"}, "a different closing time", "不同的打烊时间"),
    ({"kind": "open", "opens": "9", "closes": "12:00"}, "Give times like 09:30.", "09:30"),
    ({"kind": "open", "opens": "10:00", "closes": "10:00"}, "a different closing time", "不同的打烊时间"),
    ({"note": "长" * 81}, "Keep this within 80 characters.", "最多 80 个字"),
]


@pytest.mark.parametrize(("change", "english", "chinese"), BAD)
@time_machine.travel(NOON, tick=False)
def test_bad_input(
    client: FlaskClient, desk: int, change: dict[str, str], english: str, chinese: str
) -> None:
    client.sign_in("owner")  # type: ignore[attr-defined]
    answer = client.post(f"/console/{desk}/days", data={**GOOD, **change})
    assert (answer.status_code, english in answer.text) == (422, True)
    assert days(desk) == []


@time_machine.travel(NOON, tick=False)
def test_who_may(client: FlaskClient, desk: int) -> None:
    for who, status in (("owner", 200), ("manager", 200), ("staff", 404), ("claimant", 404), ("guest", 404)):
        client.sign_in(who)  # type: ignore[attr-defined]
        assert client.get(f"/console/{desk}/days").status_code == status
        assert client.post(f"/console/{desk}/days", data=GOOD).status_code == (303 if status == 200 else 404)
    assert client.post(f"/console/{desk}/days/drop", data={"first": "x", "last": ""}).status_code == 404
    client.sign_in("owner")  # type: ignore[attr-defined]
    assert client.post(f"/console/{desk}/days/drop", data={"first": "x", "last": ""}).status_code == 400
    assert len(days(desk)) == 3


@time_machine.travel(NOON, tick=False)
def test_a_page_of_fifty_is_light(client: FlaskClient, desk: int) -> None:
    client.sign_in("owner")  # type: ignore[attr-defined]
    sizes = []
    for count in (1, 50):
        begin_write()
        row = db.session.get_one(Shop, desk)
        for number in range(count):
            keep(db.session, row, number * 2, number * 2, note=f"reason {number}")
        db.session.commit()
        client.get(f"/console/{desk}/offers")
        with counting() as statements:
            body = client.get(f"/console/{desk}/days").data
        sizes.append(len(statements))
    assert sizes[0] == sizes[1] <= 15
    assert body.count(b"/days/drop") == 50
    assert len(gzip.compress(body)) <= 12 * 1024
