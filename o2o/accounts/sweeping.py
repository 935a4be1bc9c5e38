"""What was erased leaves the disk, too: old pages and dead rows, each database its own way."""

from datetime import timedelta

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.accounts.registry import HELD
from o2o.kernel import clock

LATELY = timedelta(hours=25)


def sweep(session: Session) -> None:
    """Move SQLite's write-ahead log into the file and cut it, so that erased rows do not live on in it.

    A reader may keep that from happening; the worker does it again. Deleted bytes in the file itself are
    overwritten by every connection. Ends the session's transaction.
    """
    engine: Engine = session.get_bind().engine
    session.rollback()
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    finally:
        connection.close()


def sweep_lately(session: Session) -> int:
    """Sweep while somebody left within a day; on PostgreSQL vacuum what held their rows. Tell how many left."""
    left = session.scalars(select(Account.id).where(Account.erased_at > clock.now() - LATELY)).all()
    sweep(session)
    engine: Engine = session.get_bind().engine
    if left and engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in HELD:
                connection.exec_driver_sql(f'VACUUM (ANALYZE) "{name}"')
    return len(left)
