"""Which issuer keys belong to which database: the one that stores a pass can also sign and verify it."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from o2o.issuer.keys import IssuerKey, KeyTrouble, ensure_key, load_keys, public_keys
from o2o.kernel.tokens import PublicKey

_folders: dict[URL, Path] = {}


def use(database_url: str, folder: Path) -> None:
    """Say that the keys in `folder`/keys sign and verify the passes of this database."""
    _folders[make_url(database_url)] = folder


def signing_key(session: Session, now: datetime) -> IssuerKey:
    """Return the newest key, making the first one where there is none. Raises KeyTrouble."""
    return ensure_key(_folder(session), now)


def verifying_keys(session: Session) -> dict[int, PublicKey]:
    """Return every public key by its number. Raises KeyTrouble."""
    return public_keys(load_keys(_folder(session)))


def _folder(session: Session) -> Path:
    bind: Engine | Connection = session.get_bind()
    folder = _folders.get(bind.engine.url)
    if folder is None:
        raise KeyTrouble("This database has no folder of issuer keys: issuer.queries.use() was not called.")
    return folder
