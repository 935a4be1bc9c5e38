"""Nearest first through Morton ranges: the few tiles around a point that hold everything within a distance.

Distance is planar at the visitor's latitude, in degrees of latitude squared: within a town it orders like the
great circle, and both databases compute it alike. An answer is exact: it is taken when its farthest row is
inside the radius that the tiles surely cover, else asked once more with tiles that cover that distance.
"""

import math
from typing import NamedTuple

from o2o.kernel.geo import ZKEY_ZOOM, BBox, tile_key, tile_of

SPAN = 3  # tiles across a block: more of them fit a circle closer, and cost more index searches
RANGES = SPAN * SPAN  # of a block; unused ones are empty, so that every search has the same shape
BOX_SPAN = 4
BOX_RANGES = BOX_SPAN * BOX_SPAN
EMPTY = (1, 0)
WIDER = 1e-9  # degrees; more than what rounding can lose at a circle's edge


class Block(NamedTuple):
    """Ranges of zkeys (both ends included) and the squared distance they surely cover."""

    ranges: tuple[tuple[int, int], ...]
    reach: float


def block(lat: float, lng: float, squared: float) -> Block:
    """Cover everything within a squared distance of a position by at most SPAN x SPAN tiles.

    The edges of the world are no edges of the answer: nothing lies beyond them.
    """
    north = math.sqrt(squared) + WIDER
    east = north / max(math.cos(math.radians(lat)), 1e-6) + WIDER
    if north > 60 or east > 60:
        return WORLD
    box = BBox(
        max(-180.0, lng - east), max(-90.0, lat - north), min(180.0, lng + east), min(90.0, lat + north)
    )
    finest = min(ZKEY_ZOOM, int(math.log2(360 * SPAN / (2 * east))))
    return Block(_covering(box, SPAN, finest), squared)


def box_ranges(box: BBox) -> tuple[tuple[int, int], ...]:
    """Cover a box by at most 16 tiles' ranges of zkeys."""
    return _covering(box, BOX_SPAN, ZKEY_ZOOM)


def _covering(box: BBox, span: int, finest: int) -> tuple[tuple[int, int], ...]:
    """Cover a box by the tiles of the finest zoom at which it is no more than `span` tiles wide and high."""
    z = finest
    while True:
        left, top = tile_of(box.north, box.west, z)
        right, bottom = tile_of(box.south, box.east, z)
        if right - left < span and bottom - top < span:
            break
        z -= 1
    cells = sorted(tile_key(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))
    return _merged(cells, z, span * span)


def _merged(cells: list[int], z: int, most: int) -> tuple[tuple[int, int], ...]:
    """Join neighbouring tiles' ranges and fill up with empty ones."""
    shift = 2 * (ZKEY_ZOOM - z)
    ranges: list[tuple[int, int]] = []
    for cell in cells:
        low, high = cell << shift, ((cell + 1) << shift) - 1
        if ranges and ranges[-1][1] + 1 == low:
            ranges[-1] = (ranges[-1][0], high)
        else:
            ranges.append((low, high))
    return (*ranges, *(EMPTY,) * (most - len(ranges)))


WORLD = Block(((0, (1 << 2 * ZKEY_ZOOM) - 1), *(EMPTY,) * (RANGES - 1)), math.inf)
