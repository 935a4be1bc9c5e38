"""Backup and restore: a consistent copy while serving, with the keys, and a restore that is verified."""

import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from flask import current_app
from sqlalchemy.engine import make_url

from o2o.kernel import clock, migrate
from o2o.kernel.config import Settings
from o2o.kernel.db import db
from o2o.kernel.sqlite import sqlite3

KEPT = ("keys", "secret_key", "photos", "pages")
DUMPS = {"sqlite": "o2o.db", "postgresql": "o2o.dump"}
PARTS = (*KEPT, *DUMPS.values(), "backup.json")


class BadBackup(RuntimeError):
    """The file is no backup of ours, or does not belong here; nothing was changed."""


def backup(target: Path) -> Path:
    """Write the database, issuer keys and photos to one file, complete or not at all."""
    settings: Settings = current_app.config["O2O"]
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        folder = Path(name)
        _dump(settings, folder)
        # Keys come after the database: a pass in the copy always finds the key that signed it.
        for part in KEPT:
            _copy(_home(settings, part), folder / part)
        kind = "sqlite" if settings.uses_sqlite else "postgresql"
        facts = {"made": clock.now().isoformat(), "database": kind, "revision": migrate.current()}
        (folder / "backup.json").write_text(json.dumps(facts))
        fresh = folder / "whole.tar.gz"
        with tarfile.open(fresh, "w:gz", compresslevel=3) as archive:
            for part in PARTS:
                if (folder / part).exists():
                    archive.add(folder / part, arcname=part)
        fresh.chmod(0o600)
        with fresh.open("rb") as written:
            os.fsync(written.fileno())
        fresh.replace(target)
    return target


def restore(source: Path) -> None:
    """Put a backup in place of this town's data after checking it; raise BadBackup and change nothing otherwise.

    Call it with the server and the worker stopped. What stood before is kept beside as `*.before-restore`, keys
    that live outside the data folder inside theirs as `.before-restore`.
    """
    settings: Settings = current_app.config["O2O"]
    with tempfile.TemporaryDirectory(dir=settings.data_dir) as name:
        folder = Path(name)
        _unpack(source, folder)
        facts = json.loads((folder / "backup.json").read_text())
        kind = "sqlite" if settings.uses_sqlite else "postgresql"
        if facts.get("database") != kind:
            raise BadBackup(f"this is a backup of {facts.get('database')}, the town runs on {kind}")
        _open_home(settings.keys_dir)
        db.session.rollback()
        db.engine.dispose()
        _load(settings, folder)
        for part in KEPT:
            if (folder / part).exists():
                _close(folder / part)
                _put(folder / part, _home(settings, part))
    db.engine.dispose()


def _dump(settings: Settings, folder: Path) -> None:
    if settings.uses_sqlite:
        with sqlite3.connect(make_url(settings.database_url).database) as source:
            copy = sqlite3.connect(folder / DUMPS["sqlite"])
            source.backup(copy)
            copy.close()
        source.close()
        return
    _dump_postgresql(settings, folder / DUMPS["postgresql"])


def _dump_postgresql(settings: Settings, target: Path) -> None:
    _run(["pg_dump", "--format=custom", f"--file={target}", _libpq(settings)])
    target.chmod(0o600)


def _load(settings: Settings, folder: Path) -> None:
    if settings.uses_sqlite:
        dump = folder / DUMPS["sqlite"]
        with sqlite3.connect(dump) as copy:
            if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise BadBackup("the database inside the backup is damaged")
        copy.close()
        live = Path(str(make_url(settings.database_url).database))
        for leftover in (live.with_name(live.name + "-wal"), live.with_name(live.name + "-shm")):
            leftover.unlink(missing_ok=True)
        _replace(dump, live)
        return
    dump = folder / DUMPS["postgresql"]
    _dump_postgresql(settings, settings.data_dir / (dump.name + ".before-restore"))
    _run(
        [
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--single-transaction",
            f"--dbname={_libpq(settings)}",
            str(dump),
        ]
    )


def _unpack(source: Path, folder: Path) -> None:
    try:
        with tarfile.open(source, "r:gz") as archive:
            for member in archive.getmembers():
                if member.name.split("/")[0] not in PARTS or not (member.isfile() or member.isdir()):
                    raise BadBackup(f"{member.name!r} does not belong in a backup")
            archive.extractall(folder, filter="data")
    except (OSError, tarfile.TarError, EOFError) as error:
        raise BadBackup(f"{source} is not a whole backup: {error}") from error
    if not (folder / "backup.json").exists():
        raise BadBackup(f"{source} is not a backup of this product")


def _home(settings: Settings, part: str) -> Path:
    return settings.keys_dir if part == "keys" else settings.data_dir / part


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        # Hidden files are half-made, or what an earlier restore put aside.
        shutil.copytree(source, target, ignore=shutil.ignore_patterns(".*"))
    elif source.exists():
        shutil.copy2(source, target)


def _close(part: Path) -> None:
    """Keep others out, as before the copy: unpacking leaves a folder's mode to the umask, and keys refuse that."""
    for path in (part, *part.rglob("*")):
        path.chmod(0o700 if path.is_dir() else 0o600)


def _put(fresh: Path, place: Path) -> None:
    """Put a part in its place; a folder that only it may write in, or a mounted one, keeps its name."""
    if place.parent == current_app.config["O2O"].data_dir:
        _replace(fresh, place)
        return
    aside = place / ".before-restore"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o700)
    for old in [path for path in place.iterdir() if path != aside]:
        old.rename(aside / old.name)
    for path in fresh.iterdir():
        shutil.move(path, place / path.name)


def _open_home(place: Path) -> None:
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(place, os.R_OK | os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise BadBackup(f"{place} cannot take the issuer keys: {error.strerror}") from error


def _replace(fresh: Path, place: Path) -> None:
    old = place.with_name(place.name + ".before-restore")
    if place.exists():
        shutil.rmtree(old, ignore_errors=True) if old.is_dir() else old.unlink(missing_ok=True)
        place.rename(old)
    shutil.move(fresh, place)


def _libpq(settings: Settings) -> str:
    """Give the address for libpq's own tools, without the password: everybody can read a command line."""
    url = make_url(settings.database_url).set(drivername="postgresql", password=None)
    return url.render_as_string(hide_password=False)


def _password() -> dict[str, str]:
    settings: Settings = current_app.config["O2O"]
    password = None if settings.uses_sqlite else make_url(settings.database_url).password
    return {"PGPASSWORD": str(password)} if password else {}


def _run(command: list[str]) -> None:
    env = {"PATH": os.defpath, **os.environ, **_password()}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env)  # noqa: S603
    if done.returncode:
        raise BadBackup(f"{command[0]}: {done.stderr.strip()[:500]}")
