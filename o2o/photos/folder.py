"""Where the files of kept pictures lie: `photos`/ab/<id>-l.webp and -s.webp in the data folder, whole or not at all."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

FOLDER = "photos"
SIZES = ("l", "s")
ID = re.compile(r"[0-9a-f]{16}")
FILE = re.compile(rf"({ID.pattern})-[ls]\.webp")
_folders: dict[URL, Path] = {}


def use(database_url: str, folder: Path) -> None:
    """Say that the pictures of this database lie in `folder`/photos."""
    _folders[make_url(database_url)] = folder / FOLDER


def home(session: Session) -> Path:
    """Return the folder of this database's pictures."""
    bind: Engine | Connection = session.get_bind()
    return _folders[bind.engine.url]


def path_of(home: Path, photo_id: str, size: str) -> Path:
    """Return where a picture's file lies."""
    return home / photo_id[:2] / f"{photo_id}-{size}.webp"


def put(home: Path, photo_id: str, large: bytes, small: bytes) -> None:
    """Write both files under temporary names, flush them to the disk, then give them their names.

    Raises OSError, and leaves nothing, when that is not possible.
    """
    wanted = {path_of(home, photo_id, "l"): large, path_of(home, photo_id, "s"): small}
    try:
        for path, content in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with _fresh(path).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for path in wanted:
            _fresh(path).replace(path)
        _flush(home / photo_id[:2])
    except OSError:
        for path in wanted:
            _fresh(path).unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        raise


def remove(home: Path, photo_id: str) -> None:
    """Delete a picture's files; gone already is as good."""
    for size in SIZES:
        path_of(home, photo_id, size).unlink(missing_ok=True)


def whole(home: Path, photo_id: str) -> bool:
    """Tell whether both files are there."""
    return all(path_of(home, photo_id, size).is_file() for size in SIZES)


def old_files(home: Path, before: float) -> Iterator[tuple[Path, str | None]]:
    """Yield the files last written before this time (seconds since 1970) and the photo each belongs to, if any."""
    for path in home.glob("*/*"):
        try:
            if path.is_file() and path.stat().st_mtime < before:
                found = FILE.fullmatch(path.name)
                yield path, found[1] if found else None
        except FileNotFoundError:
            continue


def _fresh(path: Path) -> Path:
    return path.with_name(path.name + ".part")


def _flush(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
