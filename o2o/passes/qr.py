"""Draw a pass code as an inline SVG that a camera reads from a phone's screen or from paper."""

from functools import lru_cache
from typing import Final

import segno
from markupsafe import Markup

QUIET_ZONE: Final = 4

_SVG: Final = Markup(
    '<svg class="qr-svg" role="img" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
    "<title>{label}</title>"
    '<path fill="#fff" d="M0 0h{side}v{side}H0z"/>'
    '<path fill="#000" d="{modules}"/>'
    "</svg>"
)


def qr_svg(text: str, *, error: str = "m", label: str) -> Markup:
    """Return the QR code of decimal digits as SVG without inline style, dark on white in every theme.

    `error` is the level of error correction (l, m, q, h; paper wants q); `label` is what a screen reader
    says, in the visitor's language. Raises ValueError for anything but digits, or for too many of them.
    """
    side, modules = _drawn(text, error)
    return _SVG.format(side=side, label=label, modules=modules)


@lru_cache(maxsize=256)
def _drawn(text: str, error: str) -> tuple[int, str]:
    if not (text.isascii() and text.isdigit()):
        raise ValueError("a pass code has only digits")
    code = segno.make(text, mode="numeric", error=error, boost_error=False, micro=False)
    rows = [_row(y, bytes(row)) for y, row in enumerate(code.matrix, QUIET_ZONE)]
    return len(code.matrix) + 2 * QUIET_ZONE, "".join(rows)


def _row(y: int, modules: bytes) -> str:
    """Return one row as path rectangles, dark neighbours drawn as one."""
    path = ""
    start = modules.find(1)
    while start >= 0:
        end = modules.find(0, start)
        if end < 0:
            end = len(modules)
        path += f"M{start + QUIET_ZONE} {y}h{end - start}v1H{start + QUIET_ZONE}z"
        start = modules.find(1, end)
    return path
