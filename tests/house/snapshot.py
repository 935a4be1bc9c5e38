"""A world that was built once and put back for the next test: nearly a thousand tests begin with the same one."""

import copy
import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import Base

# Undoing, stepping up and proofs run against the clock: a world much older than its test is not the same one.
LONGEST = timedelta(seconds=90)
SEQUENCES = (
    "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
)
Things = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Snapshot:
    """What one worker keeps of one database: a file's copy on SQLite, else the rows and where the counting stands."""

    things: Things
    made_at: datetime
    rows: dict[str, list[dict[str, Any]]]
    counted: dict[str, int]


KEPT: dict[str, Snapshot] = {}


def keep(session: Session, things: Things) -> None:
    """Remember a world that has been committed."""
    url, rows, counted = _address(session), {}, {}
    if _is_file(session):
        _let_go(session)
        shutil.copy(_path(url), _copy(url))
    else:
        for table in Base.metadata.sorted_tables:
            found = [dict(row._mapping) for row in session.execute(table.select())]
            rows |= {table.name: found} if found else {}
        counted = {line.sequencename: line.last_value for line in session.execute(text(SEQUENCES))}
        session.rollback()
    KEPT[url] = Snapshot(copy.deepcopy(things), clock.now(), rows, counted)


def put_back(session: Session) -> Things | None:
    """Bring back the world of a moment ago into empty tables; None where there is none."""
    url = _address(session)
    kept = KEPT.get(url)
    if kept is None or abs(clock.now() - kept.made_at) > LONGEST:
        return None
    if _is_file(session):
        _let_go(session)
        shutil.copy(_copy(url), _path(url))
        return copy.deepcopy(kept.things)
    session.rollback()
    with session.get_bind().begin() as connection:  # type: ignore[union-attr]
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for name, rows in kept.rows.items():
            connection.execute(Base.metadata.tables[name].insert(), rows)
        for name, last in kept.counted.items():
            connection.execute(text("SELECT setval(format('%I', cast(:name AS text))::regclass, :last)"),
                               {"name": name, "last": last})  # fmt: skip
    return copy.deepcopy(kept.things)


def _address(session: Session) -> str:
    return session.get_bind().engine.url.render_as_string(hide_password=False)


def _is_file(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _let_go(session: Session) -> None:
    """Close every connection: the last one to go writes what still stands beside the file into it."""
    session.rollback()
    session.get_bind().engine.dispose()


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")


def _copy(url: str) -> str:
    return f"{_path(url)}.world"
