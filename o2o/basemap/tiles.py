"""The basemap: one quiet SVG tile of 256 px drawn from stored features, without style attributes or fonts by URL."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from html import escape

from o2o.basemap.geometry import (
    AREAS,
    MIN_ZOOM,
    Ring,
    clip_area,
    clip_line,
    decode_columns,
    geometry_bounds,
    path_data,
    thinned,
)
from o2o.basemap.labels import LABELS, clean, is_column, is_ideographic
from o2o.kernel.geo import WORLD_BITS

SIZE = 256
PADDING = 48  # px around the tile inside which labels are drawn too, so that cut ones join
FACES = "system-ui,'PingFang SC','Noto Sans CJK SC','Microsoft YaHei',sans-serif"

# Warm paper, calm greens, soft water, white streets: quiet enough for pins to speak.
PAPER: Mapping[str, str] = {
    "ground": "#f6f1e8", "park": "#dce8cc", "square": "#efe6d6", "water": "#bfdae4", "building": "#e9e0d2",
    "building-edge": "#dacfbd", "rail": "#d5ccbf", "path": "#e3d8c4", "casing": "#dfd5c5", "service": "#fdfaf4",
    "street": "#fffefb", "secondary": "#fff3d9", "secondary-casing": "#e6d3ad", "primary": "#fde2bd",
    "primary-casing": "#e5c294", "motorway": "#fbd2a6", "motorway-casing": "#dfb07c", "halo": "#fffdf8",
    "ink": "#62594d", "park-ink": "#56754a", "water-ink": "#41768c", "square-ink": "#7a6a52",
}  # fmt: skip

# Widths in px at zoom 10 .. 19; 0 is not drawn.
WIDTHS = {
    "river": (0, 1, 1.2, 1.6, 2.2, 3, 4.5, 7, 11, 18),
    "rail": (0, 0, 0.5, 0.6, 0.6, 0.8, 1.1, 1.6, 2, 2.4),
    "path": (0, 0, 0, 0, 0, 0.5, 0.9, 1.3, 1.8, 2.6),
    "service": (0, 0, 0, 0, 0.6, 1.1, 2.2, 4.4, 8, 14),
    "street": (0, 0, 0, 0.9, 1.6, 3, 5.6, 9.5, 16, 26),
    "secondary": (0, 0, 1.1, 1.8, 2.8, 4.6, 7.5, 11.5, 19, 30),
    "primary": (0, 1.1, 1.5, 2.3, 3.6, 5.6, 9, 13.5, 22, 34),
    "motorway": (1.2, 1.5, 2, 3, 4.4, 6.6, 10, 15, 24, 38),
}
# Drawn twice, a wider one below; the data is written once and used by id.
CASED = ("service", "street", "secondary", "primary", "motorway")


def _number(value: float) -> str:
    """Write a number with at most one decimal and no needless zero."""
    return f"{value:.1f}".removesuffix(".0")


def _shapes(
    z: int, origin: tuple[int, int], features: Iterable[tuple[str, str, bytes]]
) -> tuple[dict[str, list[Ring]], list[tuple[str, str, bytes]]]:
    """Sort a tile's features into path data by kind, and the labels meant for its zoom."""
    left, top = origin
    side = 1 << (WORLD_BITS - z)
    margin = side // 8  # 32 px: wider than half of any stroke
    fine = _fine(z)
    down, up = max(0, WORLD_BITS - 8 - z - fine), max(0, z + fine + 8 - WORLD_BITS)
    low, high = (-SIZE << fine >> 3,) * 2, (SIZE * 9 << fine >> 3,) * 2
    step = 3 if z < 16 else 1
    # Houses are the most of a dense tile: corners that the eye cannot tell from a straight wall are left out.
    house_step = 5 if z == 16 else 6
    paths: dict[str, list[Ring]] = defaultdict(list)
    labels = []
    far_right, far_down, far_left, far_up = (
        left + side + margin,
        top + side + margin,
        left - margin,
        top - margin,
    )
    for kind, name, geometry in features:
        if "@" in kind:
            base, _, zoom = kind.partition("@")
            if zoom == str(z):
                labels.append((base, name, geometry))
            continue
        west, north, east, south = geometry_bounds(geometry)
        if west > far_right or east < far_left or north > far_down or south < far_up or z < MIN_ZOOM[kind]:
            continue
        area = kind in AREAS
        # An area smaller than two pixels is a speck.
        if area and (east - west) + (south - north) < 2 * side // SIZE:
            continue
        within = west > far_left and east < far_right and north > far_up and south < far_down
        xs, ys, counts = decode_columns(geometry)
        if up:
            points = [(x - left << up, y - top << up) for x, y in zip(xs, ys, strict=True)]
        else:
            points = [(x - left >> down, y - top >> down) for x, y in zip(xs, ys, strict=True)]
        start = 0
        for count in counts:
            ring = thinned(points[start : start + count], house_step if kind == "building" else step)
            start += count
            if area and ring[0] == ring[-1]:
                ring.pop()
            if within:
                runs: Iterable[Ring] = (ring,)
            elif area:
                runs = (clip_area(ring, low, high),)
            else:
                runs = clip_line(ring, low, high)
            for run in runs:
                if len(run) > (2 if area else 1):
                    paths[kind].append(run)
    return paths, labels


def _fine(z: int) -> int:
    """Give how often a pixel is halved in path data: whole numbers, and crisp where one looks closely."""
    return 1 if z < 17 else 2


def _drawn(z: int, paths: Mapping[str, list[Ring]], palette: Mapping[str, str]) -> str:
    """Write the paths from the ground up: areas, houses, casings, fills; one element a style."""
    zoom = min(max(z, 10), 19) - 10
    unit = 1 << _fine(z)

    def pen(colour: str, width: float) -> str:
        return f'stroke="{colour}" stroke-width="{_number(width * unit)}"'

    areas = [kind for kind in ("park", "square", "water", "building") if kind in paths]
    lines = [kind for kind in ("river", "path", "rail") if kind in paths and WIDTHS[kind][zoom]]
    roads = [kind for kind in CASED if kind in paths and WIDTHS[kind][zoom]]
    out = {}
    for kind in areas:
        edge = pen(palette["building-edge"], 0.5 + 0.25 * (z > 16)) if kind == "building" and z > 15 else ""
        out[kind] = f'<path fill="{palette[kind]}" {edge} d="{path_data(paths[kind], True)}"/>'
    for kind in lines:
        ink = pen(palette["water" if kind == "river" else kind], WIDTHS[kind][zoom])
        out[kind] = f'<path {ink} d="{path_data(paths[kind], False)}"/>'
    for kind in roads:
        out[f"{kind}-data"] = f'<path id="{kind}" d="{path_data(paths[kind], False)}"/>'
        casing = pen(
            palette.get(f"{kind}-casing", palette["casing"]), WIDTHS[kind][zoom] + 1.5 + 0.5 * (z > 16)
        )
        out[f"{kind}-casing"] = f'<use href="#{kind}" {casing}/>' if WIDTHS[kind][zoom] > 1 else ""
        out[kind] = f'<use href="#{kind}" {pen(palette[kind], WIDTHS[kind][zoom])}/>'
    return (
        f'<g transform="scale({1 / unit:g})" fill="none" stroke-linecap="round" stroke-linejoin="round">'
        f"<defs>{''.join(out[f'{kind}-data'] for kind in roads)}</defs>"
        + "".join(
            out.get(kind, "") for kind in ("park", "square", "water", "river", "building", "path", "rail")
        )
        + "".join(out[f"{kind}-casing"] for kind in roads)
        + "".join(out[kind] for kind in roads)
        + "</g>"
    )


def _label(name: str, size: float, start: tuple[float, float], end: tuple[float, float]) -> str:
    """Write one name along its baseline, in px of the tile: turned, level, or as a column of characters."""
    x, y = (start[0] + end[0]) / 2, (start[1] + end[1]) / 2
    drop = size * 0.36  # from the middle of a line of text to its foot
    if is_ideographic(name) and is_column(start, end):
        last = max(1, len(name) - 1)
        inset = 0.5 / len(name)  # each character stands in the middle of its share of the baseline
        parts = [inset + (1 - 2 * inset) * i / last for i in range(len(name))]
        xs = " ".join(_number(start[0] + (end[0] - start[0]) * part) for part in parts)
        ys = " ".join(_number(start[1] + (end[1] - start[1]) * part + drop) for part in parts)
        return f'<text x="{xs}" y="{ys}">{escape(name)}</text>'
    angle = math.degrees(math.atan2(end[1] - start[1], end[0] - start[0]))
    turn = f' transform="rotate({_number(angle)} {_number(x)} {_number(y)})"' if abs(angle) >= 0.5 else ""
    return f'<text x="{_number(x)}" y="{_number(y + drop)}"{turn}>{escape(name)}</text>'


def _labelled(
    z: int, origin: tuple[int, int], labels: Iterable[tuple[str, str, bytes]], palette: Mapping[str, str]
) -> list[str]:
    """Write the names that touch the tile or its padding, one group a style."""
    scale = SIZE / (1 << (WORLD_BITS - z))
    groups: dict[tuple[str, int], list[str]] = defaultdict(list)
    for kind, raw, geometry in labels:
        name = clean(raw)
        xs, ys, _ = decode_columns(geometry)
        start, end = (((x - origin[0]) * scale, (y - origin[1]) * scale) for x, y in zip(xs, ys, strict=True))
        beside = max(start[0], end[0]) < -PADDING or min(start[0], end[0]) > SIZE + PADDING
        if not name or beside or max(start[1], end[1]) < -PADDING or min(start[1], end[1]) > SIZE + PADDING:
            continue
        ink = {"river": "water-ink"}.get(kind, f"{kind}-ink")
        size = LABELS[kind][1]
        groups[palette.get(ink, palette["ink"]), size].append(_label(name, size, start, end))
    if not groups:
        return []
    inner = "".join(
        f'<g fill="{ink}" font-size="{size}">{"".join(texts)}</g>'
        for (ink, size), texts in sorted(groups.items())
    )
    halo = f'stroke="{palette["halo"]}" stroke-width="3" stroke-linejoin="round" paint-order="stroke"'
    return [f'<g text-anchor="middle" font-family="{FACES}" {halo}>{inner}</g>']


def draw_tile(
    z: int,
    x: int,
    y: int,
    features: Iterable[tuple[str, str, bytes]],
    palette: Mapping[str, str] = PAPER,
) -> str:
    """Draw one tile as SVG from (kind, name, geometry) rows, those that tile_cells finds; order does not matter."""
    side = WORLD_BITS - z
    origin = (x << side, y << side)
    paths, labels = _shapes(z, origin, features)
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}" width="{SIZE}" height="{SIZE}">',
            f'<path fill="{palette["ground"]}" d="M0 0h{SIZE}v{SIZE}H0z"/>',
            _drawn(z, paths, palette),
            *_labelled(z, origin, labels, palette),
            "</svg>",
        ]
    )
