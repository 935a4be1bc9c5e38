"""What the process keeps for a moment: counts, whole answers to visitors nobody knows, tiles.

Everything is keyed by the data version (the last fact) and the minute, so that a change is seen at once by the
process that made it and after PROBE_SECONDS by the others.
"""

import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import Any, Generic, TypeVar

from flask import Response, current_app, request
from sqlalchemy import event
from sqlalchemy.orm import Session

from o2o.discovery import queries
from o2o.discovery.cards import minute_of
from o2o.discovery.filters import Filters
from o2o.discovery.tiles import draw_tile
from o2o.kernel import clock, headers
from o2o.kernel.db import db
from o2o.kernel.locales import COOKIE as LANGUAGE
from o2o.kernel.locales import html_lang

T = TypeVar("T")
PROBE_SECONDS = 1.0


class Shelf(Generic[T]):
    """The last few things asked for; the oldest use goes first."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.things: OrderedDict[Any, T] = OrderedDict()

    def get(self, key: Any) -> T | None:
        """Take a thing down, if it is there."""
        found = self.things.get(key)
        if found is not None:
            try:
                self.things.move_to_end(key)
            except KeyError:  # another thread pushed it off meanwhile
                return found
        return found

    def put(self, key: Any, thing: T) -> T:
        """Put a thing up."""
        self.things[key] = thing
        while len(self.things) > self.most:
            try:
                self.things.popitem(last=False)
            except KeyError:
                break
        return thing


_answers: Shelf[tuple[bytes, dict[str, str]]] = Shelf(256)
_counts: Shelf[queries.Counts] = Shelf(1024)
_tiles: Shelf[str] = Shelf(512)
_version: dict[int, tuple[float, tuple[int, int]]] = {}


def forget() -> None:
    """Drop everything."""
    for shelf in (_answers, _counts, _tiles):
        shelf.things.clear()
    _version.clear()
    queries.KNOWN_ZOOMS.clear()


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


def counts(filters: Filters, now: datetime, count: Callable[[], queries.Counts]) -> queries.Counts:
    """Count once a minute and version; neither position nor page changes how many there are."""
    key = (version(db.session), minute_of(now), filters._replace(lat=None, lng=None, page=1))
    return _counts.get(key) or _counts.put(key, count())


def tile(session: Session, map_version: int, z: int, x: int, y: int) -> str:
    """Draw a tile, or give the one that was drawn."""
    key = (id(session.get_bind()), map_version, z, x, y)
    kept = _tiles.get(key)
    if kept is None:
        rows = queries.tile_features(session, z, x, y)
        kept = _tiles.put(key, draw_tile(z, x, y, ((row[0], row[1], row[2]) for row in rows)))
    return kept


def answer(filters: Filters, kind: str, make: Callable[[], Response]) -> Response:
    """Answer 304 or from the shelf where nothing can have changed, else make the answer and keep it.

    A position is used for the one request and kept nowhere; a page for somebody signed in, or with something
    to say to them, is made for them alone. `kind` is page, found or more.
    """
    if filters.has_position:
        response = make()
        response.headers["X-O2O-Cache"] = "none"
        response.headers["Cache-Control"] = "no-store"
        return response
    if kind == "page" and not set(request.cookies) <= {LANGUAGE}:
        return make()
    takes = request.headers.get("Accept-Encoding", "")
    coding = "zstd" if "zstd" in takes else "gzip" if "gzip" in takes else ""
    # A page repeats its address in the footer; the fragments say nothing but what the filters found.
    asked = request.full_path if kind == "page" else filters
    build = current_app.config["BUILD"]
    key = (version(db.session), minute_of(clock.now()), build, kind, html_lang(), coding, asked)
    etag = hashlib.blake2s(repr(key).encode(), digest_size=12).hexdigest()
    if etag in request.headers.get("If-None-Match", ""):
        return _bare(Response(status=304), etag)
    kept = _answers.get(key)
    if kept is None:
        response = headers.squeeze(make())
        kept = _answers.put(key, (response.get_data(), dict(response.headers)))
    return _bare(Response(kept[0], headers=kept[1]), etag)


def _bare(response: Response, etag: str) -> Response:
    response.headers["ETag"] = f'W/"{etag}"'
    response.headers["Cache-Control"] = "private, no-cache"
    return response
