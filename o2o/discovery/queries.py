"""Searches: one page of rows in order, and exact counts; Core rows, never an ORM object."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row, Select, func, select
from sqlalchemy.orm import Session

from o2o.discovery import near, statements
from o2o.discovery.filters import Filters
from o2o.discovery.statements import Shape
from o2o.kernel import clock
from o2o.kernel.journal import Delivery, Fact
from o2o.places import categories
from o2o.shops import queries as shops
from o2o.vocabulary import queries as words

PER_PAGE = 20
FEW = 300  # so many rows are sorted quicker than they are looked for by tiles
GUESS = 1e-5  # degrees squared, about 350 m: the reach that is tried first where nothing is known
WIDEN = 4
MARGIN = 1.3  # neighbours of a point need a little more or less than it did
KNOWN_REACHES: dict[tuple[object, ...], float] = {}
MOST_KNOWN = 16_384


class Near(NamedTuple):
    """Where distances are measured from, in degrees."""

    lat: float
    lng: float


class Place(NamedTuple):
    """A shop that was found: its id, where it is, and its planar distance in degrees squared."""

    id: int
    lat: float
    lng: float
    squared: float


class Found(NamedTuple):
    """One page of a search, and how many shops match in all."""

    rows: Sequence[Place]
    total: int


class Counts(NamedTuple):
    """How many shops match, and how many of them come first (open ones, or those with an offer)."""

    total: int
    first: int


def search(
    session: Session, filters: Filters, *, at: Near, now: datetime, counts: Counts | None = None
) -> Found:
    """Find one page: open shops first, then near; or by the cheapest offer, then near; or by points (ranking.py).

    Rows are (id, lat, lng, squared). The order never depends on the page, so that pages neither
    repeat nor lose a shop. `counts` saves counting when the caller knows them.
    """
    shape, values = _shape(session, filters, at=at, now=now)
    total, first = counts or count(session, filters, at=at, now=now)
    sides = ("live", "idle") if filters.sort == "price" else ("open", "shut")
    start = (filters.page - 1) * PER_PAGE
    end = min(start + PER_PAGE, total)
    if filters.sort == "rating":
        whole = {**values, "take": max(0, end - start), "skip": start}
        return Found(_run(session, statements.by_rating(shape), whole) if end > start else [], total)
    rows: list[Place] = []
    for side, low, high in ((sides[0], 0, first), (sides[1], first, total)):
        take = min(end, high) - max(start, low)
        if take <= 0:
            continue
        part = shape._replace(sides=tuple(dict.fromkeys((*shape.sides, side))))
        page = {**values, "take": take, "skip": max(start, low) - low}
        if side == "live":
            rows += _run(session, statements.by_price(part), page)
        elif high - low <= FEW:
            rows += _run(session, statements.by_distance(part), page)
        else:
            rows += _by_tiles(session, part, page)
    return Found(rows, total)


def count(session: Session, filters: Filters, *, at: Near, now: datetime) -> Counts:
    """Count what a search finds."""
    shape, values = _shape(session, filters, at=at, now=now)
    if filters.q and not shape.words:
        return Counts(0, 0)
    first = "live" if filters.sort == "price" else "open"
    ready = statements.ready(statements.count(shape, first), session.get_bind().dialect)
    row = session.connection().exec_driver_sql(ready.sql, ready.arrange(values)).one()
    return Counts(row[0], row[1])


def nearest(
    session: Session, *, at: Near, category: str = "", offer: bool = True, most: int = PER_PAGE
) -> Sequence[Place]:
    """Find the nearest shops of a category, open or not."""
    shape, values = shape_of(Filters(category=category, offer=offer), at=at)
    return _by_tiles(session, shape, {**values, "take": most, "skip": 0})


def for_cards(session: Session, ids: Sequence[int]) -> Sequence[Any]:
    """Give what cards show of some shops, in any order."""
    return session.connection().execute(statements.FOR_CARDS, {"ids": list(ids)}).all()


def matching(session: Session, filters: Filters, *, now: datetime, most: int) -> Sequence[Row[Any]]:
    """Give everything that a search finds, in the order of ids, at most so many."""
    shape, values = _shape(session, filters, now=now)
    if filters.q and not shape.words:
        return []
    return session.execute(statements.matching(shape, most), values).all()


def _shape(
    session: Session, filters: Filters, *, at: Near | None = None, now: datetime | None = None
) -> tuple[Shape, dict[str, Any]]:
    """Split a search in the languages of its town."""
    town = shops.town(session) if filters.q else None
    return shape_of(filters, at=at, now=now, country=town.country if town else "")


def shape_of(
    filters: Filters, *, at: Near | None = None, now: datetime | None = None, country: str = ""
) -> tuple[Shape, dict[str, Any]]:
    """Split a search into the shape of its statement and its values."""
    values: dict[str, Any] = {"now": clock.millis(now) if now else None}
    if at:
        values.update(at_lat=at.lat, at_lng=at.lng, shrink=math.cos(math.radians(at.lat)))
    asked, given = words.read(filters.q, country=country, loose=filters.loose) if filters.q else ((), {})
    values.update(given)
    kinds = _kinds(filters.category)
    values.update((f"kind{i}", kind) for i, kind in enumerate(kinds))
    if filters.box:
        values.update(filters.box._asdict())
        for i, (low, high) in enumerate(near.box_ranges(filters.box)):
            values[f"box_low{i}"], values[f"box_high{i}"] = low, high
    sides: tuple[str, ...] = ("live",) if filters.offer else ()
    sides += ("open",) if filters.open else ()
    return Shape(asked, len(kinds), filters.box is not None, sides), values


def data_version(session: Session) -> tuple[int, int]:
    """Give what differs after every change of a shop, an offer or the index: the last fact, and how many came lately.

    PostgreSQL gives numbers out before it commits: a fact can appear below the last one, and then only their
    number tells. What waits for delivery is counted with them.
    """
    row = session.execute(_VERSION).one()
    return row[0] or 0, row[1] + (LATELY + 1) * row[2]


_WAITING = select(func.count()).select_from(Delivery).where(Delivery.state == "pending").scalar_subquery()
LATELY = 1000  # facts below the last one among which late ones may appear
_LAST = select(func.max(Fact.id)).scalar_subquery()
_LATE = select(func.count()).select_from(Fact).where(Fact.id > _LAST - LATELY).scalar_subquery()
_VERSION = select(_LAST, _LATE, _WAITING)


def _by_tiles(session: Session, shape: Shape, values: Mapping[str, Any]) -> list[Place]:
    """Take the nearest rows from the tiles around the point; see near.py for why it is exact."""
    statement = statements.by_tiles(shape)
    lat, lng, take = values["at_lat"], values["at_lng"], values["take"]
    place = (shape, values.get("kind0"), values["skip"] + take, int(lat * 400), int(lng * 400))
    block = near.block(lat, lng, KNOWN_REACHES.get(place, GUESS))
    while True:
        rows = _run(session, statement, {**values, **_ranges(block)})
        if block is near.WORLD or (len(rows) == take and rows[-1].squared <= block.reach):
            break
        # Enough rows, but others may be nearer than the last: its distance is one that surely holds enough.
        block = near.block(lat, lng, rows[-1].squared if len(rows) == take else block.reach * WIDEN)
    if len(KNOWN_REACHES) >= MOST_KNOWN:
        KNOWN_REACHES.clear()
    if len(rows) == take:
        KNOWN_REACHES[place] = rows[-1].squared * MARGIN
    return rows


def _run(session: Session, statement: Select[Any], values: Mapping[str, Any]) -> list[Place]:
    """Run one search by the driver itself: plain numbers need no converting, one statement no transaction."""
    engine = session.get_bind().engine
    ready = statements.ready(statement, engine.dialect)
    given = ready.arrange(values)
    if session.in_transaction():
        return [Place(*row) for row in session.connection().exec_driver_sql(ready.sql, given)]
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(ready.sql, given)
        return list(map(Place._make, cursor.fetchall()))
    finally:
        connection.close()


def _ranges(block: near.Block) -> dict[str, int]:
    found = {}
    for i, (low, high) in enumerate(block.ranges):
        found[f"low{i}"], found[f"high{i}"] = low, high
    return found


def _kinds(category: str) -> tuple[str, ...]:
    """Give the categories of a group, or the category itself."""
    if not category or "/" in category:
        return (category,) if category else ()
    return tuple(kind.key for kind in categories.all_categories() if kind.group == category) or (category,)
