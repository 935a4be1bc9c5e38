"""Every tile of a dense real centre is small and well formed."""

import gzip
import xml.etree.ElementTree as ET

import pytest

from o2o.basemap.geometry import Feature, encode_geometry
from o2o.kernel.geo import tile_of, world_of
from o2o.osm.read import read_town
from tests.basemap.test_tiles import BUDGET, drawn, filed


@pytest.fixture(scope="module")
def helsinki(shared):
    town = read_town(shared / "osm" / "helsinki.osm.pbf")
    features = []
    for item in town.features:
        shape = encode_geometry([[world_of(*point) for point in line] for line in item.lines])
        features.append(Feature(item.kind, item.name or "", shape))
    return filed(features)


@pytest.mark.parametrize("z", range(13, 19))
def test_every_tile_of_helsinki_is_small_and_well_formed(helsinki, z):
    west, north = tile_of(60.179, 24.935, z)
    east, south = tile_of(60.164, 24.953, z)
    for x in range(west, east + 1):
        for y in range(north, south + 1):
            svg = drawn(helsinki, z, x, y)
            ET.fromstring(svg)
            assert "style" not in svg
            assert len(gzip.compress(svg.encode(), 6)) <= BUDGET, (z, x, y)
