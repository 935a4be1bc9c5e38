"""The category icons as masks: SVG path data flattened to polygons and filled by the nonzero rule."""

import math
import re
from collections.abc import Iterator
from functools import cache, lru_cache
from itertools import pairwise

from PIL import Image, ImageChops, ImageDraw

from o2o.kernel.static import FOLDER

SYMBOL = re.compile(r'<symbol id="([\w-]+)" viewBox="0 0 ([\d.]+) ([\d.]+)">(.*?)</symbol>', re.DOTALL)
PATH = re.compile(r'\bd="([^"]+)"')
TOKEN = re.compile(r"[MLHVCSQTAZmlhvcsqtaz]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
# The two flags of an arc are one digit each and may touch what follows ("0 01.5").
ARC = ("A", "a")
FLAG = re.compile(r"[01]")
NUMBERS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7}
STEPS = 12
FINE = 3  # masks are drawn so many times larger and then made small
Point = tuple[float, float]


@cache
def symbols() -> dict[str, tuple[float, list[str]]]:
    """Read the sprite: symbol -> (width of its box, path data)."""
    sprite = (FOLDER / "icons" / "sprite-places.svg").read_text()
    return {
        name: (max(float(w), float(h)), PATH.findall(body)) for name, w, h, body in SYMBOL.findall(sprite)
    }


@lru_cache(maxsize=64)
def mask(symbol: str, size: int) -> Image.Image:
    """Draw a symbol as a mask of `size` pixels; an unknown one is empty."""
    box, paths = symbols().get(symbol, (15.0, []))
    fine = size * FINE
    whole = Image.new("L", (fine, fine), 0)
    for data in paths:
        whole = ImageChops.lighter(whole, filled(data, fine / box, fine))
    return whole.resize((size, size), Image.Resampling.BOX)


def filled(data: str, scale: float, size: int) -> Image.Image:
    """Fill one path: where its outlines wind around a point at all, the point is inside."""
    winding = Image.new("L", (size, size), 128)
    for outline in outlines(data):
        points = [(x * scale, y * scale) for x, y in outline]
        if len(points) < 3:
            continue
        one = Image.new("L", (size, size), 0)
        ImageDraw.Draw(one).polygon(points, fill=1)
        turn = ImageChops.add if area(points) > 0 else ImageChops.subtract
        winding = turn(winding, one)
    return winding.point([0 if level == 128 else 255 for level in range(256)])


def area(points: list[Point]) -> float:
    """Return twice the signed area: its sign is the direction of turning."""
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in zip(points, points[1:] + points[:1], strict=True))


def arguments(data: str) -> Iterator[tuple[str, list[float]]]:
    """Yield the commands of path data with their numbers; repeated ones are spelt out."""
    letter, held, at = "", list[float](), 0
    while found := (FLAG if letter in ARC and len(held) in (3, 4) else TOKEN).search(data, at):
        at = found.end()
        token = found[0]
        if token.isalpha():
            letter, held = token, []
            if letter in "Zz":
                yield "Z", []
            continue
        held.append(float(token))
        if len(held) == NUMBERS[letter.upper()]:
            yield letter, held
            # More pairs after a move are lines.
            letter, held = {"M": "L", "m": "l"}.get(letter, letter), []


def outlines(data: str) -> Iterator[list[Point]]:
    """Flatten path data to closed polygons."""
    here: Point = (0.0, 0.0)
    start, handle, line, before = here, here, list[Point](), ""
    for letter, numbers in arguments(data):
        kind = letter.upper()
        if kind in "MZ":
            if line:
                yield line
            here = start if kind == "Z" else moved(letter, numbers, here)[0]
            start, line = here, [here]
        elif kind == "A":
            radius_x, radius_y, tilt, large, sweep, x, y = numbers
            end = moved(letter, [x, y], here)[0]
            line += arc(here, end, (radius_x, radius_y), tilt, (large, sweep))
            here = end
        else:
            smooth = kind in "ST" and before in ("CS" if kind == "S" else "QT")
            mirrored = (2 * here[0] - handle[0], 2 * here[1] - handle[1]) if smooth else here
            points = controls(letter, numbers, here, mirrored)
            line += curve([here, *points])
            handle = points[-2] if len(points) > 1 else points[-1]
            here = points[-1]
        before = kind
    if line:
        yield line


def moved(letter: str, numbers: list[float], here: Point) -> list[Point]:
    """Pair numbers to points; small letters count from here."""
    base = here if letter.islower() else (0.0, 0.0)
    return [(base[0] + x, base[1] + y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


def controls(letter: str, numbers: list[float], here: Point, mirrored: Point) -> list[Point]:
    """Give the control points and the end of a line or curve."""
    kind = letter.upper()
    base = here if letter.islower() else (0.0, 0.0)
    if kind == "H":
        return [(base[0] + numbers[0], here[1])]
    if kind == "V":
        return [(here[0], base[1] + numbers[0])]
    points = moved(letter, numbers, here)
    return [mirrored, *points] if kind in "ST" else points


def curve(points: list[Point]) -> list[Point]:
    """Walk along a line or Bézier curve by de Casteljau's rule, without its first point."""
    if len(points) == 2:
        return points[1:]
    walked = []
    for step in range(1, STEPS + 1):
        part, left = step / STEPS, points
        while len(left) > 1:
            left = [(x1 + (x2 - x1) * part, y1 + (y2 - y1) * part) for (x1, y1), (x2, y2) in pairwise(left)]
        walked.append(left[0])
    return walked


def arc(start: Point, end: Point, radii: Point, tilt: float, flags: Point) -> list[Point]:
    """Walk along an elliptic arc without its first point; `flags` are large-arc and sweep (SVG 1.1, F.6.5)."""
    rx, ry = abs(radii[0]), abs(radii[1])
    if not rx or not ry or start == end:
        return [end]
    cos, sin = math.cos(math.radians(tilt)), math.sin(math.radians(tilt))
    half_x, half_y = (start[0] - end[0]) / 2, (start[1] - end[1]) / 2
    x, y = cos * half_x + sin * half_y, cos * half_y - sin * half_x
    grown = max(1.0, math.hypot(x / rx, y / ry))
    rx, ry = rx * grown, ry * grown
    far = (rx * y) ** 2 + (ry * x) ** 2
    factor = math.sqrt(max(0.0, (rx * ry) ** 2 / far - 1)) * (1 if flags[0] != flags[1] else -1)
    cx, cy = factor * rx * y / ry, -factor * ry * x / rx
    first = math.atan2((y - cy) / ry, (x - cx) / rx)
    turn = (math.atan2((-y - cy) / ry, (-x - cx) / rx) - first) % math.tau
    if not flags[1]:
        turn -= math.tau
    walked = []
    for step in range(1, STEPS * 2 + 1):
        angle = first + turn * step / (STEPS * 2)
        px, py = cx + rx * math.cos(angle), cy + ry * math.sin(angle)
        walked.append(
            (cos * px - sin * py + (start[0] + end[0]) / 2, sin * px + cos * py + (start[1] + end[1]) / 2)
        )
    return walked
