"""The door of a poster, the page of a visit, the till's arrivals, the owner's posters: as a browser gets them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from time_machine import travel

from o2o.accounts.queries import account_by_handle
from o2o.checkin import rules
from o2o.checkin.models import PosterDay, Visit
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.shops.queries import guest_alias
from tests.counting import counting
from tests.factories import make_poster, make_role, make_shop, make_visit
from tests.visitor import Visitor

ZH = {"Accept-Language": "zh-CN"}
GONE = "This code is no longer valid"
NOON = datetime(2026, 7, 1, 4, 3, tzinfo=UTC)


@pytest.fixture
def code(app: Flask) -> str:
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", "owner")
    make_role(db.session, shop, "staff")
    poster = make_poster(db.session, shop)
    found = poster.code
    db.session.commit()
    return found


def visitor(app: Flask, handle: str = "") -> Visitor:
    new = Visitor(app, app.response_class)
    if handle:
        new.sign_in(handle)
    return new


def opened() -> int:
    total = db.session.scalar(select(func.sum(PosterDay.opened))) or 0
    db.session.rollback()
    return total


def visits() -> list[Visit]:
    rows = list(db.session.scalars(select(Visit)))
    db.session.rollback()
    return rows


def press(client: FlaskClient, code: str, **more: str):  # type: ignore[no-untyped-def]
    return client.post(f"/c/{code}", data={"key": "press-1", "bucket": "none", **more})


def test_a_strangers_door_leads_back_to_the_check_in(app: Flask, code: str) -> None:
    answer = visitor(app).get(f"/c/{code}")
    body = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert 'action="/sign-in/key"' in body
    assert f"/sign-in/account?next=%2Fc%2F{code}%3Fback%3D1" in body
    assert f'name="next" value="/c/{code}?back=1"' in body
    assert f'action="/c/{code}"' not in body


def test_the_second_door_works_without_scripts(app: Flask, code: str) -> None:
    client = visitor(app)
    body = client.get(f"/c/{code}").get_data(as_text=True)
    found = re.search(r'name="nonce" value="(\w+)">\s*<input type="hidden" name="next" value="([^"]+)"', body)
    assert found
    saved = client.post("/sign-in/key", data={"nonce": found[1], "next": found[2]})
    assert saved.location == "/me/recovery/saved"
    back = client.post(saved.location, data={"saved": "y"}).location
    assert back == f"/c/{code}?back=1"
    page = client.get(back).get_data(as_text=True)
    key = re.search(r'name="key"[^>]* value="([0-9a-f]{16})"', page)
    assert key
    done = client.post(f"/c/{code}", data={"key": key[1], "bucket": "none"})
    assert re.fullmatch(r"/visits/[0-9a-f]{16}", done.location)
    assert [(visit.is_first, visit.bucket) for visit in visits()] == [(True, "none")]
    assert opened() == 1


def test_one_tap_and_the_visit_stands_there(app: Flask, code: str) -> None:
    client = visitor(app, "guest")
    assert (
        client.get(f"/c/{code}").get_data(as_text=True).count('type="submit"') == 3
    )  # two of them are languages
    done = press(client, code, bucket="here")
    assert done.status_code == 303
    page = client.get(done.location)
    assert page.headers["X-O2O-Cache"] == "private"
    body = page.get_data(as_text=True)
    guest = account_by_handle(db.session, "guest")
    assert guest
    assert guest_alias(guest.id, visits()[0].shop_id, "en") in body
    assert "Not confirmed yet" in body
    assert f"/reviews/new?visit={visits()[0].id}" in body
    assert press(client, code).location == done.location
    assert len(visits()) == 1


def test_a_second_press_shows_the_first_visit(app: Flask, code: str) -> None:
    with travel(NOON, tick=False) as machine:
        client = visitor(app, "guest")
        first = press(client, code).location
        machine.shift(timedelta(hours=1))
        assert "You checked in at 12:03 already." in client.get(f"/c/{code}").get_data(as_text=True)
        again = press(client, code, key="press-2")
        assert again.location == first
        assert "你 12:03 已打卡" in client.get(f"/c/{code}", headers=ZH).get_data(as_text=True)
        machine.shift(timedelta(hours=3))
        # The second press is answered as before, however late its answer is asked for again.
        assert press(client, code, key="press-2").location == first
        assert press(client, code, key="press-3").location != first


def test_one_key_is_one_poster(app: Flask, code: str) -> None:
    begin_write()
    other = make_poster(db.session, make_shop(db.session, "别家")).code
    db.session.commit()
    client = visitor(app, "guest")
    press(client, code)
    assert press(client, other).status_code == 409
    assert len(visits()) == 1


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("2026-07-01T03:40:00Z", datetime(2026, 7, 1, 3, 40, tzinfo=UTC)),
        ("2026-07-01T11:40:00+08:00", datetime(2026, 7, 1, 3, 40, tzinfo=UTC)),
        ("2026-07-02T04:03:00Z", None),
        ("2026-06-24T04:02:59Z", None),
        ("2026-07-01T03:40:00", None),
        ("yesterday", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_an_offline_press_brings_its_time_as_a_claim(
    app: Flask, code: str, said: str, kept: datetime | None
) -> None:
    with travel(NOON, tick=False):
        client = visitor(app, "guest")
        data = {"key": "press-1", "bucket": "none", "claimed_at": said}
        done = client.post(f"/c/{code}", data=data, headers={"X-O2O-Outbox": "1"})
        assert done.status_code == 303
        (visit,) = visits()
        assert (visit.at, visit.claimed_at) == (NOON, kept)
        assert ("Your phone said" in client.get(done.location).get_data(as_text=True)) is bool(kept)


def test_unknown_and_dead_codes_say_what_to_do(app: Flask, code: str) -> None:
    client = visitor(app, "guest")
    assert client.get("/c/7k2mq8x40w3vz").status_code == 404
    assert client.get("/c/%00").status_code == 404
    begin_write()
    poster = rules.queries.live_poster(db.session, code)
    rules.rotate(db.session, shop_id=poster.shop_id, poster_id=poster.id, now=clock.now())
    db.session.commit()
    for answer in (client.get(f"/c/{code}"), press(client, code), visitor(app).get(f"/c/{code}")):
        assert answer.status_code == 410
        assert GONE in answer.get_data(as_text=True)
    assert "请扫现在挂着的海报" in client.get(f"/c/{code}", headers=ZH).get_data(as_text=True)
    assert visits() == []


def test_openings_are_counted_not_people(app: Flask, code: str) -> None:
    client = visitor(app)
    client.get(f"/c/{code}")
    client.get(f"/c/{code}")
    client.head(f"/c/{code}")
    client.get(f"/c/{code}", headers={"Sec-Purpose": "prefetch;prerender"})
    assert opened() == 1
    other = visitor(app)
    other.head(f"/c/{code}")
    other.get(f"/c/{code}", headers={"Sec-Purpose": "prefetch"})
    other.get(f"/c/{code}?back=1")
    assert opened() == 1
    other.get(f"/c/{code}")
    assert opened() == 2


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


def test_a_visit_is_shown_to_nobody_else(app: Flask, code: str) -> None:
    mine = press(visitor(app, "guest"), code).location
    for other in ("stranger", "staff", "owner"):
        assert visitor(app, other).get(mine).status_code == 404


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


def test_visits_come_twenty_a_page(app: Flask, code: str) -> None:
    client = visitor(app, "guest")
    begin_write()
    for number in range(23):
        make_visit(db.session, make_poster(db.session, make_shop(db.session, f"店 {number}")), "guest")
    db.session.commit()
    first = client.get("/me/visits").get_data(as_text=True)
    assert first.count('href="/visits/') == 20
    assert 'href="/me/visits?page=2"' in first
    assert client.get("/me/visits?page=2").get_data(as_text=True).count('href="/visits/') == 3
    assert "My visits" in client.get("/me").get_data(as_text=True)
