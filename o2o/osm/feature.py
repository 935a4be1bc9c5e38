"""What the basemap draws: streets, rails, water, green, squares and buildings."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from dataclasses import dataclass

from o2o.osm.shape import Point, unpack

STREETS = {
    "motorway": "motorway",
    "trunk": "motorway",
    "primary": "primary",
    "secondary": "secondary",
    "tertiary": "secondary",
    "residential": "street",
    "unclassified": "street",
    "living_street": "street",
    "pedestrian": "street",
    "road": "street",
    "busway": "street",
    "service": "service",
    "track": "service",
    "footway": "path",
    "path": "path",
    "cycleway": "path",
    "bridleway": "path",
    "steps": "path",
    "trail": "path",
}
RAILS = ("rail", "light_rail", "tram", "subway", "narrow_gauge", "monorail", "funicular")
RIVERS = ("river", "stream", "canal")
GREENS = {
    "leisure": ("park", "garden", "pitch", "golf_course", "nature_reserve", "playground", "dog_park"),
    "landuse": (
        "grass", "forest", "meadow", "recreation_ground", "village_green", "cemetery", "orchard",
        "allotments", "flowerbed", "vineyard", "park",
    ),
    "natural": ("wood", "scrub", "grassland", "heath"),
}  # fmt: skip
# Only objects with one of these keys are read as features at all.
FEATURE_KEYS = ("highway", "railway", "waterway", "natural", "landuse", "leisure", "place", "building")


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing to draw: `kind` says how, `is_area` whether its lines are closed rings (fill by even-odd)."""

    kind: str
    osm_id: str
    name: str | None
    is_area: bool
    packed: tuple[array[int], ...]
    is_bridge: bool = False
    is_tunnel: bool = False

    @property
    def lines(self) -> list[list[Point]]:
        """Give the lines or closed rings as lists of (lat, lng) degrees."""
        return [unpack(flat) for flat in self.packed]


def is_flat_street(tags: Mapping[str, str]) -> bool:
    """Tell whether a street is drawn as an area: a square or a pedestrian zone mapped by its outline."""
    return tags.get("place") == "square" or ("highway" in tags and tags.get("area") == "yes")


def line_kind(tags: Mapping[str, str]) -> str | None:
    """Say as what a line is drawn, None when it is not."""
    if is_flat_street(tags) or tags.get("indoor") == "yes":
        return None
    street = STREETS.get(tags.get("highway", "").removesuffix("_link"))
    if street:
        return street
    underground = is_tunnel(tags)
    if tags.get("railway") in RAILS and not (underground and tags.get("railway") == "subway"):
        return "rail"
    if tags.get("waterway") in RIVERS and not underground:
        return "river"
    return None


def area_kind(tags: Mapping[str, str]) -> str | None:
    """Say as what an area is drawn, None when it is not."""
    if is_flat_street(tags):
        return None if tags.get("indoor") == "yes" else "square"
    if tags.get("building", "no") != "no":
        return "building"
    if tags.get("highway") == "pedestrian" and tags.get("type") == "multipolygon":
        return "square"
    if (
        tags.get("natural") == "water"
        or tags.get("waterway") in ("riverbank", "dock")
        or tags.get("landuse") in ("reservoir", "basin", "pond")
    ):
        return "water"
    if any(tags.get(key) in values for key, values in GREENS.items()):
        return "park"
    return None


def is_bridge(tags: Mapping[str, str]) -> bool:
    """Tell whether a line runs over a bridge."""
    return tags.get("bridge", "no") != "no"


def is_tunnel(tags: Mapping[str, str]) -> bool:
    """Tell whether a line runs below ground or through a building."""
    return tags.get("tunnel", "no") != "no"
