"""Databases, app, session and client for every test; see tests/postgres.py for the PostgreSQL side."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2o import create_app
from o2o.kernel import actor, worker
from o2o.kernel.db import Base, begin_write, db
from tests import postgres
from tests.visitor import Visitor

DATABASES = ("sqlite", "postgresql")
RESTART = (
    "SELECT setval(format('%I', sequencename)::regclass, start_value, false) FROM pg_sequences"
    " WHERE last_value IS NOT NULL AND schemaname = 'public'"
)
SHARED = Path(os.environ.get("O2O_SHARED", Path(__file__).resolve().parents[2] / "shared")) / "data"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "sqlite_only(reason): the thing under test exists on SQLite only")
    config.addinivalue_line("markers", "browser: drives a real Chromium")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever touches the database on both."""
    if "database" not in metafunc.fixturenames:
        return
    only = metafunc.definition.get_closest_marker("sqlite_only")
    metafunc.parametrize("database", DATABASES[:1] if only else DATABASES, scope="session")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Give the folder of real data; only a checkout without it skips, and says so."""
    if not SHARED.exists():
        pytest.skip(f"real data is not beside this checkout ({SHARED})")
    return SHARED


@pytest.fixture(scope="session")
def built(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Build the app once per worker and database, with its tables."""
    folder = tmp_path_factory.mktemp(f"town-{database}")
    overrides = {"TESTING": "1", "O2O_DATA_DIR": str(folder), "O2O_SECRET_KEY": "test" * 10}
    overrides["O2O_BASE_URL"] = "http://localhost"
    if database == "postgresql":
        overrides["O2O_DATABASE_URL"] = postgres.fresh_database()
    app = create_app(overrides)
    with app.app_context():
        postgres.bring_up(app)
        db.session.rollback()
        db.engine.dispose()
    if database == "sqlite":
        shutil.copy(folder / "o2o.db", folder / "empty.db")
    yield app
    with app.app_context():
        db.engine.dispose()
    if database == "postgresql":
        postgres.drop_database(overrides["O2O_DATABASE_URL"])


@pytest.fixture
def app(built: Flask, database: str) -> Iterator[Flask]:
    """Give the app over empty tables, inside an app context."""
    with built.app_context():
        empty(built, database)
        actor.act_as(None)
        for job in worker.JOBS.values():
            job.due = None
        yield built
        db.session.rollback()
        db.engine.dispose()


def empty(app: Flask, database: str) -> None:
    for clear in app.extensions.get("o2o.caches", []):
        clear()
    # The first key is every test's own beginning; making it anew would cost each of them three disk syncs.
    for key in app.config["O2O"].keys_dir.glob("issuer-*.pem"):
        if key.name != "issuer-001.pem":
            key.unlink()
    if database == "sqlite":
        db.engine.dispose()
        folder = app.config["O2O"].data_dir
        for leftover in folder.glob("o2o.db-*"):
            leftover.unlink()
        shutil.copy(folder / "empty.db", folder / "o2o.db")
        return
    # Forty times as fast as to truncate a hundred tables of which a test fills seven.
    filled = (
        f"SELECT '{t.name}' WHERE EXISTS (SELECT 1 FROM \"{t.name}\")" for t in Base.metadata.sorted_tables
    )
    with db.engine.begin() as connection:
        names = connection.execute(text(" UNION ALL ".join(filled))).scalars().all()
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for name in names:
            connection.execute(text(f'DELETE FROM "{name}"'))
        connection.execute(text(RESTART))


@pytest.fixture
def session(app: Flask) -> Session:
    """Give a session inside a writing transaction; what a test does not commit is rolled back."""
    begin_write(db.session)
    return db.session


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Give a visitor who behaves like a browser and inspects every page that comes."""
    return Visitor(app, app.response_class)
