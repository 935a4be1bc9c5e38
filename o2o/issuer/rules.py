"""Verbs of the issuer's keys: publish, rotate, withdraw, renew."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.issuer import beginning, queries
from o2o.issuer.keys import load_keys, make_key
from o2o.issuer.life import NOTICE, SIGNS_FOR, point, signing_kid
from o2o.issuer.models import IssuerKeyState
from o2o.kernel import journal

WHY_LIMIT = 200


class KeyRefused(Exception):
    """A key cannot be published or withdrawn as asked; the message says why and what can be done."""


def adopt(session: Session, *, now: datetime) -> int:
    """Put the key files of a town that was made before keys had rows on record; return how many there were.

    A town without any key gets its first one. Raises KeyTrouble.
    """
    return beginning.begin(session, place=queries.place_of(session), now=now)


def publish(session: Session, *, now: datetime) -> IssuerKeyState:
    """Publish a new key, which signs in a week: tills that sync in between know it by then.

    Side effects in order: the file issuer-NNN.pem, the row, fact issuer.published. Raises KeyRefused while another
    published key waits, KeyTrouble when the file cannot be made.
    """
    rows = _lock(session, now)
    waiting = _waiting(rows, now)
    if waiting is not None:
        raise KeyRefused(
            f"Key {waiting.kid} is published already and signs from {waiting.signs_from:%F %R} UTC."
        )
    return _publish(session, rows, now=now, signs_from=now + NOTICE)


def publish_at_once(session: Session, *, now: datetime) -> IssuerKeyState:
    """Let the published key that waits sign from now on, else a new one; tills that have not synced do not know it.

    Side effects in order: file and row where a key is new, fact issuer.published. Raises KeyTrouble.
    """
    rows = _lock(session, now)
    waiting = _waiting(rows, now)
    if waiting is None:
        return _publish(session, rows, now=now, signs_from=now)
    waiting.signs_from = now
    session.flush()
    journal.record(session, "issuer.published", kid=waiting.kid)
    return waiting


def withdraw(session: Session, *, kid: int, why: str, now: datetime) -> IssuerKeyState:
    """End a key for good: nothing it signed holds any more; return the key that signs from now on.

    Side effects in order: where no other key could sign, a key that signs at once (the published one that waits,
    else an emergency key); the withdrawal; fact issuer.withdrawn, upon which passes are signed anew. Raises
    KeyRefused for an unknown or withdrawn key or an empty reason, KeyTrouble when no key can be made.
    """
    rows = _lock(session, now)
    row = next((row for row in rows if row.kid == kid), None)
    if row is None:
        raise KeyRefused(f"There is no key {kid}. See: flask keys list")
    if row.withdrawn_at is not None:
        raise KeyRefused(f"Key {kid} was withdrawn on {row.withdrawn_at:%F %R} UTC already.")
    if not why.strip():
        raise KeyRefused("Say why: the reason is kept.")
    row.withdrawn_at = now
    row.withdrawn_why = why.strip()[:WHY_LIMIT]
    session.flush()
    if not any(one.withdrawn_at is None and one.signs_from <= now for one in rows):
        publish_at_once(session, now=now)
    journal.record(session, "issuer.withdrawn", kid=kid)
    return session.get_one(IssuerKeyState, signing_kid(queries.key_rows(session), now))


def renew(session: Session, *, now: datetime) -> IssuerKeyState | None:
    """Publish a successor where the signing key has a week left of its 90 days; None when nothing is due.

    Raises KeyTrouble.
    """
    rows = _lock(session, now)
    if _waiting(rows, now) is not None:
        return None
    known = queries.key_rows(session)
    signing = next((row for row in known if row.kid == signing_kid(known, now)), None)
    if signing is not None and now < signing.signs_from + SIGNS_FOR - NOTICE:
        return None
    return _publish(session, rows, now=now, signs_from=now + NOTICE)


def _lock(session: Session, now: datetime) -> list[IssuerKeyState]:
    """Return every key as it is now, held until the commit; the first one is made where there is none."""
    adopt(session, now=now)
    rows = select(IssuerKeyState).order_by(IssuerKeyState.kid)
    session.execute(rows.with_for_update())
    # A key that was published while this waited for the lock is in no row it locked.
    return list(session.scalars(rows.execution_options(populate_existing=True)))


def _waiting(rows: list[IssuerKeyState], now: datetime) -> IssuerKeyState | None:
    return next((row for row in rows if row.withdrawn_at is None and row.signs_from > now), None)


def _publish(
    session: Session, rows: list[IssuerKeyState], *, now: datetime, signs_from: datetime
) -> IssuerKeyState:
    """Make a key under a number that no row and no file ever had: what a dead process left never signs."""
    place = queries.place_of(session)
    kid = max([row.kid for row in rows] + list(load_keys(place))) + 1
    x, y = point(make_key(place, kid, now).public)
    fresh = IssuerKeyState(kid=kid, x=x, y=y, published_at=now, signs_from=signs_from)
    session.add(fresh)
    session.flush()
    journal.record(session, "issuer.published", kid=kid)
    return fresh
