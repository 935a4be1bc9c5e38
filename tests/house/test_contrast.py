"""Colours that stand on each other are told apart: 4.5 to 1 for text (WCAG AA), 3 to 1 for edges."""

import math
import re

import pytest

from o2o.kernel.config import ROOT

CSS = ROOT / "static" / "css"
OKLCH = re.compile(r"(--[\w-]+):\s*oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\)")
TEXT = [
    ("--ink", "--paper"),
    ("--ink", "--sheet"),
    ("--ink", "--accent-wash"),
    ("--ink", "--line"),
    ("--ink-2", "--paper"),
    ("--ink-2", "--sheet"),
    ("--accent-ink", "--paper"),
    ("--accent-ink", "--sheet"),
    ("--accent-ink", "--accent-wash"),
    ("--on-accent", "--accent-ink"),
    ("--ok", "--ok-wash"),
    ("--ok", "--paper"),
    ("--wait", "--wait-wash"),
    ("--wait", "--paper"),
    ("--no", "--no-wash"),
    ("--no", "--sheet"),
    ("--ok", "--sheet"),
    ("--wait", "--sheet"),
    ("--on-state", "--ok"),
    ("--on-state", "--no"),
    ("--on-band", "--band"),
]
# White words stand on these only on the ticket, which is white paper in every theme.
TICKET = {("--on-state", "--ok"), ("--on-state", "--no")}
SHEETS = ["tokens.css", "till.css", "dark.css"]
COVERS = re.compile(r"--cover-(\d): ([\d.]+)% ([\d.]+);")
EDGES = [("--edge", "--paper"), ("--edge", "--sheet"), ("--focus", "--paper")]


def luminance(lightness: float, chroma: float, hue: float) -> float:
    """Relative luminance of an OKLCH colour (Ottosson's matrices, clipped to sRGB as a screen does)."""
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    red, green, blue = (min(1.0, max(0.0, part)) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def colours(sheet: str) -> dict[str, float]:
    """Read the luminance of every token of a style sheet; the first, outermost value counts."""
    found = reversed(OKLCH.findall((CSS / sheet).read_text()))
    return {
        name: luminance(float(light) / 100, float(chroma), float(hue)) for name, light, chroma, hue in found
    }


def contrast(one: float, other: float) -> float:
    """Contrast ratio as WCAG counts it."""
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize(("front", "back"), TEXT)
def test_text_can_be_read(sheet: str, front: str, back: str) -> None:
    tone = colours("tokens.css") | ({} if (front, back) in TICKET else colours(sheet))
    assert contrast(tone[front], tone[back]) >= 4.5


@pytest.mark.parametrize("sheet", SHEETS)
@pytest.mark.parametrize(("front", "back"), EDGES)
def test_edges_can_be_seen(sheet: str, front: str, back: str) -> None:
    tone = colours("tokens.css") | colours(sheet)
    assert contrast(tone[front], tone[back]) >= 3


@pytest.mark.parametrize("sheet", ["tokens.css", "dark.css"])
@pytest.mark.parametrize("hue", range(0, 360, 15))
def test_the_drawing_on_a_cover_can_be_seen(sheet: str, hue: int) -> None:
    shades = {
        number: luminance(float(light) / 100, float(chroma), hue)
        for number, light, chroma in COVERS.findall((CSS / sheet).read_text())
    }
    assert contrast(shades["3"], shades["1"]) >= 3
    assert contrast(shades["3"], shades["2"]) >= 3


def test_the_dark_theme_says_the_same_twice() -> None:
    """Chosen and followed: the values stand twice, since no selector says both."""
    sheet = (CSS / "dark.css").read_text()
    first, second = (
        re.findall(r"^\s*(--[\w-]+|color-scheme): (.*);$", part, re.M) for part in sheet.split("@media (pre")
    )
    assert first == second
    light = re.findall(r"^\s*(--[\w-]+):", (CSS / "tokens.css").read_text().split("--ground")[0], re.M)
    assert set(light) - {name for name, _value in first} == {"--on-state"}
