"""The drawn town: always the same, big enough, believable, and nothing stands in the water."""

import hashlib
import math
import os
import subprocess
import sys
from collections import Counter

import pytest

from o2o.demo.houses import is_in_town
from o2o.demo.shapes import Box, Patch, Way, holds
from o2o.demo.town import COUNTRY, LAT, LNG, NAME_ZH, TIMEZONE, Town, degrees, draw_town
from o2o.shops.queries import categories, hours
from tests.house.tree import ROOT

DIGEST = (
    "from tests.demo.test_town import digest; from o2o.demo.town import draw_town; print(digest(draw_town()))"
)


@pytest.fixture(scope="module")
def drawn() -> Town:
    return draw_town()


def digest(town: Town) -> str:
    shapes = [(s.kind, s.name, [[degrees(p) for p in line] for line in s.lines]) for s in town.shapes]
    sites = [(s.name, s.lat, s.lng, s.address, s.phone) for s in town.sites]
    return hashlib.sha256(repr((shapes, sites)).encode()).hexdigest()


def metres(lat: float, lng: float) -> tuple[float, float]:
    """Undo degrees()."""
    scale = 111_195.0
    return (lng - LNG) * scale * math.cos(math.radians(LAT)), (lat - LAT) * scale


def test_the_same_seed_draws_the_same_town_in_any_process(drawn: Town) -> None:
    env = {**os.environ, "PYTHONHASHSEED": "7"}
    other = subprocess.run(
        [sys.executable, "-c", DIGEST], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert other.stdout.strip() == digest(drawn)
    assert digest(draw_town(1)) != digest(drawn)


def test_there_is_a_town_of_shops(drawn: Town) -> None:
    assert len(drawn.sites) >= 110
    assert len({site.category for site in drawn.sites}) >= 15
    known = {category.key: category.group for category in categories.all_categories()}
    groups = Counter(known[site.category] for site in drawn.sites)
    assert len(groups) == len(categories.groups()), "every filter chip finds something"


def test_names_are_unique_and_in_both_languages(drawn: Town) -> None:
    for language in ("name_zh", "name_en"):
        names = [getattr(site, language) for site in drawn.sites]
        assert len(set(names)) == len(names)
        assert all(names)
    assert len({site.address for site in drawn.sites}) == len(drawn.sites)
    assert len({(site.lat, site.lng) for site in drawn.sites}) == len(drawn.sites)


def test_telephones_cannot_be_dialled(drawn: Town) -> None:
    phones = [site.phone for site in drawn.sites if site.phone]
    assert len(phones) > 80
    assert all(phone.startswith("000-") for phone in phones)


def test_all_hours_can_be_read(drawn: Town) -> None:
    for site in drawn.sites:
        read = hours.parse(site.opening_hours, timezone=TIMEZONE, country=COUNTRY, lat=LAT, lng=LNG)
        assert read is not None, site.opening_hours
    texts = " ".join(site.opening_hours or "" for site in drawn.sites)
    assert all(kind in texts for kind in ("24/7", "PH off", "Mo off", "-02:00", "12:00,"))


def test_no_shop_stands_in_water_or_park(drawn: Town) -> None:
    water = [s.lines for s in drawn.shapes if s.kind == "water"]
    assert len(water) == 2
    for site in drawn.sites:
        at = metres(site.lat, site.lng)
        assert not any(holds(rings[0], at) for rings in water), site.name
        assert not holds(drawn.ground.park, at), site.name
        assert is_in_town(at)


def test_every_shop_is_in_a_house_on_its_street(drawn: Town) -> None:
    fronts = [house for house in drawn.houses if house.street is not None]
    for site in drawn.sites:
        at = metres(site.lat, site.lng)
        house = min(fronts, key=lambda one: math.dist(one.door, at))
        assert house.box.covers(at, 0.1)
        assert house.street is not None
        assert (site.address or "").startswith(house.street.name_zh)


def test_streets_have_names_of_their_own(drawn: Town) -> None:
    assert len({street.name_zh for street in drawn.streets}) >= 30
    named = {street.name_zh: street.name_en for street in drawn.streets}
    assert named["柳荫街"] == "Willow Shade Street"
    bridges = [street for street in drawn.streets if not street.town]
    assert len(bridges) >= 2


def test_no_two_houses_overlap(drawn: Town) -> None:
    boxes = [house.box for house in drawn.houses]
    boxes.sort()
    for i, box in enumerate(boxes):
        for other in boxes[i + 1 :]:
            if other.x - box.x > 50:
                break
            assert not box.meets(other, -0.1), (box, other)


def test_the_town_has_a_name_and_lies_in_its_own_time() -> None:
    assert NAME_ZH == "柳溪镇"
    assert degrees((0.0, 0.0)) == (LAT, LNG)
    assert degrees((1000.0, 1000.0)) == pytest.approx((LAT + 0.008993, LNG + 0.011523), abs=1e-5)


def test_the_geometry_holds() -> None:
    box = Box(0, 0, 1, 0, 5, 3)
    assert box.covers((4.9, 2.9), 0)
    assert not box.covers((5.1, 0), 0)
    assert box.meets(Box(9, 0, 0.6, 0.8, 5, 3), 0)
    assert not box.meets(Box(12, 0, 1, 0, 5, 3), 1.5)
    way = Way([(0, 0), (3, 4), (3, 10)])
    assert way.length == 11
    assert way.at(8) == ((3, 7), (0, 1))
    square = Patch([(0, 0), (10, 0)], [(0, 10), (10, 10)], [(0, 0), (0, 10)], [(10, 0), (10, 10)])
    assert square.at(0.3, 0.6) == pytest.approx((3, 6))
