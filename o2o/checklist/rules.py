"""What is asked is written down once, before somebody answers it."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.checklist.models import MerchantTerms, Requirement
from o2o.checklist.wanted import defaults, first_terms
from o2o.kernel.db import insert_ignore


def ensure(session: Session) -> None:
    """Write the house's own lines and terms down where there are none; what is there stays."""
    if session.scalar(select(Requirement.id).limit(1)) is None:
        insert_ignore(session, Requirement.__table__, [_plain(row) for row in defaults()])  # type: ignore[arg-type]
    if session.scalar(select(MerchantTerms.version).limit(1)) is None:
        insert_ignore(session, MerchantTerms.__table__, _plain(first_terms()))  # type: ignore[arg-type]


def _plain(row: Requirement | MerchantTerms) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}
