"""The keys of a town that has none on record: those of its folder, else a first one."""

from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from o2o.issuer.keys import FIRST_KID, IssuerKey, load_keys, make_key
from o2o.issuer.life import point
from o2o.issuer.models import IssuerKeyState
from o2o.kernel.db import insert_ignore


def begin(session: Session, *, place: Path, now: datetime) -> int:
    """Put the key files of a town without any row on record, or make its first key; return how many files it found.

    They sign at once: passes they signed are about. Once there is a row this does nothing, so that a file left by
    a process that died never signs. Raises KeyTrouble.
    """
    if session.scalar(select(IssuerKeyState.kid).limit(1)) is not None:
        return 0
    found = load_keys(place)
    keys = found or {FIRST_KID: make_key(place, FIRST_KID, now)}
    # Two processes may begin at once: the file is one, so the rows are the same.
    insert_ignore(session, cast(Table, IssuerKeyState.__table__), [_row(key, now) for key in keys.values()])
    return len(found)


def _row(key: IssuerKey, now: datetime) -> dict[str, Any]:
    x, y = point(key.public)
    # A clock that was wrong when the key was made must not keep it from signing.
    since = min(key.made, now)
    return {"kid": key.kid, "x": x, "y": y, "published_at": since, "signs_from": since}
