"""What must hold of kept pictures."""

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel.checks import invariant
from o2o.photos import folder
from o2o.photos.models import Photo


@invariant("P1", "every kept photo has both of its files")
def files_are_there(session: Session) -> Iterator[str]:
    """Name photos whose file is missing."""
    home = folder.home(session)
    for photo_id in session.scalars(select(Photo.id).order_by(Photo.id)):
        if not folder.whole(home, photo_id):
            yield f"photo {photo_id}"
