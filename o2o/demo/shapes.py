"""Plane geometry in metres east and north of the town's centre: curves, patches, houses that may not touch."""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from random import Random
from typing import NamedTuple

Point = tuple[float, float]
Line = list[Point]
CELL = 28.0  # metres; two of them are more than two houses' half diagonals
REACH = 25.0  # half the diagonal of the largest house
BUILT_UP = 2_700.0  # metres from the centre beyond which nobody builds


class Box(NamedTuple):
    """A rectangle: its middle, the unit vector along its front, half its width and half its depth."""

    x: float
    y: float
    east: float
    north: float
    half: float
    deep: float

    def corner(self, along: float, back: float) -> Point:
        """Give a point by shares of half width (along the front) and half depth (away from the street)."""
        a, b = along * self.half, back * self.deep
        return self.x + a * self.east - b * self.north, self.y + a * self.north + b * self.east

    def covers(self, point: Point, margin: float) -> bool:
        """Tell whether a point lies within `margin` metres of the rectangle."""
        dx, dy = point[0] - self.x, point[1] - self.y
        most = self.half + self.deep + margin
        if not (-most < dx < most and -most < dy < most):
            return False
        along = abs(dx * self.east + dy * self.north)
        return along < self.half + margin and abs(dy * self.east - dx * self.north) < self.deep + margin

    def meets(self, other: "Box", gap: float) -> bool:
        """Tell whether two rectangles come nearer than a gap (separating axes)."""
        if math.dist(self[:2], other[:2]) > self.half + self.deep + other.half + other.deep + gap:
            return False
        for axis in ((self.east, self.north), (-self.north, self.east), (other.east, other.north),
                     (-other.north, other.east)):  # fmt: skip
            between = abs((other.x - self.x) * axis[0] + (other.y - self.y) * axis[1])
            if between >= self._reach(axis) + other._reach(axis) + gap:
                return False
        return True

    def _reach(self, axis: Point) -> float:
        along = abs(self.east * axis[0] + self.north * axis[1]) * self.half
        return along + abs(self.east * axis[1] - self.north * axis[0]) * self.deep


class Field:
    """What stands already: houses, and discs along everything that no house may touch."""

    def __init__(self) -> None:
        self._discs: dict[tuple[int, int], list[tuple[float, float, float]]] = defaultdict(list)
        self._boxes: dict[tuple[int, int], list[Box]] = defaultdict(list)
        self._areas: list[tuple[float, float, float, float, Line]] = []

    def keep_line(self, line: Line, clear: float) -> None:
        """Keep houses `clear` metres away from a line; it is filed under every cell whose houses may touch it."""
        far = clear + REACH
        for x, y in curve_points(line, 6):
            if abs(x) > BUILT_UP or abs(y) > BUILT_UP:
                continue
            (first, bottom), (last, top) = _cell(x - far, y - far), _cell(x + far, y + far)
            for column in range(first, last + 1):
                for row in range(bottom, top + 1):
                    self._discs[column, row].append((x, y, clear))

    def keep_area(self, ring: Line) -> None:
        """Keep houses out of an area."""
        xs, ys = zip(*ring, strict=True)
        self._areas.append((min(xs), max(xs), min(ys), max(ys), ring))

    def build(self, box: Box, gap: float) -> bool:
        """Take the room for a house, or say that there is none."""
        column, row = _cell(box.x, box.y)
        if any(box.covers((x, y), clear) for x, y, clear in self._discs.get((column, row), ())):
            return False
        near = [(c, r) for c in range(column - 2, column + 3) for r in range(row - 2, row + 3)]
        if any(box.meets(other, gap) for cell in near for other in self._boxes.get(cell, ())):
            return False
        corners = [box.corner(a, b) for a in (-1, 1) for b in (-1, 1)]
        for west, east, south, north, ring in self._areas:
            beyond = not (west - REACH < box.x < east + REACH and south - REACH < box.y < north + REACH)
            if not beyond and any(holds(ring, point) for point in corners):
                return False
        self._boxes[column, row].append(box)
        return True

    def is_lived_in(self, x: float, y: float) -> bool:
        """Tell whether a place has houses close by."""
        column, row = _cell(x, y)
        around = ((c, r) for c in (column - 1, column, column + 1) for r in (row - 1, row, row + 1))
        return sum(len(self._boxes.get(cell, ())) for cell in around) > 4


def between(rng: Random, low: float, high: float) -> float:
    """Draw a number; Random.random() alone is promised to be the same in every Python."""
    return low + (high - low) * rng.random()


def curve(points: Sequence[Point], step: float = 16) -> Line:
    """Draw a smooth line through points (Catmull and Rom 1974), a point about every `step` metres."""
    ends = [points[0], *points, points[-1]]
    line: Line = []
    for a, b, c, d in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        pieces = max(1, round(math.dist(b, c) / step))
        for i in range(pieces):
            t = i / pieces
            line.append((_spline(t, a[0], b[0], c[0], d[0]), _spline(t, a[1], b[1], c[1], d[1])))
    return [*line, points[-1]]


def _spline(t: float, a: float, b: float, c: float, d: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)


def blob(rng: Random, x: float, y: float, wide: float, high: float, rough: float = 0.12) -> Line:
    """Draw a closed round shape that no compass drew."""
    waves = [(k, between(rng, 0, math.tau), rough / k**0.7) for k in (2, 3, 5, 7)]
    ring = []
    for i in range(48):
        angle = math.tau * i / 48
        size = 1 + sum(share * math.sin(k * angle + phase) for k, phase, share in waves)
        ring.append((x + wide * size * math.cos(angle), y + high * size * math.sin(angle)))
    return [*ring, ring[0]]


def curve_points(line: Line, step: float) -> Iterator[Point]:
    """Yield points on a line, `step` metres apart."""
    for p, q in pairwise(line):
        pieces = max(1, math.ceil(math.dist(p, q) / step))
        for i in range(pieces):
            yield p[0] + (q[0] - p[0]) * i / pieces, p[1] + (q[1] - p[1]) * i / pieces
    yield line[-1]


class Way:
    """A line whose points can be asked for by their distance from its start."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.reach = list(accumulate((math.dist(p, q) for p, q in pairwise(line)), initial=0.0))
        self.length = self.reach[-1]

    def at(self, distance: float) -> tuple[Point, Point]:
        """Give the point at a distance, and the direction there."""
        i = min(max(bisect_right(self.reach, distance) - 1, 0), len(self.line) - 2)
        (x1, y1), (x2, y2) = self.line[i], self.line[i + 1]
        span = (self.reach[i + 1] - self.reach[i]) or 1.0
        past = (distance - self.reach[i]) / span
        return (x1 + (x2 - x1) * past, y1 + (y2 - y1) * past), ((x2 - x1) / span, (y2 - y1) / span)

    def share(self, part_of: float) -> Point:
        """Give the point at a share of the length, from 0 to 1."""
        return self.at(part_of * self.length)[0]


def beside(line: Line, aside: float) -> Line:
    """Draw the line that runs `aside` metres to the left of another (negative: to the right)."""
    drawn = []
    for i, (x, y) in enumerate(line):
        before, after = line[max(0, i - 1)], line[min(len(line) - 1, i + 1)]
        span = math.dist(before, after)
        east, north = (after[0] - before[0]) / span, (after[1] - before[1]) / span
        drawn.append((x - north * aside, y + east * aside))
    return drawn


def part(line: Line, start: Point, end: Point) -> Line:
    """Cut a line from its point nearest to `start` to the one nearest to `end`, in that direction."""
    first, last = (min(range(len(line)), key=lambda i: math.dist(line[i], at)) for at in (start, end))
    return line[first : last + 1] if first <= last else line[last : first + 1][::-1]


class Patch:
    """A piece of ground between four curves (Coons 1967): south and north run east, west and east run north."""

    def __init__(self, south: Line, north: Line, west: Line, east: Line) -> None:
        self.south, self.north, self.west, self.east = Way(south), Way(north), Way(west), Way(east)

    def at(self, u: float, v: float) -> Point:
        """Give the point so far to the east and so far to the north, both from 0 to 1."""
        s, n, w, e = self.south.share(u), self.north.share(u), self.west.share(v), self.east.share(v)
        corners = self.south.line[0], self.south.line[-1], self.north.line[0], self.north.line[-1]

        def blend(axis: int) -> float:
            low = (1 - u) * corners[0][axis] + u * corners[1][axis]
            high = (1 - u) * corners[2][axis] + u * corners[3][axis]
            ruled = (1 - v) * s[axis] + v * n[axis] + (1 - u) * w[axis] + u * e[axis]
            return ruled - ((1 - v) * low + v * high)

        return blend(0), blend(1)


def holds(ring: Line, point: Point) -> bool:
    """Tell whether a closed ring goes around a point (even-odd crossings)."""
    x, y = point
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
            inside = not inside
    return inside


def _cell(x: float, y: float) -> tuple[int, int]:
    return math.floor(x / CELL), math.floor(y / CELL)
