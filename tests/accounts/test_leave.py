"""My data, erase me, and the registry behind both."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from o2o.accounts import registry
from o2o.accounts.models import Account, Login, Passkey
from o2o.kernel.db import Base, begin_write, db
from o2o.kernel.journal import Fact
from o2o.notifications.rules import tell
from tests.accounts.authenticator import Authenticator, b64
from tests.accounts.doors import register, sign_in, who
from tests.visitor import Visitor


def test_every_table_is_on_one_list(app: Flask) -> None:
    known = set(Base.metadata.tables)
    assert registry.HELD.keys() & registry.OTHERS.keys() == set()
    assert registry.HELD.keys() | registry.OTHERS.keys() == known


def test_every_way_from_a_row_to_an_account_is_named(app: Flask) -> None:
    for name, table in Base.metadata.tables.items():
        ways = {key.parent.name for key in table.foreign_keys if key.column.table.name == "account"}
        ways |= {column.name for column in table.c if column.name == "account_id"}
        if ways:
            assert name in registry.HELD, f"{name} holds {ways}"
            assert ways <= set(registry.HELD[name].by), f"{name}: {ways}"


def test_the_registry_names_columns_that_exist(app: Flask) -> None:
    for name, held in registry.HELD.items():
        columns = set(Base.metadata.tables[name].c.keys())
        assert {*held.by, *held.hidden, *held.blank} <= columns, name
    for name, _states, _sentence in registry.ALIVE:
        assert "state" in Base.metadata.tables[name].c


def test_the_export_holds_ones_own_rows_and_no_secrets(app: Flask, client: FlaskClient) -> None:
    key, foreign = Authenticator(), Authenticator()
    stranger = Visitor(app, app.response_class)
    register(stranger, foreign)
    register(client, key)
    client.post("/me/recovery/codes", data={"nonce": "1" * 32})
    answer = client.get("/me/export")
    assert "attachment" in answer.headers["Content-Disposition"]
    data = json.loads(answer.data)
    assert set(data) == set(registry.HELD)
    assert [row["credential_id"] for row in data["passkey"]] == [key.id.hex()]
    assert len(data["recovery_code"]) == 10
    assert len(data["account"]) == len(data["login"]) == 1
    names = {name for rows in data.values() for row in rows for name in row}
    assert not names & {"digest", "public_key", "user_handle", "token", "challenge"}


def test_erasing_leaves_a_number(app: Flask, client: FlaskClient) -> None:
    key = Authenticator()
    register(client, key)
    opaque = who(client)
    begin_write()
    mine = db.session.scalars(select(Account)).one().id
    tell(db.session, account_id=mine, key="k", kind="order.paid", link="/", title="t")
    db.session.commit()
    assert client.post("/me/erase").status_code == 422
    assert who(client) == opaque
    answer = client.post("/me/erase", data={"sure": "y"})
    assert answer.location == "/"
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    db.session.rollback()
    account = db.session.get_one(Account, mine)
    assert account.erased_at
    assert account.opaque != opaque
    assert db.session.scalars(select(Passkey)).all() == db.session.scalars(select(Login)).all() == []
    assert db.session.scalars(select(Fact.ids).where(Fact.name == "account.erased")).one() == {
        "account_id": mine
    }
    assert who(client) is None
    assert sign_in(client, key).status_code == 400
    begin_write()
    registry.erase(db.session, account_id=mine)
    db.session.commit()
    assert client.post("/me/erase", data={"sure": "y"}).location.startswith("/sign-in")


@pytest.mark.sqlite_only(reason="a file whose bytes can be read")
def test_what_is_erased_is_not_in_the_file(app: Flask, client: FlaskClient) -> None:
    key = Authenticator()
    register(client, key)
    folder = app.config["O2O"].data_dir

    def found() -> bool:
        return any(key.id in path.read_bytes() for path in folder.glob("o2o.db*"))

    assert found()
    client.post("/me/erase", data={"sure": "y"})
    assert not found()
    assert b64(key.id)


def test_what_would_be_lost_is_said(app: Flask, client: FlaskClient) -> None:
    from tests import factories

    client.sign_in("guest")  # type: ignore[attr-defined]
    begin_write()
    shop = factories.make_shop(db.session)
    terms = factories.make_terms(db.session, shop)
    factories.make_pass(db.session, terms, "guest")
    db.session.commit()
    assert "Passes that are still valid: 1." in client.get("/me/erase").get_data(as_text=True)
    data = json.loads(client.get("/me/export").data)
    assert len(data["pass"]) == 1
    assert client.post("/me/erase", data={"sure": "y"}).location == "/"
