"""Read a town from an OpenStreetMap file: places for the listings, streets and areas for the basemap."""

from __future__ import annotations

import math
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from o2o.kernel.geo import haversine
from o2o.kernel.words import N_
from o2o.osm import geojson as osm_geojson
from o2o.osm.feature import FEATURE_KEYS, Feature, area_kind, is_bridge, is_tunnel, line_kind
from o2o.osm.file import (
    LARGEST_FILE,
    LARGEST_UNPACKED,
    FileRefused,
    MapObject,
    checked_format,
    read_objects,
)
from o2o.osm.place import Place, clean, is_closed_for_good, place_of
from o2o.osm.shape import Point, middle, pack, point_inside
from o2o.places.categories import PLACE_TAGS, category_of

__all__ = ["Feature", "FileRefused", "Place", "Skipped", "TownFile", "read_town"]

SAME_PLACE = 30  # metres: two objects of one name nearer than this are one listing
PROGRESS_EVERY = 20_000
MOST_EXAMPLES = 1_000

REASONS = {
    "unnamed": N_("has neither a name nor a brand"),
    "closed": N_("is marked as no longer in use"),
    "duplicate": N_("is the same place as %(other)s"),
    "nowhere": N_("has no position in this file"),
    "no_id": N_("has no OpenStreetMap id"),
}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A place of the file that becomes no listing of its own, and why (`sentence` is a msgid of REASONS)."""

    osm_id: str
    name: str
    reason: str
    other: str = ""

    @property
    def sentence(self) -> str:
        """Give the reason's msgid; fill in %(other)s."""
        return REASONS[self.reason]


@dataclass(slots=True)
class TownFile:
    """What one file holds. `skipped` keeps at most MOST_EXAMPLES a reason, `stats` counts them all."""

    places: list[Place] = field(default_factory=list)
    features: list[Feature] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    stats: Counter[str] = field(default_factory=Counter)

    def skip(self, osm_id: str, tags: Mapping[str, str], reason: str, other: str = "") -> None:
        """Note that a place is left out."""
        self.stats[reason] += 1
        if self.stats[reason] <= MOST_EXAMPLES:
            name = clean(tags.get("name"), 120) or ""
            self.skipped.append(Skipped(osm_id, name, reason, other))


def read_town(
    path: Path | str,
    *,
    max_bytes: int = LARGEST_FILE,
    max_unpacked: int = LARGEST_UNPACKED,
    progress: Callable[[int], None] | None = None,
) -> TownFile:
    """Read a whole .osm, .osm.gz, .osm.pbf or .geojson file; `progress` gets the number of objects read so
    far.

    Raises FileRefused, and then nothing has been given out: the caller writes only what a whole file said.
    `max_bytes` is the size on disk, `max_unpacked` what a .gz may become.
    """
    path = Path(path)
    kind = checked_format(path, max_bytes, max_unpacked)
    if kind == "geojson":
        objects = osm_geojson.read_objects(path)
    else:
        objects = read_objects(path, kind, (*FEATURE_KEYS, *PLACE_TAGS), PLACE_TAGS)
    town = TownFile()
    found: dict[str, tuple[dict[str, str], Point, bool]] = {}
    for count, item in enumerate(objects, 1):
        _draw(item, town)
        _find(item, found, town)
        if progress and count % PROGRESS_EVERY == 0:
            progress(count)
    places = []
    for osm_id, (tags, point, _) in found.items():
        place = place_of(osm_id, tags, point)
        if place:
            places.append(place)
        else:
            town.skip(osm_id, tags, "unnamed")
    town.places = _one_listing_each(places, town)
    if not town.places and not town.features:
        raise FileRefused("nothing")
    town.stats["places"] = len(town.places)
    town.stats["features"] = len(town.features)
    return town


def _draw(item: MapObject, town: TownFile) -> None:
    """Keep what the basemap shows of an object."""
    kind = area_kind(item.tags) if item.is_area else line_kind(item.tags)
    lines = [pack(line) for line in item.lines if len(line) > 1]
    if kind and lines and item.osm_id:
        name = clean(item.tags.get("name"), 120)
        bridge, tunnel = is_bridge(item.tags), is_tunnel(item.tags)
        feature = Feature(kind, item.osm_id, name, item.is_area, tuple(lines), bridge, tunnel)
        town.features.append(feature)


def _find(item: MapObject, found: dict[str, tuple[dict[str, str], Point, bool]], town: TownFile) -> None:
    """Keep an object that is a consumer place; a way's area is better than its line and comes after it."""
    if category_of(item.tags) is None:
        return
    if is_closed_for_good(item.tags):
        if not item.is_area:
            town.skip(item.osm_id, item.tags, "closed")
    elif not item.osm_id:
        town.skip("", item.tags, "no_id")
    elif not item.lines:
        town.skip(item.osm_id, item.tags, "nowhere")
    elif item.is_area:
        found[item.osm_id] = item.tags, point_inside(item.lines), True
    elif item.osm_id not in found:
        found[item.osm_id] = item.tags, middle([point for line in item.lines for point in line]), False


def _one_listing_each(places: Iterable[Place], town: TownFile) -> list[Place]:
    """Join places of one name within SAME_PLACE metres: the one with more tags stays, the rest fills it."""
    kept: dict[tuple[str, int, int], list[Place]] = {}
    order = sorted(places, key=lambda place: (-place.tag_count, place.osm_id))
    for place in order:
        name = unicodedata.normalize("NFKC", place.name).casefold()
        row, column = _cell(place.lat, place.lng)
        near = [
            other
            for r in (row - 1, row, row + 1)
            for c in (column - 1, column, column + 1)
            for other in kept.get((name, r, c), ())
            if haversine(place.lat, place.lng, other.lat, other.lng) <= SAME_PLACE
        ]
        if near:
            near[0].take_missing(place)
            town.skip(place.osm_id, {"name": place.name}, "duplicate", near[0].osm_id)
        else:
            kept.setdefault((name, row, column), []).append(place)
    return sorted((place for group in kept.values() for place in group), key=lambda place: place.osm_id)


def _cell(lat: float, lng: float) -> tuple[int, int]:
    """Give the square, at least SAME_PLACE metres a side, that holds a position (111 km a degree)."""
    side = SAME_PLACE / 110_000
    shrink = max(math.cos(math.radians(math.floor(abs(lat)) + 1)), 0.01)
    return math.floor(lat / side), math.floor(lng * shrink / side)
