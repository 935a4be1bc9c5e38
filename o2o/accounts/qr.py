"""Draw a short text as a QR code: inline SVG without styles."""

import segno
from markupsafe import Markup


def text_qr(text: str) -> Markup:
    """Return the SVG of a QR code with its quiet zone, dark on white in every theme."""
    code = segno.make(text, error="m", micro=False)
    return Markup(code.svg_inline(border=4, omitsize=True, light="#fff", svgclass=None, lineclass=None))  # noqa: S704
