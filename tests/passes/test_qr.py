"""The drawn pass code: right modules, no inline style, a quiet zone, a name for screen readers."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
import segno
from markupsafe import Markup

from o2o.passes.qr import qr_svg

FILE = Path(__file__).parents[1] / "vectors" / "pass.json"
TEXT = json.loads(FILE.read_text("ascii"))["good"][0]["text"]
SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg):
    return ElementTree.fromstring(str(svg).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1))


def painted(svg):
    """Return the dark squares that the drawing's path covers, as (x, y)."""
    path = parsed(svg).findall(f"{SVG}path")[1].get("d")
    squares = set()
    for x, y, width, back in re.findall(r"M(\d+) (\d+)h(\d+)v1H(\d+)z", path):
        assert back == x
        squares |= {(int(x) + step, int(y)) for step in range(int(width))}
    assert re.sub(r"M\d+ \d+h\d+v1H\d+z", "", path) == ""
    return squares


def test_the_drawing_is_the_code_with_a_quiet_zone_of_four():
    code = segno.make(TEXT, mode="numeric", error="m", boost_error=False, micro=False)
    expected = {
        (x + 4, y + 4) for y, row in enumerate(code.matrix) for x, module in enumerate(row) if module & 1
    }
    svg = qr_svg(TEXT, label="Pass")
    assert painted(svg) == expected
    assert parsed(svg).get("viewBox") == "0 0 49 49"


def test_it_is_named_and_has_no_inline_style_or_size():
    svg = qr_svg(TEXT, label='Pass "A" <b>&')
    root = parsed(svg)
    assert isinstance(svg, Markup)
    assert root.get("role") == "img"
    assert root.findtext(f"{SVG}title") == 'Pass "A" <b>&'
    assert root.get("class") == "qr-svg"
    assert "style" not in svg
    assert root.get("width") is None
    assert root.get("height") is None
    assert len(svg) < 16_000


def test_paper_gets_more_correction_and_so_more_modules():
    assert parsed(qr_svg(TEXT, error="q", label="Pass")).get("viewBox") == "0 0 57 57"


@pytest.mark.parametrize("text", ["", "12a", "１２", "-1", " 1", "1" * 8000])
def test_what_is_no_pass_code_is_not_drawn(text):
    with pytest.raises(ValueError, match=r"digits|data"):
        qr_svg(text, label="Pass")
