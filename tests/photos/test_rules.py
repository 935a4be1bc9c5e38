"""Keeping, dropping and sweeping pictures: rows and files together, or neither."""

import errno
import os
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update

from o2o.kernel import backup, checks, clock, journal
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.photos import chores, folder, queries, rules
from o2o.photos.models import Photo
from tests import factories
from tests.photos.pictures import scene, written

DAY = timedelta(days=1)


@pytest.fixture
def home(app: Flask) -> Path:
    found = folder.home(db.session)
    for path in found.glob("*/*"):
        path.unlink()
    return found


@pytest.fixture
def prepared() -> rules.Prepared:
    return rules.prepare(written(scene()))


def keep(prepared: rules.Prepared) -> Photo:
    shop, account = factories.make_shop(db.session), factories.make_account(db.session, "guest")
    return rules.keep(db.session, account_id=account.id, shop_id=shop.id, prepared=prepared, at=clock.now())


def names(home: Path) -> list[str]:
    return sorted(path.name for path in home.glob("*/*"))


def test_a_kept_picture_has_a_row_and_two_files(home: Path, prepared: rules.Prepared) -> None:
    begin_write()
    photo = keep(prepared)
    db.session.commit()
    assert names(home) == [f"{photo.id}-l.webp", f"{photo.id}-s.webp"]
    assert queries.file_of(db.session, photo, "l").read_bytes() == prepared.large
    assert (photo.width, photo.height, photo.bytes) == (640, 480, len(prepared.large) + len(prepared.small))
    assert photo.small_size == (480, 360)
    assert queries.url(photo, "s") == f"/photos/{photo.id}-s.webp"
    other = keep_more(prepared)
    assert [row.id for row in queries.of_ids(db.session, [other, "gone", photo.id])] == [other, photo.id]
    assert checks.broken(db.session) == []


def keep_more(prepared: rules.Prepared) -> str:
    begin_write()
    photo_id = keep(prepared).id
    db.session.commit()
    return photo_id


def test_a_missing_file_is_named(home: Path, prepared: rules.Prepared) -> None:
    photo_id = keep_more(prepared)
    folder.path_of(home, photo_id, "s").unlink()
    assert checks.broken(db.session) == [f"P1 every kept photo has both of its files: photo {photo_id}"]


def test_dropped_files_go_after_the_commit(home: Path, prepared: rules.Prepared) -> None:
    photo_id = keep_more(prepared)
    begin_write()
    rules.drop(db.session, photo_id=photo_id)
    db.session.rollback()
    journal.deliver(db.session)
    assert len(names(home)) == 2
    begin_write()
    rules.drop(db.session, photo_id=photo_id)
    rules.drop(db.session, photo_id=photo_id)
    db.session.commit()
    assert journal.deliver(db.session) == 1
    assert names(home) == []


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("at", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_nothing(
    home: Path, prepared: rules.Prepared, monkeypatch: pytest.MonkeyPatch, code: int, at: str
) -> None:
    calls = []

    def full(*args: object) -> None:
        calls.append(args)
        if len(calls) == 2:
            raise OSError(code, "no")

    begin_write()
    if at == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    else:
        name = "open" if at == "write" else "replace"
        real = getattr(Path, name)
        monkeypatch.setattr(Path, name, lambda self, *rest: (full(self), real(self, *rest))[1])
    with pytest.raises(RuleBroken) as error:
        keep(prepared)
    assert (error.value.code, error.value.status) == ("no_room", 503)
    db.session.rollback()
    assert names(home) == []
    assert db.session.scalar(select(Photo.id)) is None


def test_unused_pictures_go_after_a_day(home: Path, prepared: rules.Prepared) -> None:
    begin_write()
    shop = factories.make_shop(db.session)
    unused, held = keep(prepared).id, keep(prepared)
    report = factories.make_report(db.session, shop, "guest")
    report.photo_id = held.id
    db.session.commit()
    assert chores.drop_unused(db.session) == 0
    begin_write()
    db.session.execute(update(Photo).values(at=clock.now() - DAY * 2))
    db.session.commit()
    assert chores.drop_unused(db.session) == 1
    journal.deliver(db.session, everything=True)
    assert names(home) == sorted(f"{held.id}-{size}.webp" for size in "ls")
    assert db.session.scalars(select(Photo.id)).all() == [held.id]
    assert unused not in str(names(home))


def test_files_without_a_row_are_swept(home: Path, prepared: rules.Prepared) -> None:
    kept = keep_more(prepared)
    begin_write()
    lost = keep(prepared).id
    db.session.rollback()
    cut = home / kept[:2] / f"{kept}-l.webp.part"
    cut.write_bytes(b"half")
    assert chores.sweep_files(db.session) == 0
    with time_machine.travel(clock.now() + timedelta(hours=2)):
        assert chores.sweep_files(db.session) == 3
    assert names(home) == sorted(f"{kept}-{size}.webp" for size in "ls")
    assert lost not in str(names(home))


def test_photos_come_back_with_a_backup(
    app: Flask, home: Path, prepared: rules.Prepared, tmp_path: Path
) -> None:
    photo_id = keep_more(prepared)
    copy = backup.backup(tmp_path / "town.backup")
    begin_write()
    rules.drop(db.session, photo_id=photo_id)
    db.session.commit()
    journal.deliver(db.session)
    assert checks.broken(db.session) == []
    db.session.rollback()
    backup.restore(copy)
    assert names(home) == sorted(f"{photo_id}-{size}.webp" for size in "ls")
    assert folder.path_of(home, photo_id, "l").read_bytes() == prepared.large
    assert db.session.scalars(select(Photo.id)).all() == [photo_id]
    assert checks.broken(db.session) == []
