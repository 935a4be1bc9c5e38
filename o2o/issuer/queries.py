"""Which keys sign and verify the passes of a database; what tills are told of them."""

from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from o2o.issuer import beginning
from o2o.issuer.keys import IssuerKey, KeyTrouble, load_keys
from o2o.issuer.life import COLUMNS, WITHDRAWN, KeyRow, point, signing_kid, states
from o2o.issuer.models import IssuerKeyState
from o2o.kernel.tokens import PublicKey

__all__ = [
    "WITHDRAWN", "IssuerKey", "KeyLine", "KeyRow", "KeyTrouble", "key_rows", "place_of", "published", "signing_key",
    "states", "use", "verifying_keys", "withdrawn", "withdrawn_keys",
]  # fmt: skip

_places: dict[URL, Path] = {}
# Built once: the till asks this at every scan.
_ROWS = select(*COLUMNS).order_by(IssuerKeyState.kid)
_WITHDRAWN = select(IssuerKeyState.kid).where(IssuerKeyState.withdrawn_at.is_not(None))


class KeyLine(NamedTuple):
    """What a till is told of a key: its number, its public point (64 hex digits each) and its state."""

    kid: int
    x: str
    y: str
    state: str


def use(database_url: str, place: Path) -> None:
    """Say that the private keys in the folder `place` sign the passes of this database."""
    _places[make_url(database_url)] = place


def place_of(session: Session) -> Path:
    """Return the folder of this database's private keys. Raises KeyTrouble when nobody named one."""
    bind: Engine | Connection = session.get_bind()
    place = _places.get(bind.engine.url)
    if place is None:
        raise KeyTrouble("This database has no folder of issuer keys: issuer.queries.use() was not called.")
    return place


def key_rows(session: Session) -> list[KeyRow]:
    """List what is known of the keys, by their numbers."""
    return [KeyRow(*row) for row in session.execute(_ROWS)]


def signing_key(session: Session, now: datetime) -> IssuerKey:
    """Return the key that signs at an instant; in a writing transaction it makes the first one where there is none.

    Raises KeyTrouble when its file is missing, unreadable or another key's.
    """
    rows = key_rows(session)
    if not rows:
        beginning.begin(session, place=place_of(session), now=now)
        rows = key_rows(session)
    kid = signing_kid(rows, now)
    if kid is None:
        raise KeyTrouble("Every issuer key was withdrawn. Run: flask keys rotate --at-once")
    row = next(row for row in rows if row.kid == kid)
    return private_key(row, place_of(session))


def private_key(row: KeyRow, place: Path) -> IssuerKey:
    """Return a key with its private half. Raises KeyTrouble when the file is missing or another key's."""
    key = load_keys(place).get(row.kid)
    if key is None:
        raise KeyTrouble(
            f"issuer-{row.kid:03d}.pem is missing in {place}. Restore it from the backup,"
            f" or set O2O_KEYS_DIR to where it is; if it is lost, run: flask keys withdraw {row.kid}"
        )
    if point(key.public) != (row.x, row.y):
        raise KeyTrouble(
            f"issuer-{row.kid:03d}.pem in {place} is not the key {row.kid} of this town."
            " Restore database and keys from the same backup."
        )
    return key


def verifying_keys(session: Session) -> dict[int, PublicKey]:
    """Return the public key of every number that was published and not withdrawn; needs no private key."""
    return {row.kid: row.public for row in key_rows(session) if row.withdrawn_at is None}


def withdrawn_keys(session: Session) -> dict[int, PublicKey]:
    """Return the public keys of the numbers that were withdrawn: what they signed proves nothing by itself."""
    return {row.kid: row.public for row in key_rows(session) if row.withdrawn_at is not None}


def published(session: Session, now: datetime) -> list[KeyLine]:
    """List every key as tills are told of it, withdrawn ones included."""
    rows = key_rows(session)
    state = states(rows, now)
    return [KeyLine(row.kid, row.x, row.y, state[row.kid]) for row in rows]


def withdrawn(session: Session) -> list[int]:
    """List the numbers of withdrawn keys."""
    return list(session.scalars(_WITHDRAWN.order_by(IssuerKeyState.kid)))
