"""Backup, restore and check, as an operator runs them."""

import tarfile
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from o2o.accounts.models import Account
from o2o.accounts.rules import create_account
from o2o.kernel import backup
from o2o.kernel.db import begin_write, db


def handles() -> list[str | None]:
    found = list(db.session.scalars(select(Account.handle)))
    db.session.rollback()
    return found


def add(handle: str) -> None:
    begin_write()
    create_account(db.session, handle=handle)
    db.session.commit()


def test_a_restored_town_is_the_town_of_the_backup(app: Flask, tmp_path: Path) -> None:
    add("kept")
    kept = backup.backup(tmp_path / "town.tar.gz")
    add("later")
    backup.restore(kept)
    assert handles() == ["kept"]


@pytest.mark.parametrize("damage", ["cut", "text", "empty", "stranger"])
def test_a_bad_backup_changes_nothing(app: Flask, tmp_path: Path, damage: str) -> None:
    add("kept")
    file = backup.backup(tmp_path / "town.tar.gz")
    whole = file.read_bytes()
    if damage == "stranger":
        with tarfile.open(file, "w:gz") as archive:
            archive.add(__file__, arcname="../../etc/passwd")
    else:
        file.write_bytes({"cut": whole[: len(whole) // 2], "text": b"hello", "empty": b""}[damage])
    with pytest.raises(backup.BadBackup):
        backup.restore(file)
    assert handles() == ["kept"]


def test_a_backup_is_private(app: Flask, tmp_path: Path) -> None:
    assert backup.backup(tmp_path / "town.tar.gz").stat().st_mode & 0o777 == 0o600
