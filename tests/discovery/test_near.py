"""Blocks of tiles cover what they promise, at the edges of the world too."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.discovery.near import RANGES, WORLD, block, box_ranges
from o2o.kernel.geo import BBox, zkey

lats = st.floats(-84, 84)
lngs = st.floats(-179.9, 179.9)


def inside(ranges: tuple[tuple[int, int], ...], lat: float, lng: float) -> bool:
    return any(low <= zkey(lat, lng) <= high for low, high in ranges)


@given(lats, lngs, st.floats(0, 8), st.floats(0, 2 * math.pi), st.floats(0, 1))
def test_everything_within_reach_is_in_the_block(
    lat: float, lng: float, power: float, angle: float, part: float
) -> None:
    found = block(lat, lng, 10**-power)
    assert len(found.ranges) == RANGES
    assert found.reach >= 10**-power
    reach = math.sqrt(10**-power) * part
    other = lat + reach * math.sin(angle)
    beside = lng + reach * math.cos(angle) / math.cos(math.radians(lat))
    if abs(other) < 85 and abs(beside) < 180:
        assert inside(found.ranges, other, beside)


@given(lats, lngs, st.floats(0, 1e6))
def test_a_block_is_found_for_every_distance(lat: float, lng: float, squared: float) -> None:
    found = block(lat, lng, squared)
    assert found.reach >= squared
    assert inside(found.ranges, lat, lng)


@given(lats, lngs, st.floats(0, 2), st.floats(0, 2), st.floats(0, 1), st.floats(0, 1))
def test_a_box_is_covered(lat: float, lng: float, high: float, wide: float, up: float, along: float) -> None:
    box = BBox(lng, lat, min(180.0, lng + wide), min(85.0, lat + high))
    ranges = box_ranges(box)
    assert inside(ranges, lat + (box.north - lat) * up, lng + (box.east - lng) * along)


@pytest.mark.parametrize(("lat", "lng"), [(85.05, 179.999), (-85.05, -180.0), (0.0, 0.0), (0.0, 180.0)])
def test_the_corners_of_the_world(lat: float, lng: float) -> None:
    for power in range(-4, 10):
        assert inside(block(lat, lng, 10**-power).ranges, lat, lng)
    assert inside(WORLD.ranges, lat, lng)
