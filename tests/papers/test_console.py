"""From "is this your shop?" to an owner, through the pages."""

import gzip
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from o2o.accounts import registry
from o2o.admission import rules as admission
from o2o.checklist.rules import ensure
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.offers.rules import local_day
from o2o.onboarding import queries as claims
from o2o.onboarding import rules as onboarding
from o2o.onboarding.models import Claim
from o2o.papers import queries as answers
from o2o.papers import rules as papers
from o2o.requirements import rules as requirements
from o2o.shops import queries as shops
from o2o.shops.models import Role, Shop
from tests.counting import counting
from tests.factories import make_account, make_role, make_shop
from tests.onboarding.town import accept_all, answer_all, make_admitted, make_listing, make_operator
from tests.photos.pictures import scene, written
from tests.visitor import Visitor

JPEG = written(scene())


@pytest.fixture
def shop(app: Flask) -> int:
    begin_write()
    number = make_listing(db.session).id
    ensure(db.session)
    requirements.set_requirement(db.session, key="payout", is_on=False, now=clock.now())
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
    found = claims.claim_of(db.session, shop)
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
    claim = claims.claim_of(db.session, shop)
    assert claim is not None
    accept_all(db.session, claim)
    admission.approve(db.session, claim_id=claim.id, by=make_operator(db.session), now=clock.now())
    db.session.commit()
    body = owner.get(f"/console/{shop}/admission").text
    assert "Admitted." in body
    assert "Holds until" in body
    assert db.session.get_one(Shop, shop).status == "claimed"
    assert shops.roles_of(db.session, make_account(db.session, "wang").id, shop) == {"owner"}


def claimed(client: FlaskClient, shop: int) -> None:
    assert client.post(f"/shops/{shop}/claim").status_code == 303


def test_htmx_gets_the_checklist_back(owner: FlaskClient, shop: int) -> None:
    claimed(owner, shop)
    htmx = {"HX-Request": "true"}
    answer = say(owner, shop, "identity", headers=htmx, text="王小明 店主")
    assert answer.status_code == 200
    assert "<!doctype" not in answer.text
    assert "3 lines still need you" in answer.text
    assert "王小明 店主" in answer.text
    answer = say(owner, shop, "terms", headers=htmx, terms_version="7")
    assert answer.status_code == 422
    assert "The terms have changed." in answer.text


def test_what_was_typed_stays_beside_what_is_wrong(owner: FlaskClient, shop: int) -> None:
    claimed(owner, shop)
    answer = say(owner, shop, "licence", text="91110108MA", expires_on=day(400))
    assert answer.status_code == 422
    assert "Please add a photo of it." in answer.text
    assert 'value="91110108MA"' in answer.text
    assert f'value="{day(400)}"' in answer.text
    answer = say(owner, shop, "licence", text="9", photos=(BytesIO(b"GIF89a"), "l.gif"), expires_on=day(1))
    assert answer.status_code == 415
    assert not answers.trail(db.session, held(shop).id)


def test_a_double_tap_is_one_answer(owner: FlaskClient, shop: int) -> None:
    claimed(owner, shop)
    for _ in range(2):
        assert say(owner, shop, "identity", text="王小明", idempotency_key="tap").status_code == 303
    assert len(answers.trail(db.session, held(shop).id)) == 1
    assert say(owner, shop, "identity", text="李小明", idempotency_key="tap").status_code == 409
    assert say(owner, shop, "phone_call", text="010-12345", idempotency_key="tap").status_code == 303


def test_take_back_and_give_up(owner: FlaskClient, shop: int) -> None:
    claimed(owner, shop)
    base = f"/console/{shop}/admission"
    assert owner.post(f"{base}/submit").status_code == 409
    begin_write()
    claim = claims.claim_of(db.session, shop)
    assert claim is not None
    answer_all(db.session, claim)
    papers.submit(db.session, claim_id=claim.id, now=clock.now())
    db.session.commit()
    assert say(owner, shop, "identity", text="another").status_code == 409
    assert owner.post(f"{base}/take-back").status_code == 303
    assert owner.post(f"{base}/withdraw").location == "/me"
    assert owner.get(base).status_code == 404
    assert "Yes, this is my shop" in owner.get(f"/shops/{shop}/claim").text


def test_the_evidence_is_its_senders_and_the_operators(client: FlaskClient, app: Flask, shop: int) -> None:
    people = {name: Visitor(app, app.response_class) for name in ("wang", "rival", "other", "operator")}
    for name, visitor in people.items():
        visitor.sign_in(name)
    begin_write()
    make_role(db.session, make_shop(db.session, "别家"), "other", "owner")
    db.session.commit()
    claimed(people["wang"], shop)
    licence(people["wang"], shop)
    assert people["rival"].post(f"/shops/{shop}/claim").location == f"/shops/{shop}/claim"
    paper = answers.trail(db.session, held(shop).id)[0]
    photo = f"/photos/{paper.photo_id}-l.webp"
    assert photo in people["wang"].get(f"/console/{shop}/admission").text
    statuses = {name: visitor.get(photo).status_code for name, visitor in people.items()}
    assert statuses == {"wang": 200, "rival": 404, "other": 404, "operator": 200}
    assert client.get(photo).status_code == 404
    assert "no-store" in people["wang"].get(photo).headers["Cache-Control"]
    for name in ("rival", "other"):
        assert people[name].get(f"/console/{shop}/admission").status_code == 404
        assert say(people[name], shop, "identity", text="mine").status_code == 404
        assert "91110108MA" not in people[name].get(f"/shops/{shop}/claim").text


def test_a_co_owner_sees_the_state_and_not_the_words(owner: FlaskClient, app: Flask, shop: int) -> None:
    begin_write()
    claim = make_admitted(db.session, db.session.get_one(Shop, shop))
    for name, kind in (("co", "owner"), ("boss", "manager")):
        make_role(db.session, db.session.get_one(Shop, shop), name, kind)
    secret = next(row.text for row in answers.trail(db.session, claim.id) if row.text)
    db.session.commit()
    assert secret in owner.get(f"/console/{shop}/admission").text
    for name, may in (("co", True), ("boss", False)):
        visitor = Visitor(app, app.response_class)
        visitor.sign_in(name)
        body = visitor.get(f"/console/{shop}/admission").text
        assert secret not in body
        assert "/photos/" not in body
        assert "Handed in by somebody else at this shop." in body
        assert ("/admission/licence" in body) == may
        assert visitor.post(f"/console/{shop}/admission/withdraw").status_code == 404


def test_an_erased_person_takes_their_words_along(owner: FlaskClient, shop: int) -> None:
    claimed(owner, shop)
    licence(owner, shop)
    say(owner, shop, "identity", text="王小明 店主")
    claim_id, account_id = held(shop).id, held(shop).account_id
    owner.post(f"/shops/{shop}/claim/withdraw")
    begin_write()
    registry.erase(db.session, account_id=account_id)
    db.session.commit()
    assert {(row.text, row.photo_id) for row in answers.trail(db.session, claim_id)} == {("", None)}


def test_a_claimant_prepares_what_guests_do_not_see(
    owner: FlaskClient, client: FlaskClient, shop: int
) -> None:
    claimed(owner, shop)
    address = f"/console/{shop}/shop"
    body = owner.get(address).text
    assert "老王面馆" in body
    data = {
        "name": "老王面馆",
        "category": "amenity/cafe",
        "about": "自家拉面",
        "lat": "39.992",
        "lng": "116.338",
    }
    answer = owner.post(address, data={**data, "hours_kind": "always", "phone": "010-1"})
    assert answer.status_code == 303
    body = owner.get(address).text
    assert "自家拉面" in body
    assert "Kept. Guests see it once you are admitted." in body
    assert "自家拉面" not in owner.get(f"/shops/{shop}").text
    db.session.rollback()
    assert db.session.get_one(Shop, shop).about is None
    assert (
        db.session.scalars(select(Role.prepared).where(Role.prepared.is_not(None))).one()["hours"] == "24/7"
    )
    assert (
        owner.post(address, data={**data, "website": "not a site", "hours_kind": "always"}).status_code == 422
    )


def test_the_page_asks_the_same_number_of_statements(owner: FlaskClient, shop: int) -> None:
    claimed(owner, shop)
    owner.get(f"/console/{shop}/admission")
    counts = []
    for _ in range(2):
        db.session.rollback()
        with counting() as asked:
            answer = owner.get(f"/console/{shop}/admission")
        counts.append(len(asked))
        begin_write()
        for number in range(0 if len(counts) > 1 else 17):
            words = {"title_zh": f"新{number}", "title_en": f"new {number}", "asks_text": True}
            requirements.add_requirement(db.session, kind="attested", **words, now=clock.now())
        db.session.commit()
    assert counts[0] == counts[1] <= 15
    assert len(gzip.compress(answer.data)) < 12 * 1024


def test_an_owner_from_before_answers_though_nothing_was_written_down(owner: FlaskClient) -> None:
    begin_write()
    row = make_shop(db.session)
    make_role(db.session, row, "wang", "owner")
    number = row.id
    db.session.commit()
    body = owner.get(f"/console/{number}/admission").text
    assert f"/console/{number}/admission/identity" in body
    assert "nothing is sold" not in body
    assert say(owner, number, "identity", text="王小明 店主").status_code == 303
    assert "王小明 店主" in owner.get(f"/console/{number}/admission").text


def test_an_invited_person_comes_to_the_papers(owner: FlaskClient, shop: int) -> None:
    begin_write()
    claim = onboarding.prepare(db.session, shop_id=shop, now=clock.now())
    token = onboarding.invite(db.session, claim_id=claim.id, now=clock.now())
    db.session.commit()
    assert owner.get(f"/invites/{token}").status_code == 200
    answer = owner.post(f"/invites/{token}")
    assert answer.location == f"/console/{shop}"
    assert owner.get(answer.location).location == f"/console/{shop}/admission"
    assert "still need you" in owner.get(f"/console/{shop}/admission").text
    assert (held(shop).state, held(shop).way) == ("onboarding", "invite")
