"""A town with keys, in a folder of each test's own."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from o2o.issuer import queries
from o2o.kernel.db import db

DAY_0 = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)


@pytest.fixture
def place(app: Flask, tmp_path: Path) -> Iterator[Path]:
    """Give this town's keys a folder that is empty."""
    url = app.config["O2O"].database_url
    queries.use(url, tmp_path / "keys")
    yield tmp_path / "keys"
    db.session.rollback()
    queries.use(url, app.config["O2O"].keys_dir)


def states(now: datetime) -> dict[int, str]:
    """Tell each key's state at an instant, as tills are told."""
    found = {line.kid: line.state for line in queries.published(db.session, now)}
    db.session.rollback()
    return found


def files(place: Path) -> list[str]:
    """List the files of a folder."""
    return sorted(path.name for path in place.iterdir())
