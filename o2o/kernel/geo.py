"""Places on Earth as numbers: degrees, Web-Mercator world units, tiles, Morton keys; knows no database."""

import math
import re
from typing import NamedTuple

ZKEY_ZOOM = 26  # a zkey is the Morton key of the zoom-26 tile: 52 bits, about 0.6 m at the equator
WORLD_BITS = 28  # world units: 2**28 across the equator, a quarter of a pixel at zoom 18
MAX_LATITUDE = 85.0511287798066  # where Web Mercator's square ends: atan(sinh(pi))
EARTH_RADIUS = 6_371_008.8  # metres, mean radius of the WGS-84 ellipsoid (IUGG)

# ASCII digits only: float() would also take "1_0", "nan", "infinity" and digits of other scripts.
_NUMBER = re.compile(r"\s*[+-]?(\d{1,3}(\.\d{0,20})?|\.\d{1,20})\s*", re.ASCII)


def _mercator(lat: float, lng: float) -> tuple[float, float]:
    """Project degrees to the unit square, (0, 0) in the north-west (the usual Web-Mercator tile formula)."""
    lat = max(-MAX_LATITUDE, min(MAX_LATITUDE, lat))
    sine = math.sin(math.radians(lat))
    return lng / 360 + 0.5, 0.5 - math.log((1 + sine) / (1 - sine)) / (4 * math.pi)


def _unmercator(x: float, y: float) -> tuple[float, float]:
    """Give (lat, lng) in degrees for a point of the unit square."""
    return math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * y)))), x * 360 - 180


def _cell(lat: float, lng: float, bits: int) -> tuple[int, int]:
    """Give the column and row of the square that holds a point when each axis has 2**bits of them."""
    x, y = _mercator(lat, lng)
    size = 1 << bits
    return max(0, min(size - 1, int(x * size))), max(0, min(size - 1, int(y * size)))


def world_of(lat: float, lng: float) -> tuple[int, int]:
    """Give the world units (x east, y south, 0 .. 2**28 - 1) of a position in degrees."""
    return _cell(lat, lng, WORLD_BITS)


def unworld(x: int, y: int) -> tuple[float, float]:
    """Give (lat, lng) in degrees of the middle of a world unit."""
    size = 1 << WORLD_BITS
    return _unmercator((x + 0.5) / size, (y + 0.5) / size)


def tile_of(lat: float, lng: float, z: int) -> tuple[int, int]:
    """Give (x, y) of the zoom-z map tile that holds a position in degrees."""
    return _cell(lat, lng, z)


def tile_bounds(z: int, x: int, y: int) -> tuple[float, float, float, float]:
    """Give (west, south, east, north) of a map tile in degrees."""
    size = 1 << z
    north, west = _unmercator(x / size, y / size)
    south, east = _unmercator((x + 1) / size, (y + 1) / size)
    return west, south, east, north


def _spread(n: int) -> int:
    """Put a zero bit before every bit of a number below 2**32 (Morton order by magic masks)."""
    n = (n | n << 16) & 0x0000FFFF0000FFFF
    n = (n | n << 8) & 0x00FF00FF00FF00FF
    n = (n | n << 4) & 0x0F0F0F0F0F0F0F0F
    n = (n | n << 2) & 0x3333333333333333
    return (n | n << 1) & 0x5555555555555555


def _squeeze(n: int) -> int:
    """Undo _spread, ignoring the odd bits."""
    n &= 0x5555555555555555
    n = (n | n >> 1) & 0x3333333333333333
    n = (n | n >> 2) & 0x0F0F0F0F0F0F0F0F
    n = (n | n >> 4) & 0x00FF00FF00FF00FF
    n = (n | n >> 8) & 0x0000FFFF0000FFFF
    return (n | n >> 16) & 0x00000000FFFFFFFF


def tile_key(x: int, y: int) -> int:
    """Interleave tile coordinates below 2**32 into one Morton key (x in the even bits)."""
    return _spread(x) | _spread(y) << 1


def untile_key(key: int) -> tuple[int, int]:
    """Give the tile coordinates (x, y) of a Morton key."""
    return _squeeze(key), _squeeze(key >> 1)


def zkey(lat: float, lng: float) -> int:
    """Give the 52-bit Morton key of a position; ``zkey >> 2 * (26 - z)`` is its tile_key at zoom z."""
    return tile_key(*_cell(lat, lng, ZKEY_ZOOM))


def unzkey(key: int) -> tuple[float, float]:
    """Give (lat, lng) in degrees of the middle of a zkey's square."""
    x, y = untile_key(key)
    size = 1 << ZKEY_ZOOM
    return _unmercator((x + 0.5) / size, (y + 0.5) / size)


def haversine(lat1: float, lng1: float, lat2: float, lng2: float) -> float:
    """Give the great-circle distance in metres between two positions in degrees (haversine formula)."""
    north = math.sin(math.radians(lat2 - lat1) / 2)
    east = math.sin(math.radians(lng2 - lng1) / 2)
    h = north * north + math.cos(math.radians(lat1)) * math.cos(math.radians(lat2)) * east * east
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(h)))


def round_position(lat: float, lng: float) -> tuple[float, float]:
    """Blur a visitor's position to three decimals, about 100 m, as web.md promises."""
    return round(lat, 3), round(lng, 3)


class BBox(NamedTuple):
    """A box in degrees that does not cross the antimeridian; its edges belong to it."""

    west: float
    south: float
    east: float
    north: float

    @classmethod
    def parse(cls, text: str) -> "BBox":
        """Read ``west,south,east,north``; raise ValueError when it is not a box on Earth."""
        parts = text.split(",", 4)
        if len(parts) != 4 or not all(_NUMBER.fullmatch(part) for part in parts):
            raise ValueError("a box is four numbers in degrees: west,south,east,north")
        box = cls(*map(float, parts))
        if not (-180 <= box.west <= box.east <= 180):
            raise ValueError("west must not lie east of east, and both lie within -180 and 180")
        if not (-90 <= box.south <= box.north <= 90):
            raise ValueError("south must not lie north of north, and both lie within -90 and 90")
        return box

    def contains(self, lat: float, lng: float) -> bool:
        """Tell whether a position lies in the box or on its edge."""
        return self.west <= lng <= self.east and self.south <= lat <= self.north

    def centre(self) -> tuple[float, float]:
        """Give (lat, lng) of the middle of the box."""
        return (self.south + self.north) / 2, (self.west + self.east) / 2
