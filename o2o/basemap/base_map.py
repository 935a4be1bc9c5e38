"""The map by folium, drawn in a process of its own: folium would stay in the server with 28 MB for one short script.

Run as a file with [lat, lng, tiles, credit, start, first, last] as JSON on its input; it prints the script.
"""

import json
import sys
from typing import Any, ClassVar


def base_map(lat: float, lng: float, tiles: str, credit: str, start: int, first: int, last: int) -> str:
    """Make the script of a map round a point; zooms `start`, `first`, `last`."""
    import folium
    from folium.raster_layers import TileLayer
    from folium.template import Template

    class TownMap(folium.Map):  # type: ignore[misc]
        """A map whose element and files are the page's own: no CDN, no inline style, a fixed name."""

        default_js: ClassVar[list[Any]] = []  # type: ignore[misc]
        default_css: ClassVar[list[Any]] = []  # type: ignore[misc]
        _template = Template(
            """
            {% macro script(this, kwargs) %}
            var {{ this.get_name() }} = L.map({{ this.get_name()|tojson }}, {{ this.options|tojavascript }});
            {{ this.get_name() }}.attributionControl.setPrefix(false);
            {{ this.get_name() }}.setView({{ this.location|tojson }}, {{ this.options.zoom }});
            L.control.scale({imperial: false}).addTo({{ this.get_name() }});
            {% endmacro %}
            """
        )

        def render(self, **kwargs: Any) -> None:  # type: ignore[override]
            """Leave out folium's own heads and style sheets."""
            super(folium.Map, self).render(**kwargs)

    base = TownMap(location=[lat, lng], zoom_start=start, tiles=None, min_zoom=first, max_zoom=last)
    base._id = "town"
    layer = TileLayer(tiles, attr=credit, min_zoom=first, max_zoom=last)
    layer._id = "town"
    layer.add_to(base)
    figure: Any = base.get_root()
    figure.render()
    script = str(figure.script.render())
    return f'"use strict";\n{script.strip()}\n'


if __name__ == "__main__":
    sys.stdout.write(base_map(*json.load(sys.stdin)))
