"""Whatever newly opens an account says so in its inbox: an open login makes no key in secret."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.accounts import recovery
from o2o.accounts.models import Login
from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write, db
from o2o.notifications.models import Message
from tests.accounts.authenticator import Authenticator
from tests.accounts.doors import post_json, register, second_door
from tests.factories import make_account
from tests.visitor import Visitor


def told(session: Session, handle: str) -> list[tuple[str, str]]:
    session.rollback()
    mine = select(Message.kind, Message.link).where(Message.account_id == make_account(session, handle).id)
    return [(row[0], row[1]) for row in session.execute(mine.order_by(Message.id))]


def came_by_link(app: Flask) -> Visitor:
    found = Visitor(app, app.response_class)
    found.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
    found.sign_in("owner")
    return found


def test_a_first_key_is_told_once_however_often_it_is_sent(session: Session) -> None:
    account_id = make_account(session, "owner").id
    for _twice in range(2):
        recovery.first_key(session, account_id=account_id, key="K" * 32)
        session.commit()
        journal.deliver(session)
        begin_write(session)
    assert told(session, "owner") == [("door.key", "/me/recovery")]
    begin_write(session)
    recovery.replace_key(session, account_id=account_id, key="L" * 32)
    session.commit()
    journal.deliver(session)
    assert told(session, "owner") == [("door.key", "/me/recovery")] * 2


@pytest.mark.parametrize("door", ["passkey", "key"])
def test_the_first_door_is_told_to_every_device_of_its_person(app: Flask, door: str) -> None:
    """The other device stays signed in, as after any new passkey, and finds the news and the way to end the rest."""
    intruder, person = came_by_link(app), came_by_link(app)
    with time_machine.travel(clock.now() + timedelta(minutes=6)):
        if door == "passkey":
            options = post_json(intruder, "/sign-in/first/passkey/options").get_json()
            made = {"credential": Authenticator().create(options)}
            assert post_json(intruder, "/sign-in/first/passkey", made).status_code == 200
        else:
            assert intruder.post("/sign-in/first/key", data={"nonce": "e" * 32}).status_code == 303
        page = person.get("/inbox").get_data(as_text=True)
    name = {"passkey": "A new passkey opens your account", "key": "A new recovery key opens your account"}
    assert name[door] in page
    assert "sign all other devices out" in page
    assert len(told(db.session, "owner")) == 1
    logins = select(Login).where(Login.account_id == make_account(db.session, "owner").id)
    live = [row for row in db.session.scalars(logins) if row.ended_at is None]
    assert len(live) == 2, "the login that made the door went on under a new id"


def test_one_more_passkey_is_told_and_the_one_that_made_the_account_is_not(app: Flask) -> None:
    guest = Visitor(app, app.response_class)
    register(guest, Authenticator())
    assert db.session.scalars(select(Message)).all() == []
    register(guest, Authenticator(), door="/me/passkeys")
    db.session.rollback()
    assert [row.kind for row in db.session.scalars(select(Message))] == ["door.passkey"]
    other = Visitor(app, app.response_class)
    second_door(other)
    db.session.rollback()
    assert db.session.scalars(select(Message.kind)).all() == ["door.passkey"], "nor the key that made one"
