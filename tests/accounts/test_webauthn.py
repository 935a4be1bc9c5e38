"""Passkey ceremonies, good and bad, through the doors that browsers use."""

import secrets
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from o2o.accounts.models import Account, Challenge, Passkey
from o2o.kernel import clock
from o2o.kernel.db import db
from tests.accounts.authenticator import BE, BS, UP, UV, Authenticator, b64
from tests.accounts.doors import post_json, register, sign_in, who
from tests.visitor import Visitor


def refused(answer) -> None:  # type: ignore[no-untyped-def]
    assert answer.status_code == 400, answer.get_data(as_text=True)
    body = answer.get_json()
    assert body["code"] in ("bad_passkey", "unknown_passkey")
    assert body["title"].endswith(".")


def test_a_passkey_makes_an_account_and_opens_it_again(client: FlaskClient) -> None:
    key = Authenticator()
    made = register(client, key)
    assert made.get_json() == {"location": "/me"}
    first = who(client)
    assert first
    client.post("/sign-out")
    assert who(client) is None
    assert sign_in(client, key).status_code == 200
    assert who(client) == first
    assert db.session.scalars(select(Passkey)).one().transports == "hybrid,internal"
    assert db.session.scalars(select(Challenge)).all() == []


def test_the_options_ask_for_what_the_design_says(client: FlaskClient) -> None:
    options = post_json(client, "/sign-in/account/options").get_json()
    assert options["rp"]["id"] == "localhost"
    assert options["attestation"] == "none"
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert options["authenticatorSelection"]["userVerification"] == "required"
    assert len(options["user"]["id"]) >= 43
    assert "handle" not in options["user"]["name"]
    asked = post_json(client, "/sign-in/passkey/options").get_json()
    assert asked["userVerification"] == "required"
    assert asked["allowCredentials"] == []


@pytest.mark.parametrize(
    "spoil",
    [
        {"crossOrigin": True},
        {"crossOrigin": "yes"},
        {"topOrigin": "https://evil.example"},
        {"origin": "http://evil.example"},
        {"origin": "http://localhost.evil.example"},
        {"type": "webauthn.get"},
        {"challenge": b64(bytes(32))},
        {"flags": UP},
        {"flags": UV},
        {"flags": UP | UV | BS},
    ],
)
def test_bad_registrations_make_nothing(client: FlaskClient, spoil: dict[str, object]) -> None:
    refused(register(client, Authenticator(), **spoil))
    assert who(client) is None
    assert db.session.scalars(select(Account)).all() == []


@pytest.mark.parametrize(
    "spoil",
    [
        {"crossOrigin": True},
        {"topOrigin": "http://localhost"},
        {"origin": "https://localhost"},
        {"type": "webauthn.create"},
        {"challenge": b64(bytes(32))},
        {"flags": UP | BE | BS},
        {"flags": UP | UV},
        {"flags": UP | UV | BS},
        {"handle": b"somebody else"},
        {"handle": b""},
    ],
)
def test_bad_answers_open_nothing(client: FlaskClient, spoil: dict[str, object]) -> None:
    key = Authenticator()
    register(client, key)
    client.post("/sign-out")
    refused(sign_in(client, key, **spoil))
    assert who(client) is None


def test_another_key_under_the_same_id_opens_nothing(client: FlaskClient) -> None:
    key, thief = Authenticator(), Authenticator()
    register(client, key)
    client.post("/sign-out")
    thief.id, thief.handle = key.id, key.handle
    refused(sign_in(client, thief))


def test_a_known_credential_makes_no_second_account(client: FlaskClient) -> None:
    key = Authenticator()
    register(client, key)
    client.post("/sign-out")
    again = register(client, key)
    assert again.status_code == 409
    assert len(db.session.scalars(select(Account)).all()) == 1


def test_an_answer_counts_once(client: FlaskClient) -> None:
    key = Authenticator()
    register(client, key)
    client.post("/sign-out")
    options = post_json(client, "/sign-in/passkey/options").get_json()
    body = {"credential": key.get(options)}
    assert post_json(client, "/sign-in/passkey", body).status_code == 200
    client.post("/sign-out")
    refused(post_json(client, "/sign-in/passkey", body))


def test_a_failed_answer_spends_its_challenge(client: FlaskClient) -> None:
    key = Authenticator()
    register(client, key)
    client.post("/sign-out")
    options = post_json(client, "/sign-in/passkey/options").get_json()
    refused(post_json(client, "/sign-in/passkey", {"credential": key.get(options, handle=b"x")}))
    refused(post_json(client, "/sign-in/passkey", {"credential": key.get(options)}))


def test_a_challenge_is_bound_to_purpose_browser_and_time(app: Flask, client: FlaskClient) -> None:
    key = Authenticator()
    register(client, key)
    client.post("/sign-out")
    other = Visitor(app, app.response_class)
    options = post_json(other, "/sign-in/passkey/options").get_json()
    refused(post_json(client, "/sign-in/passkey", {"credential": key.get(options)}))
    making = post_json(client, "/sign-in/account/options").get_json()
    refused(post_json(client, "/sign-in/passkey", {"credential": key.get(making)}))
    late = post_json(client, "/sign-in/passkey/options").get_json()
    with time_machine.travel(clock.now() + timedelta(minutes=5, seconds=1)):
        refused(post_json(client, "/sign-in/passkey", {"credential": key.get(late)}))


def test_two_ceremonies_of_one_page_do_not_disturb_each_other(client: FlaskClient) -> None:
    key = Authenticator()
    register(client, key)
    client.post("/sign-out")
    first = post_json(client, "/sign-in/passkey/options").get_json()
    post_json(client, "/sign-in/passkey/options")
    assert post_json(client, "/sign-in/passkey", {"credential": key.get(first)}).status_code == 200


def test_a_counter_that_goes_back_is_refused(client: FlaskClient) -> None:
    key = Authenticator()
    key.count = 7
    register(client, key)
    client.post("/sign-out")
    refused(sign_in(client, key))
    key.count = 8
    assert sign_in(client, key).status_code == 200


GARBAGE = [
    None,
    [],
    "x",
    {},
    {"credential": None},
    {"credential": {}},
    {"credential": {"response": {}}},
    {"credential": {"id": "a", "rawId": "a", "type": "public-key", "response": {"clientDataJSON": "!!"}}},
    {"credential": {"id": 1, "rawId": 2, "type": 3, "response": 4}},
    {"credential": {"response": {"clientDataJSON": b64(b"[" * 5000)}}},
    {"credential": {"response": {"clientDataJSON": b64(b'{"challenge": 7}')}}},
    {"credential": {"response": {"clientDataJSON": b64(b"\xff\xfe")}}},
]


@pytest.mark.parametrize("door", ["/sign-in/passkey", "/sign-in/account"])
@pytest.mark.parametrize("body", GARBAGE)
def test_garbage_gets_a_sentence(client: FlaskClient, door: str, body: object) -> None:
    post_json(client, f"{door}/options")
    refused(post_json(client, door, body))


def test_garbage_with_a_good_challenge_gets_a_sentence(client: FlaskClient) -> None:
    key = Authenticator()
    for spoil in ("", "AA", b64(b"\xa0"), b64(b"\xbf" * 300), "\u2603", b64(secrets.token_bytes(200))):
        options = post_json(client, "/sign-in/account/options").get_json()
        credential = key.create(options)
        credential["response"]["attestationObject"] = spoil
        refused(post_json(client, "/sign-in/account", {"credential": credential}))
    register(client, key)
    client.post("/sign-out")
    for name in ("authenticatorData", "signature", "userHandle"):
        for value in ("", "A", 7, [], {}, b64(bytes(40))):
            options = post_json(client, "/sign-in/passkey/options").get_json()
            credential = key.get(options)
            credential["response"][name] = value
            refused(post_json(client, "/sign-in/passkey", {"credential": credential}))


def test_localhost_works_on_any_port(app: Flask, client: FlaskClient) -> None:
    key = Authenticator(origin="http://localhost:8123")
    base = "http://localhost:8123"
    options = client.post("/sign-in/account/options", base_url=base).get_json()
    body = {"credential": key.create(options)}
    assert client.post("/sign-in/account", json=body, base_url=base).status_code == 200


def test_more_passkeys_on_one_account(client: FlaskClient) -> None:
    first, second = Authenticator(), Authenticator()
    register(client, first)
    mine = who(client)
    assert mine
    answer = post_json(client, "/me/passkeys/options")
    options = answer.get_json()
    assert [known["id"] for known in options["excludeCredentials"]] == [b64(first.id)]
    assert register(client, second, door="/me/passkeys").get_json() == {"location": "/me/passkeys"}
    client.post("/sign-out")
    assert sign_in(client, second).status_code == 200
    assert who(client) == mine


def test_confirming_takes_ones_own_passkey_only(app: Flask, client: FlaskClient) -> None:
    own, foreign = Authenticator(), Authenticator()
    register(Visitor(app, app.response_class), foreign)
    register(client, own)
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        assert client.post("/me/passkeys/options", headers={"Accept": "application/json"}).status_code == 401
        options = post_json(client, "/sign-in/passkey/options").get_json()
        assert [known["id"] for known in options["allowCredentials"]] == [b64(own.id)]
        refused(post_json(client, "/sign-in/passkey", {"credential": foreign.get(options)}))
        assert sign_in(client, own).status_code == 200
        assert post_json(client, "/me/passkeys/options").status_code == 200
