"""What the process keeps for a moment: counts, printed cards; a change makes all of it out of date at once.

Counts are keyed by the data version (the last fact) and the minute, cards by the version: each says itself until
when it is true. The process that changes something sees it at once, the others after PROBE_SECONDS.
"""

import time
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import event
from sqlalchemy.orm import Session

from o2o.discovery import queries
from o2o.discovery.cards import Printed, View, minute_of
from o2o.discovery.filters import Filters
from o2o.kernel.shelf import Shelf

Moment = tuple[tuple[int, int], int]
PROBE_SECONDS = 1.0
MOST_CARDS = 30_000


_counts: Shelf[queries.Counts] = Shelf(1024)
_cards: Shelf[dict[int, Printed]] = Shelf(8)
_version: dict[int, tuple[float, tuple[int, int]]] = {}


def forget() -> None:
    """Drop everything."""
    for shelf in (_counts, _cards):
        shelf.things.clear()
    _version.clear()
    queries.KNOWN_REACHES.clear()


@event.listens_for(Session, "after_commit")
def _ask_again(session: Session) -> None:
    """Forget the data version when this process itself changed something."""
    _version.clear()


def version(session: Session) -> tuple[int, int]:
    """Give the data version, asked for at most once every PROBE_SECONDS."""
    engine = id(session.get_bind())
    known = _version.get(engine)
    if known and time.monotonic() - known[0] < PROBE_SECONDS:
        return known[1]
    found = queries.data_version(session)
    _version[engine] = time.monotonic(), found
    return found


def moment(session: Session, now: datetime) -> Moment:
    """Name the state of the town that every kept thing belongs to."""
    return version(session), minute_of(now)


def counts(at: Moment, filters: Filters, count: Callable[[], queries.Counts]) -> queries.Counts:
    """Count once; neither position nor page changes how many there are."""
    key = (at, filters._replace(lat=None, lng=None, page=1))
    return _counts.get(key) or _counts.put(key, count())


def cards(at: Moment, view: View) -> dict[int, Printed]:
    """Give the printed cards of this state and language, to be looked up and added to."""
    key = (at[0], view.locale, view.at is not None, view.order)
    found = _cards.get(key)
    if found is None or len(found) > MOST_CARDS:
        found = _cards.put(key, {})
    return found
