"""The statements of a search, built once per shape: only their parameters change, so nothing is compiled twice."""

from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, intersect, or_, select, union_all

from o2o.discovery.models import ShopTerm
from o2o.discovery.near import BOX_RANGES, RANGES
from o2o.offers.models import Offer, Terms
from o2o.shops.models import Shop

SHOP: Any = Shop.__table__.c
COLUMNS = (
    SHOP.id, SHOP.name, SHOP.name_zh, SHOP.name_en, SHOP.category, SHOP.lat, SHOP.lng, SHOP.live,
    SHOP.open_from, SHOP.open_to,
)  # fmt: skip
AT_LAT, AT_LNG, SHRINK, NOW = (bindparam(name) for name in ("at_lat", "at_lng", "shrink", "now"))
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

    `pieces` says of each piece of text whether it is a prefix, `kinds` whether one category, several or none are
    wanted, `sides` which of SIDES must hold.
    """

    pieces: tuple[bool, ...] = ()
    kinds: str = ""
    boxed: bool = False
    sides: tuple[str, ...] = ()


@lru_cache(maxsize=512)
def count(shape: Shape, first: str) -> Select[Any]:
    """Count what matches, and how much of it is on side `first`."""
    return select(func.count(), func.count().filter(SIDES[first])).where(*_conditions(shape))


@lru_cache(maxsize=512)
def by_distance(shape: Shape) -> Select[Any]:
    """Sort everything that matches: right for small sets."""
    rows = select(*COLUMNS, SQUARED).where(*_conditions(shape))
    return rows.order_by("squared", SHOP.id).limit(bindparam("take")).offset(bindparam("skip"))


@lru_cache(maxsize=512)
def by_tiles(shape: Shape) -> Select[Any]:
    """Sort what matches inside the ranges of a block (low0..high3)."""
    conditions = _conditions(shape)
    parts = [
        select(*COLUMNS, SQUARED).where(
            SHOP.zkey.between(bindparam(f"low{i}"), bindparam(f"high{i}")), *conditions
        )
        for i in range(RANGES)
    ]
    near = union_all(*parts).subquery()
    rows = select(near).order_by(near.c.squared, near.c.id)
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
    rows = select(*COLUMNS, SQUARED).outerjoin(cheapest, cheapest.c.shop_id == SHOP.id)
    rows = rows.where(*_conditions(shape))
    order = (func.coalesce(cheapest.c.price, 2**62), "squared", SHOP.id)
    return rows.order_by(*order).limit(bindparam("take")).offset(bindparam("skip"))


@lru_cache(maxsize=64)
def matching(shape: Shape, most: int) -> Select[Any]:
    """Give everything that matches, by id, for machines."""
    columns = (SHOP.address, SHOP.phone, SHOP.website, SHOP.hours, SHOP.wheelchair, SHOP.osm_id, SHOP.status)
    return select(*COLUMNS, *columns).where(*_conditions(shape)).order_by(SHOP.id).limit(most)


def text_condition(pieces: tuple[bool, ...]) -> ColumnElement[bool]:
    """Ask for shops that have every piece: one range of the term index each, then their intersection."""
    ranges = [_range(i, is_prefix) for i, is_prefix in enumerate(pieces)]
    return SHOP.id.in_(ranges[0] if len(ranges) == 1 else intersect(*ranges))


def _range(i: int, is_prefix: bool) -> Select[Any]:
    term = bindparam(f"term{i}")
    rows = select(ShopTerm.shop_id)
    if is_prefix:
        return rows.where(ShopTerm.term >= term, ShopTerm.term < bindparam(f"last{i}"))
    return rows.where(ShopTerm.term == term)


def _conditions(shape: Shape) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [SHOP.status != "gone"]
    if shape.pieces:
        found.append(text_condition(shape.pieces))
    if shape.kinds == "one":
        found.append(SHOP.category == bindparam("kind"))
    elif shape.kinds:
        found.append(SHOP.category.in_(bindparam("kinds", expanding=True)))
    if shape.boxed:
        cells = (
            SHOP.zkey.between(bindparam(f"box_low{i}"), bindparam(f"box_high{i}")) for i in range(BOX_RANGES)
        )
        found.append(or_(*cells))
        found.append(SHOP.lat.between(bindparam("south"), bindparam("north")))
        found.append(SHOP.lng.between(bindparam("west"), bindparam("east")))
    found.extend(SIDES[side] for side in shape.sides)
    return found
