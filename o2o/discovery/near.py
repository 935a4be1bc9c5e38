"""Nearest first through Morton ranges: the 2x2 tiles around a point, at the finest zoom that holds enough.

Distance is planar at the visitor's latitude, in degrees of latitude squared: within a town it orders like the
great circle, and both databases compute it alike. An answer is exact: it is taken when its farthest row is
inside the radius that the tiles surely cover, else asked once more with tiles that cover that distance.
"""

import math
from typing import NamedTuple

from o2o.kernel.geo import ZKEY_ZOOM, BBox, tile_bounds, tile_key, tile_of

FINEST = 17
COARSEST = 1
RANGES = 4  # of a block; unused ones are empty, so that every search has the same shape
BOX_RANGES = 16
EMPTY = (1, 0)


class Block(NamedTuple):
    """Ranges of zkeys (both ends included) and the squared distance they surely cover."""

    ranges: tuple[tuple[int, int], ...]
    reach: float


def block(lat: float, lng: float, z: int) -> Block:
    """Give the 2x2 tiles of zoom z whose shared corner is nearest to a position."""
    half_x, half_y = tile_of(lat, lng, z + 1)
    size = 1 << z
    left = (half_x - 1) // 2
    top = (half_y - 1) // 2
    west, _, _, north = tile_bounds(z, left, top)
    _, south, east, _ = tile_bounds(z, left + 1, top + 1)
    shrink = math.cos(math.radians(lat))
    # The edges of the world are no edges of the answer: nothing lies beyond them.
    sides = [
        (lng - west) * shrink if left >= 0 else math.inf,
        (east - lng) * shrink if left + 1 < size else math.inf,
        north - lat if top >= 0 else math.inf,
        lat - south if top + 1 < size else math.inf,
    ]
    cells = sorted(
        tile_key(x, y) for x in (left, left + 1) for y in (top, top + 1) if 0 <= x < size and 0 <= y < size
    )
    return Block(_merged(cells, z, RANGES), min(sides) ** 2)


def block_reaching(lat: float, lng: float, squared: float) -> Block:
    """Give the finest block that surely covers a squared distance."""
    for z in range(FINEST, COARSEST, -1):
        found = block(lat, lng, z)
        if found.reach >= squared:
            return found
    return WORLD


def box_ranges(box: BBox) -> tuple[tuple[int, int], ...]:
    """Cover a box by at most 16 tiles' ranges of zkeys."""
    z = ZKEY_ZOOM
    while True:
        left, top = tile_of(box.north, box.west, z)
        right, bottom = tile_of(box.south, box.east, z)
        if right - left < 4 and bottom - top < 4:
            break
        z -= 1
    cells = sorted(tile_key(x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))
    return _merged(cells, z, BOX_RANGES)


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
