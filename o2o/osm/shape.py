"""Points and rings of map objects, packed small: a big city has millions of corners."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import pairwise

Point = tuple[float, float]  # (lat, lng) in degrees
Ring = Sequence[Point]
E7 = 10_000_000  # OpenStreetMap's own precision, about 1 cm; fits 32 bits


def pack(points: Iterable[Point]) -> array[int]:
    """Pack (lat, lng) degrees into 32-bit integers of 1e-7 degree, 8 bytes a point."""
    flat = array("i")
    for lat, lng in points:
        flat.append(round(lat * E7))
        flat.append(round(lng * E7))
    return flat


def unpack(flat: array[int]) -> list[Point]:
    """Undo `pack`."""
    return [(flat[i] / E7, flat[i + 1] / E7) for i in range(0, len(flat), 2)]


def middle(points: Sequence[Point]) -> Point:
    """Give the middle of the box around some points (at least one)."""
    lats = [lat for lat, _ in points]
    lngs = [lng for _, lng in points]
    return (min(lats) + max(lats)) / 2, (min(lngs) + max(lngs)) / 2


def point_inside(rings: Sequence[Ring]) -> Point:
    """Give a point that lies inside an area of closed rings, outer and inner alike (even-odd rule).

    The centroid where it is inside, else the middle of the widest stretch of the latitudes through the
    largest ring: a café round a courtyard must not be shown in the courtyard.
    """
    solid = [ring for ring in rings if len(ring) >= 4]
    if not solid:
        return middle([point for ring in rings for point in ring])
    centre = _centroid(solid)
    if centre and is_inside(centre, solid):
        return centre
    largest = max(solid, key=lambda ring: abs(_moments(ring, ring[0])[0]))
    own = _centroid([largest])
    if own and is_inside(own, solid):
        return own
    return _widest_stretch(largest, solid)


def is_inside(point: Point, rings: Sequence[Ring]) -> bool:
    """Tell whether a point is inside an area by the even-odd rule (ray casting to the east)."""
    return sum(lng > point[1] for lng in _crossings(point[0], rings)) % 2 == 1


def _crossings(lat: float, rings: Sequence[Ring]) -> list[float]:
    found = []
    for ring in rings:
        for (lat1, lng1), (lat2, lng2) in pairwise(ring):
            if (lat1 > lat) != (lat2 > lat):
                found.append(lng1 + (lat - lat1) / (lat2 - lat1) * (lng2 - lng1))
    return sorted(found)


def _moments(ring: Ring, origin: Point) -> tuple[float, float, float]:
    """Give twice the signed area and its first moments about `origin` (shoelace formula)."""
    area = moment_lat = moment_lng = 0.0
    for (lat1, lng1), (lat2, lng2) in pairwise(ring):
        y1, x1, y2, x2 = lat1 - origin[0], lng1 - origin[1], lat2 - origin[0], lng2 - origin[1]
        cross = x1 * y2 - x2 * y1
        area += cross
        moment_lat += (y1 + y2) * cross
        moment_lng += (x1 + x2) * cross
    return area, moment_lat, moment_lng


def _centroid(rings: Sequence[Ring]) -> Point | None:
    """Give the centroid of an area whose inner rings run against the outer ones, None when it has no area."""
    origin = rings[0][0]
    sums = [sum(part) for part in zip(*(_moments(ring, origin) for ring in rings), strict=True)]
    if abs(sums[0]) < 1e-16:
        return None
    return origin[0] + sums[1] / (3 * sums[0]), origin[1] + sums[2] / (3 * sums[0])


def _widest_stretch(largest: Ring, rings: Sequence[Ring]) -> Point:
    """Scan seven latitudes through the largest ring and take the middle of the widest stretch inside."""
    south = min(lat for lat, _ in largest)
    north = max(lat for lat, _ in largest)
    best: tuple[float, Point] = (-1.0, middle(largest))
    for step in range(1, 8):
        lat = south + (north - south) * step / 8
        crossings = _crossings(lat, rings)
        for west, east in zip(crossings[::2], crossings[1::2], strict=False):
            best = max(best, (east - west, (lat, (west + east) / 2)))
    return best[1]
