"""Settings are documented, checked at start, and storage is safe or refuses."""

import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine

from o2o.kernel import storage
from o2o.kernel.config import SETTINGS, BadSetting, read_settings
from o2o.kernel.db import db
from tests.house.tree import ROOT


def test_the_documented_settings_are_the_settings() -> None:
    rows = [
        line.split("|")[1:4]
        for line in (ROOT / "docs" / "settings.md").read_text().splitlines()
        if "`O2O_" in line
    ]
    told = {name.strip(" `"): (default.strip(" `"), what.strip()) for name, default, what in rows}
    assert told == SETTINGS


def test_no_other_variable_is_read() -> None:
    for path in (ROOT / "o2o").rglob("*.py"):
        if path.name != "config.py":
            assert not re.search(r"os\.environ(\.get)?[\[(]|getenv", path.read_text()), path


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("O2O_DATABASE_URL", "mysql://x"),
        ("O2O_DATABASE_URL", "postgresql://without-driver"),
        ("O2O_BASE_URL", "town.example"),
        ("O2O_BASE_URL", "https://town.example/path"),
        ("O2O_BASE_URL", "ftp://town.example"),
        ("O2O_ENV", "prod"),
        ("O2O_PAYMENTS", "gold"),
    ],
)
def test_a_wrong_setting_is_named(name: str, value: str, tmp_path: Path) -> None:
    with pytest.raises(BadSetting, match=name):
        read_settings({name: value, "O2O_DATA_DIR": str(tmp_path)})


def test_production_has_no_pretended_bank(tmp_path: Path) -> None:
    production = {"O2O_ENV": "production", "O2O_DATA_DIR": str(tmp_path)}
    assert read_settings(production).payments == "none"
    with pytest.raises(BadSetting, match="O2O_PAYMENTS"):
        read_settings({**production, "O2O_PAYMENTS": "sandbox"})


def test_the_secret_is_made_once_and_kept_private(tmp_path: Path) -> None:
    first = read_settings({"O2O_DATA_DIR": str(tmp_path)}).secret_key
    assert read_settings({"O2O_DATA_DIR": str(tmp_path)}).secret_key == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_damaged_secret_is_not_replaced_silently(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(BadSetting, match="damaged"):
        read_settings({"O2O_DATA_DIR": str(tmp_path)})


def test_storage_is_safe(app: Flask) -> None:
    storage.assert_safe(db.engine)


@pytest.mark.parametrize("pragma", ["synchronous = NORMAL", "foreign_keys = OFF", "journal_mode = MEMORY"])
def test_unsafe_sqlite_is_refused(pragma: str, tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'x.db'}")
    storage._prepare_sqlite(engine)
    storage.assert_safe(engine)
    with engine.connect() as connection:
        connection.connection.driver_connection.execute(f"PRAGMA {pragma}")  # type: ignore[union-attr]
    with pytest.raises(storage.UnsafeStorage):
        storage.assert_safe(engine)
    engine.dispose()


def test_wal_is_refused_on_an_old_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "SAFE_WAL", (99, 0, 0))
    assert storage.journal_mode() == "delete"
