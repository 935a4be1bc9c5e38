"""The database: one session, shared column types, and the one door to a writing transaction."""

import secrets
import threading
import weakref
from datetime import datetime
from typing import Annotated, Any

from flask_sqlalchemy_lite import SQLAlchemy
from sqlalchemy import BigInteger, Dialect, Integer, MetaData, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction, mapped_column
from sqlalchemy.types import TypeDecorator

from o2o.kernel import clock
from o2o.kernel.errors import Busy

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The one metadata that all rooms share; names of constraints are stable."""

    metadata = MetaData(naming_convention=NAMING)


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime, stored as milliseconds since 1970 so that both databases compare it alike."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else clock.millis(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else clock.from_millis(value)


# SQLite only makes INTEGER PRIMARY KEY an alias of the rowid, never BIGINT.
BigKey = BigInteger().with_variant(Integer, "sqlite")
intpk = Annotated[int, mapped_column(Integer, primary_key=True)]
bigpk = Annotated[int, mapped_column(BigKey, primary_key=True)]

db: SQLAlchemy = SQLAlchemy()

WRITING = "o2o_writing"
DOOR = "o2o_door"
PATIENCE = 5.0  # seconds; SQLite's busy_timeout is the same
_doors: weakref.WeakKeyDictionary[Engine, threading.Lock] = weakref.WeakKeyDictionary()
_doors_lock = threading.Lock()


class WroteOutside(RuntimeError):
    """A flush happened outside begin_write(): a programming error, found by any test on SQLite."""


def new_id() -> str:
    """Make an unguessable public identifier: 64 random bits as 16 hex characters."""
    return secrets.token_hex(8)


def begin_write(session: Session | None = None) -> None:
    """End the read transaction and open the writing one (BEGIN IMMEDIATE on SQLite).

    Everything read before is expired, so that rules decide on what is true now. Raises RuntimeError
    when changes are pending: they would be lost.
    """
    session = session or db.session
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("begin_write() would lose changes that are not committed")
    session.rollback()
    if session.get_bind().dialect.name == "sqlite":
        _queue_up(session)
    try:
        session.connection(execution_options={WRITING: True})
    except BaseException:
        _leave(session)
        raise


def _queue_up(session: Session) -> None:
    """Wait for this process's turn to write: SQLite's own busy handler starves some writers under load."""
    bind = session.get_bind()
    with _doors_lock:
        door = _doors.setdefault(bind.engine, threading.Lock())
    if not door.acquire(timeout=PATIENCE):
        raise Busy
    session.info[DOOR] = door


def _leave(session: Session) -> None:
    door = session.info.pop(DOOR, None)
    if door is not None:
        door.release()


@event.listens_for(Session, "after_transaction_end")
def _next_please(session: Session, transaction: SessionTransaction) -> None:
    """Let the next writer in when the outermost transaction is over, however it ended."""
    if transaction.parent is None:
        _leave(session)


def is_writing(session: Session) -> bool:
    """Tell whether the session's transaction was opened by begin_write()."""
    return bool(session.connection().get_execution_options().get(WRITING))


def insert_ignore(session: Session, table: Table, values: dict[str, Any] | list[dict[str, Any]]) -> int:
    """Insert rows of the same columns unless a unique key is there already; return how many went in."""
    dialect = session.get_bind().dialect.name
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement, exact = insert(table).on_conflict_do_nothing(), {"preserve_rowcount": True}  # type: ignore[operator]
    if isinstance(values, dict):
        return session.connection().execute(statement.values(values), execution_options=exact).rowcount
    return session.connection().execute(statement, values, execution_options=exact).rowcount


@event.listens_for(Session, "before_flush")
def _only_in_writing(session: Session, context: Any, instances: Any) -> None:
    """On SQLite a deferred transaction that turns to writing fails at once when busy: never start one."""
    if session.get_bind().dialect.name == "sqlite" and not is_writing(session):
        raise WroteOutside("call begin_write() before the rule that writes")


def on_begin(connection: Connection) -> None:
    """Open the transaction the way the session asked for."""
    writing = connection.get_execution_options().get(WRITING)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")


@event.listens_for(Session, "do_orm_execute")
def _dml_only_in_writing(state: Any) -> None:
    """Hold UPDATE, INSERT and DELETE statements to the same rule as flushes."""
    if not (state.is_insert or state.is_update or state.is_delete):
        return
    if state.session.get_bind().dialect.name == "sqlite" and not is_writing(state.session):
        raise WroteOutside("call begin_write() before the rule that writes")
