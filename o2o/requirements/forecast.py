"""How many shops a change of what is asked would stop, and from when: reckoned, never carried out."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from o2o.papers.rules import reckon


class Stops(NamedTuple):
    """Shops whose right to sell would end earlier than now, and the first such end."""

    shops: int
    first: datetime | None


def stops(session: Session, change: Callable[[Session], Any]) -> Stops:
    """Carry a change out, reckon what it does to the shops that sell, and roll everything back.

    Call it inside a writing transaction of its own, which is over afterwards. What the change raises comes through.
    """
    before = reckon(session)
    try:
        change(session)
        after = reckon(session)
    finally:
        session.rollback()
    ends = [
        until
        for shop_id, until in after.items()
        if until is not None and _is_earlier(until, before.get(shop_id))
    ]
    return Stops(len(ends), min(ends, default=None))


def _is_earlier(until: datetime, before: datetime | None) -> bool:
    return before is None or until < before
