"""Storage settings that keep money safe, set on every connection and asserted at start."""

from inspect import iscoroutinefunction
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import Engine, event

from o2o.kernel.config import Settings
from o2o.kernel.db import db, on_begin
from o2o.kernel.sqlite import sqlite3

# WAL databases before this release have a checkpoint race that can corrupt them.
SAFE_WAL = (3, 51, 3)


class UnsafeStorage(RuntimeError):
    """The database runs with settings that can lose acknowledged money; the message says which."""


def journal_mode() -> str:
    """Choose WAL where the linked SQLite is safe with it, else the rollback journal."""
    return "wal" if sqlite3.sqlite_version_info >= SAFE_WAL else "delete"


def engine_options(settings: Settings) -> dict[str, Any]:
    """Give the arguments of create_engine for this town's database."""
    if settings.uses_sqlite:
        return {"url": settings.database_url, "module": sqlite3, "pool_size": 20, "max_overflow": 20}
    return {"url": settings.database_url, "pool_pre_ping": True, "pool_size": 10, "max_overflow": 20}


def init_storage(app: Flask, settings: Settings) -> None:
    """Bind the session to the engine and install the connection settings."""
    app.config["SQLALCHEMY_ENGINES"] = {"default": engine_options(settings)}
    db.init_app(app)
    # There are no async sessions; looking for them would start a thread after every request.
    app.teardown_appcontext_funcs = [f for f in app.teardown_appcontext_funcs if not iscoroutinefunction(f)]
    with app.app_context():
        if settings.uses_sqlite:
            _prepare_sqlite(db.engine)
        assert_safe(db.engine, production=settings.is_production)


def _prepare_sqlite(engine: Engine) -> None:
    mode = journal_mode()

    @event.listens_for(engine, "connect")
    def connect(connection: Any, record: Any) -> None:
        # The driver's own idea of when to BEGIN is wrong for us: on_begin decides.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout = 5000")
        cursor.execute(f"PRAGMA journal_mode = {mode}")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        # What is deleted or written over is gone from the file, not only from the tables.
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.execute("PRAGMA temp_store = MEMORY")
        cursor.execute("PRAGMA cache_size = -16000")
        cursor.close()

    event.listen(engine, "begin", on_begin)


def assert_safe(engine: Engine, *, production: bool = False) -> None:
    """Raise UnsafeStorage unless the live connection has the settings that money needs."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            wanted = {
                "journal_mode": journal_mode(),
                "synchronous": 2,
                "foreign_keys": 1,
                "busy_timeout": 5000,
            }
            for name, value in wanted.items():
                found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                if found != value:
                    raise UnsafeStorage(f"SQLite {name} is {found}, must be {value}")
            return
        level = connection.execute(sa.text("SHOW transaction_isolation")).scalar()
        if level != "read committed":
            raise UnsafeStorage(f"PostgreSQL isolation is {level}, must be read committed")
        # Only a throw-away test cluster runs without fsync; a town's money must not.
        if production and connection.execute(sa.text("SHOW fsync")).scalar() == "off":
            raise UnsafeStorage("PostgreSQL fsync is off: acknowledged money would be lost")
