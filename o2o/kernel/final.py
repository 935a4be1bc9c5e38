"""Triggers that make written rows final, on both databases, whoever writes."""

from typing import Any

from sqlalchemy import Connection, Table, event

MESSAGE = "what is posted never changes"

REFUSE = f"""
CREATE OR REPLACE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  RAISE EXCEPTION '{MESSAGE}';
END
$body$
"""


def make_final(connection: Connection, *tables: Any) -> None:
    """Forbid UPDATE and DELETE on these tables; safe to call again.

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


def keep_final(*tables: Any) -> None:
    """Make these tables final as soon as they are created from the models."""

    def after_create(table: Table, connection: Connection, **_ignored: Any) -> None:
        make_final(connection, table)

    for table in tables:
        event.listen(table, "after_create", after_create)
