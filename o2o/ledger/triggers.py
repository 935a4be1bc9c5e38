"""What is posted is final: postings, legs and seals."""

from typing import Any

from sqlalchemy import Connection

from o2o.kernel.final import MESSAGE, keep_final, make_final
from o2o.ledger.models import Leg, Posting, Seal

__all__ = ["FINAL", "MESSAGE", "create_triggers", "drop_triggers"]

FINAL: tuple[Any, ...] = (Posting.__table__, Leg.__table__, Seal.__table__)


def create_triggers(connection: Connection, tables: tuple[Any, ...] = FINAL) -> None:
    """Forbid UPDATE and DELETE on the books; a migration that makes one of these tables anew calls this last."""
    make_final(connection, *tables)


def drop_triggers(connection: Connection) -> None:
    """Take the triggers away, for a migration that rebuilds one of the tables and makes them again."""
    for table in FINAL:
        for action in ("update", "delete"):
            on = f" ON {table.name}" if connection.dialect.name == "postgresql" else ""
            connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table.name}_no_{action}{on}")


keep_final(*FINAL)
