"""Triggers that make posted rows final, on both databases, whoever writes."""

from typing import Any

from sqlalchemy import Connection, Table, event

from o2o.ledger.models import Leg, Posting, Seal

FINAL: tuple[Any, ...] = (Posting.__table__, Leg.__table__, Seal.__table__)
MESSAGE = "what is posted never changes"

REFUSE = f"""
CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  RAISE EXCEPTION '{MESSAGE}';
END
$body$
"""


def create_triggers(connection: Connection, tables: tuple[Any, ...] = FINAL) -> None:
    """Forbid UPDATE and DELETE on postings, legs and seals; safe to call again.

    Batch migrations of SQLite copy a table and lose its triggers: one that touches these calls this last.
    """
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        connection.exec_driver_sql(REFUSE)
    for table in tables:
        for action in ("UPDATE", "DELETE"):
            name = f"{table.name}_no_{action.lower()}"
            if postgres:
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table.name}")
                connection.exec_driver_sql(
                    f"CREATE TRIGGER {name} BEFORE {action} ON {table.name}"
                    " FOR EACH ROW EXECUTE FUNCTION ledger_refuse()"
                )
            else:
                connection.exec_driver_sql(
                    f"CREATE TRIGGER IF NOT EXISTS {name} BEFORE {action} ON {table.name}"
                    f" BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
                )


def drop_triggers(connection: Connection) -> None:
    """Take the triggers away, for a migration that rebuilds one of the tables and makes them again."""
    for table in FINAL:
        for action in ("update", "delete"):
            on = f" ON {table.name}" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table.name}_no_{action}{on}")


def _after_create(table: Table, connection: Connection, **_ignored: Any) -> None:
    create_triggers(connection, (table,))


for _table in FINAL:
    event.listen(_table, "after_create", _after_create)
