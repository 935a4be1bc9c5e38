"""From "is this your shop?" to an owner, through the pages."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.offers.rules import local_day
from o2o.onboarding import queries, rules
from o2o.onboarding.models import Claim
from o2o.shops import queries as shops
from o2o.shops.models import Shop
from tests.factories import make_account
from tests.onboarding.town import accept_all, make_listing, make_operator
from tests.photos.pictures import scene, written

JPEG = written(scene())


@pytest.fixture
def shop(app: Flask) -> int:
    begin_write()
    number = make_listing(db.session).id
    rules.ensure(db.session)
    rules.set_requirement(db.session, key="payout", is_on=False, now=clock.now())
    db.session.commit()
    return number


@pytest.fixture
def owner(client: FlaskClient) -> FlaskClient:
    client.sign_in("wang")  # type: ignore[attr-defined]
    return client


def day(days: int) -> str:
    return (local_day(clock.now(), "Asia/Shanghai") + timedelta(days=days)).isoformat()


def say(client: FlaskClient, shop: int, key: str, headers: dict[str, str] | None = None, **data: Any) -> Any:
    address = f"/console/{shop}/admission/{key}"
    return client.post(address, data=data, content_type="multipart/form-data", headers=headers)


def licence(client: FlaskClient, shop: int, **more: Any) -> Any:
    data = {"text": "91110108MA", "expires_on": day(400), "photos": (BytesIO(JPEG), "l.jpg"), **more}
    return say(client, shop, "licence", **data)


def held(shop: int) -> Claim:
    db.session.rollback()
    found = queries.claim_of(db.session, shop)
    assert found is not None
    return found


def test_from_the_listing_to_the_owner(owner: FlaskClient, shop: int) -> None:
    body = owner.get(f"/shops/{shop}/claim").text
    assert "Yes, this is my shop" in body
    assert "Business licence" in body
    answer = owner.post(f"/shops/{shop}/claim")
    assert (answer.status_code, answer.location) == (303, f"/console/{shop}/admission")
    body = owner.get(f"/console/{shop}/admission").text
    assert "4 lines still need you" in body
    assert body.count("Missing") == 4
    assert "Hand in for review" not in body
    assert licence(owner, shop).status_code == 303
    assert say(owner, shop, "identity", text="王小明 店主").status_code == 303
    assert say(owner, shop, "phone_call", text="010-12345").status_code == 303
    assert say(owner, shop, "terms", terms_version="1").location.endswith("#line-terms")
    assert "Hand in for review" in owner.get(f"/console/{shop}/admission").text
    assert owner.post(f"/console/{shop}/admission/submit").status_code == 303
    assert "Handed in." in owner.get(f"/console/{shop}/admission").text
    begin_write()
    claim = queries.claim_of(db.session, shop)
    assert claim is not None
    accept_all(db.session, claim)
    rules.approve(db.session, claim_id=claim.id, by=make_operator(db.session), now=clock.now())
    db.session.commit()
    body = owner.get(f"/console/{shop}/admission").text
    assert "Admitted." in body
    assert "Holds until" in body
    assert db.session.get_one(Shop, shop).status == "claimed"
    assert shops.roles_of(db.session, make_account(db.session, "wang").id, shop) == {"owner"}
