"""The pages of reports: saying that something is wrong, and deciding it."""

import re
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.kernel.db import begin_write, db
from o2o.photos import rules as photos
from o2o.reports.models import Report
from o2o.reviews.models import Review
from o2o.shops.models import Shop
from tests import factories
from tests.counting import counting
from tests.photos.pictures import scene, written
from tests.reports.town import Place, make_report, settle
from tests.visitor import Visitor


@pytest.fixture
def place(app: Flask) -> Place:
    return settle()


def test_from_the_shop_to_the_answer(client: FlaskClient, place: Place) -> None:
    page = client.get(f"/shops/{place.shop}").get_data(as_text=True)
    assert f'href="/reports/new?shop={place.shop}"' in page
    asked = client.get(f"/reports/new?shop={place.shop}")
    assert asked.location == f"/sign-in?next=/reports/new%3Fshop%3D{place.shop}"
    client.sign_in("guest")
    assert 'href="/me/reports"' not in client.get("/me").get_data(as_text=True)
    page = client.get(f"/reports/new?shop={place.shop}").get_data(as_text=True)
    assert "It has closed for good" in page
    assert 'enctype="multipart/form-data"' in page
    form = {
        "shop": place.shop,
        "review": "",
        "key": "k1",
        "reason": "closed",
        "text": "Shutters down since May",
    }
    for key in ("k1", "k1", "k2"):
        sent = client.post("/reports", data={**form, "key": key})
        assert re.fullmatch(r"/me/reports#report-\d+", sent.location)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Report)) == 1
    assert "You told us already" in client.get(f"/reports/new?shop={place.shop}").get_data(as_text=True)
    mine = client.get("/me/reports").get_data(as_text=True)
    assert "Shutters down since May" in mine
    assert "Waiting for an answer" in mine
    assert 'href="/me/reports"' in client.get("/me").get_data(as_text=True)
    other = Visitor(client.application, client.application.response_class)
    other.sign_in("writer")
    assert "Shutters down" not in other.get("/me/reports").get_data(as_text=True)

    operator = Visitor(client.application, client.application.response_class)
    operator.sign_in("operator")
    assert "1 open report" in operator.get("/operator").get_data(as_text=True)
    listed = operator.get("/operator/reports").get_data(as_text=True)
    address = re.findall(r'href="(/operator/reports/\d+)"', listed)[0]
    shown = operator.get(address).get_data(as_text=True)
    assert "Shutters down since May" in shown
    assert "It has an owner: what it sells ends now" not in shown
    said = {"state": "upheld", "words": "Thank you, it is closed", "take_down": "y"}
    assert operator.post(f"{address}/decide", data=said).location == "/operator/reports"
    again = operator.post(f"{address}/decide", data={"state": "dismissed", "words": "No"})
    body = again.get_data(as_text=True)
    assert again.status_code == 409
    assert "This was decided already." in body
    assert "Thank you, it is closed" in body
    db.session.rollback()
    assert db.session.get_one(Shop, place.shop).status == "gone"
    mine = client.get("/me/reports").get_data(as_text=True)
    assert "Thank you, it is closed" in mine
    assert f'href="/shops/{place.shop}"' not in mine
    assert "You were right about" in client.get("/inbox").get_data(as_text=True)


def test_a_review_with_its_proof_and_photos(client: FlaskClient, place: Place) -> None:
    client.sign_in("guest")
    page = client.get(f"/reports/new?shop={place.shop}&review={place.review}").get_data(as_text=True)
    assert "Report this review" in page
    assert "Never again" in page
    assert "Written for a reward" in page
    data = {"shop": place.shop, "review": place.review, "key": "r", "reason": "abuse", "text": ""}
    where = client.post("/reports", data=data).location
    number = int(where.rpartition("-")[2])
    client.sign_in("operator")
    shown = client.get(f"/operator/reports/{number}").get_data(as_text=True)
    for words in (
        "Never again",
        "Checked in, not confirmed",
        "No, it stands apart",
        f"/photos/{place.photo}-s.webp",
    ):
        assert words in shown
    public = Visitor(client.application, client.application.response_class)
    assert public.get(f"/photos/{place.photo}-l.webp").status_code == 200
    client.post(f"/operator/reports/{number}/decide", data={"state": "upheld", "words": "Insulting", "rating": "5",
                                                            "text": "Lovely", "stars": "5"})  # fmt: skip
    db.session.rollback()
    review = db.session.get_one(Review, place.review)
    assert (review.state, review.rating, review.text) == ("hidden", 1, "Never again")
    assert public.get(f"/photos/{place.photo}-l.webp").status_code == 404
    assert client.get(f"/photos/{place.photo}-l.webp").status_code == 200
    assert client.get(f"/reports/new?shop={place.shop}&review={place.review}").status_code == 404


def test_a_photo_is_seen_by_its_sender_and_the_operator(client: FlaskClient, place: Place) -> None:
    client.sign_in("guest")
    photo = (BytesIO(written(scene(), "PNG")), "../../etc/passwd.html", "text/html")
    data = {"shop": place.shop, "key": "p", "reason": "bribe", "text": "A card for stars", "photos": photo}
    assert client.post("/reports", data=data, content_type="multipart/form-data").status_code == 303
    db.session.rollback()
    kept = db.session.scalars(select(Report.photo_id)).one()
    address = f"/photos/{kept}-s.webp"
    assert client.get(address).headers["Cache-Control"] == "private, no-store"
    stranger = Visitor(client.application, client.application.response_class)
    assert stranger.get(address).status_code == 404
    stranger.sign_in("writer")
    assert stranger.get(address).status_code == 404
    client.sign_in("operator")
    assert client.get(address).status_code == 200
    number = db.session.scalars(select(Report.id)).one()
    assert address in client.get(f"/operator/reports/{number}").get_data(as_text=True)


def test_ten_a_day(client: FlaskClient, place: Place) -> None:
    client.sign_in("guest")
    statuses = []
    for number in range(11):
        data = {"shop": place.shop, "key": f"k{number}", "reason": "wrong", "text": "Hours"}
        statuses.append(client.post("/reports", data=data).status_code)
    assert statuses == [303] * 10 + [429]
    # What was taken is not refused when it is sent again, and cost no second turn.
    again = {"shop": place.shop, "key": "k0", "reason": "wrong", "text": "Hours"}
    assert client.post("/reports", data=again).status_code == 303


def test_the_list_pages_filters_and_costs_the_same(client: FlaskClient, place: Place) -> None:
    client.sign_in("operator")
    costs = []
    for many in (1, 24):
        begin_write()
        for number in range(many):
            shop = factories.make_shop(db.session, f"S {many} {number}")
            make_report(place, shop_id=shop.id)
        db.session.commit()
        client.get("/operator/reports")
        with counting() as statements:
            page = client.get("/operator/reports").get_data(as_text=True)
        costs.append(len(statements))
    assert costs[0] == costs[1]
    assert len(re.findall(r'href="/operator/reports/\d+"', page)) == 20
    assert (
        len(
            re.findall(
                r'href="/operator/reports/\d+"', client.get("/operator/reports?page=2").get_data(as_text=True)
            )
        )
        == 5
    )
    assert "No reports here" in client.get("/operator/reports?show=decided").get_data(as_text=True)
    db.session.rollback()
    first = db.session.scalars(select(Report.id).order_by(Report.id)).first()
    client.post(f"/operator/reports/{first}/decide", data={"state": "dismissed", "words": "Fine"})
    assert f'/operator/reports/{first}"' in client.get("/operator/reports?show=decided").get_data(
        as_text=True
    )
    assert f'/operator/reports/{first}"' in client.get("/operator/reports?page=2").get_data(as_text=True)


def test_my_list_costs_the_same(client: FlaskClient, place: Place) -> None:
    client.sign_in("guest")
    costs = []
    for many in (1, 3):
        begin_write()
        for number in range(many):
            make_report(place, shop_id=factories.make_shop(db.session, f"S {many} {number}").id)
        db.session.commit()
        client.get("/me/reports")
        with counting() as statements:
            client.get("/me/reports")
        costs.append(len(statements))
    assert costs[0] == costs[1]


def test_only_the_operator_decides(client: FlaskClient, place: Place) -> None:
    begin_write()
    number = make_report(place).id
    db.session.commit()
    for who in ("guest", "writer"):
        client.sign_in(who)
        assert client.get("/operator/reports").status_code == 404
        assert client.get(f"/operator/reports/{number}").status_code == 404
        decided = client.post(f"/operator/reports/{number}/decide", data={"state": "upheld", "words": "x"})
        assert decided.status_code == 404


def test_no_transaction_is_open_while_a_photo_is_redrawn(
    client: FlaskClient, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    real = photos.prepare

    def watched(source):
        seen.append(db.session.in_transaction())
        return real(source)

    monkeypatch.setattr(photos, "prepare", watched)
    client.sign_in("guest")
    data = {"shop": place.shop, "key": "p", "reason": "bribe", "photos": (BytesIO(written(scene())), "a.jpg")}
    assert client.post("/reports", data=data, content_type="multipart/form-data").status_code == 303
    assert seen == [False]
