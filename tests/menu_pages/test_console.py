"""A paper menu on the desk: pages that only their photographer sees, and lines typed beside them, with a way back."""

import gzip
import re
from datetime import timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.menu_changes.models import MenuImport
from o2o.menu_pages import rules
from o2o.photos import chores, queries
from o2o.photos.models import Photo
from o2o.shops.models import Shop
from tests import factories
from tests.counting import counting
from tests.menus.town import open_shop, rows
from tests.photos.pictures import GIF, scene, written
from tests.visitor import Visitor

JPEG = written(scene(300, 400))
PNG = written(scene(400, 300), "PNG")
HTMX = {"HX-Request": "true"}
TYPED = "咖啡：\n拿铁 30\n手冲 36-48\n面食\n炸酱面 大22 小18\n打卤面 24 热卖\n满50减5"


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop()


@pytest.fixture
def owner(shop: Shop, client: Visitor) -> Visitor:
    client.sign_in("owner")
    return client


def lay(client: Visitor, shop: Shop, *photos: bytes, key: str = "k", **more: Any) -> Any:
    data: dict[str, Any] = {"idempotency_key": key}
    data["photos"] = [(BytesIO(content), f"{n}.jpg") for n, content in enumerate(photos)]
    path = f"/console/{shop.id}/menu/pages"
    return client.post(path, data=data, content_type="multipart/form-data", **more)


def laid(shop: Shop, handle: str = "owner") -> list[Photo]:
    db.session.rollback()
    account_id = factories.make_account(db.session, handle).id
    return queries.loose(db.session, account_id=account_id, shop_id=shop.id)


def write(client: Visitor, shop: Shop, text: str = TYPED, **more: str) -> Any:
    return client.post(f"/console/{shop.id}/menu/write", data={"text": text, "mode": "add", **more})


def said(body: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_pages_are_laid_once_in_their_order_and_only_their_photographer_sees_them(
    app: Flask, owner: Visitor, shop: Shop
) -> None:
    for _ in range(2):
        answer = lay(owner, shop, JPEG, PNG)
        assert (answer.status_code, answer.location) == (303, f"/console/{shop.id}/menu/write")
    assert [(one.width, one.height) for one in laid(shop)] == [(300, 400), (400, 300)]
    body = owner.get(f"/console/{shop.id}/menu/write").text
    first, second = (f"/photos/{one.id}-l.webp" for one in laid(shop))
    assert body.index(first) < body.index(second)
    assert owner.get(first).status_code == 200
    manager = Visitor(app, app.response_class)
    manager.sign_in("manager")
    begin_write()
    factories.make_role(db.session, shop, "manager", kind="manager")
    db.session.commit()
    assert manager.get(first).status_code == 404
    assert "/photos/" not in manager.get(f"/console/{shop.id}/menu/write").text
    for path in (f"/shops/{shop.id}", f"/shops/{shop.id}/menu"):
        assert first.removesuffix("-l.webp") not in owner.get(path).text


def test_htmx_gets_the_pages_and_leaves_the_text_alone(owner: Visitor, shop: Shop) -> None:
    answer = lay(owner, shop, JPEG, headers=HTMX)
    assert answer.status_code == 200
    assert 'id="pages"' in answer.text
    assert 'id="more"' in answer.text
    assert "<html" not in answer.text
    answer = lay(owner, shop, GIF, key="l", headers=HTMX)
    assert (answer.status_code, "This is a GIF." in answer.text) == (422, True)
    assert lay(owner, shop, GIF, key="m").status_code == 415


def test_no_more_than_twelve_pages_lie_there(owner: Visitor, shop: Shop) -> None:
    for key in "ab":
        assert lay(owner, shop, *[JPEG] * 6, key=key).status_code == 303
    answer = lay(owner, shop, JPEG, key="c")
    assert (answer.status_code, "At most 12 pages at a time." in answer.text) == (422, True)
    assert len(laid(shop)) == rules.MOST


def test_a_page_is_put_away_and_nothing_else_is(owner: Visitor, shop: Shop) -> None:
    lay(owner, shop, JPEG, PNG)
    begin_write()
    shown = factories.make_picture(db.session, shop, "owner").photo_id
    other = factories.make_photo(db.session, shop, "guest").id
    db.session.commit()
    path = f"/console/{shop.id}/menu/pages/drop"
    for wrong in (shown, other, "f" * 16):
        assert owner.post(path, data={"photo": wrong}).status_code == 404
    gone = laid(shop)[0].id
    assert owner.post(path, data={"photo": gone}).status_code == 303
    assert [one.width for one in laid(shop)] == [400]
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 3


def test_a_day_later_they_are_gone(owner: Visitor, shop: Shop) -> None:
    lay(owner, shop, JPEG)
    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1)):
        assert chores.drop_unused(db.session) == 1
    assert laid(shop) == []


def test_a_photo_that_the_shop_shows_can_be_typed_from(owner: Visitor, shop: Shop) -> None:
    begin_write()
    shown = factories.make_picture(db.session, shop, "owner")
    picture, photo = shown.id, shown.photo_id
    db.session.commit()
    body = owner.get(f"/console/{shop.id}/menu/write").text
    assert f"menu/write?photo={picture}" in body
    assert f"{photo}-l.webp" not in body
    assert f"{photo}-l.webp" in owner.get(f"/console/{shop.id}/menu/write?photo={picture}").text


def test_typed_lines_are_looked_at_taken_over_mended_and_undone(owner: Visitor, shop: Shop) -> None:
    before = rows(shop.id)
    where = write(owner, shop).location
    assert rows(shop.id) == before
    body = said(owner.get(where).text)
    assert "Typed lines" in body
    assert "4 good lines · 2 things to mend" in body
    assert "Row 3 · 手冲 36-48 “36-48” is a range." in body
    assert "Row 6 · 打卤面 24 热卖 “热卖” stands behind the price." in body
    assert "Look at these twice 2 Row 4 · 面食 It has no price and is read as a heading." in body
    assert "Row 7 · 满50减5 There is another number in the name, 50." in body
    assert "Mend these lines" not in body
    assert owner.post(f"{where}/apply").status_code == 303
    found = [row[2:7] for row in sorted(rows(shop.id), key=lambda row: row[1])]
    assert ("咖啡", "拿铁", "Latte", 3000, "杯") in found
    assert ("面食", "炸酱面", "", 1800, "小") in found
    mend = re.search(r'href="([^"]*/menu/write\?from=[^"]*)"', owner.get(where).text)
    assert mend is not None
    assert "咖啡:\n手冲 36-48\n\n面食:\n打卤面 24 热卖</textarea>" in owner.get(mend[1]).text
    version = re.search(r'name="version" value="(\d+)"', owner.get(where).text)
    assert version is not None
    assert owner.post(f"{where}/undo", data={"version": version[1]}).status_code == 303
    assert rows(shop.id) == before
    assert "Typed lines" in owner.get(f"/console/{shop.id}/menu").text


def test_replacing_names_what_would_go(owner: Visitor, shop: Shop) -> None:
    where = write(owner, shop, "白开水 1", mode="replace").location
    body = said(owner.get(where).text)
    assert "Taken off the menu 3" in body
    assert "instead of Free ¥1" in body


def test_what_says_nothing_is_refused_and_kept(owner: Visitor, shop: Shop) -> None:
    answer = write(owner, shop, "-----")
    assert (answer.status_code, "Write at least one line" in answer.text) == (422, True)
    assert "-----</textarea>" in answer.text
    assert "Mend these lines" in owner.get(write(owner, shop, "宫保鸡丁").location).text
    assert db.session.scalar(select(func.count()).select_from(MenuImport)) == 1


def test_others_mend_nothing(app: Flask, owner: Visitor, shop: Shop) -> None:
    where = write(owner, shop).location
    begin_write()
    other = factories.make_shop(db.session, name="Other")
    factories.make_role(db.session, other, "owner", kind="owner")
    number = other.id
    db.session.commit()
    key = where.rsplit("/", 1)[1]
    assert owner.get(f"/console/{number}/menu/write?from={key}").status_code == 404


def test_the_page_is_light_and_costs_the_same_for_one_page_or_six(owner: Visitor, shop: Shop) -> None:
    lay(owner, shop, JPEG)
    path, costs = f"/console/{shop.id}/menu/write", []
    for number in (1, 6):
        # What a fresh sign-in and a change before it cost is not this page's.
        owner.get(path)
        with counting() as statements:
            body = owner.get(path).data
        costs.append(len(statements))
        assert len(gzip.compress(body)) <= 12_000
        assert body.count(b"-l.webp") == number
        lay(owner, shop, *[PNG] * 5, key="more")
    assert costs[0] == costs[1] <= 12
