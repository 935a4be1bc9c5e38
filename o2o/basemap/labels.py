"""Names on the basemap: placed once per zoom for the whole town, so that every tile draws the same words."""

import math
import unicodedata
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise

from o2o.basemap.geometry import AREAS, Feature, Ring, decode_geometry, encode_geometry

LABEL_ZOOMS = range(13, 20)
# First zoom and size in px of each kind's names, most important first: the earlier kind wins a collision.
LABELS = {
    "motorway": (13, 12), "primary": (13, 12), "water": (13, 12), "river": (14, 12), "secondary": (14, 12),
    "park": (14, 11), "square": (15, 11), "street": (15, 11), "service": (16, 10), "path": (17, 10),
}  # fmt: skip
LONGEST = 40  # characters; a longer name would cross more tiles than it helps
STEEP = 50  # degrees; beyond it Chinese characters stand upright one below the other
REPEAT = 420  # px along a street, and in the air, between two labels with the same name
_NARROW = set("iljtfrI.,'-()[]|! ")

Point = tuple[float, float]


def is_ideographic(text: str) -> bool:
    """Tell whether a name is written in characters that may stand upright in a column."""
    return any(
        "\u2e80" <= c <= "\u9fff" or "\uac00" <= c <= "\ud7af" or "\uf900" <= c <= "\ufaff" for c in text
    )


def text_width(text: str) -> float:
    """Estimate the width of a text in ems for a common sans-serif face."""
    width = 0.0
    for c in text:
        if unicodedata.east_asian_width(c) in "WF":
            width += 1
        elif unicodedata.combining(c) == 0:
            width += 0.32 if c in _NARROW else 0.7 if c.isupper() or c in "mwMW" else 0.56
    return width


def clean(text: str) -> str:
    """Keep what XML may hold and a map can show on one line."""
    return " ".join("".join(c if unicodedata.category(c)[0] != "C" else " " for c in text).split())


class Street:
    """A chained line whose points can be asked for by distance, in world units."""

    def __init__(self, points: Ring) -> None:
        self.points = points
        self.reach = list(accumulate((math.dist(p, q) for p, q in pairwise(points)), initial=0.0))
        self.length = self.reach[-1]

    def at(self, distance: float) -> Point:
        """Give the point at a distance from the start."""
        i = min(max(bisect_right(self.reach, distance) - 1, 0), len(self.points) - 2)
        span = self.reach[i + 1] - self.reach[i]
        part = (distance - self.reach[i]) / span if span else 0.0
        (x1, y1), (x2, y2) = self.points[i], self.points[i + 1]
        return x1 + (x2 - x1) * part, y1 + (y2 - y1) * part


def chained(lines: Iterable[Ring]) -> list[Ring]:
    """Join lines that share an end into longer ones, straight on where there is a choice."""
    lines = sorted({tuple(line) for line in lines if len(line) > 1})
    ends: dict[tuple[int, int], list[int]] = defaultdict(list)
    for i, line in enumerate(lines):
        ends[line[0]].append(i)
        ends[line[-1]].append(i)
    used: set[int] = set()

    def grow(chain: list[tuple[int, int]]) -> None:
        while True:
            heading = math.atan2(chain[-1][1] - chain[-2][1], chain[-1][0] - chain[-2][0])
            best: tuple[float, int, list[tuple[int, int]]] | None = None
            for i in ends[chain[-1]]:
                if i in used:
                    continue
                onward = list(lines[i] if lines[i][0] == chain[-1] else lines[i][::-1])
                turn = math.atan2(onward[1][1] - onward[0][1], onward[1][0] - onward[0][0]) - heading
                best = min(best or (9.0, i, onward), (1 - math.cos(turn), i, onward))
            if best is None or best[0] > 1:
                return
            used.add(best[1])
            chain.extend(best[2][1:])

    chains: list[Ring] = []
    for i, line in enumerate(lines):
        if i not in used:
            used.add(i)
            chain = list(line)
            grow(chain)
            chain.reverse()
            grow(chain)
            chains.append(chain)
    return sorted(chains, key=lambda chain: (-Street(chain).length, chain[0]))


class Board:
    """The labels of one zoom that already have their place; answers whether another one fits."""

    def __init__(self, pixel: float) -> None:
        self.pixel = pixel
        self.discs: dict[tuple[int, int], list[tuple[float, float, float]]] = defaultdict(list)
        self.names: dict[str, list[Point]] = defaultdict(list)

    def place(self, name: str, start: Point, end: Point, size: float) -> bool:
        """Take the room for a line of text from start to end, or say that it is taken."""
        middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
        if any(math.dist(middle, other) < REPEAT * 0.7 * self.pixel for other in self.names[name]):
            return False
        radius = (size * 0.62 + 2) * self.pixel
        steps = int(math.dist(start, end) / radius) + 1
        discs = [
            (start[0] + (end[0] - start[0]) * i / steps, start[1] + (end[1] - start[1]) * i / steps, radius)
            for i in range(steps + 1)
        ]
        if any(self._taken(*disc) for disc in discs):
            return False
        for x, y, r in discs:
            self.discs[int(x // (32 * self.pixel)), int(y // (32 * self.pixel))].append((x, y, r))
        self.names[name].append(middle)
        return True

    def _taken(self, x: float, y: float, radius: float) -> bool:
        column, row = int(x // (32 * self.pixel)), int(y // (32 * self.pixel))
        return any(
            (x - ox) ** 2 + (y - oy) ** 2 < (radius + r) ** 2
            for c in (column - 1, column, column + 1)
            for w in (row - 1, row, row + 1)
            for ox, oy, r in self.discs.get((c, w), ())
        )


def _street_spots(street: Street, width: float, pixel: float) -> Iterator[tuple[Point, Point]]:
    """Yield baselines along a street that are straight enough for a text of a width, middle first."""
    room = width + 8 * pixel
    slots = max(1, int(street.length // (REPEAT * pixel)))
    for slot in range(slots):
        middle = street.length * (slot + 0.5) / slots
        tries = int(street.length / slots / 2 // (20 * pixel))
        for i in sorted(range(-tries, tries + 1), key=abs):
            s = middle + i * 20 * pixel
            if s - room / 2 < 0 or s + room / 2 > street.length:
                continue
            start, end = street.at(s - width / 2), street.at(s + width / 2)
            centre = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
            if math.dist(start, end) > 0.985 * width and math.dist(centre, street.at(s)) < 2.5 * pixel:
                yield start, end


def _area_spot(rings: list[list[tuple[int, int]]]) -> tuple[Point, float]:
    """Give the middle and the width of the widest of nine level cuts through an area, the central ones first."""
    ys = [y for _, y in rings[0]]
    best: tuple[float, Point, float] = (-1.0, rings[0][0], 0.0)
    for tenth in (5, 4, 6, 3, 7, 2, 8, 1, 9):
        y = min(ys) + (max(ys) - min(ys)) * tenth / 10 + 0.5
        cuts = sorted(
            x1 + (y - y1) * (x2 - x1) / (y2 - y1)
            for ring in rings
            for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[0]], strict=True)
            if (y1 > y) != (y2 > y)
        )
        for west, east in zip(cuts[::2], cuts[1::2], strict=False):
            score = (east - west) * (1.3 - abs(tenth - 5) / 10)
            best = max(best, (score, ((west + east) / 2, y), east - west))
    return best[1], best[2]


def _reading(start: Point, end: Point, upright: bool) -> tuple[Point, Point]:
    """Turn a baseline the way one reads: left to right, or top to bottom for upright characters."""
    if is_column(start, end) and upright:
        return (start, end) if start[1] <= end[1] else (end, start)
    return (start, end) if start[0] <= end[0] else (end, start)


def is_column(start: Point, end: Point) -> bool:
    """Tell whether a baseline is so steep that upright characters read better than turned ones."""
    return abs(end[1] - start[1]) > math.tan(math.radians(STEEP)) * abs(end[0] - start[0])


def place_labels(features: Iterable[Feature]) -> Iterator[Feature]:
    """Yield the labels of a town as features to store beside the others; the same input gives the same labels.

    Collisions are settled for the whole town and each zoom at once, so that no two tiles can disagree.
    """
    order = list(LABELS)
    lines: dict[str, list[Ring]] = defaultdict(list)
    rank: dict[str, int] = {}
    places: list[tuple[int, float, str, Point]] = []
    for kind, raw, geometry in features:
        name = clean(raw or "")
        if kind not in LABELS or not name or len(name) > LONGEST:
            continue
        if kind in AREAS:
            spot, width = _area_spot(decode_geometry(geometry))
            places.append((order.index(kind), -width, name, spot))
        else:
            lines[name].extend(decode_geometry(geometry))
            rank[name] = min(rank.get(name, 99), order.index(kind))
    streets = [(rank[name], name, Street(chain)) for name, rings in lines.items() for chain in chained(rings)]
    streets.sort(key=lambda s: (s[0], -s[2].length, s[1], s[2].points[0]))
    places.sort()
    for zoom in LABEL_ZOOMS:
        yield from _placed(zoom, streets, places)


def _placed(
    zoom: int, streets: list[tuple[int, str, Street]], places: list[tuple[int, float, str, Point]]
) -> Iterator[Feature]:
    """Place the labels of one zoom, kind by kind in the order of LABELS."""
    pixel = 2.0 ** (20 - zoom)
    board = Board(pixel)
    for index, (kind, (first, size)) in enumerate(LABELS.items()):
        if zoom < first:
            continue
        for _, negative_width, name, (x, y) in (place for place in places if place[0] == index):
            half = text_width(name) * size * pixel / 2
            if 2 * half <= -negative_width * 1.15 and board.place(name, (x - half, y), (x + half, y), size):
                yield _label(kind, zoom, name, (x - half, y), (x + half, y))
        for _, name, street in (street for street in streets if street[0] == index):
            width = (text_width(name) * 1.06) * size * pixel
            for start, end in _street_spots(street, width, pixel):
                if board.place(name, start, end, size):
                    yield _label(kind, zoom, name, *_reading(start, end, is_ideographic(name)))


def _label(kind: str, zoom: int, name: str, start: Point, end: Point) -> Feature:
    """Store a label as its baseline."""
    ring = [(round(start[0]), round(start[1])), (round(end[0]), round(end[1]))]
    return Feature(f"{kind}@{zoom}", name, encode_geometry([ring]))
