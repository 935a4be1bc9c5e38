"""Draw the demo town: the same seed gives the same ground, streets, houses and shops."""

import csv
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from o2o.demo.ground import Ground, Shape, lay_ground
from o2o.demo.houses import House, build_houses, is_in_town, is_near, plant_gardens
from o2o.demo.shapes import Field, Line, Point, between
from o2o.demo.streets import Street, lay_streets

SEED = 20_260_301
# Open water in the middle of the Bohai Sea, some 70 km from the nearest coast: China's time, and nobody's home.
LAT, LNG = 38.7, 119.6
TIMEZONE, COUNTRY, CURRENCY = "Asia/Shanghai", "CN", "CNY"
NAME_ZH, NAME_EN = "柳溪镇", "Willowbrook"
METRES_PER_DEGREE = 111_195.0  # of latitude, on a sphere of mean radius
ROW = 8
NEXT_DOOR = 60.0  # metres
LIST = Path(__file__).with_name("shops.csv")
MARKET = (45.0, 118.0)
STATION = (236.0, 862.0)
SQUARES = (
    ("集市广场", ((-4, 42), (94, 64), (92, 150), (40, 160), (-8, 138))),
    ("站前广场", ((170, 858), (300, 858), (304, 912), (172, 916))),
    ("渡口广场", ((-628, 60), (-588, 66), (-566, 20), (-604, 8))),
)
HALL = ((180, 920), (290, 920), (290, 942), (180, 942), (180, 920))


@dataclass(slots=True)
class Site:
    """A shop on a frontage, as a map would tell it (shops.rules.Listed)."""

    osm_id: str
    name: str
    name_zh: str | None
    name_en: str | None
    category: str
    lat: float
    lng: float
    address: str | None
    phone: str | None
    opening_hours: str | None
    wheelchair: str | None
    words: tuple[str, ...]
    website: str | None = None
    brand: str | None = None


@dataclass(slots=True)
class Town:
    """All that is drawn, in metres but for the sites."""

    ground: Ground
    streets: list[Street]
    houses: list[House]
    sites: list[Site]
    shapes: list[Shape]


def draw_town(seed: int = SEED) -> Town:
    """Draw the town of a seed."""
    rng = Random(seed)  # noqa: S311 a drawing, not a secret
    field = Field()
    squares = {name: [*corners, corners[0]] for name, corners in SQUARES}
    ground = lay_ground(rng, field, [*squares.values(), list(HALL)])
    streets = lay_streets(rng, ground, field)
    houses = build_houses(rng, streets, field)
    gardens = plant_gardens(rng, field)
    shapes = [
        *(Shape("park", None, [ring]) for ring in gardens),
        *ground.shapes,
        *(Shape("square", name, [ring]) for name, ring in squares.items()),
        Shape("building", "柳溪站", [list(HALL)]),
        *(Shape(street.kind, street.name_zh, [line]) for street in streets for line in street.lines),
        *(Shape("building", None, row) for row in _rows(houses)),
    ]
    return Town(ground, streets, houses, _sites(rng, houses), shapes)


def degrees(point: Point) -> tuple[float, float]:
    """Turn metres of the drawing into (lat, lng), to about a centimetre."""
    shrink = math.cos(math.radians(LAT))
    lat = LAT + point[1] / METRES_PER_DEGREE
    return round(lat, 7), round(LNG + point[0] / METRES_PER_DEGREE / shrink, 7)


def _rows(houses: list[House]) -> Iterator[list[Line]]:
    """Join neighbours to one shape of at most ROW houses: an eighth of the rows to store and to look up."""
    row: list[Line] = []
    last = (math.inf, math.inf)
    for house in houses:
        if row and (len(row) == ROW or math.dist(last, house.door) > NEXT_DOOR):
            yield row
            row = []
        row.append(house.ring)
        last = house.door
    if row:
        yield row


def _sites(rng: Random, houses: list[House]) -> list[Site]:
    """Give every shop of the list a house of its quarter, and the house a number."""
    fronts = [house for house in houses if house.street is not None and is_in_town(house.door)]
    numbers = _numbers(fronts)
    taken: dict[int, House] = {}
    quarters: dict[str, list[House]] = {}
    sites = []
    with LIST.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    for index, row in enumerate(rows, 1):
        where = row["where"]
        if where not in quarters:
            quarters[where] = [house for house in fronts if _lies(house, where)]
        house = _house_for(rng, quarters[where], taken)
        taken[id(house)] = house
        street = house.street
        assert street is not None  # noqa: S101
        number = numbers[id(house)]
        lat, lng = degrees(house.door)
        sites.append(
            Site(
                osm_id=f"demo/{index}",
                name=row["name_zh"],
                name_zh=row["name_zh"],
                name_en=row["name_en"],
                category=row["category"],
                lat=lat,
                lng=lng,
                address=f"{street.name_zh}{number}号 · {number} {street.name_en}",
                phone=_phone(rng),
                opening_hours=row["hours"],
                wheelchair=row["wheelchair"],
                words=(*row["words"].split(), street.name_zh, street.name_en),
            )
        )
    return sites


def _house_for(rng: Random, quarter: list[House], taken: dict[int, House]) -> House:
    """Choose a house nobody has; of a few chances the one farthest from other shops, so that none huddle."""
    wanted = [house for house in quarter if id(house) not in taken]
    chances = [wanted[int(rng.random() * len(wanted))] for _ in range(5)]
    return max(
        chances, key=lambda house: min((math.dist(house.door, o.door) for o in taken.values()), default=0.0)
    )


def _lies(house: House, where: str) -> bool:
    street = house.street
    assert street is not None  # noqa: S101
    if where == "market":
        return is_near(house, MARKET, 105)
    if where == "station":
        return is_near(house, STATION, 210)
    if where == "high":
        return street.town == "high" and is_near(house, (130, 80), 560)
    return street.town == where and is_near(house, (100, 80), 900)


def _numbers(fronts: list[House]) -> dict[int, int]:
    """Number the houses of every street from its start: odd ones on the left, even ones on the right."""
    order = sorted(fronts, key=lambda h: (h.street.name_zh if h.street else "", h.line, h.along))
    last: dict[tuple[str, bool], int] = {}
    numbers = {}
    for house in order:
        key = (house.street.name_zh if house.street else "", house.left)
        last[key] = last.get(key, -1 if house.left else 0) + 2
        numbers[id(house)] = last[key]
    return numbers


def _phone(rng: Random) -> str | None:
    """Make up a number that cannot be dialled: no area code begins with 000. One shop in six gives none."""
    if rng.random() < 1 / 6:
        return None
    return f"000-5550-{int(between(rng, 1000, 9999)):04d}"
