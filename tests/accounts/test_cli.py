"""Sign-in links from the shell."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from o2o.accounts.models import Account
from o2o.kernel.db import db
from tests.accounts.doors import who


def run(app: Flask, *args: str):  # type: ignore[no-untyped-def]
    return app.test_cli_runner().invoke(args=["sign-in-link", *args])


def test_a_link_from_the_shell_signs_in(app: Flask, client: FlaskClient) -> None:
    done = run(app, "guest", "--create")
    assert done.exit_code == 0, done.output
    address = done.output.strip()
    assert address.startswith("http://localhost/sign-in/")
    assert client.post(address.removeprefix("http://localhost")).status_code == 303
    assert who(client)


def test_a_name_that_nobody_has_needs_create(app: Flask) -> None:
    refused = run(app, "nobody")
    assert refused.exit_code == 1
    assert "no account called 'nobody'" in refused.output
    assert run(app, "Bad Name", "--create").exit_code == 1
    db.session.rollback()
    assert db.session.scalars(select(Account)).all() == []


def test_roles(app: Flask) -> None:
    for role in ("guest", "owner", "operator"):
        assert run(app, role, "--create", "--role", role).exit_code == 0
        assert run(app, role, "--create", "--role", role).exit_code == 0
    assert run(app, "x", "--create", "--role", "king").exit_code == 2
    assert run(app, "guest", "--role", "operator").exit_code == 0
    db.session.rollback()
    rows = db.session.execute(select(Account.handle, Account.is_operator).order_by(Account.id)).all()
    assert [tuple(row) for row in rows] == [("guest", False), ("owner", False), ("operator", True)]
