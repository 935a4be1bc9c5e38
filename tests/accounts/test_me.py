"""A person's own pages: passkeys, devices, freshness; what others may not touch."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from o2o.accounts.models import Login, Passkey
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from tests.accounts.authenticator import Authenticator
from tests.accounts.doors import register, second_door, sign_in, statements, who
from tests.visitor import Visitor

PAGES = ("", "/passkeys", "/sessions", "/recovery", "/erase", "/export")


def other(app: Flask) -> Visitor:
    return Visitor(app, app.response_class)


def passkey_ids() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Passkey.id).order_by(Passkey.id)))


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_every_page_shows(client: FlaskClient, page: str, language: str) -> None:
    register(client, Authenticator())
    answer = client.get(f"/me{page}", headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert answer.headers.get("X-O2O-Cache", "none") == "none"


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_sent_to_the_door(client: FlaskClient, page: str) -> None:
    assert client.get(f"/me{page}").location == f"/sign-in?next=/me{page}"


def test_the_hub_shows_the_operator_the_way(app: Flask, client: FlaskClient) -> None:
    client.sign_in("operator")  # type: ignore[attr-defined]
    assert 'href="/operator"' in client.get("/me").get_data(as_text=True)
    guest = other(app)
    guest.sign_in("guest")
    assert 'href="/operator"' not in guest.get("/me").get_data(as_text=True)


def test_the_hub_asks_no_more_with_more_devices(app: Flask, client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    client.get("/me")
    db.session.rollback()
    with statements() as with_one:
        client.get("/me")
    for _device in range(3):
        other(app).sign_in("guest")
    db.session.rollback()
    with statements() as with_four:
        client.get("/me")
    assert len(with_one) == len(with_four) <= 13  # one question a room that has a line there
    db.session.rollback()
    with statements() as listed:
        assert client.get("/me/sessions").get_data(as_text=True).count("<li>") == 4
    assert len(listed) <= 5


def test_a_passkey_is_renamed_by_its_owner_only(app: Flask, client: FlaskClient) -> None:
    register(client, Authenticator())
    (mine,) = passkey_ids()
    assert client.post(f"/me/passkeys/{mine}/name", data={"label": " 钱包手机 <b> "}).status_code == 303
    page = client.get("/me/passkeys").get_data(as_text=True)
    assert "钱包手机 &lt;b&gt;</h2>" in page
    for label in ("", " ", "x" * 61):
        assert client.post(f"/me/passkeys/{mine}/name", data={"label": label}).status_code == 422
    thief = other(app)
    register(thief, Authenticator())
    assert thief.post(f"/me/passkeys/{mine}/name", data={"label": "mine"}).status_code == 404
    assert thief.post(f"/me/passkeys/{mine}/remove").status_code == 404
    assert thief.post("/me/passkeys/999999/remove").status_code == 404
    assert len(passkey_ids()) == 2


def test_the_last_way_in_stays(client: FlaskClient) -> None:
    first, second = Authenticator(), Authenticator()
    register(client, first)
    (only,) = passkey_ids()
    client.post("/me/recovery/codes", data={"nonce": "d" * 32})
    refused = client.post(f"/me/passkeys/{only}/remove")
    assert refused.status_code == 409
    assert "only way into your account" in refused.get_data(as_text=True)
    register(client, second, door="/me/passkeys")
    assert client.post(f"/me/passkeys/{only}/remove").status_code == 303
    assert client.post(f"/me/passkeys/{only}/remove").status_code == 404
    client.post("/sign-out")
    assert sign_in(client, first).status_code == 400
    assert sign_in(client, second).status_code == 200


def test_with_a_recovery_key_every_passkey_may_go(client: FlaskClient) -> None:
    second_door(client)
    register(client, Authenticator(), door="/me/passkeys")
    (only,) = passkey_ids()
    assert client.post(f"/me/passkeys/{only}/remove").status_code == 303
    assert passkey_ids() == []


IMPORTANT = ("/passkeys/1/remove", "/recovery/key", "/recovery/codes", "/erase")


@pytest.mark.parametrize("path", IMPORTANT)
def test_important_steps_ask_again_after_five_minutes(client: FlaskClient, path: str) -> None:
    key = second_door(client)
    later = clock.now() + timedelta(minutes=5, seconds=1)
    with time_machine.travel(later):
        asked = client.post(f"/me{path}", data={"nonce": "e" * 32, "sure": "y"})
        assert asked.status_code == 303
        assert "fresh=1" in asked.location
        assert "Confirm that it is you" in client.get(asked.location).get_data(as_text=True)
        assert client.post("/sign-in/recover", data={"key": key}).status_code == 303
        done = client.post(f"/me{path}", data={"nonce": "e" * 32, "sure": "y"})
        assert "fresh=1" not in (done.location or "")


def test_who_can_prove_nothing_may_make_a_first_key(client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    page = client.get("/sign-in?fresh=1&next=/me/passkeys").get_data(as_text=True)
    assert "Add your first key" in page
    assert 'name="key"' not in page


def test_devices_are_listed_and_ended(app: Flask, client: FlaskClient) -> None:
    key = Authenticator()
    register(client, key)
    phone, tablet, stranger = other(app), other(app), other(app)
    sign_in(phone, key)
    sign_in(tablet, key)
    register(stranger, Authenticator())
    db.session.rollback()
    rows = db.session.scalars(select(Login).order_by(Login.created_at, Login.digest)).all()
    here = next(row.public_id for row in rows)
    ids = [row.public_id for row in rows if row.account_id == rows[0].account_id and row.public_id != here]
    assert client.get("/me/sessions").get_data(as_text=True).count('/end"') == 2
    assert stranger.post(f"/me/sessions/{ids[0]}/end").status_code == 404
    assert client.post(f"/me/sessions/{ids[0]}/end").status_code == 303
    assert client.post(f"/me/sessions/{ids[0]}/end").status_code == 303
    assert [who(phone), who(tablet)].count(None) == 1
    assert client.post("/me/sessions/end-others").status_code == 303
    assert who(phone) is who(tablet) is None
    assert who(client)
    assert who(stranger)


def test_a_device_is_named_by_its_browser(client: FlaskClient) -> None:
    phone = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36 MicroMessenger/8.0"
    client.post("/sign-in/key", data={"nonce": "f" * 32}, headers={"User-Agent": phone})
    client.post("/me/recovery/saved", data={"saved": "y"})
    assert "WeChat · Android" in client.get("/me/sessions").get_data(as_text=True)


def test_the_chosen_till_stays_when_one_confirms(client: FlaskClient) -> None:
    from o2o.accounts import rules

    key = second_door(client)
    begin_write()
    login = db.session.scalars(select(Login)).one()
    rules.choose_shop(db.session, public_id=login.public_id, shop_id=7)
    db.session.commit()
    client.post("/sign-in/recover", data={"key": key})
    db.session.rollback()
    rows = db.session.scalars(select(Login)).all()
    assert [row.shop_id for row in rows] == [7, 7]
    assert [row.ended_at is None for row in rows].count(True) == 1
