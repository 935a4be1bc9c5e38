"""Tiles join, stay small, say nothing a browser would run, and show what their zoom can carry."""

import math
import random
import re
import xml.etree.ElementTree as ET
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2o.basemap import geometry
from o2o.basemap.geometry import (
    Feature,
    decode_geometry,
    encode_geometry,
    feature_cells,
    geometry_bounds,
    tile_cells,
)
from o2o.basemap.labels import place_labels
from o2o.basemap.tiles import PAPER, SIZE, WIDTHS, draw_tile
from o2o.kernel.geo import WORLD_BITS, tile_of, world_of

SVG = "{http://www.w3.org/2000/svg}"
BUDGET = 10 * 1024  # bytes, gzipped
LAT, LNG = 60.17, 24.94

units = st.integers(0, 2**WORLD_BITS - 1)
rings = st.lists(st.lists(st.tuples(units, units), min_size=1, max_size=12), min_size=1, max_size=4)


def feature(kind, name, *points):
    """Make a feature from (east, north) offsets in metres of the middle of Helsinki."""
    metre = 111_320.0
    shrink = math.cos(math.radians(LAT))
    ring = [world_of(LAT + north / metre, LNG + east / metre / shrink) for east, north in points]
    return Feature(kind, name, encode_geometry([ring]))


def filed(features):
    """Store features and their labels under their cells, as the importer does."""
    cells = defaultdict(list)
    for item in [*features, *place_labels(features)]:
        for cell in feature_cells(decode_geometry(item.geometry), item.kind):
            cells[cell].append(item)
    return cells


def drawn(cells, z, x, y):
    """Draw a tile from what its cells hold."""
    return draw_tile(z, x, y, [item for cell in tile_cells(z, x, y) for item in cells.get(cell, ())])


def names(svg, z, x, y):
    """Give the names of a tile with the world pixel of their first character."""
    found = set()
    for text in ET.fromstring(svg).iter(f"{SVG}text"):
        left = x * SIZE + float(text.get("x").split()[0])
        top = y * SIZE + float(text.get("y").split()[0])
        found.add((text.text, round(left), round(top)))
    return found


STREETS = [
    feature("primary", "柳溪大街", (-900, 30), (900, -20)),
    feature("street", "Iso Roobertinkatu", (-700, -200), (700, -150)),
    feature("street", "槐荫街", (40, -800), (60, 800)),
    feature("secondary", "斜街", (-600, -600), (500, 700)),
    feature("park", "柳岸公园", (100, 100), (400, 100), (400, 400), (100, 400), (100, 100)),
    feature("building", "", (-60, 50), (-40, 50), (-40, 70), (-60, 70), (-60, 50)),
    feature("service", "", (-100, -40), (-100, 300)),
]


@given(rings)
def test_a_shape_survives_packing(shape):
    packed = encode_geometry(shape)
    back = decode_geometry(packed)
    # Closed rings may be turned round; nothing else changes.
    assert [ring if ring == kept else ring[::-1] for ring, kept in zip(shape, back, strict=True)] == back
    xs = [x for ring in shape for x, _ in ring]
    ys = [y for ring in shape for _, y in ring]
    assert geometry_bounds(packed) == (min(xs), min(ys), max(xs), max(ys))


def test_a_shape_needs_a_point():
    with pytest.raises(ValueError, match="needs a point"):
        encode_geometry([[], []])


def test_holes_run_against_their_outline():
    outer = [(0, 0), (90, 0), (90, 90), (0, 90), (0, 0)]
    hole = [(30, 30), (60, 30), (60, 60), (30, 60), (30, 30)]
    kept_outer, kept_hole = decode_geometry(encode_geometry([outer, hole]))
    assert (geometry._area(kept_outer) > 0) != (geometry._area(kept_hole) > 0)


@pytest.mark.parametrize("kind", sorted(geometry.MIN_ZOOM))
def test_every_tile_that_shows_a_feature_finds_it(kind):
    dice = random.Random(7)
    for _ in range(60):
        x0, y0 = world_of(LAT + dice.uniform(-0.1, 0.1), LNG + dice.uniform(-0.1, 0.1))
        ring = [(x0 + dice.randint(-9000, 9000), y0 + dice.randint(-9000, 9000)) for _ in range(4)]
        cells = set(feature_cells([[*ring, ring[0]]], kind))
        for z in range(geometry.MIN_ZOOM[kind], 20):
            for x, y in ring:
                shift = WORLD_BITS - z
                assert cells & set(tile_cells(z, x >> shift, y >> shift)), (kind, z)


def test_what_is_never_drawn_at_a_zoom_is_not_looked_up_there():
    house = STREETS[5]
    assert {level for level, _ in feature_cells(decode_geometry(house.geometry), house.kind)} == {15, 16}


def test_what_needs_too_many_cells_is_filed_once():
    sea = [(0, 0), (1 << 24, 0), (1 << 24, 1 << 24), (0, 1 << 24), (0, 0)]
    cells = feature_cells([sea], "water")
    assert {level for level, _ in cells} == {geometry.WIDE_BAND}
    assert len(cells) < 40
    assert set(cells) & set(tile_cells(16, 100, 100))


@pytest.mark.parametrize("z", range(13, 20))
def test_neighbours_draw_the_same_words_in_the_same_place(z):
    cells = filed(STREETS)
    cx, cy = tile_of(LAT, LNG, z)
    tiles = {
        (x, y): names(drawn(cells, z, x, y), z, x, y) for x in range(cx - 3, cx + 4) for y in (cy - 1, cy)
    }
    assert any(tiles.values())
    joined = 0
    for (x, y), here in tiles.items():
        beside = tiles.get((x + 1, y), set())
        edge = (x + 1) * SIZE
        for word, left, top in here:
            if abs(left - edge) < 8 and (x + 1, y) in tiles:
                assert any(w == word and abs(a - left) <= 1 and abs(b - top) <= 1 for w, a, b in beside)
                joined += 1
    for word, left, top in set().union(*tiles.values()):
        twins = {
            (w, a, b)
            for names_ in tiles.values()
            for w, a, b in names_
            if w == word and math.dist((a, b), (left, top)) < 40
        }
        assert all(abs(a - left) <= 1 and abs(b - top) <= 1 for _, a, b in twins)


def test_a_road_leaves_one_tile_where_it_enters_the_next():
    z = 17
    cells = filed([STREETS[0]])
    cx, cy = tile_of(LAT, LNG, z)

    def crossing(x, edge):
        """Give the height at which the road of a tile crosses a vertical line of that tile, in px."""
        svg = drawn(cells, z, x, cy).replace("-", " -")
        data = re.search(r'id="primary" d="m\s*(-?\d+)\s+(-?\d+)l([^"]+)"', svg)
        px, py = int(data[1]) / 4, int(data[2]) / 4
        steps = [int(n) / 4 for n in data[3].split()]
        for dx, dy in zip(steps[::2], steps[1::2], strict=True):
            if (px - edge) * (px + dx - edge) <= 0:
                return py + dy * (edge - px) / dx
            px, py = px + dx, py + dy
        raise AssertionError("the road does not reach the edge")

    assert crossing(cx, SIZE) == pytest.approx(crossing(cx + 1, 0), abs=0.01)


def test_the_order_of_the_file_changes_no_label():
    shuffled = list(STREETS)
    random.Random(3).shuffle(shuffled)
    assert set(place_labels(shuffled)) == set(place_labels(STREETS))


def test_a_street_cut_into_pieces_gets_one_name():
    pieces = [feature("street", "成府路", (east, 0), (east + 50, 0)) for east in range(-200, 200, 50)]
    assert [label.kind for label in place_labels(pieces) if label.kind.endswith("@16")] == ["street@16"]


def test_labels_never_touch():
    crowd = [feature("street", f"Kauppakatu {i}", (-400, i * 6), (400, i * 6)) for i in range(30)]
    boxes = []
    for label in place_labels(crowd):
        if label.kind == "street@16":
            (x1, y1), (x2, y2) = decode_geometry(label.geometry)[0]
            middle = (y1 + y2) / 2
            boxes.append((x1 / 16, middle / 16 - 5.5, x2 / 16, middle / 16 + 5.5))  # px of zoom 16
    assert len(boxes) > 3
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            assert a[2] < b[0] or b[2] < a[0] or a[3] < b[1] or b[3] < a[1]


def test_steep_chinese_names_stand_upright_and_latin_ones_turn():
    chinese = [feature("street", "槐荫街", (0, -300), (4, 300))]
    latin = [feature("street", "Bulevardi", (0, -300), (4, 300))]
    z = 16
    x, y = tile_of(LAT, LNG, z)
    column = next(ET.fromstring(drawn(filed(chinese), z, x, y)).iter(f"{SVG}text"))
    assert column.get("transform") is None
    tops = [float(n) for n in column.get("y").split()]
    assert len(tops) == 3
    assert tops == sorted(tops)
    turned = next(ET.fromstring(drawn(filed(latin), z, x, y)).iter(f"{SVG}text"))
    assert turned.get("transform").startswith("rotate(")


@pytest.mark.parametrize(
    ("z", "shown", "hidden"),
    [
        (13, {"primary", "secondary", "street"}, {"service"}),
        (14, {"service"}, set()),
        (18, {"service"}, set()),
    ],
)
def test_each_zoom_shows_what_it_can_carry(z, shown, hidden):
    svg = drawn(filed(STREETS), z, *tile_of(LAT + 0.001, LNG - 0.0018, z))
    ids = set(re.findall(r'id="(\w+)"', svg))
    assert shown <= ids
    assert not hidden & ids


def test_houses_come_at_fifteen_and_lie_below_the_roads():
    house = [STREETS[5], STREETS[0]]
    for z in (13, 14):
        assert PAPER["building"] not in drawn(filed(house), z, *tile_of(LAT + 0.0005, LNG - 0.0009, z))
    svg = drawn(filed(house), 16, *tile_of(LAT + 0.0005, LNG - 0.0009, 16))
    assert svg.index(PAPER["park"] if PAPER["park"] in svg else PAPER["building"]) < svg.index(
        PAPER["primary-casing"]
    )
    assert svg.index(PAPER["primary-casing"]) < svg.index(PAPER["primary"]) < svg.index("<text")


HOSTILE = [
    "<script>alert(1)</script>",
    '"><image href="//x"/>',
    "a&b&lt;",
    "\x00\x1b\ud800\ufffe路",
    "‮gnp",
    "]]>",
    "'",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_only_text(name):
    features = [feature("street", name, (-400, 0), (400, 5)), feature("street", name, (0, -400), (3, 400))]
    svg = drawn(filed(features), 16, *tile_of(LAT, LNG, 16))
    root = ET.fromstring(svg.encode())
    assert {node.tag.removeprefix(SVG) for node in root.iter()} <= {"svg", "path", "g", "defs", "use", "text"}
    for node in root.iter(f"{SVG}text"):
        assert node.text == " ".join(re.sub(r"[\x00\x1b\ud800\u202e\ufffe]", " ", name).split())


def test_a_tile_can_be_shown_under_the_strict_policy():
    svg = drawn(filed(STREETS), 16, *tile_of(LAT, LNG, 16))
    for node in ET.fromstring(svg).iter():
        assert "style" not in node.attrib
        assert not any(key.startswith("on") for key in node.attrib)
        assert node.get("href", "#").startswith("#")
    assert svg.count("http") == 1  # the namespace
    assert f'viewBox="0 0 {SIZE} {SIZE}"' in svg
    assert "url(" not in svg


def test_an_empty_tile_is_paper():
    assert PAPER["ground"] in draw_tile(16, 1, 1, [])
    assert len(draw_tile(16, 1, 1, [])) < 400


def test_there_is_a_width_for_every_zoom():
    assert {len(widths) for widths in WIDTHS.values()} == {10}
