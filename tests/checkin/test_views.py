"""The door of a poster and the page of a visit, as a browser gets them."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from time_machine import travel

from o2o.accounts.queries import account_by_handle
from o2o.checkin import rules
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.shops.queries import guest_alias
from tests.checkin.pressing import opened, press, visits
from tests.factories import make_poster, make_shop, make_visit
from tests.visitor import visitor

ZH = {"Accept-Language": "zh-CN"}
GONE = "This code is no longer valid"
NOON = datetime(2026, 7, 1, 4, 3, tzinfo=UTC)


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


def test_a_visit_is_shown_to_nobody_else(app: Flask, code: str) -> None:
    mine = press(visitor(app, "guest"), code).location
    for other in ("stranger", "staff", "owner"):
        assert visitor(app, other).get(mine).status_code == 404


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
