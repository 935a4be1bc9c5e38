"""The till's arrivals and the owner's posters, as a browser gets them; what the lists cost."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from o2o.checkin import rules
from o2o.kernel.db import begin_write, db
from o2o.shops.queries import guest_alias
from tests.checkin.pressing import press, visits
from tests.counting import counting
from tests.factories import make_poster, make_shop, make_visit
from tests.visitor import visitor


def test_the_till_confirms_with_one_tap(app: Flask, code: str) -> None:
    guest, staff, stranger = visitor(app, "guest"), visitor(app, "staff"), visitor(app, "stranger")
    mine = press(guest, code, bucket="near").location
    press(staff, code)
    (visit, own) = sorted(visits(), key=lambda row: row.bucket == "none")
    listed = f"/till/arrivals?shop={visit.shop_id}"
    assert listed in staff.get("/till").get_data(as_text=True).replace("&amp;", "&")
    body = staff.get(listed, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in body
    assert guest_alias(visit.account_id, visit.shop_id, "en") in body
    assert "Nearby" in body
    assert "Staff" in body
    confirm = f"/till/arrivals/{visit.id}/confirm"
    assert f'hx-post="{confirm}"' in body
    assert own.id not in body
    for nobody in (stranger, guest):
        assert nobody.post(confirm).status_code == 404
        assert nobody.get(listed).status_code == 404
    assert staff.post(f"/till/arrivals/{own.id}/confirm").status_code == 409
    fragment = staff.post(confirm, headers={"HX-Request": "true"})
    assert fragment.status_code == 200
    assert "Confirmed" in fragment.get_data(as_text=True)
    assert staff.post(confirm).location == listed
    state = guest.get(mine, headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "Confirmed by staff" in state
    assert "hx-get" not in state
    assert "Confirmed: you were at 小满咖啡" in guest.get("/inbox").get_data(as_text=True)


@pytest.mark.parametrize("shop", ["0", "-1", "99999999999", "987654"])
def test_arrivals_of_no_shop(app: Flask, code: str, shop: str) -> None:
    assert visitor(app, "staff").get(f"/till/arrivals?shop={shop}").status_code == 404


def test_the_owner_makes_prints_rotates_and_ends(app: Flask, code: str) -> None:
    owner = visitor(app, "owner")
    shop_id = db.session.scalar(select(rules.Poster.shop_id))
    db.session.rollback()
    base = f"/console/{shop_id}/posters"
    form = {"label": "3号桌", "idempotency_key": "k1"}
    for _ in range(2):
        assert owner.post(base, data=form).location == base
    page = owner.get(base).get_data(as_text=True)
    assert page.count("3号桌</h2>") == 1
    poster_id = max(map(int, re.findall(r"posters/(\d+)/rotate", page)))
    for size, copies in (("a4", 1), ("sticker", 8)):
        sheet = owner.get(f"{base}/{poster_id}/print?size={size}").get_data(as_text=True)
        assert sheet.count("<code>localhost/c/") == copies
        assert "小满咖啡" in sheet
        assert "tabs" not in sheet
    assert owner.get(f"{base}/{poster_id}/print?size=a0").status_code == 404
    for _ in range(2):
        assert owner.post(f"{base}/{poster_id}/rotate").location == base
    assert owner.get(f"{base}/{poster_id}/print").status_code == 410
    page = owner.get(base).get_data(as_text=True)
    assert "Switched-off posters</summary>" not in page
    assert page.count("3号桌") >= 2
    assert len(re.findall(r"posters/\d+/rotate", page)) == 2
    fresh = max(map(int, re.findall(r"posters/(\d+)/end", page)))
    for _ in range(2):
        assert owner.post(f"{base}/{fresh}/end").location == base
    assert len(re.findall(r"posters/\d+/rotate", owner.get(base).get_data(as_text=True))) == 1


def test_openstreetmap_is_named_on_paper_where_it_helped(app: Flask, code: str) -> None:
    owner = visitor(app, "owner")
    poster = db.session.scalars(select(rules.Poster)).one()
    address = f"/console/{poster.shop_id}/posters/{poster.id}/print"
    shop_id = poster.shop_id
    db.session.rollback()
    credit = "<p>© OpenStreetMap contributors</p>"
    assert credit not in owner.get(address).get_data(as_text=True)
    begin_write()
    from o2o.shops.models import Town
    from o2o.shops.queries import forget_town

    db.session.get_one(Town, 1).has_osm = True
    db.session.commit()
    forget_town()
    assert credit in owner.get(address).get_data(as_text=True)
    stickers = owner.get(f"/console/{shop_id}/posters/{address.split('/')[4]}/print?size=sticker")
    assert stickers.get_data(as_text=True).count('sticker-small">© OpenStreetMap contributors') == 8


def test_staff_have_no_posters(app: Flask, code: str) -> None:
    shop_id = db.session.scalar(select(rules.Poster.shop_id))
    assert visitor(app, "staff").get(f"/console/{shop_id}/posters").status_code == 404


def cost(client: FlaskClient, address: str) -> int:
    client.get(address)
    db.session.expunge_all()
    with counting() as statements:
        assert client.get(address).status_code == 200
    return len(statements)


def test_lists_cost_the_same_however_long_they_are(app: Flask, code: str) -> None:
    guest, staff, owner = visitor(app, "guest"), visitor(app, "staff"), visitor(app, "owner")
    press(guest, code)
    shop_id = visits()[0].shop_id
    addresses = {
        guest: "/me/visits",
        staff: f"/till/arrivals?shop={shop_id}",
        owner: f"/console/{shop_id}/posters",
    }
    before = {address: cost(client, address) for client, address in addresses.items()}
    begin_write()
    for number in range(12):
        other = make_shop(db.session, f"店 {number}")
        make_visit(db.session, make_poster(db.session, other), "guest")
        shop = rules.shops.shop(db.session, shop_id)
        make_visit(db.session, make_poster(db.session, shop, f"桌 {number}"), f"guest-{number}")
    db.session.commit()
    assert {address: cost(client, address) for client, address in addresses.items()} == before
    assert max(before.values()) <= 8, before
