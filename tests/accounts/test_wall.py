"""A step that asks for proof: whoever stands before it gets through by a door of theirs, and back where they were."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.accounts import queries, recovery, rules
from o2o.accounts.models import Login, Passkey, RecoveryKey
from o2o.accounts.sign_in import way_back
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from tests.accounts.authenticator import Authenticator
from tests.accounts.doors import make_link, other, post_json, register, second_door, sign_in, who
from tests.accounts.test_next import EVIL
from tests.factories import make_account, make_role, make_shop
from tests.racers import race
from tests.visitor import Visitor

LATER = timedelta(minutes=6)


@pytest.fixture
def payout(app: Flask) -> str:
    """Give the address of a page that asks for a fresh sign-in; the shop is the one of "owner"."""
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", "owner")
    where = f"/console/{shop.id}/payout"
    db.session.commit()
    return where


def at_the_wall(client: FlaskClient, payout: str) -> str:
    """Go to a step that asks, and return the page that does."""
    asked = client.get(payout)
    assert asked.location == f"/sign-in?next={payout}&fresh=1"
    return client.get(asked.location).get_data(as_text=True)


def came_by_link(app: Flask, handle: str = "owner") -> Visitor:
    found = Visitor(app, app.response_class)
    found.sign_in(handle)
    return found


def count(model: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_who_came_by_a_link_makes_a_passkey_and_goes_on(app: Flask, payout: str) -> None:
    owner, key = came_by_link(app), Authenticator()
    me = who(owner)
    with time_machine.travel(clock.now() + LATER):
        page = at_the_wall(owner, payout)
        assert "Add a passkey and go on" in page
        assert 'data-verify-url="/sign-in/first/passkey?next=%2Fconsole' in page
        options = post_json(owner, "/sign-in/first/passkey/options").get_json()
        done = post_json(owner, f"/sign-in/first/passkey?next={payout}", {"credential": key.create(options)})
        assert done.get_json() == {"location": payout}
        assert owner.get(payout).status_code == 200
        assert who(owner) == me
        other_phone = other(app)
        assert sign_in(other_phone, key).status_code == 200
        assert who(other_phone) == me
    assert count(Passkey) == 1


def test_without_passkeys_a_recovery_key_does_it(app: Flask, payout: str) -> None:
    owner = came_by_link(app)
    with time_machine.travel(clock.now() + LATER):
        page = at_the_wall(owner, payout)
        assert "Take a recovery key instead" in page
        for _twice in range(2):
            shown = owner.post("/sign-in/first/key", data={"nonce": "e" * 32, "next": payout})
            assert shown.location == "/me/recovery/saved"
        assert owner.post("/me/recovery/saved", data={"saved": "y"}).location == payout
        assert owner.get(payout).status_code == 200
    assert count(RecoveryKey) == 1


def test_a_recovery_key_opens_the_step_and_a_passkey_may_follow(app: Flask, client: FlaskClient) -> None:
    key = second_door(client)
    with time_machine.travel(clock.now() + LATER):
        page = client.get("/sign-in?fresh=1&next=/me/recovery").get_data(as_text=True)
        assert "Confirm, then add a passkey" in page
        assert "/sign-in/first/" not in page
        sent = {"key": key, "next": "/console/7/payout?a=1", "then": "passkey"}
        on = client.post("/sign-in/recover", data=sent).location
        assert on == "/me/passkeys?next=%2Fconsole%2F7%2Fpayout%3Fa%3D1"
        page = client.get(on).get_data(as_text=True)
        assert 'href="/console/7/payout?a=1"' in page
        assert "Go on without one" in page
        options = post_json(client, "/me/passkeys/options").get_json()
        made = post_json(client, on, {"credential": Authenticator().create(options)})
        assert made.get_json() == {"location": "/console/7/payout?a=1"}
        page = client.get("/sign-in?fresh=1&next=/me/recovery").get_data(as_text=True)
        assert "then add a passkey" not in page
        assert "Confirm with a passkey" in page


@pytest.mark.parametrize("evil", EVIL)
def test_the_wall_sends_nobody_to_strangers(app: Flask, payout: str, evil: str) -> None:
    owner, key = came_by_link(app), second_door(other(app))
    options = post_json(owner, "/sign-in/first/passkey/options").get_json()
    credential = {"credential": Authenticator().create(options)}
    made = owner.post("/sign-in/first/passkey", query_string={"next": evil}, json=credential)
    assert made.get_json() == {"location": "/me"}
    page = owner.get("/me/passkeys", query_string={"next": evil}).get_data(as_text=True)
    assert 'data-verify-url="/me/passkeys"' in page
    assert ">Go on<" not in page
    options = post_json(owner, "/me/passkeys/options").get_json()
    credential = {"credential": Authenticator().create(options)}
    again = owner.post("/me/passkeys", query_string={"next": evil}, json=credential)
    assert again.get_json() == {"location": "/me/passkeys"}
    on = other(app).post("/sign-in/recover", data={"key": key, "next": evil, "then": "passkey"})
    assert on.location == "/me/passkeys?next=%2Fme"
    third = came_by_link(app, "third")
    assert third.post("/sign-in/first/key", data={"nonce": "d" * 32, "next": evil}).status_code == 303
    assert third.post("/me/recovery/saved", data={"saved": "y"}).location == "/me"


@pytest.mark.parametrize("door", ["passkey", "key"])
def test_whoever_has_a_door_makes_no_first_one(app: Flask, payout: str, door: str) -> None:
    owner = came_by_link(app)
    waiting = post_json(owner, "/sign-in/first/passkey/options").get_json()
    if door == "passkey":
        register(owner, Authenticator(), door="/me/passkeys")
    else:
        owner.post("/me/recovery/key", data={"nonce": "b" * 32})
        owner.post("/me/recovery/saved", data={"saved": "y"})
    before = (count(Passkey), count(RecoveryKey))
    with time_machine.travel(clock.now() + timedelta(minutes=4)):
        credential = {"credential": Authenticator().create(waiting)}
        assert post_json(owner, "/sign-in/first/passkey", credential).status_code == 409
    with time_machine.travel(clock.now() + LATER):
        assert "/sign-in/first/" not in at_the_wall(owner, payout)
        assert post_json(owner, "/sign-in/first/passkey/options").status_code == 409
        assert owner.post("/sign-in/first/key", data={"nonce": "f" * 32}).status_code == 409
        assert owner.get(payout).location.endswith("fresh=1")
    assert (count(Passkey), count(RecoveryKey)) == before


def test_the_platform_has_the_shell(app: Flask) -> None:
    operator = came_by_link(app, "operator")
    with time_machine.travel(clock.now() + LATER):
        page = operator.get("/sign-in?fresh=1&next=/operator").get_data(as_text=True)
        assert "server&#39;s shell" in page
        assert "/sign-in/first/" not in page
        assert post_json(operator, "/sign-in/first/passkey/options").status_code == 409
        assert operator.post("/sign-in/first/key", data={"nonce": "f" * 32}).status_code == 409
    assert (count(Passkey), count(RecoveryKey)) == (0, 0)


def test_strangers_make_nothing(app: Flask) -> None:
    nobody = other(app)
    assert post_json(nobody, "/sign-in/first/passkey/options").status_code == 401
    assert nobody.post("/sign-in/first/key", data={"nonce": "f" * 32}).location.startswith("/sign-in?")
    assert count(RecoveryKey) == 0


def test_somebody_elses_key_confirms_nothing(app: Flask, client: FlaskClient) -> None:
    foreign, mine = second_door(other(app)), second_door(client)
    me = who(client)
    with time_machine.travel(clock.now() + LATER):
        answer = client.post("/sign-in/recover", data={"key": foreign, "next": "/me/recovery"})
        assert answer.status_code == 422
        assert "another account" in answer.get_data(as_text=True)
        assert who(client) == me
        assert client.post("/me/recovery/key", data={"nonce": "e" * 32}).location.endswith("asked=1")
        assert client.post("/sign-in/recover", data={"key": mine}).status_code == 303
        assert who(client) == me


def test_back_leads_to_a_page_that_asks_nothing(app: Flask, payout: str) -> None:
    owner = came_by_link(app)
    with time_machine.travel(clock.now() + LATER):
        page = at_the_wall(owner, payout)
    desk = payout.removesuffix("/payout")
    assert f'href="{desk}"' in page
    assert f'href="{payout}"' not in page
    for address, wanted in (
        (f"{desk}/guests?a=1", f"{desk}/guests?a=1"),
        (f"{desk}/staff?a=1", desk),
        ("/nowhere/at/all", "/"),
        ("/me/x", "/me"),
        ("/", "/"),
    ):
        assert way_back(address) == wanted


# What would hand an account, a shop or its money to whoever holds an unlocked phone.
IMPORTANT = {
    "accounts.passkey_options", "accounts.add_passkey", "accounts.remove_passkey",
    "recovery.new_key", "recovery.new_codes",
    "payouts_console.payout", "payouts_console.save",
    "shops_console.invite", "shops_console.withdraw", "shops_console.change", "shops_console.end",
}  # fmt: skip


def test_important_steps_ask_for_a_sign_in_of_five_minutes(app: Flask) -> None:
    policies = app.extensions["o2o.policies"]
    assert {name: policies[name].fresh for name in IMPORTANT} == dict.fromkeys(IMPORTANT, 5)


def test_a_passkey_begun_in_time_is_not_added_too_late(app: Flask) -> None:
    owner, start = came_by_link(app), clock.now()
    with time_machine.travel(start + timedelta(minutes=4)):
        options = post_json(owner, "/me/passkeys/options").get_json()
    with time_machine.travel(start + timedelta(minutes=6)):
        credential = {"credential": Authenticator().create(options)}
        assert post_json(owner, "/me/passkeys", credential).status_code == 401
    assert count(Passkey) == 0


def test_two_first_keys_at_once_are_one(app: Flask, session: Session) -> None:
    begin_write()
    account_id = make_account(db.session, "bare").id
    db.session.commit()

    def take(session: Session, number: int) -> None:
        begin_write()
        recovery.first_key(session, account_id=account_id, key=f"{number:026d}")
        session.commit()

    assert race(app, take, times=8) == {"ok": 1, "has_door": 7}
    with pytest.raises(RuleBroken, match="has_door"):
        queries.check_doorless(db.session, account_id=account_id)


def test_a_link_is_fresh_and_meets_no_wall(app: Flask, payout: str) -> None:
    client = other(app)
    assert client.post(f"/sign-in/{make_link('newcomer')}").status_code == 303
    assert client.post("/me/recovery/key", data={"nonce": "e" * 32}).location == "/me/recovery/saved"
    assert count(Login) == 1
    assert rules.LINK_GONE
