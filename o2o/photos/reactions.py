"""Files follow their rows once the deletion is committed."""

from sqlalchemy.orm import Session

from o2o.kernel.journal import Fact, reacts_to
from o2o.photos import folder


@reacts_to("photo.dropped")
def delete_files(session: Session, fact: Fact) -> None:
    """Delete a dropped picture's files."""
    folder.remove(folder.home(session), fact.ids["photo_id"])


@reacts_to("account.erased")
def delete_files_of(session: Session, fact: Fact) -> None:
    """Delete the files of an erased person's pictures; their rows went with the account."""
    for photo_id in fact.ids.get("photos", []):
        folder.remove(folder.home(session), photo_id)
