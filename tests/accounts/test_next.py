"""Where one goes on to, and how a login ends."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from o2o.accounts.models import Login
from o2o.kernel import clock
from o2o.kernel.db import db
from tests.accounts.authenticator import Authenticator
from tests.accounts.doors import cookie_of, field, make_link, other, post_json, register, second_door, who

EVIL = [
    "//evil.example",
    "https://evil.example",
    "http:evil.example",
    "/\\evil.example",
    "/\tevil.example",
    "\\/evil.example",
    "/ /evil.example",
    "/%2fevil.example",
    "/%5cevil.example",
    "/.//evil.example",
    "/..//evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/\u3002evil",
    "/\uff0fevil",
    "@evil.example",
    "/\r\nLocation: //evil.example",
]


@pytest.mark.parametrize("evil", EVIL)
def test_nobody_is_sent_to_strangers(app: Flask, client: FlaskClient, evil: str) -> None:
    page = client.get("/sign-in", query_string={"next": evil})
    assert 'name="next" value="/me"' in page.get_data(as_text=True)
    assert (
        client.post("/sign-in/key", data={"nonce": "c" * 32, "next": evil}).location == "/me/recovery/saved"
    )
    assert client.post("/me/recovery/saved", data={"saved": "y"}).location == "/me"
    assert client.get("/sign-in", query_string={"next": evil}).location == "/me"
    key = Authenticator()
    options = post_json(client, "/sign-in/account/options").get_json()
    fresh = other(app)
    options = post_json(fresh, "/sign-in/account/options").get_json()
    made = fresh.post(
        "/sign-in/account", query_string={"next": evil}, json={"credential": key.create(options)}
    )
    assert made.get_json() == {"location": "/me"}
    assert other(app).post(f"/sign-in/{make_link()}", data={"next": evil}).location == "/me"


def test_next_is_kept_through_all_steps(app: Flask, client: FlaskClient) -> None:
    asked = client.get("/me/passkeys")
    assert asked.location == "/sign-in?next=/me/passkeys"
    page = client.get("/sign-in?next=/offers/7%3Fa%3D1%26b%3D2").get_data(as_text=True)
    assert page.count('name="next" value="/offers/7?a=1&amp;b=2"') == 2
    assert page.count("next=%2Foffers%2F7%3Fa%3D1%26b%3D2") == 2
    link = client.get(f"/sign-in/{make_link()}?next=/inbox")
    assert field(link, "next") == "/inbox"


def test_who_was_refused_hears_that_nothing_was_sent(client: FlaskClient) -> None:
    asked = client.post("/inbox/read", data={"up_to": "1"})
    assert asked.status_code == 303
    assert "nothing was sent" in client.get(asked.location).get_data(as_text=True)


def test_a_stolen_cookie_is_dead_after_sign_out(app: Flask, client: FlaskClient) -> None:
    register(client, Authenticator())
    thief = other(app)
    thief.set_cookie("o2o", cookie_of(client))
    assert who(thief)
    answer = client.post("/sign-out")
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert who(client) is None
    assert who(thief) is None
    assert client.post("/sign-out").status_code == 303


def test_signing_in_again_gives_a_new_id_and_ends_the_old(app: Flask, client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    before = cookie_of(client)
    client.sign_in("guest")  # type: ignore[attr-defined]
    assert cookie_of(client) != before
    thief = other(app)
    thief.set_cookie("o2o", before)
    assert who(thief) is None
    assert who(client)


def test_a_login_ends_when_idle_and_when_old(client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    start = clock.now()
    with time_machine.travel(start + timedelta(days=31), tick=False):
        assert who(client) is None
    client.sign_in("guest")  # type: ignore[attr-defined]
    for days in range(20, 180, 20):
        with time_machine.travel(start + timedelta(days=days), tick=False):
            assert who(client), days
    with time_machine.travel(start + timedelta(days=180, minutes=1), tick=False):
        assert who(client) is None


def test_looking_around_writes_nothing(client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    db.session.rollback()
    before = db.session.scalars(select(Login.seen_at)).one()
    with time_machine.travel(clock.now() + timedelta(days=2)):
        client.get("/me")
        db.session.rollback()
        assert db.session.scalars(select(Login.seen_at)).one() == before
        client.post("/inbox/read", data={"up_to": "1"})
        db.session.rollback()
        assert db.session.scalars(select(Login.seen_at)).one() > before


def test_answers_that_open_doors_are_kept_nowhere(client: FlaskClient) -> None:
    assert client.get("/sign-in").headers["Cache-Control"] == "no-store"
    second_door(client)
    for page in ("/me/recovery/saved", "/me/recovery/saved.txt", "/me/export"):
        assert client.get(page).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("referrer", "wanted"),
    [
        ("http://localhost/offers/7?a=1", "next=/offers/7&"),
        ("http://localhost//evil.example", "next=/&"),
        ("http://localhost", "next=/&"),
        ("nonsense", "next=/&"),
        ("", "next=/&"),
    ],
)
def test_a_refused_post_leads_back_to_its_page(client: FlaskClient, referrer: str, wanted: str) -> None:
    asked = client.post("/inbox/read", data={"up_to": "1"}, headers={"Referer": referrer})
    assert wanted in asked.location
