"""The migrations make exactly the tables of the models, on both databases, triggers included."""

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.exc import DBAPIError

from o2o import create_app
from o2o.kernel import migrate
from o2o.kernel.db import Base, begin_write, db
from o2o.ledger import rules as ledger
from tests import postgres


def test_a_migrated_database_has_the_models_tables(app: Flask) -> None:
    assert migrate.current() == migrate.head()
    assert migrate.drift() == []


def test_a_migrated_database_refuses_what_the_models_refuse(app: Flask) -> None:
    """A comparison of tables sees no CHECK, and making a table anew on SQLite can lose one."""
    found = inspect(db.engine)
    for table in Base.metadata.sorted_tables:
        wanted = {str(one.name) for one in table.constraints if isinstance(one, CheckConstraint)}
        assert {one["name"] for one in found.get_check_constraints(table.name)} == wanted, table.name
        keys = {str(one.name) for one in table.foreign_key_constraints}
        assert {one["name"] for one in found.get_foreign_keys(table.name)} == keys, table.name


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


STEP_1 = (
    "INSERT INTO account (id, opaque, is_operator, created_at) VALUES (7, '0123456789abcdef', false, 1)",
    "INSERT INTO town VALUES (1, '镇', 'Town', 'Asia/Shanghai', 'CN', 'CNY', 39.9, 116.3, false, true, 1)",
    "INSERT INTO shop (id, name, words, category, lat, lng, zkey, status, live, version, created_at, updated_at)"
    " VALUES (5, '老王肉夹馍', '', 'amenity/fast_food', 39.9, 116.3, 1, 'claimed', true, 1, 1, 1)",
    "INSERT INTO shop_term (term, shop_id) VALUES ('肉', 5)",
    "INSERT INTO offer (id, shop_id, state, created_at, created_by) VALUES (3, 5, 'on_sale', 1, 'test')",
    "INSERT INTO terms (id, offer_id, shop_id, version, title, contents, notes, price, parts_price, currency, uses,"
    " valid_days, weekdays, refund_before_use, refund_at_expiry, created_at, created_by)"
    " VALUES (4, 3, 5, 1, '双人套餐', '[]', '', 100, 100, 'CNY', 1, 30, 127, true, true, 1, 'test')",
    "INSERT INTO pass (id, account_id, shop_id, terms_id, state, uses, uses_left, paid, spent, currency, not_before,"
    " expires, kid, gen, token, short_code, issued_at, changed_at)"
    " VALUES ('p', 7, 5, 4, 'used', 1, 0, 100, 100, 'CNY', 1, 9, 1, 0, '', 'S', 1, 1)",
    "INSERT INTO redemption (id, pass_id, shop_id, staff_id, number, quantity, uses_left, value, currency, nonce,"
    " digest, at) VALUES ('r', 'p', 5, 7, 1, 1, 0, 100, 'CNY', 'n', 'd', 2)",
)


def test_a_lived_in_town_of_the_first_step_moves_up(database: str, tmp_path: Path) -> None:
    """Tables that others point at keep their rows, their triggers and their foreign keys."""
    overrides = {"O2O_DATA_DIR": str(tmp_path), "O2O_SECRET_KEY": "test" * 10, "TESTING": "1"}
    if database == "postgresql":
        overrides["O2O_DATABASE_URL"] = postgres.fresh_database()
    old = create_app(overrides)
    with old.app_context():
        migrate.upgrade("0001")
        begin_write()
        for statement in STEP_1:
            db.session.execute(text(statement))
        db.session.commit()
        migrate.upgrade()
        migrate.settle()
        assert migrate.drift() == []
        row = db.session.execute(text("SELECT rating_count, has_left FROM shop WHERE id = 5")).one()
        assert tuple(row) == (0, False)
        counts = [
            db.session.scalar(text(f"SELECT count(*) FROM {name}")) for name in ("redemption", "phrase_use")
        ]
        assert counts[0] == 1
        assert counts[1] > 0
        begin_write()
        with pytest.raises(DBAPIError):
            db.session.execute(text("UPDATE pass SET account_id = 99 WHERE id = 'p'"))
        db.session.rollback()
        db.engine.dispose()
    if database == "postgresql":
        postgres.drop_database(overrides["O2O_DATABASE_URL"])
