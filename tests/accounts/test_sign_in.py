"""The doors: second door, recovery, links, sign-out, where one goes on to."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.accounts.models import Account, Login, RecoveryKey
from o2o.kernel import clock
from o2o.kernel.db import db
from tests.accounts.doors import (
    field,
    make_link,
    other,
    second_door,
    statements,
    who,
)


def count(model: type) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_visitor_without_cookie_costs_no_query(client: FlaskClient) -> None:
    client.get("/sign-in")
    with statements() as said:
        assert client.get("/sign-in").status_code == 200
    assert not [text for text in said if "login" in text or "account" in text]


def test_a_signed_in_visitor_costs_one_query(client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    with statements() as said:
        client.get("/offline")
    assert len([text for text in said if "login" in text]) == 1


def test_the_second_door_needs_nothing_but_a_form(app: Flask, client: FlaskClient) -> None:
    key = second_door(client)
    assert len(key.replace("-", "")) == 26
    mine = who(client)
    assert mine
    assert key not in db.session.scalars(select(RecoveryKey.digest)).one()
    phone = other(app)
    typed = "  " + key.lower().replace("-", " ").replace("0", "O").replace("1", "l")
    assert phone.post("/sign-in/recover", data={"key": typed}).status_code == 303
    assert who(phone) == mine


def test_pressing_twice_makes_one_account_with_one_key(app: Flask, client: FlaskClient) -> None:
    form = {"nonce": field(client.get("/sign-in"), "nonce")}
    lost = other(app)
    assert lost.post("/sign-in/key", data=form).status_code == 303
    assert client.post("/sign-in/key", data=form).status_code == 303
    assert count(Account) == 1
    assert who(client) == who(lost)
    assert client.get("/me/recovery/saved").data == lost.get("/me/recovery/saved").data


def test_the_key_is_shown_until_it_is_saved_and_never_again(client: FlaskClient) -> None:
    key = second_door(client)
    assert key in client.get("/me/recovery/saved").get_data(as_text=True)
    assert key in client.get("/me/recovery/saved.txt").get_data(as_text=True)
    assert "not saved" in client.get("/me").get_data(as_text=True)
    assert client.post("/me/recovery/saved").status_code == 422
    done = client.post("/me/recovery/saved", data={"saved": "y"})
    assert done.location == "/wallet"
    for page in ("/me/recovery/saved", "/me/recovery/saved.txt"):
        assert client.get(page).location == "/me/recovery"
    assert client.post("/me/recovery/saved", data={"saved": "y"}).status_code == 303


@pytest.mark.parametrize("nonce", ["", "x", "0" * 31, "Z" * 32, "0" * 33, "٠" * 32])
def test_a_damaged_form_makes_no_account(client: FlaskClient, nonce: str) -> None:
    assert client.post("/sign-in/key", data={"nonce": nonce}).status_code == 400
    assert count(Account) == 0


def test_codes_open_once_each(app: Flask, client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    mine = who(client)
    form = {"nonce": field(client.get("/me/recovery"), "nonce")}
    assert client.post("/me/recovery/codes", data=form).status_code == 303
    codes = client.get("/me/recovery/saved.txt").get_data(as_text=True).split()[-10:]
    assert client.post("/me/recovery/codes", data=form).status_code == 303
    assert client.get("/me/recovery/saved.txt").get_data(as_text=True).split()[-10:] == codes
    phone = other(app)
    assert phone.post("/sign-in/recover", data={"key": codes[3]}).status_code == 303
    assert who(phone) == mine
    refused = other(app).post("/sign-in/recover", data={"key": codes[3]})
    assert refused.status_code == 422
    assert "this code was used" in refused.get_data(as_text=True)
    assert 'value="' + codes[3] in refused.get_data(as_text=True)
    assert other(app).post("/sign-in/recover", data={"key": codes[4]}).status_code == 303


def test_a_code_whose_answer_was_lost_opens_again_for_a_minute(app: Flask, client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    client.post("/me/recovery/codes", data={"nonce": "a" * 32})
    code = client.get("/me/recovery/saved.txt").get_data(as_text=True).split()[-1]
    form = {"key": code, "idempotency_key": "one-form"}
    assert other(app).post("/sign-in/recover", data=form).status_code == 303
    assert other(app).post("/sign-in/recover", data=form).status_code == 303
    assert other(app).post("/sign-in/recover", data=form | {"idempotency_key": "two"}).status_code == 422
    with time_machine.travel(clock.now() + timedelta(seconds=61)):
        assert other(app).post("/sign-in/recover", data=form).status_code == 422


def test_new_keys_and_codes_end_the_old_ones(app: Flask, client: FlaskClient) -> None:
    key = second_door(client)
    client.post("/me/recovery/key", data={"nonce": "b" * 32})
    assert other(app).post("/sign-in/recover", data={"key": key}).status_code == 422
    new = client.get("/me/recovery/saved.txt").get_data(as_text=True).split()[-1]
    assert other(app).post("/sign-in/recover", data={"key": new}).status_code == 303


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Type your key"),
        ("ABC", "do not know this key"),
        ("U" * 26, "do not know this key"),
        ("0" * 16, "do not know this key"),
        ("0" * 200, "too long for a key"),
        ("\u2603" * 26, "do not know this key"),
        ("' OR 1=1 --", "do not know this key"),
    ],
)
def test_wrong_keys_get_a_sentence(client: FlaskClient, typed: str, sentence: str) -> None:
    answer = client.post("/sign-in/recover", data={"key": typed})
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)
    assert who(client) is None


def test_guessing_is_stopped(client: FlaskClient) -> None:
    said = [
        client.post("/sign-in/recover", data={"key": f"{number:016d}"}).status_code for number in range(22)
    ]
    assert said == [422] * 20 + [429] * 2
    assert client.post("/sign-in/recover", data={"key": "0" * 16}).headers["Retry-After"]
    with time_machine.travel(clock.now() + timedelta(minutes=11)):
        assert client.post("/sign-in/recover", data={"key": "0" * 16}).status_code == 422


def test_a_link_signs_in_once(app: Flask, client: FlaskClient) -> None:
    token = make_link()
    before = count(Login)
    for _visit in range(2):
        assert client.get(f"/sign-in/{token}").status_code == 200
    assert count(Login) == before
    assert who(client) is None
    assert client.post(f"/sign-in/{token}").status_code == 303
    assert who(client)
    for answer in (other(app).get(f"/sign-in/{token}"), other(app).post(f"/sign-in/{token}")):
        assert answer.status_code == 410
        assert "used or has expired" in answer.get_data(as_text=True)


def test_a_link_ends_after_ten_minutes(client: FlaskClient) -> None:
    token = make_link()
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1)):
        assert client.get(f"/sign-in/{token}").status_code == 410
        assert client.post(f"/sign-in/{token}").status_code == 410
    assert client.get("/sign-in/never-was-a-link").status_code == 410


def test_a_link_pressed_twice_signs_in(app: Flask, client: FlaskClient) -> None:
    token = make_link()
    form = {"idempotency_key": field(client.get(f"/sign-in/{token}"), "idempotency_key")}
    lost = other(app)
    assert lost.post(f"/sign-in/{token}", data=form).status_code == 303
    assert client.post(f"/sign-in/{token}", data=form).status_code == 303
    assert who(client)
    assert other(app).post(f"/sign-in/{token}", data={"idempotency_key": "other"}).status_code == 410


@pytest.mark.parametrize("is_signed_in", [False, True])
def test_a_ceremony_asked_for_late_undoes_no_sign_in(client: FlaskClient, is_signed_in: bool) -> None:
    """The browser's own offer of a passkey is asked for by the page, and answered after a sign-in went through."""
    if is_signed_in:
        second_door(client)
    client.get("/sign-in?fresh=1")
    answer = client.post("/sign-in/passkey/options", json={}, headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
