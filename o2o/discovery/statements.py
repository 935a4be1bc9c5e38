"""The statements of a search, built once per shape: only their parameters change, so nothing is compiled twice."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    BindParameter,
    ColumnElement,
    Dialect,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    union_all,
)

from o2o.discovery import ranking
from o2o.discovery.near import BOX_RANGES, RANGES
from o2o.offers.models import Offer, Terms
from o2o.shops.models import RANKED, VISIBLE, Shop
from o2o.vocabulary.queries import Shape as Words
from o2o.vocabulary.queries import condition

SHOP: Any = Shop.__table__.c
# What a card needs; a search itself only asks what stands in the shop's indexes.
CARD = (
    SHOP.id, SHOP.name, SHOP.name_zh, SHOP.name_en, SHOP.category, SHOP.lat, SHOP.lng, SHOP.live,
    SHOP.open_from, SHOP.open_to, *(SHOP[name] for name in RANKED),
)  # fmt: skip
PLACE = (SHOP.id, SHOP.lat, SHOP.lng)
AT_LAT: BindParameter[Any] = bindparam("at_lat")
AT_LNG: BindParameter[Any] = bindparam("at_lng")
SHRINK: BindParameter[Any] = bindparam("shrink")
NOW: BindParameter[Any] = bindparam("now")
NORTH, EAST = SHOP.lat - AT_LAT, (SHOP.lng - AT_LNG) * SHRINK
SQUARED = (NORTH * NORTH + EAST * EAST).label("squared")
SIDES: dict[str, ColumnElement[bool]] = {
    "open": and_(SHOP.open_from <= NOW, SHOP.open_to > NOW),
    # Unknown hours are NULL: such a shop is never "open now".
    "shut": or_(SHOP.open_to.is_(None), SHOP.open_to <= NOW, SHOP.open_from > NOW),
    "live": SHOP.live.is_(True),
    "idle": SHOP.live.is_(False),
}


class Shape(NamedTuple):
    """What makes one statement different from another.

    `words` is the shape of the text that was typed, `kinds` how many categories are wanted (0 is any),
    `sides` which of SIDES must hold.
    """

    words: Words = ()
    kinds: int = 0
    boxed: bool = False
    sides: tuple[str, ...] = ()


@lru_cache(maxsize=512)
def count(shape: Shape, first: str) -> Select[int, int]:
    """Count what matches, and how much of it is on side `first`."""
    return select(func.count(), func.count().filter(SIDES[first])).where(*_conditions(shape))


@lru_cache(maxsize=512)
def by_distance(shape: Shape) -> Select[Any]:
    """Sort everything that matches: right for small sets."""
    rows = select(*PLACE, SQUARED).where(*_conditions(shape))
    return rows.order_by("squared", SHOP.id).limit(bindparam("take")).offset(bindparam("skip"))


@lru_cache(maxsize=512)
def by_tiles(shape: Shape) -> Select[Any]:
    """Sort what matches inside the ranges of a block (low0..high3): one index search each."""
    bounds = (
        (bindparam(f"low{i}", type_=BigInteger), bindparam(f"high{i}", type_=BigInteger))
        for i in range(RANGES)
    )
    ranges = union_all(*(select(low.label("low"), high.label("high")) for low, high in bounds)).subquery(
        "block"
    )
    rows = (
        select(*PLACE, SQUARED).select_from(ranges).join(Shop, SHOP.zkey.between(ranges.c.low, ranges.c.high))
    )
    rows = rows.where(*_conditions(shape)).order_by("squared", SHOP.id)
    return rows.limit(bindparam("take")).offset(bindparam("skip"))


@lru_cache(maxsize=512)
def by_price(shape: Shape) -> Select[Any]:
    """Sort shops with an offer by their cheapest one, then by distance."""
    cheapest = (
        select(Offer.shop_id, func.min(Terms.price).label("price"))
        .join(Terms, Terms.id == Offer.terms_id)
        .where(Offer.state == "on_sale")
        .group_by(Offer.shop_id)
        .subquery()
    )
    rows = select(*PLACE, SQUARED).outerjoin(cheapest, cheapest.c.shop_id == SHOP.id)
    rows = rows.where(*_conditions(shape))
    order = (func.coalesce(cheapest.c.price, 2**62), "squared", SHOP.id)
    return rows.order_by(*order).limit(bindparam("take")).offset(bindparam("skip"))


@lru_cache(maxsize=512)
def by_rating(shape: Shape) -> Select[Any]:
    """Sort everything that matches by its points, the first listed shop first among equals."""
    points = ranking.expression(NORTH * NORTH + EAST * EAST, NOW)
    rows = select(*PLACE, SQUARED).where(*_conditions(shape)).order_by(points.desc(), SHOP.id)
    return rows.limit(bindparam("take")).offset(bindparam("skip"))


@lru_cache(maxsize=64)
def matching(shape: Shape, most: int) -> Select[Any]:
    """Give everything that matches, by id, for machines."""
    columns = (SHOP.address, SHOP.phone, SHOP.website, SHOP.hours, SHOP.wheelchair, SHOP.osm_id, SHOP.status)
    return select(*CARD, *columns).where(*_conditions(shape)).order_by(SHOP.id).limit(most)


class Ready(NamedTuple):
    """A statement compiled for a database's driver; its values go in as they are, times as milliseconds."""

    sql: str
    names: tuple[str, ...] | None
    given: dict[str, Any]

    def arrange(self, values: Mapping[str, Any]) -> tuple[Any, ...] | dict[str, Any]:
        """Put the values where the driver looks for them."""
        every = {**self.given, **values}
        if self.names is not None:
            return tuple([every[name] for name in self.names])
        return {name: every[name] for name in self.given}


@lru_cache(maxsize=1024)
def ready(statement: Select[Any], dialect: Dialect) -> Ready:
    """Compile a statement once: for a search with forty parameters SQLAlchemy's own way takes twice as long."""
    compiled: Any = statement.compile(dialect=dialect)
    names = compiled.positiontup
    return Ready(str(compiled), tuple(names) if names is not None else None, dict(compiled.params))


FOR_CARDS = select(*CARD).where(SHOP.id.in_(bindparam("ids", expanding=True)))


def _conditions(shape: Shape) -> list[ColumnElement[bool]]:
    # No IN: its parameters would be written out only as the statement runs, and ready() runs the driver itself.
    found: list[ColumnElement[bool]] = [or_(*(SHOP.status == status for status in VISIBLE))]
    if shape.words:
        found.append(condition(shape.words))
    if shape.kinds == 1:
        found.append(SHOP.category == bindparam("kind0"))
    elif shape.kinds:
        found.append(or_(*(SHOP.category == bindparam(f"kind{i}") for i in range(shape.kinds))))
    if shape.boxed:
        cells = (
            SHOP.zkey.between(bindparam(f"box_low{i}"), bindparam(f"box_high{i}")) for i in range(BOX_RANGES)
        )
        found.append(or_(*cells))
        found.append(SHOP.lat.between(bindparam("south"), bindparam("north")))
        found.append(SHOP.lng.between(bindparam("west"), bindparam("east")))
    found.extend(SIDES[side] for side in shape.sides)
    return found
