"""The map by folium: its script is made once per town and map version and served under its hash."""

import hashlib
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

from o2o.shops.queries import TownInfo

START_ZOOM = 15
FIRST_ZOOM = 10
LAST_ZOOM = 19
CREDIT = '<a href="https://www.openstreetmap.org/copyright" rel="noopener">© OpenStreetMap contributors</a>'


class MapScript(NamedTuple):
    """A script and the name it is served under."""

    digest: str
    body: str


def map_script(town: TownInfo, tile_url: str) -> MapScript:
    """Make the map of a town; `tile_url` replaces our own tiles."""
    tiles = tile_url or f"/tiles/{{z}}/{{x}}/{{y}}.svg?v={town.map_version}"
    return _script(round(town.lat, 5), round(town.lng, 5), tiles, town.has_osm or bool(tile_url))


@lru_cache(maxsize=16)
def _script(lat: float, lng: float, tiles: str, credited: bool) -> MapScript:
    body = _base_map(lat, lng, tiles, CREDIT if credited else "o2o")
    return MapScript(hashlib.sha256(body.encode()).hexdigest()[:12], body)


def _base_map(lat: float, lng: float, tiles: str, credit: str) -> str:
    import folium  # 0.8 s and 28 MB: only when a map is really made
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

    base = TownMap(
        location=[lat, lng], zoom_start=START_ZOOM, tiles=None, min_zoom=FIRST_ZOOM, max_zoom=LAST_ZOOM
    )
    base._id = "town"
    layer = TileLayer(tiles, attr=credit, min_zoom=FIRST_ZOOM, max_zoom=LAST_ZOOM)
    layer._id = "town"
    layer.add_to(base)
    figure: Any = base.get_root()
    figure.render()
    script = str(figure.script.render())
    return f'"use strict";\n{script.strip()}\n'
