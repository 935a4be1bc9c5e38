"""The houses of the demo town: rows along the streets, wings behind them, slabs where the town is new."""

import math
from dataclasses import dataclass, field
from random import Random

from o2o.demo.shapes import Box, Field, Line, Point, Way, between, blob
from o2o.demo.streets import HALF, Street


@dataclass(frozen=True, slots=True)
class Manner:
    """How a quarter builds, in metres: widths and depths of houses, the gap between, the step back, the shares of
    empty lots and of yards with a house at their back."""

    wide: tuple[float, float]
    deep: tuple[float, float]
    gap: tuple[float, float]
    back: tuple[float, float]
    empty: float
    yards: float


MANNERS = {
    "high": Manner((11, 19), (13, 19), (0.3, 0.8), (0.8, 1.4), 0.03, 0.5),
    "station": Manner((13, 22), (12, 17), (0.4, 3), (1.2, 2.5), 0.05, 0.4),
    "old": Manner((9, 16), (10, 16), (0.3, 1.0), (0.3, 1.2), 0.04, 0.55),
    "river": Manner((9, 15), (9, 13), (0.6, 3), (1.0, 2.2), 0.08, 0.35),
    "new": Manner((16, 30), (11, 14), (3, 9), (4, 7), 0.08, 0.0),
    "park": Manner((13, 22), (11, 15), (2, 8), (3, 6), 0.1, 0.0),
    "west": Manner((9, 16), (9, 14), (1, 7), (1.5, 4), 0.14, 0.3),
}
FARM = Manner((10, 18), (8, 12), (25, 110), (10, 26), 0.6, 0.0)
LAST_FARM = 2_400  # metres from the centre


@dataclass(slots=True, eq=False)
class House:
    """A footprint; those with a street have a front: where its door is, on which side, how far along."""

    ring: Line
    box: Box
    street: Street | None = None
    left: bool = False
    line: int = 0
    along: float = 0.0
    door: Point = field(init=False)

    def __post_init__(self) -> None:
        """Put the door just inside the front."""
        self.door = self.box.corner(0.0, -0.45)


def build_houses(rng: Random, streets: list[Street], ground: Field) -> list[House]:
    """Build along every street, main ones first, then fill the yards."""
    fronts: list[House] = []
    for street in streets:
        if street.town:
            for number, line in enumerate(street.lines):
                for left in (True, False):
                    fronts += _row(rng, street, number, Way(line), left, ground)
    return [*fronts, *_slabs(rng, streets, ground), *_yards(rng, fronts, ground)]


def is_in_town(at: Point) -> bool:
    """Tell whether a point is in town rather than on a country road."""
    return math.hypot((at[0] - 60) / 1180, (at[1] - 60) / 860) < 1


def _manner(street: Street, at: Point) -> Manner:
    return MANNERS[street.town] if is_in_town(at) else FARM


def _row(rng: Random, street: Street, number: int, way: Way, left: bool, ground: Field) -> list[House]:
    """Build one side of a street from its start to its end."""
    built = []
    along = 2.0
    while along < way.length - 2:
        here = way.at(along)[0]
        if math.hypot(*here) > LAST_FARM:
            along += 200
            continue
        manner = _manner(street, here)
        wide, deep = between(rng, *manner.wide), between(rng, *manner.deep)
        middle, ahead = way.at(along + wide / 2)
        east, north = ahead if left else (-ahead[0], -ahead[1])
        off = HALF[street.kind] + between(rng, *manner.back) + deep / 2
        box = Box(middle[0] - north * off, middle[1] + east * off, east, north, wide / 2, deep / 2)
        is_empty = rng.random() < manner.empty
        if is_empty or not ground.build(box, 0.2):
            along += wide / 2 if is_empty else 2.5
            continue
        built.append(House(_footprint(rng, box), box, street, left, number, along + wide / 2))
        along += wide + between(rng, *manner.gap)
    return built


def _footprint(rng: Random, box: Box) -> Line:
    """Draw a plain house, one with a corner left open, or one around a court that opens to its back."""
    chance = rng.random()
    cut, depth = between(rng, 0.0, 0.4), between(rng, -0.1, 0.4)
    if chance < 0.45:
        ring = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
    elif chance < 0.75:
        ring = [(-1.0, -1.0), (1.0, -1.0), (1.0, depth), (cut, depth), (cut, 1.0), (-1.0, 1.0)]
    else:
        court = 0.25 + cut / 2
        ring = [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (court, 1.0), (court, depth), (-court, depth),
                (-court, 0.9), (-1.0, 0.9)]  # fmt: skip
    side = 1 if rng.random() < 0.5 else -1
    line = [box.corner(side * along, back) for along, back in ring]
    return [*line, line[0]]


def _yards(rng: Random, fronts: list[House], ground: Field) -> list[House]:
    """Put houses at the back of yards, two deep where the block is wide."""
    built = []
    for house in fronts:
        assert house.street is not None  # noqa: S101
        front = house.box
        yards = _manner(house.street, house.door).yards
        behind = front.deep
        for _ in range(2):
            if rng.random() >= yards:
                break
            deep = between(rng, 3.6, 5.6)
            behind += between(rng, 4, 8) + deep
            half = max(4.0, front.half * between(rng, 0.7, 1.0))
            x, y = front.corner(between(rng, -0.1, 0.1), behind / front.deep)
            box = Box(x, y, front.east, front.north, half, deep)
            behind += deep
            if ground.build(box, 0.8):
                built.append(House(_footprint(rng, box), box))
    return built


def _plain(box: Box) -> Line:
    ring = [box.corner(-1, -1), box.corner(1, -1), box.corner(1, 1), box.corner(-1, 1)]
    return [*ring, ring[0]]


def _slabs(rng: Random, streets: list[Street], ground: Field) -> list[House]:
    """Fill the yards of the newer quarters with blocks of flats in rows."""
    built = []
    for street in streets:
        if street.town not in ("new", "park"):
            continue
        for way in map(Way, street.lines):
            along = 30.0
            while along < way.length - 30:
                middle, (east, north) = way.at(along)
                for off in (44, 72, -44, -72):
                    x, y = middle[0] - north * off, middle[1] + east * off
                    box = Box(x, y, east, north, between(rng, 15, 23), between(rng, 5.5, 6.5))
                    if x > 60 and y > -600 and is_in_town((x, y)) and ground.build(box, 6):
                        built.append(House(_plain(box), box))
                along += 56
    return built


def plant_gardens(rng: Random, ground: Field) -> list[Line]:
    """Plant small gardens where the houses left room."""
    gardens = []
    for _ in range(900):
        x, y = between(rng, -1000, 1200), between(rng, -720, 800)
        size = between(rng, 7, 19)
        if ground.is_lived_in(x, y) and ground.build(Box(x, y, 1.0, 0.0, size, size * 0.8), 2):
            gardens.append(blob(rng, x, y, size, size * 0.75, 0.1))
    return gardens


def is_near(house: House, point: Point, metres: float) -> bool:
    """Tell whether a house's door is near a point."""
    return math.dist(house.door, point) <= metres
