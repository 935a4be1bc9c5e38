"""Real files against an independent reading of them."""

import gzip
import math
import re
import xml.etree.ElementTree as ET

import osmium
import pytest

from o2o.osm.read import read_town

# The independent reading: its own table, own precedence-free comparison, own geometry.
LISTED = {
    "amenity": "restaurant cafe fast_food bar pub ice_cream food_court bank pharmacy clinic dentist doctors "
    "veterinary cinema theatre nightclub post_office car_wash bicycle_rental internet_cafe marketplace "
    "kindergarten language_school",
    "tourism": "hotel hostel guest_house attraction museum gallery",
    "leisure": "fitness_centre sports_centre bowling_alley dance escape_game amusement_arcade",
}
ALWAYS = ("shop", "craft", "healthcare")


def listed_tags(tags):
    """List the key/value pairs of an object that make it a place."""
    found = []
    for key in (*LISTED, *ALWAYS):
        for value in re.split(r"\s*;\s*", tags.get(key, "")):
            wanted = value not in ("", "no", "vacant") if key in ALWAYS else value in LISTED[key].split()
            if wanted:
                found.append(f"{key}/{value}")
    return found


def metres(a, b):
    north = (a[0] - b[0]) * 111_195
    return math.hypot(north, (a[1] - b[1]) * 111_195 * math.cos(math.radians(a[0])))


def named_in_xml(path):
    """Read named places of a .osm.gz with ElementTree: id -> (name, tags, middle of the box)."""
    with gzip.open(path) as file:
        root = ET.parse(file).getroot()
    where = {node.get("id"): (float(node.get("lat")), float(node.get("lon"))) for node in root.iter("node")}
    ways = {way.get("id"): [where[nd.get("ref")] for nd in way.iter("nd")] for way in root.iter("way")}
    named = {}
    for kind in ("node", "way", "relation"):
        for item in root.iter(kind):
            tags = {tag.get("k"): tag.get("v") for tag in item.iter("tag")}
            if kind == "node":
                points = [where[item.get("id")]]
            elif kind == "way":
                points = ways[item.get("id")]
            else:
                points = [point for part in item.iter("member") for point in ways.get(part.get("ref"), ())]
            keep(named, f"{kind}/{item.get('id')}", tags, points)
    return named


def named_in_pbf(path):
    """Read named places of a .osm.pbf from osmium's raw nodes and ways."""
    where, ways, named = {}, {}, {}
    for item in osmium.FileProcessor(path):
        tags = dict(item.tags)
        if item.is_node():
            where[item.id] = points = (item.location.lat, item.location.lon)
            keep(named, f"node/{item.id}", tags, [points])
        elif item.is_way():
            ways[item.id] = [where[node.ref] for node in item.nodes if node.ref in where]
            keep(named, f"way/{item.id}", tags, ways[item.id])
        else:
            points = [point for part in item.members for point in ways.get(part.ref, ())]
            keep(named, f"relation/{item.id}", tags, points)
    return named


def keep(named, osm_id, tags, points):
    if (
        listed_tags(tags)
        and points
        and any(key == "name" or re.match(r"name:[a-z]{2}$", key) for key in tags)
    ):
        lats, lngs = zip(*points, strict=True)
        middle = ((min(lats) + max(lats)) / 2, (min(lngs) + max(lngs)) / 2)
        named[osm_id] = (tags, middle)


@pytest.mark.parametrize(
    ("file", "reading", "least"),
    [
        ("wudaokou.osm.gz", named_in_xml, 100),
        ("xizhimen.osm.gz", named_in_xml, 50),
        ("helsinki.osm.pbf", named_in_pbf, 1000),
    ],
)
def test_an_independent_reading_finds_the_same_places(shared, file, reading, least):
    expected = reading(shared / "osm" / file)
    assert len(expected) >= least
    found = read_town(shared / "osm" / file).places
    missing = []
    for osm_id, (tags, middle) in expected.items():
        allowed = {*listed_tags(tags), *(tag.split("/")[0] for tag in listed_tags(tags))}
        names = {tags[key] for key in tags if key == "name" or key.startswith("name:")}
        if not any(
            place.name in names and place.category in allowed and metres((place.lat, place.lng), middle) <= 40
            for place in found
        ):
            missing.append((osm_id, tags.get("name"), listed_tags(tags)))
    assert len(missing) <= 0.02 * len(expected), missing
    assert {place.osm_id for place in found} <= set(expected)


def test_real_towns_give_what_the_map_needs(shared):
    town = read_town(shared / "osm/helsinki.osm.pbf")
    kinds = {feature.kind for feature in town.features}
    assert kinds == {
        "primary", "secondary", "street", "service", "path", "rail", "park", "square", "water", "river",
        "building",
    }  # fmt: skip
    assert any(feature.name == "Mannerheimintie" and not feature.is_area for feature in town.features)
    assert sum(place.phone is not None for place in town.places) > 250
    assert sum(place.address is not None for place in town.places) > 800
    cafe = next(place for place in town.places if place.osm_id == "node/1007416273")
    assert (cafe.name, cafe.address, cafe.opening_hours) == (
        "Théhuone",
        "Eerikinkatu 10, 00100 Helsinki",
        "Mo-Fr 10:00-19:00; Sa 10:00-18:00",
    )
    assert sum("kahvila" in place.name.casefold() for place in town.places) >= 6


def test_wudaokou_finds_its_chains(shared):
    places = read_town(shared / "osm/wudaokou.osm.gz").places
    for word in ("麦当", "星巴克", "必胜客"):
        assert any(word in f"{place.name} {place.name_zh}" for place in places)
