"""Count the statements that a page costs."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from o2o.kernel.db import db


@contextmanager
def counting() -> Iterator[list[str]]:
    """Collect the statements that are run inside the block."""
    statements: list[str] = []

    def note(connection, cursor, statement, *rest) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
