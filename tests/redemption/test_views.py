"""The counter as its staff and as machines use it."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.offers.rules import Part
from o2o.passes import queries as passes
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption, Scan
from tests.factories import make_pass, make_role, make_shop, make_terms
from tests.visitor import Visitor

JSON = {"Accept": "application/json"}


@dataclass(frozen=True)
class Place:
    """Two shops, a guest's pass of the first, and staff."""

    shop: int
    other: int
    pass_id: str
    digits: str
    short: str


@pytest.fixture
def place(app: Flask) -> Place:
    begin_write()
    shop = make_shop(db.session, "小满咖啡", name_en="Grain Rain Coffee")
    other = make_shop(db.session, "老城牛肉面", name_en="Old Town Noodles")
    make_role(db.session, shop, "staff", name="阿明")
    make_role(db.session, other, "staff2")
    make_role(db.session, shop, "both")
    make_role(db.session, other, "both")
    cups = (Part("美式咖啡", 5, 2000),)
    pass_ = make_pass(db.session, make_terms(db.session, shop, uses=5, contents=cups, price=7600))
    found = Place(shop.id, other.id, pass_.id, passes.digits(pass_), passes.short_groups(pass_))
    db.session.commit()
    return found


@pytest.fixture
def staff(client: Visitor, place: Place) -> Visitor:
    client.sign_in("staff")
    return client


def body(place: Place, **values: object) -> dict[str, object]:
    return {"shop": place.shop, "code": place.digits, "quantity": 1, "nonce": "nonce-0001", **values}


def uses_left(place: Place) -> int:
    db.session.rollback()
    return db.session.scalars(select(Pass.uses_left).where(Pass.id == place.pass_id)).one()


def test_the_till_opens_its_camera_and_always_takes_a_typed_code(staff: Visitor) -> None:
    page = staff.get("/till")
    assert page.status_code == 200
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    assert "'wasm-unsafe-eval'" in page.headers["Content-Security-Policy"]
    assert 'data-behaviour="scanner"' in page.text
    assert '<form class="typed" id="scan" method="post"' in page.text
    assert "Grain Rain Coffee" in page.text


def test_other_pages_keep_the_camera_shut(staff: Visitor, place: Place) -> None:
    for page in (staff.get("/wallet"), staff.post("/till/scan", data=body(place))):
        assert "camera=()" in page.headers["Permissions-Policy"]
        assert "wasm" not in page.headers["Content-Security-Policy"]


def test_somebody_without_a_shop_is_told_how_to_get_one(client: Visitor, place: Place) -> None:
    client.sign_in("guest")
    page = client.get("/till")
    assert page.status_code == 404
    assert "invitation" in page.text


def test_the_shop_is_chosen_once_per_login(client: Visitor, place: Place) -> None:
    client.sign_in("both")
    assert "Which shop are you in?" in client.get("/till").text
    assert client.post("/till/shop", data={"shop": place.other}).status_code == 303
    page = client.get("/till").text
    assert "Old Town Noodles" in page
    assert "Change shop" in page
    assert "Which shop are you in?" in client.get("/till?choose=1").text


def test_a_desk_leads_to_the_till_of_its_own_shop(client: Visitor, place: Place) -> None:
    client.sign_in("both")
    client.post("/till/shop", data={"shop": place.shop})
    assert "Grain Rain Coffee" in client.get(f"/till?shop={place.shop}").text
    asked = client.get(f"/till?shop={place.other}").text
    assert "Which shop are you in?" in asked
    assert f'value="{place.other}" aria-current="true"' in asked
    for unknown in ("x", "987654"):
        assert "Which shop are you in?" not in client.get(f"/till?shop={unknown}").text


def test_scan_confirm_green_undo(staff: Visitor, place: Place) -> None:
    asked = staff.post("/till/scan", data={"shop": place.shop, "code": place.short.lower()}).text
    assert "Confirm and redeem" in asked
    assert "美式咖啡" in asked
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', asked))
    assert fields.keys() == {"shop", "code", "nonce"}
    answer = staff.post("/till/redemptions", data={**fields, "quantity": "2"})
    assert answer.status_code == 303
    green = staff.get(answer.location)
    assert "answer-ok" in green.text
    assert "2 ×" in green.text
    assert "3 of 5 uses left" in green.text
    assert uses_left(place) == 3
    undone = staff.post(f"{answer.location}/annul", data={"reason": "mistake"})
    assert undone.location == answer.location
    assert "Undone" in staff.get(answer.location).text
    assert uses_left(place) == 5
    assert staff.post(f"{answer.location}/annul", data={"reason": "mistake"}).status_code == 303


def test_a_redemption_may_be_posted_without_looking_first(staff: Visitor, place: Place) -> None:
    first = staff.post("/till/redemptions", data=body(place), headers=JSON)
    again = staff.post("/till/redemptions", data=body(place), headers=JSON)
    assert (first.status_code, first.json["code"], first.json["uses_left"]) == (200, "ok", 4)
    assert (again.status_code, again.json) == (200, first.json)
    assert uses_left(place) == 4
    other = staff.post("/till/redemptions", data=body(place, quantity=2), headers=JSON)
    assert (other.status_code, other.json["code"]) == (409, "key_reused")


def test_a_repeated_press_of_the_page_lands_on_the_same_receipt(staff: Visitor, place: Place) -> None:
    places = {staff.post("/till/redemptions", data=body(place)).location for _ in range(3)}
    assert len(places) == 1
    assert uses_left(place) == 4


REFUSALS = [
    ("other shop", {"shop": "other"}, 409, "wrong_shop", "Old Town Noodles"),
    ("flipped", {"code": "flipped"}, 422, "signature", ""),
    ("not a code", {"code": "1" * 234}, 422, "format", ""),
    ("unknown short", {"code": "AAAA-BBBB-CCCC"}, 422, "format", ""),
    ("too many", {"quantity": 6}, 409, "not_enough_uses", ""),
]


@pytest.mark.parametrize(
    ("name", "change", "status", "reason", "words"), REFUSALS, ids=lambda value: str(value)
)
def test_refusals_are_full_bleed_and_have_their_code(
    client: Visitor, place: Place, name: str, change: dict[str, object], status: int, reason: str, words: str
) -> None:
    client.sign_in("both")
    change = dict(change)
    if change.get("shop") == "other":
        change["shop"] = place.other
    if change.get("code") == "flipped":
        change["code"] = str(int(place.digits) ^ 1)
    page = client.post("/till/redemptions", data=body(place, **change))
    assert (page.status_code, f"<code>{reason}</code>" in page.text) == (status, True)
    assert re.search(r"answer-(no|wait)", page.text)
    machine = client.post("/till/redemptions", data=body(place, **change), headers=JSON)
    assert (machine.status_code, machine.json["code"]) == (status, reason)
    assert machine.json["detail"]
    assert uses_left(place) == 5
    if name == "other shop":
        assert "Grain Rain Coffee" in page.text
        assert "成府路 28 号" in page.text
        assert "美式" not in page.text


def test_used_up_says_when_and_by_whom(staff: Visitor, place: Place) -> None:
    staff.post("/till/redemptions", data=body(place, quantity=5))
    page = staff.post("/till/redemptions", data=body(place, nonce="nonce-0002"))
    assert page.status_code == 409
    assert "by 阿明" in page.text
    assert re.search(r"Used here at \d\d:\d\d", page.text)
    assert "Look at that redemption" in page.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"shop": ""}, "bad_shop"),
        ({"shop": "9" * 30}, "bad_shop"),
        ({"quantity": "0"}, "bad_quantity"),
        ({"quantity": "many"}, "bad_quantity"),
        ({"quantity": "9" * 30}, "bad_quantity"),
        ({"nonce": "n" * 65}, "bad_nonce"),
        ({"nonce": "é" * 10}, "bad_nonce"),
        ({"code": ""}, "bad_code"),
        ({"code": "1" * 601}, "bad_code"),
    ],
)
def test_a_damaged_form_is_422_and_takes_nothing(
    staff: Visitor, place: Place, change: dict[str, object], code: str
) -> None:
    answer = staff.post("/till/redemptions", data=body(place, **change), headers=JSON)
    assert (answer.status_code, answer.json["code"]) == (422, code)
    assert uses_left(place) == 5


def test_an_empty_scan_keeps_the_till_and_says_why(staff: Visitor, place: Place) -> None:
    page = staff.post("/till/scan", data={"shop": place.shop, "code": ""})
    assert page.status_code == 422
    assert "Scan a pass or type its code." in page.text
    assert 'aria-invalid="true"' in page.text


def test_strangers_neither_scan_nor_redeem_nor_undo(client: Visitor, place: Place) -> None:
    client.sign_in("staff")
    made = client.post("/till/redemptions", data=body(place)).location
    client.sign_in("staff2")
    assert client.get(made).status_code == 404
    assert client.post(f"{made}/annul", data={"reason": "mistake"}).status_code == 404
    assert client.get("/till/redemptions/0000000000000000").status_code == 404
    for path in ("/till/scan", "/till/redemptions", "/till/shop"):
        assert client.post(path, data=body(place, nonce="nonce-0002")).status_code == 404
    assert uses_left(place) == 4


def test_undo_needs_a_reason_and_its_fifteen_minutes(staff: Visitor, place: Place) -> None:
    made = staff.post("/till/redemptions", data=body(place)).location
    assert staff.post(f"{made}/annul", data={}, headers=JSON).json["code"] == "bad_reason"
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=False):
        assert "Undo this redemption" not in staff.get(made).text
        late = staff.post(f"{made}/annul", data={"reason": "mistake"}, headers=JSON)
    assert (late.status_code, late.json["code"]) == (409, "too_late")


def test_the_last_ten_scans_stand_below(staff: Visitor, place: Place) -> None:
    for number in range(11):
        staff.post("/till/scan", data={"shop": place.shop, "code": f"AAAA-BBBB-CC{number:02d}"})
    staff.post("/till/redemptions", data=body(place))
    page = staff.get("/till").text
    assert page.count('<li class="scan ') == 10
    assert page.index("Redeemed") < page.index("Not a pass")
    assert db.session.scalar(select(func.count()).select_from(Scan)) == 12


def test_guessing_typed_codes_is_slow(staff: Visitor, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("o2o.redemption.views.TYPED_PER_STAFF", 3)
    form = {"shop": place.shop, "code": "AAAA-BBBB-CCCC"}
    assert [staff.post("/till/scan", data=form).status_code for _ in range(5)] == [422, 422, 422, 429, 429]
    assert staff.post("/till/scan", data={"shop": place.shop, "code": place.digits}).status_code == 200


def test_a_receipt_survives_a_reload(staff: Visitor, place: Place) -> None:
    made = staff.post("/till/redemptions", data=body(place)).location
    assert staff.get(made).status_code == staff.get(made).status_code == 200
    assert db.session.scalar(select(func.count()).select_from(Redemption)) == 1
