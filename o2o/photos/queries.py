"""Reads of pictures; rooms that hold some say which of theirs everybody may see."""

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session

from o2o.kernel.db import Base
from o2o.kernel.errors import NotAllowed
from o2o.photos import folder
from o2o.photos.models import Photo

# Conditions on photo.id, made by the rooms above: a picture is public when one of them holds.
Shows = Callable[[], ColumnElement[bool]]
SHOWN: list[Shows] = []


def shows(condition: Shows) -> Shows:
    """Register a function that gives the SQL condition under which a room shows a picture to everybody.

    Example, in reviews: `exists().where(ReviewPhoto.photo_id == Photo.id, ReviewPhoto.review_id == Review.id,
    Review.state == "shown")`. What no room shows is seen by its sender and the operator only.
    """
    SHOWN.append(condition)
    return condition


def url(photo: Photo, size: str) -> str:
    """Give the address of a picture; size is "l" or "s"."""
    return f"/photos/{photo.id}-{size}.webp"


def of_ids(session: Session, ids: Sequence[str]) -> list[Photo]:
    """Return these pictures in the given order; those that are gone are left out."""
    if not ids:
        return []
    found = {photo.id: photo for photo in session.scalars(select(Photo).where(Photo.id.in_(ids)))}
    return [found[photo_id] for photo_id in ids if photo_id in found]


def visible(
    session: Session, *, photo_id: str, account_id: int | None, is_operator: bool
) -> tuple[Photo, bool]:
    """Return a picture that this visitor may see, and whether everybody may; NotAllowed otherwise."""
    if not folder.ID.fullmatch(photo_id):
        raise NotAllowed
    public = or_(*(condition() for condition in SHOWN)) if SHOWN else Photo.id.is_(None)
    row = session.execute(select(Photo, public).where(Photo.id == photo_id)).first()
    if row is None or not (row[1] or is_operator or row[0].account_id == account_id):
        raise NotAllowed
    return row[0], bool(row[1])


def file_of(session: Session, photo: Photo, size: str) -> Path:
    """Return where a picture's file lies."""
    return folder.path_of(folder.home(session), photo.id, size)


def unused(session: Session, *, before: datetime, most: int) -> list[str]:
    """List pictures kept before this time to which no row of any table points."""
    return list(session.scalars(_unpointed().where(Photo.at < before).order_by(Photo.at).limit(most)))


def loose(session: Session, *, account_id: int, shop_id: int) -> list[Photo]:
    """List what somebody sent for a shop and nothing points to, as it was sent; `unused` ends each after a day."""
    mine = _unpointed().where(Photo.account_id == account_id, Photo.shop_id == shop_id)
    rows = select(Photo).where(Photo.id.in_(mine)).order_by(Photo.at, Photo.id)
    return list(session.scalars(rows))


def known(session: Session, ids: Sequence[str]) -> set[str]:
    """Tell which of these pictures have a row."""
    return set(session.scalars(select(Photo.id).where(Photo.id.in_(ids))))


def _unpointed() -> Select[str]:
    """Leave out every picture that a foreign key of any table names."""
    target = Photo.__table__.c.id
    wanted = select(Photo.id)
    for table in Base.metadata.sorted_tables:
        for key in table.foreign_keys:
            if key.column is target:
                wanted = wanted.where(~exists().where(key.parent == Photo.id))
    return wanted
