"""How account details lie in the database: sealed with a key that is made from the site's secret, never stored."""

import json
from base64 import urlsafe_b64encode
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

PURPOSE = b"o2o payout accounts"
_keys: dict[URL, bytes] = {}


def use(database_url: str, secret: str) -> None:
    """Say which secret seals the accounts of this database."""
    _keys[make_url(database_url)] = derive(secret)


def derive(secret: str) -> bytes:
    """Make the Fernet key of a secret: HKDF-SHA256 (RFC 5869) with a purpose of its own, 32 bytes in base64."""
    raw = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())
    return urlsafe_b64encode(raw)


def seal(session: Session, words: Mapping[str, str | int]) -> str:
    """Seal some words."""
    text = json.dumps(dict(words), ensure_ascii=False, sort_keys=True)
    return _box(session).encrypt(text.encode()).decode()


def unseal(session: Session, sealed: str) -> dict[str, str | int] | None:
    """Open sealed words; None when they were emptied, changed, or sealed under another secret."""
    try:
        text = _box(session).decrypt(sealed.encode())
    except InvalidToken:
        return None
    found: dict[str, str | int] = json.loads(text)
    return found


def _box(session: Session) -> Fernet:
    bind: Engine | Connection = session.get_bind()
    return Fernet(_keys[bind.engine.url])
