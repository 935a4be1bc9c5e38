"""Reading a small town: names, areas and streets that are kept."""

import xml.etree.ElementTree as ET

import pytest

from o2o.kernel.geo import haversine
from o2o.osm.read import read_town
from o2o.osm.shape import is_inside

# A small town made here.

SQUARE = [(0, 0), (0, 10), (10, 10), (10, 0)]


class Sheet:
    """Write a small .osm file in units of 1e-5 degree (about a metre) around 60 N 25 E."""

    def __init__(self, path):
        self.path, self.nodes, self.ways, self.relations = path, [], [], []

    def node(self, lat=0, lng=0, **tags):
        self.nodes.append((60 + lat / 1e5, 25 + lng / 1e5, tags))
        return len(self.nodes)

    def way(self, points, closed=True, **tags):
        refs = [self.node(*point) for point in points]
        self.ways.append((refs + refs[:1] if closed else refs, tags))
        return len(self.ways)

    def relation(self, members, **tags):
        self.relations.append((members, tags))
        return len(self.relations)

    def write(self):
        root = ET.Element("osm", version="0.6", generator="test")
        for number, (lat, lng, tags) in enumerate(self.nodes, 1):
            self.tagged(ET.SubElement(root, "node", id=str(number), lat=f"{lat:.7f}", lon=f"{lng:.7f}"), tags)
        for number, (refs, tags) in enumerate(self.ways, 1):
            way = ET.SubElement(root, "way", id=str(number))
            for ref in refs:
                ET.SubElement(way, "nd", ref=str(ref))
            self.tagged(way, tags)
        for number, (members, tags) in enumerate(self.relations, 1):
            relation = ET.SubElement(root, "relation", id=str(number))
            for kind, ref, role in members:
                ET.SubElement(relation, "member", type=kind, ref=str(ref), role=role)
            self.tagged(relation, tags)
        ET.ElementTree(root).write(self.path, encoding="UTF-8", xml_declaration=True)
        return read_town(self.path)

    @staticmethod
    def tagged(element, tags):
        for key, value in tags.items():
            ET.SubElement(element, "tag", k=key.replace("__", ":"), v=value)


@pytest.fixture
def sheet(tmp_path):
    return Sheet(tmp_path / "town.osm")


def only(town):
    (place,) = town.places
    return place


def test_names_in_the_order_of_what_people_call_it(sheet):
    sheet.node(
        0, 0, shop="bakery", name="面包房", name__en="Bakehouse", name__fi="Leipomo", alt_name="老面包; 面包"
    )
    sheet.node(90, 0, shop="bakery", name__en="KFC", name__zh="肯德基", name__etymology="Kentucky")
    sheet.node(180, 0, shop="bakery", brand="好利来", brand__en="Holiland")
    sheet.node(270, 0, shop="bakery")
    town = sheet.write()
    first, second, third = sorted(town.places, key=lambda place: place.lat)
    assert (first.name, first.name_en, first.name_zh) == ("面包房", "Bakehouse", None)
    assert first.words == ("Leipomo", "老面包", "面包")
    assert (second.name, second.name_zh, second.name_en) == ("肯德基", "肯德基", "KFC")
    assert second.words == ()
    assert (third.name, third.brand, third.brand_en) == ("好利来", "好利来", "Holiland")
    assert [(one.osm_id, one.reason) for one in town.skipped] == [("node/4", "unnamed")]
    assert town.stats["places"] == 3


def test_everything_known_is_kept_and_cleaned(sheet):
    sheet.node(
        0, 0, amenity="restaurant", name="  Pizza\u202e\u0085 House ",
        cuisine="pizza;ice_cream", operator="Oy Ab", contact__phone="+358 9 1; +358 9 2",
        contact__website="www.example.fi/a?b=1", opening_hours="10:00-20:00", wheelchair="designated",
        addr__street="Aleksanterinkatu", addr__housenumber="5", addr__postcode="00100", addr__city="Helsinki",
    )  # fmt: skip
    place = only(sheet.write())
    assert (place.name, place.category, place.tag) == (
        "Pizza House",
        "amenity/restaurant",
        "amenity=restaurant",
    )
    assert (place.phone, place.website) == ("+358 9 1", "https://www.example.fi/a?b=1")
    assert place.address == "Aleksanterinkatu 5, 00100 Helsinki"
    assert (place.opening_hours, place.wheelchair) == ("10:00-20:00", None)
    assert place.words == ("pizza", "ice cream", "Pizza Restaurant", "披萨餐馆", "Oy Ab")


def test_two_of_one_name_within_thirty_metres_are_one(sheet):
    sheet.node(0, 0, shop="bakery", name="Café Ｏ", phone="12345")
    sheet.node(20, 0, shop="bakery", name="café o", wheelchair="yes", website="https://o.example")
    sheet.node(60, 0, shop="bakery", name="Café O")
    sheet.node(2, 0, shop="bakery", name="Other")
    town = sheet.write()
    assert sorted(place.osm_id for place in town.places) == ["node/2", "node/3", "node/4"]
    joined = next(place for place in town.places if place.osm_id == "node/2")
    assert (joined.phone, joined.wheelchair) == ("12345", "yes")
    (left_out,) = town.skipped
    assert (left_out.osm_id, left_out.reason, left_out.other) == ("node/1", "duplicate", "node/2")
    assert left_out.sentence % {"other": left_out.other} == "is the same place as node/2"


def test_what_is_closed_for_good_is_no_place(sheet):
    sheet.node(0, 0, shop="bakery", name="A", disused="yes")
    sheet.way(SQUARE, shop="bakery", name="B", abandoned="yes")
    sheet.node(0, 0, disused__shop="bakery", name="C")
    sheet.node(0, 0, shop="vacant", name="D")
    sheet.node(90, 0, shop="bakery", name="E", disused="no")
    town = sheet.write()
    assert only(town).name == "E"
    assert town.stats["closed"] == 2
    assert {one.name for one in town.skipped} == {"A", "B"}


def test_an_area_is_shown_inside_itself(sheet):
    around = [(0, 0), (0, 90), (90, 90), (90, 0), (70, 0), (70, 70), (20, 70), (20, 0)]
    sheet.way([(0, 0), (0, 30), (20, 30), (20, 0)], shop="mall", name="Box", building="yes")
    sheet.way([(lat + 200, lng) for lat, lng in around], shop="mall", name="Horseshoe")
    town = sheet.write()
    box, horseshoe = sorted(town.places, key=lambda place: place.lat)
    assert haversine(box.lat, box.lng, 60.0001, 25.00015) < 1
    ring = [(60 + (lat + 200) / 1e5, 25 + lng / 1e5) for lat, lng in [*around, around[0]]]
    assert is_inside((horseshoe.lat, horseshoe.lng), [ring])
    (building,) = town.features
    assert (building.kind, building.is_area, building.name) == ("building", True, "Box")
    assert building.lines[0][0] == building.lines[0][-1]


def test_a_multipolygon_with_a_courtyard(sheet):
    outer = sheet.way([(0, 0), (0, 90), (90, 90), (90, 0)])
    inner = sheet.way([(20, 20), (20, 70), (70, 70), (70, 20)])
    sheet.relation(
        [("way", outer, "outer"), ("way", inner, "inner")],
        type="multipolygon",
        building="yes",
        shop="mall",
        name="Ring",
    )
    town = sheet.write()
    place = only(town)
    (building,) = town.features
    assert (place.osm_id, building.osm_id) == ("relation/1", "relation/1")
    assert len(building.lines) == 2
    assert is_inside((place.lat, place.lng), building.lines)


def test_relations_that_are_cut_off_or_no_shape(sheet):
    part = sheet.way([(0, 0), (0, 90)], closed=False)
    sheet.relation(
        [("way", part, "outer"), ("way", 99, "outer")], type="multipolygon", shop="mall", name="Cut"
    )
    sheet.relation([("node", 1, "")], type="site", tourism="attraction", name="Site")
    sheet.relation([("way", part, "")], type="route", tourism="attraction", name="Bus 5")
    sheet.relation([("way", 98, "outer")], type="multipolygon", shop="mall", name="Elsewhere")
    town = sheet.write()
    assert {(place.osm_id, round(place.lng, 5)) for place in town.places} == {
        ("relation/1", 25.00045),
        ("relation/2", 25.0),
    }
    assert [(one.name, one.reason) for one in town.skipped] == [
        ("Bus 5", "nowhere"),
        ("Elsewhere", "nowhere"),
    ]


def test_odd_ways_still_have_a_place(sheet):
    bow = [(0, 0), (10, 10), (0, 10), (10, 0)]
    sheet.way(bow, shop="bakery", name="Bow tie")
    sheet.way([(200, 0), (200, 10)], closed=False, shop="kiosk", name="Line")
    sheet.way([(400, 0), (400, 10), (410, 10)], area="no", shop="kiosk", name="Fence")
    names = {place.name for place in sheet.write().places}
    assert names == {"Bow tie", "Line", "Fence"}


@pytest.mark.parametrize(
    ("tags", "closed", "kind"),
    [
        ({"highway": "motorway_link"}, False, "motorway"),
        ({"highway": "trunk"}, False, "motorway"),
        ({"highway": "primary"}, False, "primary"),
        ({"highway": "tertiary"}, False, "secondary"),
        ({"highway": "residential"}, True, "street"),
        ({"highway": "service"}, False, "service"),
        ({"highway": "steps"}, False, "path"),
        ({"highway": "footway", "indoor": "yes"}, False, None),
        ({"highway": "proposed"}, False, None),
        ({"highway": "pedestrian", "area": "yes"}, True, "square"),
        ({"place": "square"}, True, "square"),
        ({"railway": "tram"}, False, "rail"),
        ({"railway": "subway", "tunnel": "yes"}, False, None),
        ({"railway": "abandoned"}, False, None),
        ({"waterway": "canal"}, False, "river"),
        ({"waterway": "stream", "tunnel": "culvert"}, False, None),
        ({"natural": "water"}, True, "water"),
        ({"leisure": "park"}, True, "park"),
        ({"landuse": "forest"}, True, "park"),
        ({"building": "roof"}, True, "building"),
        ({"building": "no"}, True, None),
        ({"landuse": "commercial"}, True, None),
    ],
)
def test_what_the_basemap_draws(sheet, tags, closed, kind):
    sheet.node(500, 500, shop="bakery", name="So that there is a place")
    sheet.way(SQUARE, closed=closed, **tags)
    assert [feature.kind for feature in sheet.write().features] == ([kind] if kind else [])


def test_a_bridge_and_a_tunnel_are_told(sheet):
    sheet.way([(0, 0), (0, 90)], closed=False, highway="primary", bridge="viaduct")
    sheet.way([(9, 0), (9, 90)], closed=False, highway="primary", tunnel="yes", name="Tube")
    over, under = sheet.write().features
    assert (over.is_bridge, over.is_tunnel, under.is_bridge, under.is_tunnel) == (True, False, False, True)
    assert under.name == "Tube"
