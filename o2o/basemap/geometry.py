"""Shapes of the basemap: how a feature is stored, which cells it is found under, how it becomes path data."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from operator import sub
from struct import Struct, pack, unpack_from
from typing import NamedTuple

from o2o.kernel.geo import WORLD_BITS, tile_key

AREAS = frozenset({"park", "square", "water", "building"})
# The first zoom that draws a kind. Lanes come at 14 and houses at 15: before that they are only noise.
MIN_ZOOM = {
    "water": 10, "motorway": 10, "river": 11, "park": 11, "primary": 11, "secondary": 12, "rail": 12,
    "street": 13, "square": 14, "service": 14, "path": 16, "building": 15,
}  # fmt: skip
BANDS = (10, 12, 13, 14, 15, 16)  # zooms with cell rows of their own; the others use the next one below
WIDE_BAND = 6  # what would need too many cells is filed once here, and every tile looks here too
LABEL_BAND = 100  # labels placed for zoom z are filed under 100 + z
MAX_CELLS = 256
PAD = 12 / 256  # a cell also finds what lies 12 px outside: half of a wide stroke, or of a line of text

Ring = Sequence[tuple[int, int]]
_HEADER = Struct("<4IBH")


class Feature(NamedTuple):
    """A stored shape, packed by encode_geometry; kind "street@16" is a street's label for zoom 16."""

    kind: str
    name: str
    geometry: bytes


def _area(ring: Ring) -> int:
    """Give twice the signed area of a closed ring (shoelace formula)."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))


def _holds(ring: Ring, x: int, y: int) -> bool:
    """Tell whether a closed ring goes around a point (even-odd crossings)."""
    inside = False
    for (x1, y1), (x2, y2) in pairwise(ring):
        if (y1 > y) != (y2 > y) and (x - x1) * abs(y2 - y1) < (x2 - x1) * (y - y1) * (1 if y2 > y1 else -1):
            inside = not inside
    return inside


def _oriented(rings: Sequence[Ring]) -> Iterator[Ring]:
    """Turn closed rings one way and their holes the other, so that merged paths fill by the nonzero rule."""
    closed = [ring for ring in rings if len(ring) > 3 and ring[0] == ring[-1]]
    for ring in rings:
        if len(ring) > 3 and ring[0] == ring[-1]:
            hole = sum(_holds(other, *ring[0]) for other in closed if other is not ring) % 2 == 1
            if (_area(ring) < 0) != hole:
                ring = ring[::-1]
        yield ring


def encode_geometry(rings: Sequence[Ring]) -> bytes:
    """Pack rings of world units (bounds, point counts, steps); raise ValueError without a point.

    Steps are 16-bit when they fit (all streets do), else 32-bit, so that two C loops decode a whole feature.
    """
    rings = [ring for ring in _oriented(rings) if ring]
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    if not xs:
        raise ValueError("a shape needs a point")
    west, north = min(xs), min(ys)
    steps = [*map(sub, xs, [west, *xs]), *map(sub, ys, [north, *ys])]
    wide = max(map(abs, steps)) > 0x7FFF
    head = _HEADER.pack(west, north, max(xs), max(ys), wide, len(rings))
    counts = pack(f"<{len(rings)}I", *map(len, rings))
    return head + counts + pack(f"<{len(steps)}{'i' if wide else 'h'}", *steps)


def geometry_bounds(data: bytes) -> tuple[int, int, int, int]:
    """Give (west, north, east, south) in world units without unpacking the shape."""
    return unpack_from("<4I", data)


def decode_columns(data: bytes) -> tuple[list[int], list[int], tuple[int, ...]]:
    """Unpack a shape to all x, all y and the number of points of each ring: the form the drawing wants."""
    west, north, _, _, wide, rings = _HEADER.unpack_from(data)
    counts = unpack_from(f"<{rings}I", data, _HEADER.size)
    points = sum(counts)
    steps = unpack_from(f"<{2 * points}{'i' if wide else 'h'}", data, _HEADER.size + 4 * rings)
    # The first step is from the corner of the bounds.
    xs = list(accumulate((west + steps[0], *steps[1:points])))
    ys = list(accumulate((north + steps[points], *steps[points + 1 :])))
    return xs, ys, counts


def decode_geometry(data: bytes) -> list[list[tuple[int, int]]]:
    """Unpack rings of (x, y) in world units."""
    xs, ys, counts = decode_columns(data)
    rings = []
    start = 0
    for count in counts:
        rings.append(list(zip(xs[start : start + count], ys[start : start + count], strict=True)))
        start += count
    return rings


def _band(z: int) -> int:
    """Give the band that a tile of zoom z reads."""
    return max((band for band in BANDS if band <= z), default=BANDS[0])


def _bands(kind: str) -> list[tuple[int, int]]:
    """List the (stored level, zoom of its cells) under which a kind is filed."""
    base, _, zoom = kind.partition("@")
    if zoom:
        return [(LABEL_BAND + int(zoom), int(zoom))]
    last = [*(band - 1 for band in BANDS[1:]), 99]
    return [(band, band) for band, end in zip(BANDS, last, strict=True) if MIN_ZOOM[base] <= end]


def _span(rings: Sequence[Ring], size: int, filled: bool) -> int:
    """Estimate how many cells of a size a shape needs, before any is listed."""
    if not filled:
        steps = (pair for ring in rings for pair in pairwise(ring))
        return sum(max(abs(x2 - x1), abs(y2 - y1)) for (x1, y1), (x2, y2) in steps) // size
    xs = [x for ring in rings for x, _ in ring]
    ys = [y for ring in rings for _, y in ring]
    return ((max(xs) - min(xs)) // size + 1) * ((max(ys) - min(ys)) // size + 1)


def _cover(rings: Sequence[Ring], zoom: int, filled: bool) -> list[int] | None:
    """Give the Morton keys of the zoom's cells that a shape touches or nearly touches; None when too many."""
    size = 1 << (WORLD_BITS - zoom)
    if zoom > WIDE_BAND and _span(rings, size, filled) > MAX_CELLS:
        return None
    pad = int(size * PAD)
    top = (1 << zoom) - 1
    rows: dict[int, set[int]] = {}
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], ring[-1]], strict=True):
            pieces = max(abs(x2 - x1), abs(y2 - y1)) // size + 1
            for i in range(pieces):
                xa, xb = sorted((x1 + (x2 - x1) * i // pieces, x1 + (x2 - x1) * (i + 1) // pieces))
                ya, yb = sorted((y1 + (y2 - y1) * i // pieces, y1 + (y2 - y1) * (i + 1) // pieces))
                columns = range(max(0, (xa - pad) // size), min(top, (xb + pad) // size) + 1)
                for row in range(max(0, (ya - pad) // size), min(top, (yb + pad) // size) + 1):
                    rows.setdefault(row, set()).update(columns)
    if filled:
        rows = {row: set(range(min(columns), max(columns) + 1)) for row, columns in rows.items()}
    return sorted(tile_key(column, row) for row, columns in rows.items() for column in columns)


def feature_cells(rings: Sequence[Ring], kind: str) -> list[tuple[int, int]]:
    """List the (level, cell key) rows to store for a feature, so that tile_cells finds it; world units."""
    cells: dict[tuple[int, int], None] = {}
    for level, zoom in _bands(kind):
        keys = _cover(rings, zoom, kind in AREAS)
        if keys is None:
            level = WIDE_BAND
            keys = _cover(rings, WIDE_BAND, kind in AREAS) or []
        cells.update(dict.fromkeys((level, key) for key in keys))
    return list(cells)


def tile_cells(z: int, x: int, y: int) -> list[tuple[int, int]]:
    """List the (level, cell key) pairs whose features a tile draws: equality look-ups, never a scan."""
    band = _band(z)
    if z < band:
        return []
    ancestors = [(level, tile_key(x >> (z - level), y >> (z - level))) for level in (band, WIDE_BAND)]
    return [*ancestors, (LABEL_BAND + z, tile_key(x, y))]


def clip_line(points: Ring, low: tuple[int, int], high: tuple[int, int]) -> Iterator[Ring]:
    """Cut a line at its own points into runs near a box; no point moves, so neighbouring tiles agree."""
    run: list[tuple[int, int]] = []
    for (x1, y1), (x2, y2) in pairwise(points):
        outside = (
            (x1 < low[0] and x2 < low[0])
            or (x1 > high[0] and x2 > high[0])
            or (y1 < low[1] and y2 < low[1])
            or (y1 > high[1] and y2 > high[1])
        )
        if not outside:
            run = run or [(x1, y1)]
            run.append((x2, y2))
        elif run:
            yield run
            run = []
    if run:
        yield run


def clip_area(ring: Ring, low: tuple[int, int], high: tuple[int, int]) -> Ring:
    """Cut a closed ring to a box (Sutherland and Hodgman 1974)."""
    for axis, edge, sign in ((0, low[0], 1), (0, high[0], -1), (1, low[1], 1), (1, high[1], -1)):
        kept: list[tuple[int, int]] = []
        for p, q in zip([ring[-1], *ring[:-1]] if ring else [], ring, strict=True):
            p_in = (p[axis] - edge) * sign >= 0
            q_in = (q[axis] - edge) * sign >= 0
            if p_in != q_in:
                other = p[1 - axis] + (q[1 - axis] - p[1 - axis]) * (edge - p[axis]) // (q[axis] - p[axis])
                kept.append((edge, other) if axis == 0 else (other, edge))
            if q_in:
                kept.append(q)
        ring = kept
    return ring


def thinned(points: Iterable[tuple[int, int]], step: int) -> list[tuple[int, int]]:
    """Drop points closer than a step to the last one kept; ends stay, and no tile edge is looked at."""
    kept: list[tuple[int, int]] = []
    last_x = last_y = -(1 << 30)
    point = None
    for point in points:
        x, y = point
        if x - last_x >= step or last_x - x >= step or y - last_y >= step or last_y - y >= step:
            kept.append(point)
            last_x, last_y = point
    if point is not None and kept[-1] != point:
        kept.append(point)
    return kept


def path_data(runs: Iterable[Ring], closed: bool) -> str:
    """Write the runs of one style as SVG path data; relative steps from run to run are short and compress well."""
    out = []
    end = "z" if closed else ""
    last_x = last_y = 0
    for points in sorted(runs, key=_neighbourhood):
        xs, ys = zip(*points, strict=True)
        steps = [0] * (2 * len(points) - 2)
        steps[::2] = map(sub, xs[1:], xs)
        steps[1::2] = map(sub, ys[1:], ys)
        out.append(f"m{xs[0] - last_x} {ys[0] - last_y}l{' '.join(map(str, steps))}{end}")
        # After z the pen stands where the run began.
        last_x, last_y = points[0] if closed else points[-1]
    return "".join(out).replace(" -", "-")


def _neighbourhood(points: Ring) -> tuple[int, int, int]:
    """Order runs in snaking bands, so that the pen jumps short ways."""
    x, y = points[0]
    return y >> 6, x if y >> 6 & 1 else -x, y
