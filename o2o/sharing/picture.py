"""A share picture (1200×630): the cover of the category, name, price, town, and the credit of the map's data.

`scene` decides what stands on it and is pure; `draw` only draws that.
"""

import io
import math
import re
from functools import cache
from typing import NamedTuple

from PIL import Image, ImageDraw

from o2o.kernel.static import FOLDER
from o2o.sharing import lettering
from o2o.sharing.outline import mask

WIDTH, HEIGHT = 1200, 630
COVER = 430
LEFT, RIGHT = COVER + 56, WIDTH - 56
CREDIT = "© OpenStreetMap contributors"
PAPER, INK, SOFT, ACCENT = "#fbf7f2", "#2b211b", "#6b5f57", "#b8431f"
EDITION = 1  # raise it when the drawing changes: phones and robots then fetch it anew


class About(NamedTuple):
    """What a picture tells; empty strings where there is nothing to say.

    `names` and `prices` are tried in order: the first that can be written stands.
    """

    names: tuple[str, ...]
    kind: str
    prices: tuple[str, ...]
    place: str
    site: str
    symbol: str
    group: str
    variant: int
    has_osm: bool


class Line(NamedTuple):
    """A line of text: where its top left stands, how large, in which colour and font."""

    text: str
    x: int
    y: int
    size: int
    colour: str
    bold: bool
    plain: bool


class Scene(NamedTuple):
    """All that is drawn."""

    symbol: str
    group: str
    variant: int
    lines: tuple[Line, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """List the texts that the picture draws, from top to bottom."""
        return tuple(line.text for line in self.lines)


def scene(about: About, setting: str = "") -> Scene:
    """Lay the words out; what no font on this machine can write is left out, never drawn as boxes."""
    lines: list[Line] = []
    y = _write(lines, setting, about.site, 60, 30, SOFT)
    y = _title(lines, setting, first(about.names, setting), max(y, 120))
    y = _write(lines, setting, about.kind, y + 22, 36, SOFT)
    y = _write(lines, setting, first(about.prices, setting), y + 18, 76, ACCENT, bold=True)
    _write(lines, setting, about.place, max(y + 14, 470), 34, SOFT)
    if about.has_osm:
        _write(lines, setting, CREDIT, HEIGHT - 72, 24, SOFT)
    return Scene(about.symbol, about.group, about.variant, tuple(lines))


def first(texts: tuple[str, ...], setting: str) -> str:
    """Return the first text that can be written whole, else in part, else nothing."""
    said = [(text, lettering.writable(setting, text)[0]) for text in texts]
    whole = [text for text, kept in said if kept and len(kept.split()) == len(text.split())]
    return next(iter(whole), next((text for text, kept in said if kept), ""))


def _write(
    lines: list[Line], setting: str, text: str, y: int, size: int, colour: str, *, bold: bool = False
) -> int:
    words, plain = lettering.writable(setting, text)
    chosen = lettering.font(setting, size, bold=bold, plain=plain)
    for line in lettering.shorten(words, chosen, RIGHT - LEFT, 1):
        lines.append(Line(line, LEFT, y, size, colour, bold, plain))
        y += round(size * 1.35)
    return y


def _title(lines: list[Line], setting: str, name: str, y: int) -> int:
    words, plain = lettering.writable(setting, name)
    for size in (68, 56, 46):
        chosen = lettering.font(setting, size, bold=True, plain=plain)
        broken = lettering.wrap(words, chosen, RIGHT - LEFT, 2)
        if broken is not None:
            break
    else:
        broken = lettering.shorten(words, chosen, RIGHT - LEFT, 2)
    for line in broken:
        lines.append(Line(line, LEFT, y, size, INK, True, plain))
        y += round(size * 1.3)
    return y


def draw(given: Scene, setting: str = "") -> bytes:
    """Draw a scene as PNG."""
    canvas = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    canvas.paste(_cover(given), (0, 0))
    brush = ImageDraw.Draw(canvas)
    for line in given.lines:
        chosen = lettering.font(setting, line.size, bold=line.bold, plain=line.plain)
        brush.text((line.x, line.y), line.text, fill=line.colour, font=chosen)
    body = io.BytesIO()
    canvas.save(body, "PNG", compress_level=4)
    return body.getvalue()


def _cover(given: Scene) -> Image.Image:
    ground, pattern, ink = colours(given.group)
    cover = Image.new("RGB", (COVER, HEIGHT), ground)
    brush = ImageDraw.Draw(cover)
    _pattern(brush, given.variant, pattern)
    size = round(COVER * 0.56)
    icon = mask(given.symbol, size)
    corner = ((COVER - size) // 2, (HEIGHT - size) // 2)
    # A light double a little to the right and below, as on the pages.
    cover.paste(Image.new("RGB", icon.size, "#ffffff"), (corner[0] + 6, corner[1] + 6), icon.point(_mostly))
    cover.paste(Image.new("RGB", icon.size, ink), corner, icon)
    return cover


def _mostly(level: int) -> int:
    return level * 3 // 4


def _pattern(brush: ImageDraw.ImageDraw, variant: int, colour: str) -> None:
    """Draw one of the four patterns of static/css/cover.css."""
    if variant % 4 == 0:
        brush.ellipse((COVER * 0.8 - 240, 113 - 240, COVER * 0.8 + 240, 113 + 240), fill=colour)
    elif variant % 4 == 1:
        for x in range(-HEIGHT, COVER, 42):
            brush.line((x, 0, x + HEIGHT, HEIGHT), fill=colour, width=14)
    elif variant % 4 == 2:
        for x in range(20, COVER + 20, 40):
            for y in range(20, HEIGHT + 20, 40):
                brush.ellipse((x - 8, y - 8, x + 8, y + 8), fill=colour)
    else:
        brush.ellipse((COVER * 0.12 - 260, HEIGHT - 200, COVER * 0.12 + 260, HEIGHT + 320), fill=colour)
        brush.ellipse((COVER * 0.92 - 210, HEIGHT - 170, COVER * 0.92 + 210, HEIGHT + 250), fill=colour)


@cache
def colours(group: str) -> tuple[str, str, str]:
    """Give ground, pattern and ink of a group of categories, from the style sheets' own numbers (light theme)."""
    tokens = (FOLDER / "css" / "tokens.css").read_text()
    sheet = (FOLDER / "css" / "cover.css").read_text()
    hue = re.search(rf"\.g-{re.escape(group)} {{ --h: ([\d.]+)", sheet)
    found = [re.search(rf"--cover-{number}: ([\d.]+)% ([\d.]+);", tokens) for number in (1, 2, 3)]
    shades = [(float(one[1]), float(one[2])) for one in found if one]
    degrees = float(hue[1]) if hue else 35.0
    ground, pattern, ink = (oklch(light / 100, chroma, degrees) for light, chroma in shades)
    return ground, pattern, ink


def oklch(light: float, chroma: float, hue: float) -> str:
    """Turn an OKLCH colour into sRGB hex (CSS Color 4, section 10); what lies outside is clipped."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    return "#" + "".join(f"{round(255 * _gamma(min(1.0, max(0.0, part)))):02x}" for part in linear)


def _gamma(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055
