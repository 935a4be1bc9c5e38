"""The ground the demo town stands on: river, park and pond, railway, fields and woods around."""

import math
from dataclasses import dataclass, field
from random import Random

from o2o.demo.shapes import Field, Line, Point, beside, between, blob, curve

RIVER_HALF = 19.0  # metres from the middle of the river to its bank
RIVER = (
    (-8600, 2900), (-5200, 2300), (-2700, 1560), (-1900, 1180), (-1250, 960), (-820, 640), (-575, 260),
    (-440, -80), (-180, -360), (230, -500), (640, -575), (1080, -760), (1600, -900), (2700, -1050),
    (5000, -1900), (8600, -2200),
)  # fmt: skip
RAIL = (
    (-8600, 2000), (-5000, 2420), (-2700, 1960), (-1400, 1420), (-500, 1090), (240, 970), (900, 1010),
    (1700, 1200), (2700, 1560), (5200, 1900), (8600, 3300),
)  # fmt: skip
PARK = (
    (430, 20), (560, 70), (720, 100), (850, 74), (905, -60), (880, -210), (815, -330), (690, -385), (540, -390),
    (425, -300), (400, -140),
)  # fmt: skip
POND = (640, -185, 112, 80)
ISLAND = (668, -176, 23, 16)
WOODS = (  # middle x, y, half width, half height
    (-1560, 560, 300, 150), (-520, -1130, 300, 120), (1690, -380, 230, 170), (-1950, 2050, 380, 170),
    (1320, 1560, 360, 150), (2350, -1650, 460, 220), (-2300, -1350, 420, 260), (3300, 330, 460, 200),
    (-3500, 820, 420, 300), (700, -2150, 420, 210), (-330, 2350, 420, 190), (265, 830, 44, 26),
    (-1085, -255, 80, 95), (1290, -60, 66, 130), (-560, 800, 110, 46),
)  # fmt: skip
FIELDS = (  # middle x, y, columns, rows, turned by so many degrees
    (-1230, 300, 5, 4, 8), (-1330, -560, 6, 5, 20), (-150, -1000, 5, 4, -14), (820, -1010, 6, 4, -9),
    (1560, 720, 6, 4, 12), (480, 1330, 7, 4, 5), (-1050, 1560, 6, 4, -20), (1850, 60, 4, 4, 12),
    (-2350, 250, 6, 5, 12), (1500, -1380, 6, 4, -12), (-900, -1550, 7, 5, 4), (2500, 1000, 5, 5, 15),
    (420, -1560, 5, 5, -16), (2650, -520, 5, 4, -10), (-2700, 1050, 5, 4, -25), (1900, 2000, 6, 4, 20),
)  # fmt: skip


@dataclass(slots=True)
class Shape:
    """One thing to draw: `kind` as the basemap knows it, a name or none, lines or closed rings."""

    kind: str
    name: str | None
    lines: list[Line]


@dataclass(slots=True)
class Ground:
    """What was there before the houses."""

    river: Line
    rail: Line
    park: Line
    pond: Line
    closed: list[Line]
    shapes: list[Shape] = field(default_factory=list)


def lay_ground(rng: Random, ground: Field, squares: list[Line]) -> Ground:
    """Lay river, railway, park and fields, and keep houses off them; no lane runs through park or squares."""
    river, rail = curve(RIVER, 22), curve(RAIL, 30)
    park = curve([*PARK, PARK[0]])
    pond = blob(rng, *POND, 0.09)
    brook = curve([(705, -255), (738, -330), (786, -420), (800, -500), (846, -640)])
    woods = [blob(rng, *place, 0.16) for place in WOODS]
    walks = _walks()
    for line, clear in ((river, RIVER_HALF + 9), (rail, 16), (brook, 7), *((walk, 2.5) for walk in walks)):
        ground.keep_line(line, clear)
    for ring in (park, *woods, *squares):
        ground.keep_area(ring)
    laid = Ground(river, rail, park, pond, [park, *squares])
    laid.shapes = [
        *(Shape("park", None, [ring]) for place in FIELDS for ring in _plots(rng, *place)),
        *(Shape("park", None, [ring]) for ring in woods),
        *(Shape("park", None, [_bank(rng, river, side)]) for side in (1, -1)),
        Shape("park", "柳荫公园", [park]),
        Shape("water", None, [_ribbon(rng, river)]),
        Shape("river", "柳溪", [river]),
        Shape("river", "荷溪", [brook]),
        Shape("water", "荷塘", [pond, blob(rng, *ISLAND)]),
        *(Shape("rail", None, [beside(rail, aside)]) for aside in (3, -3)),
        *(Shape("path", None, [walk]) for walk in walks),
    ]
    return laid


def _waves(rng: Random, count: int) -> list[float]:
    """Draw a number between -1 and 1 for every step of a line, neighbours alike."""
    first, second = between(rng, 0, math.tau), between(rng, 0, math.tau)
    return [0.6 * math.sin(first + i * 0.23) + 0.4 * math.sin(second + i * 0.61) for i in range(count)]


def _ribbon(rng: Random, river: Line) -> Line:
    """Draw both banks of the river as one ring, a little wider here than there."""
    left = [a for a, _ in _edges(rng, river, RIVER_HALF, 2.2)]
    right = [b for _, b in _edges(rng, river, RIVER_HALF, 2.2)]
    return [*left, *right[::-1], left[0]]


def _edges(rng: Random, line: Line, half: float, wave: float) -> list[tuple[Point, Point]]:
    """Give the points left and right of a line, `half` metres away, give or take `wave`."""
    left, right = beside(line, half), beside(line, -half)
    found = []
    for (x, y), a, b, more in zip(line, left, right, _waves(rng, len(line)), strict=True):
        far = 1 + more * wave / half
        found.append(
            ((x + (a[0] - x) * far, y + (a[1] - y) * far), (x + (b[0] - x) * far, y + (b[1] - y) * far))
        )
    return found


def _bank(rng: Random, river: Line, side: int) -> Line:
    """Plant willows along one bank, in a strip that swells and thins."""
    inner = beside(river, side * RIVER_HALF * 0.5)
    outer = [pair[0 if side > 0 else 1] for pair in _edges(rng, river, 31, 13)]
    return [*inner, *outer[::-1], inner[0]]


def _plots(rng: Random, x: float, y: float, columns: int, rows: int, turn: float) -> list[Line]:
    """Lay out a patchwork of fields, some of them green; the rest is stubble and paths."""
    east, north = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    across, up = [0.0], [0.0]
    for sizes, count, low, high in ((across, columns, 55, 130), (up, rows, 40, 85)):
        for _ in range(count):
            sizes.append(sizes[-1] + between(rng, low, high))
    plots = []
    for i in range(columns):
        for j in range(rows):
            is_green = rng.random() < 0.5
            ring = []
            for a, b in ((0, 0), (1, 0), (1, 1), (0, 1)):
                u = across[i + a] - across[-1] / 2 + (5 if a == 0 else -5)
                v = up[j + b] - up[-1] / 2 + (4 if b == 0 else -4)
                ring.append((x + u * east - v * north, y + u * north + v * east))
            if is_green:
                plots.append([*ring, ring[0]])
    return plots


def _walks() -> list[Line]:
    """Draw the walks of the park: around the pond, to its gates, and the bridge to the island."""
    around = [
        (640, -68), (745, -88), (795, -185), (750, -280), (640, -305), (525, -275), (485, -185), (535, -95),
        (640, -68),
    ]  # fmt: skip
    return [
        curve(around),
        curve([(640, -68), (650, 10), (690, 105)]),
        curve([(485, -185), (440, -170), (372, -178)]),
        curve([(795, -185), (850, -170), (900, -110)]),
        curve([(640, -305), (600, -350), (585, -430)]),
        curve([(535, -95), (480, -30), (430, 30)]),
        curve([(750, -280), (800, -330), (850, -335)]),
        [(664, -70), (660, -110), (674, -132), (668, -165)],
    ]
