"""Every category has a drawing of its own kind: none falls back to the plain shop by oversight."""

import re

from o2o.places import categories
from tests.house.tree import ROOT


def test_every_category_has_a_drawing() -> None:
    table = (ROOT / "templates" / "_ui" / "_places.html").read_text()
    drawn = set(re.findall(r'^\s*"([^"]+)": \(', table, re.M))
    missing = {one.icon: one.key for one in categories.all_categories() if one.icon not in drawn}
    assert missing == {}


def test_every_drawing_is_in_the_sprite() -> None:
    table = (ROOT / "templates" / "_ui" / "_places.html").read_text()
    sprite = (ROOT / "static" / "icons" / "sprite-places.svg").read_text()
    used = set(re.findall(r'": \("([\w-]+)"', table))
    assert used <= set(re.findall(r'<symbol id="([\w-]+)"', sprite))
