"""The desk's page of pictures, and where guests meet them."""

import gzip
import re
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.kernel.db import begin_write, db
from o2o.photos.models import Photo
from o2o.pictures import queries, rules
from o2o.shops.models import Shop
from tests.counting import counting
from tests.factories import make_role, make_shop
from tests.photos.pictures import GIF, scene, written
from tests.pictures.test_rules import add as keep

JPEG = written(scene())
PNG = written(scene(300, 900), "PNG")


@pytest.fixture
def shop(client: FlaskClient) -> int:
    client.sign_in("owner")  # type: ignore[attr-defined]
    begin_write()
    row = make_shop(db.session, name_en="Xiaoman")
    make_role(db.session, row, "owner", "owner")
    shop_id = row.id
    db.session.commit()
    return shop_id


def send(client: FlaskClient, shop: int, *photos: bytes, key: str = "k") -> Any:
    data: dict[str, Any] = {"idempotency_key": key}
    data["photos"] = [(BytesIO(content), f"{n}.jpg") for n, content in enumerate(photos)]
    return client.post(f"/console/{shop}/pictures", data=data, content_type="multipart/form-data")


def shown(shop: int) -> list[queries.Shown]:
    db.session.rollback()
    return queries.of_shop(db.session, shop)


def press(client: FlaskClient, shop: int, picture: int, verb: str = "", **data: str) -> Any:
    return client.post(f"/console/{shop}/pictures/{picture}{verb}", data=data)


def test_several_at_once_and_once(client: FlaskClient, shop: int) -> None:
    for _ in range(2):
        answer = send(client, shop, JPEG, PNG)
        assert (answer.status_code, answer.location) == (303, f"/console/{shop}/pictures")
    assert [(one.photo.width, one.photo.height) for one in shown(shop)] == [(640, 480), (300, 900)]
    body = client.get(f"/console/{shop}/pictures").text
    assert body.count('alt="Photo of Xiaoman"') == 2
    assert "2 of 12 photos" in body
    answer = client.get(f"/photos/{shown(shop)[0].photo.id}-s.webp")
    assert (answer.status_code, answer.mimetype) == (200, "image/webp")


@pytest.mark.parametrize(
    ("photos", "status", "english", "chinese"),
    [
        ((), 422, "Choose at least one photo.", "请至少选一张照片"),
        ((JPEG, GIF), 415, "This is a GIF.", "这是 GIF"),
        ((JPEG,) * 7, 422, "Send at most 6 photos.", "最多"),
        ((JPEG[: len(JPEG) // 2],), 422, "This photo is damaged", "照片已损坏"),
    ],
    ids=["none", "gif", "seven", "half"],
)
def test_a_bad_one_refuses_them_all(
    client: FlaskClient, shop: int, photos: tuple[bytes, ...], status: int, english: str, chinese: str
) -> None:
    answer = send(client, shop, *photos)
    assert (answer.status_code, english in answer.text) == (status, True)
    assert shown(shop) == []
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 0


def test_more_than_twelve_are_refused_whole(app: Flask, client: FlaskClient, shop: int) -> None:
    begin_write()
    for _ in range(11):
        keep(db.session, db.session.get_one(Shop, shop))
    db.session.commit()
    answer = send(client, shop, JPEG, PNG)
    assert (answer.status_code, "at most 12 photos" in answer.text) == (422, True)
    assert len(shown(shop)) == 11
    assert send(client, shop, JPEG, key="k2").status_code == 303
    body = client.get(f"/console/{shop}/pictures").text
    assert 'type="file"' not in body
    assert "at most 12 photos" in body


def test_described_moved_and_deleted(client: FlaskClient, shop: int) -> None:
    send(client, shop, JPEG, PNG)
    first, second = (one.id for one in shown(shop))
    assert press(client, shop, second, caption="The counter <at noon>").status_code == 303
    for _ in range(2):  # the same press twice is one move
        answer = press(client, shop, second, "/move", way="up", idempotency_key="m1")
        assert answer.location.endswith(f"#picture-{second}")
    assert [one.id for one in shown(shop)] == [second, first]
    body = client.get(f"/console/{shop}/pictures").text
    assert 'alt="The counter &lt;at noon&gt;"' in body
    for _ in range(2):
        assert press(client, shop, second, "/drop", idempotency_key="d1").status_code == 303
    assert [one.id for one in shown(shop)] == [first]
    assert press(client, shop, second, "/drop", idempotency_key="d2").status_code == 404
    assert press(client, shop, first, "/move", way="sideways").status_code == 400


def test_words_that_are_too_long_stay_in_their_own_field(client: FlaskClient, shop: int) -> None:
    send(client, shop, JPEG, PNG)
    picture = shown(shop)[1].id
    answer = press(client, shop, picture, caption="长" * 121)
    assert answer.status_code == 422
    assert "Keep this within 120 characters." in answer.text
    assert re.findall(r'id="caption-(\d+)"[^>]*aria-invalid', answer.text) == [str(picture)]
    assert "长" * 121 in answer.text


def test_who_may(client: FlaskClient, shop: int) -> None:
    begin_write()
    row = db.session.get_one(Shop, shop)
    for kind in ("claimant", "manager", "staff"):
        make_role(db.session, row, kind, kind)
    db.session.commit()
    for who, status in (("claimant", 200), ("manager", 200), ("staff", 404), ("stranger", 404)):
        client.sign_in(who)  # type: ignore[attr-defined]
        assert client.get(f"/console/{shop}/pictures").status_code == status
        assert send(client, shop, JPEG, key=who).status_code == (303 if status == 200 else 404)
    assert len(shown(shop)) == 2


def test_guests_meet_them_on_the_page_and_in_the_list(client: FlaskClient, shop: int) -> None:
    before = client.get("/shops").text
    assert "/photos/" not in before
    send(client, shop, JPEG, PNG)
    cover, other = shown(shop)
    press(client, shop, other.id, caption="Our garden")
    for address in ("/shops", "/"):
        card = client.get(address).text
        assert f'src="/photos/{cover.photo.id}-s.webp"' in card
        assert other.photo.id not in card
    body = client.get(f"/shops/{shop}").text
    assert re.search(rf'class="cover cover-wide" src="/photos/{cover.photo.id}-l.webp"[^>]*width="640"', body)
    assert re.search(rf'src="/photos/{other.photo.id}-s.webp"[^>]*loading="lazy"[^>]*alt="Our garden"', body)
    gone, left = cover.photo.id, other.photo.id
    press(client, shop, cover.id, "/drop")
    card = client.get("/shops").text
    assert (gone in card, left in card) == (False, True)
    assert client.get(f"/photos/{gone}-s.webp").status_code == 404


def test_a_claimants_pictures_wait(client: FlaskClient, shop: int) -> None:
    send(client, shop, JPEG)
    (one,) = shown(shop)
    begin_write()
    db.session.get_one(Shop, shop).status = "unclaimed"
    db.session.commit()
    client.sign_in("guest")  # type: ignore[attr-defined]
    assert "/photos/" not in client.get(f"/shops/{shop}").text
    assert client.get(f"/photos/{one.photo.id}-l.webp").status_code == 404


def test_a_page_of_twelve_is_light(client: FlaskClient, shop: int) -> None:
    send(client, shop, JPEG)
    client.get(f"/console/{shop}/pictures")
    with counting() as few:
        client.get(f"/console/{shop}/pictures")
    begin_write()
    for number in range(11):
        keep(db.session, db.session.get_one(Shop, shop), f"{number} {'字' * 100}")
    db.session.commit()
    client.get(f"/console/{shop}")
    with counting() as many:
        body = client.get(f"/console/{shop}/pictures").data
    assert len(many) == len(few) <= 15, (few, many)
    assert len(gzip.compress(body)) <= 12 * 1024
    assert len(shown(shop)) == rules.MOST
