"""Read .geojson as Overpass, osmium and the like export it: a FeatureCollection with OSM ids and tags."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NoReturn

from o2o.osm.file import FileRefused, MapObject
from o2o.osm.shape import Point

LARGEST_GEOJSON = 60_000_000  # bytes; the json module needs about eight times as much memory
_ID = re.compile(r"(node|way|relation|n|w|r|a)/?(\d{1,18})")
_ID_KEYS = ("id", "@id", "osm_id", "full_id")


def read_objects(path: Path) -> Iterator[MapObject]:
    """Yield every feature that has an OSM id and a geometry; raises FileRefused, also in the midst."""
    try:
        if path.stat().st_size > LARGEST_GEOJSON:
            raise FileRefused("too_large", limit=LARGEST_GEOJSON // 1_000_000)
        data = json.loads(path.read_text(encoding="utf-8-sig"), parse_constant=_no_constant)
    except OSError as error:
        raise FileRefused("unreadable") from error
    except RecursionError as error:
        raise FileRefused("not_osm") from error
    except ValueError as error:
        raise FileRefused("damaged" if _starts_like_json(path) else "not_osm") from error
    is_collection = isinstance(data, dict) and data.get("type") == "FeatureCollection"
    features = data.get("features") if is_collection else None
    if not isinstance(features, list):
        raise FileRefused("not_collection")
    for feature in features:
        if isinstance(feature, dict):
            found = _object(feature)
            if found:
                yield found


def _no_constant(text: str) -> NoReturn:
    raise FileRefused("coordinates")


def _starts_like_json(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4096).removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def _object(feature: Mapping[str, Any]) -> MapObject | None:
    properties = feature.get("properties")
    properties = properties if isinstance(properties, dict) else {}
    nested = properties.get("tags")
    tags = {
        key: str(value)
        for key, value in {**properties, **(nested if isinstance(nested, dict) else {})}.items()
        if isinstance(key, str) and isinstance(value, (str, int)) and not isinstance(value, bool)
    }
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict):
        return None
    lines, is_area = _lines(geometry.get("type"), geometry.get("coordinates"))
    osm_id = _osm_id([feature.get("id"), *(properties.get(key) for key in _ID_KEYS)])
    return MapObject(osm_id, tags, lines, is_area) if lines else None


def _osm_id(candidates: Sequence[Any]) -> str:
    """Find an id such as node/123, n123 or osmium's a246 (twice the way's, twice the relation's + 1)."""
    for candidate in candidates:
        match = _ID.fullmatch(candidate) if isinstance(candidate, str) else None
        if match:
            letter, number = match[1][0], int(match[2])
            if letter == "a":
                letter, number = "wr"[number % 2], number // 2
            return f"{ {'n': 'node', 'w': 'way', 'r': 'relation'}[letter] }/{number}"
    return ""


def _lines(kind: Any, coordinates: Any) -> tuple[list[list[Point]], bool]:
    """Give the lines or rings of a geometry and whether it is an area."""
    try:
        if kind == "Point":
            return [[_point(coordinates)]], False
        if kind in ("LineString", "MultiLineString"):
            parts = [coordinates] if kind == "LineString" else coordinates
            return [[_point(pair) for pair in part] for part in parts if part], False
        if kind in ("Polygon", "MultiPolygon"):
            polygons = [coordinates] if kind == "Polygon" else coordinates
            return [_ring(ring, i > 0) for rings in polygons for i, ring in enumerate(rings) if ring], True
    except (TypeError, IndexError) as error:
        raise FileRefused("coordinates") from error
    return [], False


def _point(pair: Any) -> Point:
    lng, lat = pair[0], pair[1]
    if isinstance(lng, bool) or not isinstance(lng, (int, float)) or not isinstance(lat, (int, float)):
        raise FileRefused("coordinates")
    if not (math.isfinite(lng) and math.isfinite(lat) and abs(lat) <= 90 and abs(lng) <= 180):
        raise FileRefused("coordinates")
    return float(lat), float(lng)


def _ring(pairs: Sequence[Any], is_hole: bool) -> list[Point]:
    """Close a ring and turn it: outer rings one way round, holes the other, as a centroid needs."""
    ring = [_point(pair) for pair in pairs]
    if ring[0] != ring[-1]:
        ring.append(ring[0])
    turns = sum(a[1] * b[0] - b[1] * a[0] for a, b in pairwise(ring))
    return ring[::-1] if (turns < 0) != is_hole else ring
