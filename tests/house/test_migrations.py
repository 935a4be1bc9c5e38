"""The migrations make exactly the tables of the models, on both databases, triggers included."""

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from o2o.kernel import migrate
from o2o.kernel.db import begin_write, db
from o2o.ledger import rules as ledger


def test_a_migrated_database_has_the_models_tables(app: Flask) -> None:
    assert migrate.current() == migrate.head()
    assert migrate.drift() == []


def test_upgrading_again_changes_nothing(app: Flask) -> None:
    migrate.upgrade()
    assert migrate.current() == migrate.head()


@pytest.mark.parametrize("table", ["posting", "leg"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}"])
def test_what_was_posted_cannot_be_changed(app: Flask, table: str, statement: str) -> None:
    begin_write()
    legs = {"cash": 500, "voucher_liability": -500}
    given = {
        "book": "platform",
        "shop_id": None,
        "key": "k",
        "kind": "sale",
        "subject": "test",
        "currency": "CNY",
    }
    ledger.post(db.session, legs=legs, **given)
    db.session.commit()
    column = "seq" if table == "posting" else "amount"
    with pytest.raises(DBAPIError), db.engine.begin() as connection:
        connection.execute(text(statement.format(table, column, column)))
