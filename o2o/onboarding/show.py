"""What will be asked, for somebody who has not claimed yet."""

from typing import NamedTuple

from sqlalchemy.orm import Session

from o2o.checklist import queries as checklist
from o2o.kernel.locales import said


class Asked(NamedTuple):
    """A line as somebody reads it who has not claimed yet."""

    title: str
    help: str


def ask_lines(session: Session, locale: str) -> list[Asked]:
    """Name what will be asked, in its order."""
    return [Asked(said(checklist.title_of(row, locale)), said(checklist.help_of(row, locale)))
            for row in checklist.requirements(session)]  # fmt: skip
