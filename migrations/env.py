"""Alembic's side of the house: the same metadata that create_app walks, one transaction per upgrade."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import context
from sqlalchemy import BigInteger, Integer, text
from sqlalchemy.engine import Connection

from o2o.kernel.db import WRITING, Base, Instant, db

LOCK = 20_260_301


def same_type(ctx: object, column: object, meta_column: object, found: object, wanted: object) -> bool | None:
    """Compare what the database stores, not the Python names of our types."""
    if isinstance(wanted, Instant):
        return not isinstance(found, BigInteger | Integer)
    return None


def upgrade(connection: Connection) -> None:
    """Run the migrations on this connection."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=same_type,
        # Alembic takes SQLite for unable to; with our own BEGIN it rolls tables back as it does rows.
        transactional_ddl=True,
        user_module_prefix="o2o.kernel.db.",
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        context.run_migrations()


@contextmanager
def unbound(connection: Connection) -> Iterator[None]:
    """Let SQLite make tables anew without cutting what points at them; nothing may dangle afterwards.

    The setting only takes outside a transaction, so it goes to the driver before the first statement.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
        dangling = connection.execute(text("PRAGMA foreign_key_check")).fetchmany(5)
        if dangling:
            raise RuntimeError(f"the migration would leave rows that point nowhere: {dangling}")
        connection.commit()
    finally:
        connection.rollback()
        driver.execute("PRAGMA foreign_keys = ON")


with db.engine.connect().execution_options(**{WRITING: True}) as opened, unbound(opened):
    upgrade(opened)
    if opened.dialect.name != "sqlite":
        opened.commit()
