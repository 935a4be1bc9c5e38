"""Walk through the doors like a browser's script or a person without one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from o2o.accounts import rules
from o2o.kernel.db import begin_write, db
from tests.accounts.authenticator import Authenticator
from tests.visitor import Visitor

JSON = {"Accept": "application/json"}


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SQL that runs inside."""
    said: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        said.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def post_json(client: FlaskClient, url: str, body: Any = None) -> TestResponse:
    return client.post(url, json=body, headers=JSON)


def register(
    client: FlaskClient, key: Authenticator, *, door: str = "/sign-in/account", **spoil: Any
) -> TestResponse:
    """Make a passkey at a door: a new account, or /me/passkeys for one's own."""
    options = post_json(client, f"{door}/options").get_json()
    return post_json(client, door, {"credential": key.create(options, **spoil)})


def sign_in(client: FlaskClient, key: Authenticator, **spoil: Any) -> TestResponse:
    """Sign in with a passkey."""
    options = post_json(client, "/sign-in/passkey/options").get_json()
    return post_json(client, "/sign-in/passkey", {"credential": key.get(options, **spoil)})


def field(page: TestResponse, name: str) -> str:
    """Read a hidden field of a page."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*value="([^"]*)"', page.get_data(as_text=True))
    assert found, name
    return found[1]


def second_door(client: FlaskClient) -> str:
    """Continue without a passkey and return the recovery key that is shown."""
    nonce = field(client.get("/sign-in"), "nonce")
    assert client.post("/sign-in/key", data={"nonce": nonce, "next": "/wallet"}).status_code == 303
    shown = client.get("/me/recovery/saved").get_data(as_text=True)
    return re.findall(r"<code>([0-9A-Z-]+)</code>", shown)[0]


def cookie_of(client: FlaskClient) -> str:
    found = client.get_cookie("o2o")
    assert found
    return found.value


def who(client: FlaskClient) -> str | None:
    """Tell which account visits: the owner's mark on the page, None when signed out."""
    page = client.get("/me")
    if page.status_code != 200:
        return None
    found = re.search(r'data-owner="([0-9a-f]{16})"', page.get_data(as_text=True))
    assert found
    return found[1]


def make_link(handle: str = "guest") -> str:
    begin_write()
    account = rules.create_account(db.session, handle=handle)
    token = rules.make_sign_in_link(db.session, account_id=account.id)
    db.session.commit()
    return token


def other(app: Flask) -> Visitor:
    return Visitor(app, app.response_class)
