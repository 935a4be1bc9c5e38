"""The streets of the demo town: arterials drawn by hand, lanes between them by the seed."""

import math
from dataclasses import dataclass
from itertools import pairwise
from random import Random

from o2o.demo.ground import Ground
from o2o.demo.shapes import Field, Line, Patch, beside, between, curve, holds, part

# Half the width of the carriageway with its pavements, in metres.
HALF = {"primary": 9.0, "secondary": 7.5, "street": 5.5, "service": 3.2}

HIGH = ((8600, 2500), (5000, 1300), (2700, 700), (1700, 465), (1150, 330), (760, 262), (400, 165), (120, 62),
        (-140, 22), (-400, 48), (-520, 78), (-700, 112), (-1050, 50), (-1650, -190), (-2700, -480), (-5200, -700),
        (-8600, -1900))  # fmt: skip
STATION = ((240, 905), (228, 780), (200, 640), (150, 420), (132, 240), (120, 62))
SOUTH = ((120, 62), (148, -130), (196, -330), (236, -500), (262, -690), (180, -1000), (-80, -1500), (-260, -2600),
         (200, -5000), (-300, -8600))  # fmt: skip
NORTH_GATE = ((-742, 622), (-430, 706), (-110, 742), (214, 715))
BACK = ((214, 715), (600, 800), (1010, 770))
EAST_RING = ((1010, 770), (1085, 560), (1150, 330), (1175, 60), (1110, -260), (1010, -560),
             (985, -700), (1060, -1050), (1330, -1800), (1900, -3200), (3600, -5600))  # fmt: skip
WEST_RING = ((-1050, 50), (-940, -300), (-720, -600))
MULBERRY = ((-720, -600), (-330, -735), (262, -690))


@dataclass(slots=True)
class Street:
    """A street by its names; `town` is the quarter whose houses line it."""

    name_zh: str
    name_en: str
    kind: str
    town: str
    lines: list[Line]


@dataclass(frozen=True, slots=True)
class Quarter:
    """A patch of town between four curves, its lanes to be drawn."""

    key: str
    ground: Patch
    across: tuple[tuple[str, str], ...]  # names of the lanes that run east, southern ones first
    along: tuple[tuple[str, str], ...]  # names of the lanes that run north, western ones first
    sway: float  # how far lanes may be off where they join the next row, as a share of the patch
    missing: float  # how many pieces of lane were never built


OLD_ACROSS = (("柳荫街", "Willow Shade Street"), ("豆腐巷", "Tofu Alley"), ("书院街", "Academy Street"),
              ("染坊巷", "Dyehouse Alley"))  # fmt: skip
OLD_ALONG = (("井沿巷", "Wellside Alley"), ("灯笼街", "Lantern Street"), ("竹器巷", "Bamboo Alley"),
             ("槐树巷", "Locust Tree Alley"), ("鱼市街", "Fish Market Street"))  # fmt: skip
BEND_ACROSS = (("酒坊巷", "Brewhouse Alley"), ("河湾街", "River Bend Street"))
BEND_ALONG = (("纸伞巷", "Paper Umbrella Alley"), ("糖坊街", "Sugar House Street"))
NEW_ACROSS = (("梧桐路", "Plane Tree Road"), ("春晓路", "Spring Dawn Road"), ("学堂路", "Schoolhouse Road"))
NEW_ALONG = (("银杏路", "Ginkgo Road"), ("海棠路", "Crabapple Road"), ("紫藤路", "Wisteria Road"),
             ("石榴路", "Pomegranate Road"))  # fmt: skip
WEST_ACROSS = (("稻香街", "Rice Field Street"), ("磨坊巷", "Mill Alley"), ("船坞巷", "Boatyard Alley"))
WEST_ALONG = (("石桥街", "Stone Bridge Street"), ("桑叶巷", "Mulberry Leaf Alley"))
PARK_ACROSS = (("荷塘街", "Lotus Pond Street"), ("月季路", "China Rose Road"))
PARK_ALONG = (("园西街", "Park West Street"), ("蜻蜓巷", "Dragonfly Alley"), ("园东街", "Park East Street"))


def lay_streets(rng: Random, ground: Ground, field: Field) -> list[Street]:
    """Draw every street; houses will keep off them."""
    high, station, south = curve(HIGH), curve(STATION), curve(SOUTH)
    gate, back, ring = curve(NORTH_GATE), curve(BACK), curve(EAST_RING)
    west_ring, mulberry = curve(WEST_RING), curve(MULBERRY)
    quay = beside(part(ground.river, (-790, 600), (-470, 0)), 62)
    quay = [gate[0], *quay[1:-2], *part(high, (-400, 48), (-398, 48))]
    ferry = beside(part(ground.river, (-560, 40), (200, -480)), -62)
    ferry = [*part(high, (-600, 95), (-602, 95)), *ferry[3:-1], mulberry[-1]]
    bank = [*part(south, (170, -420), (172, -422)),
            *beside(part(ground.river, (250, -500), (985, -720)), 58)[1:-1], (985, -690)]  # fmt: skip
    bend = beside(part(ground.river, (-340, -130), (170, -420)), 60)
    bend = [
        *part(high, (-330, 38), (-328, 38)),
        (-352, -40),
        *bend[1:-1],
        *part(south, (196, -330), (198, -330)),
    ]
    streets = [
        *_with_bridge("柳溪大街", "Willowbrook High Street", "primary", "high", high, ground, "望柳桥"),
        Street("车站路", "Station Road", "secondary", "station", [station]),
        *_with_bridge("南桥路", "South Bridge Road", "secondary", "park", south, ground, "南桥"),
        Street("北门街", "North Gate Street", "street", "old", [gate]),
        Street("站后街", "Behind Station Street", "street", "new", [back]),
        *_with_bridge("东环路", "East Ring Road", "secondary", "new", ring, ground, "东桥"),
        Street("西环路", "West Ring Road", "street", "west", [west_ring]),
        Street("桑园路", "Mulberry Road", "street", "west", [mulberry]),
        Street("河沿街", "Riverside Street", "street", "river", [curve(quay, 12)]),
        Street("渡口街", "Ferry Street", "street", "west", [curve(ferry, 12)]),
        Street("柳堤", "Willow Embankment", "street", "river", [curve(bend, 12)]),
        Street("河滨路", "Riverbank Road", "street", "river", [curve(bank, 14)]),
    ]
    quarters = _quarters(high, station, south, ring, gate, back, west_ring, mulberry, quay, ferry, bank, bend)
    for quarter in quarters:
        streets += _lanes(rng, quarter, ground)
    for street in streets:
        for line in street.lines:
            field.keep_line(line, HALF[street.kind])
    return streets


def _quarters(
    high: Line, station: Line, south: Line, ring: Line, gate: Line, back: Line, west_ring: Line,
    mulberry: Line, quay: Line, ferry: Line, bank: Line, bend: Line,
) -> list[Quarter]:  # fmt: skip
    cross, east = (120, 62), (1150, 330)
    old = Patch(part(high, (-400, 48), cross), gate, quay[::-1], part(station, cross, (214, 715)))
    new = Patch(
        part(high, cross, east), back, part(station, cross, (214, 715)), part(ring, east, (1010, 770))
    )
    south_bank = part(south, (170, -420), cross)
    park = Patch(bank, part(high, cross, east), south_bank, part(ring, (985, -690), east))
    bow = Patch(bend[2:], part(high, (-330, 38), cross), bend[2::-1], part(south, (196, -330), cross))
    west = Patch(mulberry, part(high, (-1050, 50), (-600, 95)), west_ring[::-1], ferry[::-1])
    return [
        Quarter("old", old, OLD_ACROSS, OLD_ALONG, 0.045, 0.12),
        Quarter("old", bow, BEND_ACROSS, BEND_ALONG, 0.04, 0.0),
        Quarter("new", new, NEW_ACROSS, NEW_ALONG, 0.012, 0.06),
        Quarter("park", park, PARK_ACROSS, PARK_ALONG, 0.01, 0.0),
        Quarter("west", west, WEST_ACROSS, WEST_ALONG, 0.04, 0.1),
    ]


def _with_bridge(
    zh: str, en: str, kind: str, town: str, line: Line, ground: Ground, bridge: str
) -> list[Street]:
    """Cut a street where it crosses the river: the bridge has a name of its own."""
    near = [point for point in ground.river if abs(point[0]) < 1_500]
    wet = [i for i, at in enumerate(line) if min(math.dist(at, point) for point in near) < 30]
    first, last = wet[0] - 1, wet[-1] + 1
    over = Street(bridge, bridge, kind, "", [line[first : last + 1]])
    return [Street(zh, en, kind, town, [line[: first + 1], line[last:]]), over]


def _lanes(rng: Random, quarter: Quarter, ground: Ground) -> list[Street]:
    """Draw a quarter's lanes: through ones from west to east, staggered ones between them."""
    rows, columns = len(quarter.across), len(quarter.along)
    levels = [0.0, *((i + 1 + between(rng, -0.14, 0.14)) / (rows + 1) for i in range(rows)), 1.0]
    found = []
    for (zh, en), v in zip(quarter.across, levels[1:-1], strict=True):
        line = [quarter.ground.at(i / 24, v) for i in range(25)]
        found.append(Street(zh, en, _kind(zh), quarter.key, _outside(line, ground)))
    for i, (zh, en) in enumerate(quarter.along):
        middle = (i + 1 + between(rng, -0.12, 0.12)) / (columns + 1)
        lines: list[Line] = []
        for low, high in pairwise(levels):
            u = middle + between(rng, -quarter.sway, quarter.sway)
            line = [quarter.ground.at(u, low + (high - low) * j / 6) for j in range(7)]
            if rng.random() >= quarter.missing:
                lines += _outside(line, ground)
        found.append(Street(zh, en, _kind(zh), quarter.key, lines))
    return [street for street in found if street.lines]


def _kind(name_zh: str) -> str:
    return "service" if name_zh.endswith("巷") else "street"


def _outside(line: Line, ground: Ground) -> list[Line]:
    """Leave out what would run through the park or a square."""
    pieces: list[Line] = [[]]
    for point in line:
        if any(holds(ring, point) for ring in ground.closed):
            pieces.append([])
        else:
            pieces[-1].append(point)
    return [piece for piece in pieces if len(piece) > 1]
