"""W1: the operator's own pages can be shown."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from o2o.kernel.checks import invariant
from o2o.pages.source import faults
from o2o.pages.views import folder


@invariant("W1", "the operator's own pages can be shown")
def pages_can_be_shown(session: Session) -> Iterator[str]:
    """Name every file whose place the default takes."""
    yield from faults(folder())
