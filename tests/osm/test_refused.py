"""Files that are not a town: each is refused with a code, a sentence, and nothing given out."""

import gzip
import json
import os

import pytest

from o2o.osm.file import REFUSALS, FileRefused
from o2o.osm.read import read_town

OSM = b'<?xml version="1.0"?>\n<!-- by hand -->\n<osm version="0.6">%s</osm>'
SHOP = b'<node id="1" lat="60" lon="25"><tag k="shop" v="bakery"/><tag k="name" v="A"/></node>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(500)
BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
    + b']><osm version="0.6"><node id="1" lat="1" lon="1"><tag k="name" v="&j;"/></node></osm>'
)


def feature(coordinates, kind="Point", **properties):
    tags = {"@id": "node/1", "shop": "bakery", "name": "A", **properties}
    return {"type": "Feature", "properties": tags, "geometry": {"type": kind, "coordinates": coordinates}}


def collection(*features):
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.osm", b"", "empty"),
        ("a.osm.gz", b"", "empty"),
        ("a.osm.gz", gzip.compress(b""), "empty"),
        ("a.osm.pbf", b"", "empty"),
        ("a.geojson", b"", "empty"),
        ("a.zip", OSM % SHOP, "extension"),
        ("a", OSM % SHOP, "extension"),
        ("a.osm.bz2", b"BZh", "extension"),
        ("a.osm", PNG, "not_osm"),
        ("a.osm.gz", PNG, "not_osm"),
        ("a.osm.pbf", PNG, "not_osm"),
        ("a.geojson", PNG, "not_osm"),
        ("a.osm", b"<!doctype html><html><body>404</body></html>", "not_osm"),
        ("a.osm", b'<?xml version="1.0"?><gpx><wpt/></gpx>', "not_osm"),
        ("a.osm", b'<osmChange version="0.6"><create/></osmChange>', "not_osm"),
        ("a.osm", gzip.compress(OSM % SHOP), "not_osm"),
        ("a.osm.gz", OSM % SHOP, "not_osm"),
        ("a.osm.gz", gzip.compress(PNG), "not_osm"),
        ("a.osm.pbf", OSM % SHOP, "not_osm"),
        ("a.osm", OSM % SHOP[:-10], "damaged"),
        ("a.osm", (OSM % SHOP)[:-6], "damaged"),
        ("a.osm", (OSM % SHOP).replace(b' version="0.6"', b""), "damaged"),
        ("a.osm", (OSM % SHOP).replace(b'"A"', b'"\xff\xfe"'), "damaged"),
        ("a.osm.gz", gzip.compress(OSM % (SHOP * 50))[:-8], "damaged"),
        ("a.osm.gz", gzip.compress(OSM % (SHOP * 50))[:60], "damaged"),
        ("a.osm.gz", gzip.compress((OSM % SHOP)[:-6]), "damaged"),
        ("a.osm.gz", gzip.compress(OSM % SHOP) + b"garbage", "damaged"),
        ("a.osm", BOMB, "not_osm"),
        ("a.osm", b'<osm version="0.6">' + BOMB, "damaged"),
        ("a.osm", (OSM % SHOP).replace(b'lat="60"', b'lat="NaN"'), "coordinates"),
        ("a.osm", OSM % b"", "nothing"),
        ("a.osm", OSM % b'<node id="1" lat="60" lon="25"/>', "nothing"),
        ("a.osm", OSM % SHOP.replace(b"60", b"91"), "nothing"),
        ("a.geojson", b"[" * 100_000, "not_osm"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [', "damaged"),
        ("a.geojson", b'{"a": "\xff"}', "damaged"),
        ("a.geojson", b'{"type": "Topology"}', "not_collection"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": {}}', "not_collection"),
        ("a.geojson", b'["FeatureCollection"]', "not_collection"),
        ("a.geojson", collection(), "nothing"),
        ("a.geojson", collection(None, 5, {}, {"geometry": 1, "properties": []}), "nothing"),
        ("a.geojson", collection(feature([25, 91])), "coordinates"),
        ("a.geojson", collection(feature([2_776_000, 8_438_000])), "coordinates"),
        ("a.geojson", collection(feature([25, float("nan")])), "coordinates"),
        ("a.geojson", collection(feature([25])), "coordinates"),
        ("a.geojson", collection(feature(["25", "60"])), "coordinates"),
        ("a.geojson", collection(feature([None, 60])), "coordinates"),
        ("a.geojson", collection(feature(25)), "coordinates"),
        ("a.geojson", collection(feature([[[[25]]]], "MultiPolygon")), "coordinates"),
        ("a.geojson", collection(feature(None, "Polygon")), "coordinates"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": [1e999]}', "nothing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "file",
)
def test_a_bad_file_is_refused(tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(FileRefused) as refused:
        read_town(path)
    assert refused.value.code == code
    assert refused.value.sentence == REFUSALS[code]


def test_a_huge_number_is_no_position(tmp_path):
    path = tmp_path / "a.geojson"
    path.write_bytes(collection(feature([25, 60])).replace(b"[25, 60]", b"[1e999, " + b"9" * 5000 + b"]"))
    with pytest.raises(FileRefused) as refused:
        read_town(path)
    assert refused.value.code in ("coordinates", "damaged")


def test_what_cannot_be_opened(tmp_path):
    (tmp_path / "folder.osm").mkdir()
    (tmp_path / "link.osm").symlink_to(tmp_path / "nowhere.osm")
    for name in ("folder.osm", "link.osm", "missing.osm", "nul\0.osm", "x" * 300 + ".osm"):
        with pytest.raises(FileRefused) as refused:
            read_town(tmp_path / name)
        assert refused.value.code == "unreadable"
    os.mkfifo(tmp_path / "pipe.osm")
    with pytest.raises(FileRefused):
        read_town(tmp_path / "pipe.osm")


def test_too_large_and_the_gzip_bomb(tmp_path):
    path = tmp_path / "a.osm.gz"
    path.write_bytes(gzip.compress(OSM % (SHOP + b" " * 30_000_000)))
    assert path.stat().st_size < 100_000
    with pytest.raises(FileRefused) as refused:
        read_town(path, max_unpacked=20_000_000)
    assert refused.value.code == "too_large"
    assert "20 MB" in str(refused.value)
    with pytest.raises(FileRefused) as refused:
        read_town(path, max_bytes=10_000)
    assert refused.value.code == "too_large"


@pytest.mark.parametrize("file", ["wudaokou.osm.gz", "helsinki.osm.pbf"])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.9, 0.9999])
def test_a_real_file_cut_short(shared, tmp_path, file, share):
    content = (shared / "osm" / file).read_bytes()
    path = tmp_path / file
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(FileRefused) as refused:
        read_town(path)
    assert refused.value.code == "damaged"


def test_geojson_of_the_usual_exporters(tmp_path):
    ring = [[25, 60], [25.001, 60], [25.001, 60.001], [25, 60.001]]
    hole = [
        [25.0001, 60.0001],
        [25.0009, 60.0001],
        [25.0009, 60.0009],
        [25.0001, 60.0009],
        [25.0001, 60.0001],
    ]
    path = tmp_path / "a.GeoJSON"
    path.write_bytes(
        b"\xef\xbb\xbf"
        + collection(
            feature([25, 61]),
            {
                "type": "Feature",
                "id": "way/7",
                **feature([ring, hole], "Polygon", **{"@id": None, "building": "yes"}),
            },
            feature(
                [[ring]], "MultiPolygon", **{"@id": "a9", "name": "osmium", "tags": {"wheelchair": "yes"}}
            ),
            feature(
                [[25, 60], [25.1, 60]],
                "LineString",
                **{"@id": "w12", "shop": "", "highway": "primary", "lanes": 2},
            ),
            feature([25, 62], **{"@id": "5", "name": "No id"}),
            {"type": "Feature", "id": "node/8", "properties": None, "geometry": None},
        )
    )
    town = read_town(path)
    assert {place.osm_id for place in town.places} == {"node/1", "way/7", "relation/4"}
    courtyard = next(place for place in town.places if place.osm_id == "way/7")
    assert not (25.0001 < courtyard.lng < 25.0009 and 60.0001 < courtyard.lat < 60.0009)
    assert [(one.kind, one.osm_id, one.is_area) for one in town.features] == [
        ("building", "way/7", True),
        ("primary", "way/12", False),
    ]
    assert [one.reason for one in town.skipped] == ["no_id"]
    assert next(place for place in town.places if place.name == "osmium").wheelchair == "yes"


def test_progress_is_told(shared, monkeypatch):
    monkeypatch.setattr("o2o.osm.read.PROGRESS_EVERY", 500)
    seen = []
    read_town(shared / "osm/helsinki.osm.pbf", progress=seen.append)
    assert seen == sorted(seen)
    assert len(seen) > 3
