"""Verbs of a shop's own pictures: add, describe, move, drop, clear. Their order is 1, 2, 3 … without gaps."""

from datetime import datetime
from typing import Literal

from sqlalchemy.orm import Session

from o2o.kernel import journal
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.photos import rules as photos
from o2o.photos.rules import Prepared
from o2o.pictures import queries
from o2o.pictures.models import Picture
from o2o.shops import queries as shops

MOST = 12
LONGEST = 120
Way = Literal["up", "down", "cover"]


def add(
    session: Session,
    *,
    shop_id: int,
    account_id: int,
    prepared: Prepared,
    now: datetime,
    caption: str = "",
) -> Picture:
    """Keep a prepared picture as the shop's last one; fact pictures.changed.

    Raises RuleBroken too_many_pictures (422, field "photos") beyond MOST, too_long (422, field "caption").
    """
    rows = _locked(session, shop_id)
    if len(rows) >= MOST:
        sentence = N_("A shop shows at most %(most)s photos. Delete one first.")
        raise RuleBroken("too_many_pictures", sentence, status=422, field="photos", most=MOST)
    words = _checked(caption)
    photo = photos.keep(session, account_id=account_id, shop_id=shop_id, prepared=prepared, at=now)
    row = Picture(shop_id=shop_id, photo_id=photo.id, caption=words, position=len(rows) + 1, created_at=now)
    session.add(row)
    _order(session, shop_id, [*rows, row])
    return row


def describe(session: Session, *, shop_id: int, picture_id: int, caption: str) -> None:
    """Say what a picture shows, for those who hear it; empty means the words that every picture has."""
    rows = _locked(session, shop_id)
    _one(rows, picture_id).caption = _checked(caption)
    _order(session, shop_id, rows)


def move(session: Session, *, shop_id: int, picture_id: int, way: Way) -> None:
    """Move a picture one place up or down, or to the front as the cover; at the end of the row nothing moves."""
    rows = _locked(session, shop_id)
    row = _one(rows, picture_id)
    at = rows.index(row)
    there = {"up": max(0, at - 1), "down": min(len(rows) - 1, at + 1), "cover": 0}[way]
    rows.insert(there, rows.pop(at))
    _order(session, shop_id, rows)


def drop(session: Session, *, shop_id: int, picture_id: int) -> None:
    """Delete a picture and its photo."""
    rows = _locked(session, shop_id)
    row = _one(rows, picture_id)
    rows.remove(row)
    _delete(session, row)
    _order(session, shop_id, rows)


def clear(session: Session, *, shop_id: int) -> int:
    """Delete every picture of a shop with its photo; return how many there were."""
    rows = _locked(session, shop_id)
    for row in rows:
        _delete(session, row)
    if rows:
        _order(session, shop_id, [])
    return len(rows)


def _locked(session: Session, shop_id: int) -> list[Picture]:
    """Lock the shop, and list its pictures in order: who changes their order waits for who is changing it."""
    shops.shop(session, shop_id, lock=True, behind=True)
    return queries.rows_of(session, shop_id)


def _one(rows: list[Picture], picture_id: int) -> Picture:
    for row in rows:
        if row.id == picture_id:
            return row
    raise NotAllowed


def _delete(session: Session, row: Picture) -> None:
    photo_id = row.photo_id
    session.delete(row)
    photos.drop(session, photo_id=photo_id)


def _order(session: Session, shop_id: int, rows: list[Picture]) -> None:
    for position, row in enumerate(rows, 1):
        row.position = position
    session.flush()
    journal.record(session, "pictures.changed", shop_id=shop_id)


def _checked(caption: str) -> str:
    words = " ".join(caption.split())
    if len(words) > LONGEST:
        sentence = N_("Keep this within %(most)s characters.")
        raise RuleBroken("too_long", sentence, status=422, field="caption", most=LONGEST)
    return words
