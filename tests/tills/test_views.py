"""The doors: a phone asks, its owner decides, staff set a PIN; who may, what is said, and what it costs."""

import re

import pytest
from flask import Flask

from o2o.feed import queries as feed
from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write, db
from o2o.notifications.models import Message
from o2o.shops import people
from o2o.shops.models import Role, Shop
from o2o.tills import queries, rules
from o2o.tills.models import Till, TillPin
from tests.counting import counting
from tests.factories import make_account, make_role, make_shop
from tests.tills.phones import Phone, make_phone, make_till
from tests.visitor import Visitor, visitor

JSON = {"Accept": "application/json"}
ZH = {"Accept-Language": "zh-CN"}


@pytest.fixture
def shop_id(app: Flask) -> int:
    """Give a shop with an owner, staff, and another owner next door."""
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", "owner", name="王姐")
    make_role(db.session, shop, "staff", name="小李")
    make_role(db.session, make_shop(db.session, "隔壁"), "other_owner", "owner")
    made = shop.id
    db.session.commit()
    return made


def ask(client: Visitor, shop_id: int, phone: Phone, **more: object) -> dict:
    wish = {"shop": shop_id, "name": "前台", "x": phone.x, "y": phone.y, **more}
    answer = client.post("/till/register", json=wish, headers=JSON)
    return {"status": answer.status_code, **(answer.json or {})}


def one(till_id: str) -> Till:
    db.session.rollback()
    return queries.till(db.session, till_id)


def test_a_phone_asks_and_its_owner_lets_it_in(app: Flask, shop_id: int) -> None:
    staff, owner, phone = visitor(app, "staff"), visitor(app, "owner"), make_phone()
    said = ask(staff, shop_id, phone)
    assert said == {"status": 200, "till": said["till"], "name": "前台", "state": "waiting"}
    assert ask(staff, shop_id, phone, name="别名") == said
    assert "A phone asks to become a till of" in owner.get("/inbox").get_data(as_text=True)
    assert "1 phone asks to become a till." in owner.get(f"/console/{shop_id}").get_data(as_text=True)
    page = owner.get(f"/console/{shop_id}/tills").get_data(as_text=True)
    assert "Waits for you" in page
    assert "小李" in page
    done = owner.post(f"/console/{shop_id}/tills/{said['till']}/admit")
    assert (done.status_code, done.location) == (303, f"/console/{shop_id}/tills")
    assert ask(staff, shop_id, phone)["state"] == "active"
    assert "asks to become" not in owner.get(f"/console/{shop_id}").get_data(as_text=True)


def test_an_owners_own_phone_needs_nobody(app: Flask, shop_id: int) -> None:
    assert ask(visitor(app, "owner"), shop_id, make_phone())["state"] == "active"
    assert db.session.query(Message).filter_by(kind="till.asked").count() == 0


def test_a_form_does_as_well(app: Flask, shop_id: int) -> None:
    phone = make_phone()
    data = {"shop": shop_id, "name": "前台", "x": phone.x, "y": phone.y}
    assert visitor(app, "staff").post("/till/register", data=data).location == "/till"
    assert [till.state for till in queries.tills_of(db.session, shop_id)] == ["waiting"]


def test_a_revoked_phone_is_told_so(app: Flask, shop_id: int) -> None:
    staff, owner, phone = visitor(app, "staff"), visitor(app, "owner"), make_phone()
    till_id = ask(staff, shop_id, phone)["till"]
    assert owner.post(f"/console/{shop_id}/tills/{till_id}/revoke").status_code == 303
    assert owner.post(f"/console/{shop_id}/tills/{till_id}/revoke").status_code == 303
    said = ask(staff, shop_id, phone)
    assert (said["status"], said["code"]) == (410, "till_revoked")
    assert owner.post(f"/console/{shop_id}/tills/{till_id}/admit").status_code == 409
    page = owner.get(f"/console/{shop_id}/tills").get_data(as_text=True)
    assert "Switched-off tills" in page
    assert "Waits for you" not in page


@pytest.mark.parametrize("name", ["前台\ud800", "\x00前\u202e台", 7, None, ["前台"], {"a": 1}])
def test_odd_names_are_cleaned_or_refused(app: Flask, shop_id: int, name: object) -> None:
    said = ask(visitor(app, "staff"), shop_id, make_phone(), name=name)
    wanted = (200, "前台") if isinstance(name, str) else (422, None)
    assert (said["status"], said.get("name")) == wanted


@pytest.mark.parametrize("shop", [None, "", "x", 0, -1, True, 2**31, 10**40, [1], "１", 1.5])
def test_a_phone_names_a_shop(app: Flask, shop_id: int, shop: object) -> None:
    said = ask(visitor(app, "staff"), shop_id, make_phone(), shop=shop)
    assert (said["status"], said["code"]) == (422, "bad_shop")


def test_strangers_find_nothing(app: Flask, shop_id: int) -> None:
    staff = visitor(app, "staff")
    till_id = ask(staff, shop_id, make_phone())["till"]
    for handle in ("guest", "other_owner"):
        stranger = visitor(app, handle)
        assert ask(stranger, shop_id, make_phone())["status"] == 404
        for path in (
            f"/till/register?shop={shop_id}",
            f"/till/pin?shop={shop_id}",
            f"/console/{shop_id}/tills",
        ):
            assert stranger.get(path).status_code == 404
        assert (
            stranger.post("/till/pin", data={"shop": shop_id, "pin": "2580", "again": "2580"}).status_code
            == 404
        )
    assert staff.get(f"/console/{shop_id}/tills").status_code == 404
    for client in (staff, visitor(app, "other_owner")):
        for verb in ("admit", "revoke", "rename"):
            path = f"/console/{shop_id}/tills/{till_id}/{verb}"
            assert client.post(path, data={"name": "我的"}).status_code == 404
        assert client.post(f"/console/{shop_id}/tills/rules", data={}).status_code == 404
    assert (one(till_id).state, one(till_id).name) == ("waiting", "前台")


def test_an_owner_reaches_no_till_through_their_own_shop(app: Flask, shop_id: int) -> None:
    till_id = ask(visitor(app, "staff"), shop_id, make_phone())["till"]
    other = visitor(app, "other_owner")
    theirs = db.session.query(Shop).filter_by(name="隔壁").one().id
    for verb in ("admit", "revoke", "rename"):
        answer = other.post(f"/console/{theirs}/tills/{till_id}/{verb}", data={"name": "我的"})
        assert answer.status_code == 404
    assert one(till_id).state == "waiting"


def test_the_part_for_the_till_page(app: Flask, shop_id: int) -> None:
    staff = visitor(app, "staff")
    part = staff.get(f"/till/register?shop={shop_id}", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert part.lstrip().startswith("<section")
    assert f'data-behaviour="till-register" data-shop="{shop_id}"' in part
    assert "Ask the owner to make this phone a till" in part
    assert 'value="Till 1"' in part
    whole = visitor(app, "owner").get(f"/till/register?shop={shop_id}").get_data(as_text=True)
    assert "Make this phone a till" in whole
    assert staff.get("/till/register").location == "/till"
    assert staff.get("/till/register?shop=0").status_code == 404


def test_staff_set_their_pin(app: Flask, shop_id: int) -> None:
    staff = visitor(app, "staff")
    page = staff.get(f"/till/pin?shop={shop_id}").get_data(as_text=True)
    assert "It is no lock" in page
    assert "A new one takes its place" not in page
    done = staff.post("/till/pin", data={"shop": shop_id, "pin": "2580", "again": "2580"})
    assert (done.status_code, done.location) == (303, "/till")
    assert [line.name for line in queries.roster(db.session, shop_id)] == ["小李"]
    assert "A new one takes its place" in staff.get(f"/till/pin?shop={shop_id}").get_data(as_text=True)
    assert staff.get("/till/pin").location == "/till"


def test_a_pin_is_never_written_back(app: Flask, shop_id: int) -> None:
    answer = visitor(app, "staff").post("/till/pin", data={"shop": shop_id, "pin": "2580", "again": "2581"})
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert re.findall(r'type="password" value="([^"]*)"', page) == ["", ""]
    # Not bare digits: the page's random key is made of such.
    assert not re.search(r"(?<![0-9a-f])258[01]?(?![0-9a-f])", page)


def test_the_offline_rules_are_typed_as_money(app: Flask, shop_id: int) -> None:
    owner, path = visitor(app, "owner"), f"/console/{shop_id}/tills"
    page = owner.get(path).get_data(as_text=True)
    assert re.search(r'name="most_each"[^>]*value="200"', page)
    assert "the shop bears" in page
    given = {"bearer": "y", "most_claims": "12", "most_each": "88.5", "most_total": "¥1,200"}
    assert owner.post(f"{path}/rules", data=given).status_code == 303
    assert queries.offline_rules(db.session, shop_id) == (True, 12, 8850, 120000)
    del given["bearer"]
    owner.post(f"{path}/rules", data=given)
    assert not queries.offline_rules(db.session, shop_id).bearer


def test_a_gap_is_shown(app: Flask, shop_id: int) -> None:
    begin_write()
    till = make_till(db.session, db.session.get_one(Shop, shop_id))
    given = {"chain": "c", "cursor": 0, "app": "build-7", "now": clock.now()}
    rules.hear(db.session, till_id=till.id, head=3, said_head=5, **given)
    db.session.commit()
    page = visitor(app, "owner").get(f"/console/{shop_id}/tills").get_data(as_text=True)
    assert "2 entries of its book have not arrived" in page
    assert "build-7" in page


def test_the_list_costs_the_same_with_many_tills(app: Flask, shop_id: int) -> None:
    owner, costs = visitor(app, "owner"), []
    for _ in range(2):
        begin_write()
        for handle in ("owner", "staff", "staff"):
            make_till(db.session, db.session.get_one(Shop, shop_id), handle)
        db.session.commit()
        owner.get(f"/console/{shop_id}/tills")
        with counting() as statements:
            owner.get(f"/console/{shop_id}/tills")
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_who_leaves_is_news_for_the_tills(app: Flask, shop_id: int) -> None:
    begin_write()
    staff = make_account(db.session, "staff").id
    rules.set_pin(db.session, shop_id=shop_id, account_id=staff, pin="2580", now=clock.now())
    db.session.commit()
    before = feed.epoch(db.session, shop_id)
    begin_write()
    role = db.session.query(Role).filter_by(account_id=staff).one()
    people.end_role(db.session, shop_id=shop_id, role_id=role.id)
    db.session.commit()
    journal.deliver(db.session)
    assert feed.since(db.session, shop_id, before).subjects == {"roster": [""]}
    assert queries.roster(db.session, shop_id) == []


def test_a_pin_goes_with_its_account(app: Flask, shop_id: int) -> None:
    staff = visitor(app, "staff")
    staff.post("/till/pin", data={"shop": shop_id, "pin": "2580", "again": "2580"})
    before = feed.epoch(db.session, shop_id)
    assert staff.post("/me/erase", data={"sure": "y"}).status_code == 303
    db.session.rollback()
    journal.deliver(db.session, everything=True)
    assert db.session.query(TillPin).count() == 0
    assert feed.since(db.session, shop_id, before).subjects == {"roster": [""]}
