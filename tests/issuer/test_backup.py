"""Keys outside the data folder: copied with the town, restored to where the settings say."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from o2o import create_app
from o2o.issuer import queries, rules
from o2o.kernel import backup, checks, clock
from o2o.kernel.config import BadSetting, read_settings
from o2o.kernel.db import begin_write, db
from o2o.passes.models import Pass
from tests import postgres
from tests.factories import make_pass, make_shop, make_terms
from tests.house.tree import ROOT
from tests.issuer.town import files


@pytest.fixture
def elsewhere(tmp_path: Path, database: str) -> Iterator[dict[str, str]]:
    """Give the settings of another town, whose keys live outside its data folder."""
    settings = {"O2O_DATA_DIR": str(tmp_path / "other"), "O2O_KEYS_DIR": str(tmp_path / "safe" / "keys")}
    settings |= {"O2O_SECRET_KEY": "test" * 10, "O2O_BASE_URL": "http://localhost"}
    if database == "postgresql":
        settings["O2O_DATABASE_URL"] = postgres.fresh_database()
    yield settings
    if database == "postgresql":
        postgres.drop_database(settings["O2O_DATABASE_URL"])


def flask(settings: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command as its owner would, in a process of its own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("O2O_")}
    command = [sys.executable, "-m", "flask", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env=environment | settings, capture_output=True, text=True, check=False
    )


def test_keys_outside_the_data_folder_come_along(
    app: Flask, place: Path, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    """From the default place into one elsewhere, and from there back again."""
    queries.use(app.config["O2O"].database_url, app.config["O2O"].keys_dir)
    begin_write()
    made = make_pass(db.session, make_terms(db.session, make_shop(db.session)))
    token = made.token
    rules.publish(db.session, now=clock.now())
    db.session.commit()
    first = backup.backup(tmp_path / "first.tar.gz")
    safe = Path(elsewhere["O2O_KEYS_DIR"])
    # The new town had begun already, with a key of its own.
    upgraded = flask(elsewhere, "db", "upgrade")
    assert (upgraded.returncode, files(safe)) == (0, ["issuer-001.pem"]), upgraded.stderr
    before = (safe / "issuer-001.pem").read_bytes()
    restored = flask(elsewhere, "restore", str(first))
    assert restored.returncode == 0, restored.stderr
    assert files(safe) == [".before-restore", "issuer-001.pem", "issuer-002.pem"]
    assert (safe / ".before-restore" / "issuer-001.pem").read_bytes() == before
    assert safe.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in safe.glob("*.pem")} == {0o600}
    assert not (Path(elsewhere["O2O_DATA_DIR"]) / "keys").exists()
    listed = flask(elsewhere, "keys", "list")
    assert listed.stdout.startswith(f"private keys in {safe}\n")
    second = flask(elsewhere, "backup", str(tmp_path / "second.tar.gz"))
    assert second.returncode == 0, second.stderr
    backup.restore(tmp_path / "second.tar.gz")
    assert db.session.scalars(select(Pass.token)).one() == token
    assert [line for line in checks.broken(db.session) if line.startswith(("I16", "I20"))] == []
    assert sorted(queries.load_keys(app.config["O2O"].keys_dir)) == [1, 2]


def test_a_place_that_cannot_take_keys_stops_a_restore_before_it_begins(
    app: Flask, elsewhere: dict[str, str], tmp_path: Path
) -> None:
    begin_write()
    make_pass(db.session, make_terms(db.session, make_shop(db.session)))
    db.session.commit()
    kept = backup.backup(tmp_path / "town.tar.gz")
    (tmp_path / "safe").write_text("no folder")
    with create_app({"TESTING": "1", **elsewhere}).app_context():
        with pytest.raises(backup.BadBackup, match="cannot take the issuer keys"):
            backup.restore(kept)
        db.engine.dispose()


def test_the_folder_of_keys_is_its_own(tmp_path: Path) -> None:
    given = {"O2O_DATA_DIR": str(tmp_path / "town"), "O2O_SECRET_KEY": "k" * 40}
    assert read_settings(given).keys_dir == tmp_path / "town" / "keys"
    outside = {**given, "O2O_KEYS_DIR": str(tmp_path / "safe")}
    assert read_settings(outside).keys_dir == tmp_path / "safe"
    assert not (tmp_path / "safe").exists()
    for shared in (tmp_path / "town", tmp_path, tmp_path / "town" / ".." / "town"):
        with pytest.raises(BadSetting, match="O2O_KEYS_DIR"):
            read_settings({**given, "O2O_KEYS_DIR": str(shared)})
