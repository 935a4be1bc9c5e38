"""Positions survive their keys, keys agree with tiles, boxes refuse nonsense."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.kernel import geo

lats = st.floats(-85, 85)
lngs = st.floats(-180, 179.999999)
zooms = st.integers(0, 26)


@given(st.integers(0, 2**52 - 1))
def test_every_zkey_is_the_key_of_its_own_middle(key):
    assert geo.zkey(*geo.unzkey(key)) == key


@given(lats, lngs)
def test_a_zkey_is_within_a_metre_of_its_position(lat, lng):
    back = geo.unzkey(geo.zkey(lat, lng))
    assert geo.haversine(lat, lng, *back) < 0.5


@given(st.integers(0, 2**28 - 1), st.integers(0, 2**28 - 1))
def test_world_units_survive_degrees(x, y):
    assert geo.world_of(*geo.unworld(x, y)) == (x, y)


@given(lats, lngs, zooms)
def test_a_shifted_zkey_is_the_tile_key(lat, lng, z):
    assert geo.zkey(lat, lng) >> 2 * (geo.ZKEY_ZOOM - z) == geo.tile_key(*geo.tile_of(lat, lng, z))


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_tile_keys_come_apart_again(x, y):
    assert geo.untile_key(geo.tile_key(x, y)) == (x, y)


@given(st.integers(0, 2**20), st.integers(0, 2**20), st.integers(0, 3))
def test_children_of_a_tile_are_a_contiguous_range(x, y, quarter):
    child = geo.tile_key(2 * x + quarter % 2, 2 * y + quarter // 2)
    assert child == 4 * geo.tile_key(x, y) + quarter


@given(lats, lngs, st.integers(0, 20))
def test_a_tile_bounds_what_it_holds(lat, lng, z):
    west, south, east, north = geo.tile_bounds(z, *geo.tile_of(lat, lng, z))
    assert west - 1e-9 <= lng <= east + 1e-9
    assert south - 1e-9 <= lat <= north + 1e-9


@pytest.mark.parametrize(("lat", "lng"), [(90, 180), (-90, -180), (90, -180), (-90, 180), (0, 180), (0, 0)])
def test_the_edges_of_the_world_have_keys(lat, lng):
    assert 0 <= geo.zkey(lat, lng) < 2**52
    assert all(0 <= n < 2**10 for n in geo.tile_of(lat, lng, 10))


def test_known_tiles():
    assert geo.tile_of(60.1699, 24.9384, 16) == (37307, 18969)
    assert geo.tile_of(39.9928, 116.3375, 14) == (13486, 6203)


def test_known_distances():
    assert geo.haversine(60.1699, 24.9384, 59.4370, 24.7536) == pytest.approx(82_140, rel=0.003)
    assert geo.haversine(0, 0, 0, 180) == pytest.approx(math.pi * geo.EARTH_RADIUS)
    assert geo.haversine(5, 5, 5, 5) == 0


@given(lats, lngs, lats, lngs)
def test_distance_is_the_same_both_ways(lat1, lng1, lat2, lng2):
    there = geo.haversine(lat1, lng1, lat2, lng2)
    assert there == pytest.approx(geo.haversine(lat2, lng2, lat1, lng1))
    assert 0 <= there <= math.pi * geo.EARTH_RADIUS + 1


def test_positions_are_blurred_to_about_a_hundred_metres():
    assert geo.round_position(60.169857, 24.938379) == (60.17, 24.938)


def test_a_box_is_read_and_holds_its_edges():
    box = geo.BBox.parse("24.935,60.164, 24.953,60.179")
    assert box == (24.935, 60.164, 24.953, 60.179)
    assert box.contains(60.17, 24.94)
    assert box.contains(60.164, 24.935)
    assert not box.contains(60.163, 24.94)
    assert not box.contains(60.17, 24.96)
    assert box.centre() == pytest.approx((60.1715, 24.944))


@pytest.mark.parametrize(
    "text",
    ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "nan,0,1,1", "0,0,inf,1", "2,0,1,1", "0,2,1,1", "-181,0,1,1",
     "0,-91,1,1", "0,0,181,1", "0,0,1,91", "0,0,1,1e1", "1_0,0,20,1", "٠,0,1,1", ",,,", "0,0,1,", "179,0,-179,1",
     "0;0;1;1", "9" * 400 + ",0,1,1"],
)  # fmt: skip
def test_nonsense_is_no_box(text):
    with pytest.raises(ValueError, match=r"must not lie|four numbers"):
        geo.BBox.parse(text)


@given(st.text())
def test_any_text_is_a_box_or_a_value_error(text):
    try:
        box = geo.BBox.parse(text)
    except ValueError:
        return
    assert box.west <= box.east
