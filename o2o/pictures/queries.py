"""Reads of shops' own pictures; everybody sees those of shops that have been let in."""

from collections.abc import Iterable
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session

from o2o.photos.models import Photo
from o2o.photos.queries import shows
from o2o.pictures.models import Picture
from o2o.shops.models import Shop


class Shown(NamedTuple):
    """A picture with its photo; an empty caption is said as "Photo of <shop>"."""

    id: int
    photo: Photo
    caption: str
    position: int


_COVERS = (
    select(Picture.shop_id, Picture.photo_id)
    .join(Shop, Shop.id == Picture.shop_id)
    .where(Picture.shop_id.in_(bindparam("ids", expanding=True)), Shop.status == "claimed")
    # The last one wins in a dict: the first in the shop's own order.
    .order_by(Picture.position.desc(), Picture.id.desc())
)


def of_shop(session: Session, shop_id: int) -> list[Shown]:
    """List a shop's pictures in its own order, the cover first; whether they are public is the caller's to know."""
    rows = (
        select(Picture, Photo)
        .join(Photo, Photo.id == Picture.photo_id)
        .where(Picture.shop_id == shop_id)
        .order_by(Picture.position, Picture.id)
    )
    return [Shown(row.id, photo, row.caption, row.position) for row, photo in session.execute(rows)]


def covers(session: Session, shop_ids: Iterable[int]) -> dict[int, str]:
    """Give the photo ids of the covers of those of these shops that are let in and have one; one query."""
    rows = session.connection().execute(_COVERS, {"ids": list(shop_ids)})
    return {row[0]: row[1] for row in rows}


def rows_of(session: Session, shop_id: int) -> list[Picture]:
    """List a shop's rows in order, for changing them."""
    rows = select(Picture).where(Picture.shop_id == shop_id).order_by(Picture.position, Picture.id)
    return list(session.scalars(rows.execution_options(populate_existing=True)))


@shows
def shown_pictures() -> ColumnElement[bool]:
    """Show the pictures of shops that have been let in."""
    held = select(Picture.id).join(Shop, Shop.id == Picture.shop_id)
    return held.where(Picture.photo_id == Photo.id, Shop.status == "claimed").correlate(Photo).exists()
