"""The owner's forms about the shop and its people."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.kernel.db import begin_write, db
from o2o.shops.models import Invite, Role, Shop
from tests.factories import make_role, make_shop

GOOD: dict[str, Any] = {
    "idempotency_key": "k1",
    "version": "1",
    "name": "小满咖啡",
    "name_en": "Xiaoman",
    "category": "amenity/cafe",
    "website": "xiaoman.example",
    "wheelchair": "yes",
    "hours_kind": "unknown",
    "lat": "39.99",
    "lng": "116.33",
}
WEEK = {"hours_kind": "week", "day0-from1": "09:00", "day0-to1": "17:00"}
BAD: list[tuple[dict[str, str], str, str]] = [
    ({"name": ""}, "A shop needs a name.", "店铺要有名字"),
    ({"name": "\u200b\u2060"}, "A shop needs a name.", "店铺要有名字"),
    ({"name_zh": "长" * 121}, "within 120 characters", "最多 120 个字"),
    ({"about": "a" * 1001}, "within 1000 characters", "最多 1000 个字"),
    ({"category": "amenity/spaceport"}, "Choose a category", "请从列表里选分类"),
    ({"category": ""}, "Choose a category", "请从列表里选分类"),
    ({"website": "ftp://x"}, "Give a web address", "请填网址"),
    ({"wheelchair": "maybe"}, "one of the listed answers", "请从列出的选项里选"),
    ({"lat": "north"}, "such as 39.9929", "比如 39.9929"),
    ({"lat": ""}, "from −90 to 90", "−90 到 90"),
    ({"lat": "91"}, "from −90 to 90", "−90 到 90"),
    ({"lng": "nan"}, "from −180 to 180", "−180 到 180"),
    ({"hours_kind": "sometimes"}, "one of the listed answers", "请从列出的选项里选"),
    ({**WEEK, "day1-from1": "9"}, "times like 09:30", "09:30 这样"),
    ({**WEEK, "day1-from1": "09:00"}, "different closing time", "不同的打烊时间"),
    ({**WEEK, "day1-from2": "09:00", "day1-to2": "09:00"}, "different closing time", "不同的打烊时间"),
    ({"hours_kind": "text", "hours_text": "x" * 256}, "within 255 characters", "最多 255 个字"),
]


@pytest.fixture
def shop(client: FlaskClient) -> int:
    client.sign_in("owner")
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", "owner", "林小满")
    make_role(db.session, shop, "staff", "staff", "小王")
    shop_id = shop.id
    db.session.commit()
    return shop_id


def stored(shop: int) -> Shop:
    db.session.rollback()
    return db.session.get_one(Shop, shop)


@pytest.mark.parametrize(("change", "english", "chinese"), BAD)
def test_bad_input(client: FlaskClient, shop: int, change: dict, english: str, chinese: str) -> None:
    for language, words in (("en", english), ("zh-CN", chinese)):
        page = client.post(
            f"/console/{shop}/shop", data={**GOOD, **change}, headers={"Accept-Language": language}
        )
        body = page.get_data(as_text=True)
        assert page.status_code == 422
        assert words in body
        assert 'value="Xiaoman"' in body
    assert stored(shop).version == 1


@pytest.mark.parametrize(
    ("change", "hours"),
    [
        ({}, None),
        ({"hours_kind": "always"}, "24/7"),
        ({"hours_kind": "text", "hours_text": "Mo-Fr 10:00-20:00; PH off"}, "Mo-Fr 10:00-20:00; PH off"),
        ({"hours_kind": "text", "hours_text": "see the door"}, "see the door"),
        (WEEK, "Mo 09:00-17:00"),
        ({**WEEK, "day0-from2": "18:00", "day0-to2": "02:00"}, "Mo 09:00-17:00,18:00-02:00"),
        ({**WEEK, "day6-from1": "10:00", "day6-to1": "00:00"}, "Mo 09:00-17:00; Su 10:00-24:00"),
        ({**WEEK, "day0-closed": "y"}, "off"),
    ],
)
def test_hours_are_kept_as_they_were_said(
    client: FlaskClient, shop: int, change: dict, hours: str | None
) -> None:
    assert client.post(f"/console/{shop}/shop", data={**GOOD, **change}).status_code == 303
    assert stored(shop).hours == hours
    form = client.get(f"/console/{shop}/shop").get_data(as_text=True)
    kind = re.findall(r'<input checked[^>]*name="hours_kind"[^>]*value="(\w+)"', form)
    assert kind == [change.get("hours_kind", "unknown")]


def test_saving_twice_saves_once(client: FlaskClient, shop: int) -> None:
    for _ in range(2):
        answer = client.post(f"/console/{shop}/shop", data=GOOD)
        assert (answer.status_code, answer.location) == (303, f"/console/{shop}/shop")
    row = stored(shop)
    assert (row.version, row.website, row.wheelchair) == (2, "https://xiaoman.example", "yes")


def test_two_editors_see_both_values(client: FlaskClient, shop: int) -> None:
    assert client.post(f"/console/{shop}/shop", data={**GOOD, "phone": "111"}).status_code == 303
    late = {**GOOD, "phone": "222", "idempotency_key": "k2"}
    page = client.post(f"/console/{shop}/shop", data=late)
    body = page.get_data(as_text=True)
    assert page.status_code == 409
    assert "Somebody else changed this shop" in body
    assert re.search(r"<td[^>]*>111</td><td[^>]*>222</td>", body)
    assert stored(shop).phone == "111"
    fresh = {
        name: re.findall(rf'name="{name}"[^>]*value="(\w+)"', body)[0]
        for name in ("version", "idempotency_key")
    }
    assert client.post(f"/console/{shop}/shop", data={**late, **fresh}).status_code == 303
    assert stored(shop).phone == "222"


def test_an_invitation_is_shown_once_and_made_once(client: FlaskClient, shop: int) -> None:
    data = {"idempotency_key": "i1", "kind": "staff", "name": "小李"}
    for _ in range(2):
        assert client.post(f"/console/{shop}/staff/invites", data=data).status_code == 303
    first = client.get(f"/console/{shop}/staff").get_data(as_text=True)
    link = re.findall(r'value="http://localhost(/invites/[\w-]+)"', first)[0]
    assert "<svg" in first
    assert link not in client.get(f"/console/{shop}/staff").get_data(as_text=True)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Invite)) == 1
    client.sign_in("newcomer")
    body = client.get(link).get_data(as_text=True)
    assert "Work at 小满咖啡" in body
    assert client.get(f"/console/{shop}").status_code == 404
    for _ in range(2):
        assert client.post(link).location == f"/console/{shop}"
    assert client.get(f"/console/{shop}").status_code == 200
    assert client.get(link).status_code == 410


def test_a_signed_out_visitor_comes_back_to_the_invitation(client: FlaskClient, shop: int) -> None:
    answer = client.application.test_client().get("/invites/abc")
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/invites/abc")
    assert client.get("/invites/abc").status_code == 410


def test_withdrawn_and_ended(client: FlaskClient, shop: int) -> None:
    client.post(f"/console/{shop}/staff/invites", data={"kind": "staff"})
    db.session.rollback()
    invite = db.session.scalars(select(Invite.id)).one()
    staff = db.session.scalars(select(Role.id).where(Role.kind == "staff")).one()
    owner = db.session.scalars(select(Role.id).where(Role.kind == "owner")).one()
    for _ in range(2):
        assert client.post(f"/console/{shop}/staff/invites/{invite}/withdraw").status_code == 303
        assert client.post(f"/console/{shop}/staff/{staff}/end").status_code == 303
    page = client.post(f"/console/{shop}/staff/{owner}/end")
    assert page.status_code == 409
    assert "needs an owner" in page.get_data(as_text=True)
    client.sign_in("staff")
    assert client.get(f"/console/{shop}").status_code == 404


@pytest.mark.parametrize(
    ("data", "english", "chinese"),
    [({"kind": "staff", "name": "n" * 41}, "within 40 characters", "最多 40 个字")],
)
def test_bad_invitations(client: FlaskClient, shop: int, data: dict, english: str, chinese: str) -> None:
    for language, words in (("en", english), ("zh-CN", chinese)):
        page = client.post(f"/console/{shop}/staff/invites", data=data, headers={"Accept-Language": language})
        assert page.status_code == 422
        assert words in page.get_data(as_text=True)


def test_what_gives_power_asks_for_a_fresh_sign_in(client: FlaskClient, shop: int) -> None:
    from datetime import timedelta

    from o2o.accounts.models import Login

    begin_write()
    for login in db.session.scalars(select(Login)):
        login.fresh_at -= timedelta(minutes=6)
    db.session.commit()
    assert "fresh=1" in client.get(f"/console/{shop}/staff").location
    assert "/sign-in" in client.post(f"/console/{shop}/staff/invites", data={"kind": "owner"}).location
    assert client.get(f"/console/{shop}/shop").status_code == 200
