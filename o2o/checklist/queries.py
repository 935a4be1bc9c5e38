"""Reads of what a shop is asked for; each noun's in its own file."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.checklist.catalogue import BUILT, OWN, met
from o2o.checklist.models import Requirement
from o2o.checklist.wanted import (
    FIRST,
    help_of,
    place_of,
    requirements,
    terms,
    terms_versions,
    title_of,
)
from o2o.kernel.errors import NotAllowed

__all__ = [
    "BUILT", "FIRST", "OWN", "help_of", "met", "place_of", "requirement", "requirements", "terms", "terms_versions",
    "title_of",
]  # fmt: skip


def requirement(session: Session, key: str) -> Requirement:
    """Return a line that is written down, NotAllowed otherwise."""
    row = session.scalar(select(Requirement).where(Requirement.key == key))
    if row is None:
        raise NotAllowed
    return row
