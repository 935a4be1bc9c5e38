"""The claim page for everybody, and a new shop by a tap on the map."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from o2o.admission import rules as admission
from o2o.kernel.db import begin_write, db
from o2o.onboarding import queries as claims
from o2o.onboarding.models import Claim
from o2o.shops.models import Shop
from tests.factories import make_account, make_role, make_shop
from tests.onboarding.town import make_admitted, make_listing, make_operator
from tests.visitor import Visitor

NEW = {"name": "新店", "category": "amenity/cafe", "lat": "39.9935", "lng": "116.3395"}


@pytest.fixture
def shop(app: Flask) -> int:
    begin_write()
    number = make_listing(db.session).id
    db.session.commit()
    return number


def person(app: Flask, handle: str) -> Visitor:
    found = Visitor(app, app.response_class)
    found.sign_in(handle)
    return found


def test_a_guest_reads_it_and_signs_in_first(client: FlaskClient, shop: int) -> None:
    body = client.get(f"/shops/{shop}/claim").text
    assert f"/sign-in?next=/shops/{shop}/claim" in body
    assert "Business licence" in body
    assert client.post(f"/shops/{shop}/claim").location.startswith("/sign-in")
    db.session.rollback()
    assert not db.session.scalars(select(Claim)).all()


def test_the_listing_asks_and_a_shop_with_an_owner_does_not(client: FlaskClient, shop: int) -> None:
    assert f"/shops/{shop}/claim" in client.get(f"/shops/{shop}").text
    begin_write()
    taken = make_shop(db.session, "有主")
    make_role(db.session, taken, "owner", "owner")
    number = taken.id
    db.session.commit()
    assert f"/shops/{number}/claim" not in client.get(f"/shops/{number}").text
    body = client.get(f"/shops/{number}/claim").text
    assert "This shop has its owner here already." in body
    assert f"/reports/new?shop={number}" in body
    assert person(client.application, "li").post(f"/shops/{number}/claim").status_code == 409


def test_the_second_is_told_plainly_and_may_leave(app: Flask, shop: int) -> None:
    wang, li = person(app, "wang"), person(app, "li")
    wang.post(f"/shops/{shop}/claim")
    assert "Somebody else has claimed it" in li.get(f"/shops/{shop}/claim").text
    assert li.post(f"/shops/{shop}/claim").location == f"/shops/{shop}/claim"
    body = li.get(f"/shops/{shop}/claim").text
    assert "You are waiting." in body
    assert "Wait in line" not in body
    assert li.get(f"/console/{shop}/admission").status_code == 404
    assert li.post(f"/shops/{shop}/claim/withdraw").location == "/me"
    assert li.post(f"/shops/{shop}/claim").location == f"/shops/{shop}/claim"
    wang.post(f"/console/{shop}/admission/withdraw")
    assert f"/console/{shop}/admission" in li.get(f"/shops/{shop}/claim").text
    assert "Your turn" in li.get("/inbox").text


def test_turned_down_reads_why_and_tries_again(app: Flask, shop: int) -> None:
    wang = person(app, "wang")
    wang.post(f"/shops/{shop}/claim")
    begin_write()
    claim = claims.claim_of(db.session, shop)
    assert claim is not None
    from o2o.kernel import clock

    by = make_operator(db.session)
    admission.reject(db.session, claim_id=claim.id, reason="The phone rang elsewhere", by=by, now=clock.now())
    db.session.commit()
    body = wang.get(f"/shops/{shop}/claim").text
    assert "The phone rang elsewhere" in body
    assert "Try again" in body
    assert wang.post(f"/shops/{shop}/claim").location == f"/console/{shop}/admission"


def test_who_claims_all_day_is_slowed_down(app: Flask, shop: int) -> None:
    wang = person(app, "wang")
    statuses = [wang.post(f"/shops/{shop}/claim").status_code for _ in range(21)]
    assert statuses[-2:] == [303, 429]


def test_withdrawing_what_one_never_claimed_is_nothing(app: Flask, shop: int) -> None:
    assert person(app, "li").post(f"/shops/{shop}/claim/withdraw").status_code == 404


def test_an_owner_cannot_withdraw(app: Flask, shop: int) -> None:
    begin_write()
    make_admitted(db.session, db.session.get_one(Shop, shop))
    db.session.commit()
    wang = person(app, "wang")
    assert wang.post(f"/shops/{shop}/claim/withdraw").status_code == 409
    assert "You run this shop here." in wang.get(f"/shops/{shop}/claim").text


def test_a_new_shop_from_the_map_to_its_papers(app: Flask, shop: int) -> None:
    wang = person(app, "wang")
    body = wang.get("/shops/new").text
    assert 'data-behaviour="map tap"' in body
    answer = wang.post("/shops/new", data={**NEW, "idempotency_key": "tap"})
    again = wang.post("/shops/new", data={**NEW, "idempotency_key": "tap"})
    assert answer.location == again.location
    number = int(answer.location.split("/")[2])
    assert wang.get(answer.location).status_code == 200
    assert wang.get(f"/shops/{number}/claim").status_code == 200
    for visitor in (app.test_client(), person(app, "li")):
        assert visitor.get(f"/shops/{number}").status_code == 404
        assert visitor.get(f"/shops/{number}/claim").status_code == 404
    db.session.rollback()
    assert [row.status for row in db.session.scalars(select(Shop).where(Shop.name == "新店"))] == ["proposed"]


def test_the_same_name_nearby_is_asked_first(app: Flask, shop: int) -> None:
    wang = person(app, "wang")
    same = {**NEW, "name": "老王 面馆", "lat": "39.9921", "lng": "116.3381"}
    answer = wang.post("/shops/new", data=same)
    assert answer.status_code == 409
    assert "Is it this one?" in answer.text
    assert f'href="/shops/{shop}/claim"' in answer.text
    assert wang.post("/shops/new", data={**same, "sure": "1"}).status_code == 303


def test_a_new_shop_needs_a_person(client: FlaskClient, shop: int) -> None:
    assert client.get("/shops/new").location == "/sign-in?next=/shops/new"
    begin_write()
    assert make_account(db.session, "wang").id
    db.session.rollback()
