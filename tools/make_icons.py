"""Draw the icon sprites from the unpacked npm packages lucide-static, @mapbox/maki and @rapideditor/temaki.

    python tools/make_icons.py FOLDER

FOLDER holds the three packages, unpacked, as lucide-static/, maki/ and temaki/. Needed only when the table in
icon_table.py changes; the sprites themselves are kept in the repository. Shorten them afterwards as
svgo.config.js says.
"""

import re
import sys
from pathlib import Path

from icon_table import DRAWINGS, LINES, STANDS_FOR

ROOT = Path(__file__).resolve().parent.parent
SVG = '<svg xmlns="http://www.w3.org/2000/svg">'
SHAPES = re.compile(r"<(?:path|circle|rect|line|polyline|polygon|ellipse)\b[^>]*>", re.S)


def shapes(svg: str) -> str:
    """Take the drawing elements out of an SVG file, bare of ids, classes and spare space.

    Numbers stay as they are: rounding them needs to know a path's grammar, and svgo does.
    """
    kept = []
    for shape in SHAPES.findall(svg):
        shape = re.sub(r'\s(?:id|class|fill)="[^"]*"', "", shape)
        kept.append(re.sub(r"(?:&#xA;|&#x9;|\s)+", " ", shape).replace(" />", "/>").replace("></path>", "/>"))
    return "".join(part if part.endswith("/>") else part[:-1] + "/>" for part in kept)


def box(svg: str) -> str:
    """Return the viewBox of an SVG file."""
    found = re.search(r'viewBox="([^"]+)"', svg)
    if found is None:
        raise ValueError("an icon without viewBox")
    return found[1]


def place_sprite(folder: Path) -> str:
    """Draw the filled category icons."""
    symbols = []
    for ident, (family, name, _group) in DRAWINGS.items():
        home = Path(__file__).parent / "own" if family == "own" else folder / family / "icons"
        svg = (home / f"{name}.svg").read_text()
        symbols.append(f'<symbol id="{ident}" viewBox="{box(svg)}">{shapes(svg)}</symbol>')
    return SVG + "".join(symbols) + "</svg>\n"


def line_sprite(folder: Path) -> str:
    """Draw the stroked interface icons and the mark of the site."""
    symbols = []
    for ident, name in LINES.items():
        svg = (folder / "lucide-static" / "icons" / f"{name}.svg").read_text()
        symbols.append(f'<symbol id="{ident}" viewBox="0 0 24 24">{shapes(svg)}</symbol>')
    mark = (ROOT / "static/icons/mark.svg").read_text()
    symbols.append(f'<symbol id="mark" viewBox="{box(mark)}">{shapes_with_paint(mark)}</symbol>')
    return SVG + "".join(symbols) + "</svg>\n"


def shapes_with_paint(svg: str) -> str:
    """Take the shapes of our own mark as they are."""
    return "".join(re.sub(r"\s+", " ", shape) for shape in SHAPES.findall(svg))


def place_table() -> str:
    """Write the template that turns a schema icon into (sprite id, palette group)."""
    rows = {}
    for ident, (family, name, group) in DRAWINGS.items():
        for alias in [f"{family}-{name}", ident, *STANDS_FOR.get(ident, "").split()]:
            rows.setdefault(alias, (ident, group))
    body = ",\n".join(f'  "{alias}": ("{ident}", "{group}")' for alias, (ident, group) in rows.items())
    return (
        "{#- Written by tools/make_icons.py. Schema icon -> (symbol, palette). -#}\n"
        "{%- set PLACES = {\n" + body + '\n} -%}\n{%- set ELSE = ("shop", "market") -%}\n'
    )


def main() -> None:
    """Write both sprites and the table."""
    folder = Path(sys.argv[1])
    icons = ROOT / "static/icons"
    (icons / "sprite-places.svg").write_text(place_sprite(folder))
    (icons / "sprite-ui.svg").write_text(line_sprite(folder))
    (ROOT / "templates/_ui/_places.html").write_text(place_table())


if __name__ == "__main__":
    main()
