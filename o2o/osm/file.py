"""Read .osm, .osm.gz and .osm.pbf with osmium, and refuse what is not such a file."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from o2o.kernel.words import N_
from o2o.osm.shape import Point, middle

if TYPE_CHECKING:
    import osmium

LARGEST_FILE = 300_000_000  # bytes on disk
LARGEST_UNPACKED = 6_000_000_000  # bytes of XML in a .gz; OSM XML shrinks about 15 times
FORMATS = {".osm": "osm", ".osm.gz": "osm.gz", ".osm.pbf": "pbf", ".geojson": "geojson"}
# A relation of one of these types is a shape; a bus route tagged tourism=… is not a place.
AREA_RELATIONS = ("multipolygon", "boundary", "site", "building", "")

LINE_KEYS = ("highway", "railway", "waterway")  # a closed way with one of these may be a loop, no area

_XML_ROOT = re.compile(rb"\s*(<\?xml[^>]*\?>\s*)?(<!--.*?-->\s*)*<osm[\s>]", re.DOTALL)
_GZIP = b"\x1f\x8b"
_PBF_HEADER = b"\n\tOSMHeader"

REFUSALS = {
    "unreadable": N_("This file cannot be opened. Check that it exists and that you may read it."),
    "extension": N_(
        "Only .osm, .osm.gz, .osm.pbf and .geojson files can be imported. Export the area in one of them."
    ),
    "too_large": N_(
        "This file is larger than %(limit)s MB. Cut it to your town first, for example with osmium extract."
    ),
    "empty": N_("This file is empty. Download it again."),
    "not_osm": N_("This is not an OpenStreetMap file, whatever its name says. Export the area again."),
    "damaged": N_("This file is damaged or cut short. Download it again."),
    "not_collection": N_(
        "This GeoJSON file is not a FeatureCollection. Export the area again with its tags."
    ),
    "coordinates": N_(
        "This file has positions that are not on Earth. Export it again in WGS-84 (EPSG:4326)."
    ),
    "nothing": N_("There is no shop and no street in this file. Export a larger area."),
}


class FileRefused(Exception):
    """A file that cannot be imported: a code for machines, a sentence (msgid, params) for people."""

    def __init__(self, code: str, **params: object) -> None:
        self.code = code
        self.sentence = REFUSALS[code]
        self.params = params
        super().__init__(self.sentence % params)


@dataclass(slots=True)
class MapObject:
    """One tagged object of a file; `lines` are closed rings for an area, one point for a node."""

    osm_id: str
    tags: dict[str, str]
    lines: list[list[Point]]
    is_area: bool = False


def checked_format(path: Path, largest: int, largest_unpacked: int) -> str:
    """Say which format a file has, after a look at its name, size, first bytes and (gzip) unpacked length."""
    suffix = next((end for end in FORMATS if path.name.lower().endswith(end)), None)
    if suffix is None:
        raise FileRefused("extension")
    try:
        if not path.is_file():
            raise FileRefused("unreadable")
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(4096)
    except (OSError, ValueError) as error:
        raise FileRefused("unreadable") from error
    if size == 0:
        raise FileRefused("empty")
    if size > largest:
        raise FileRefused("too_large", limit=largest // 1_000_000)
    kind = FORMATS[suffix]
    if kind == "osm.gz":
        if not head.startswith(_GZIP):
            raise FileRefused("not_osm")
        head = _unpack(path, largest_unpacked)
    if kind == "pbf" and not head[4:].startswith(_PBF_HEADER):
        raise FileRefused("not_osm")
    if kind in ("osm", "osm.gz") and not _XML_ROOT.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise FileRefused("not_osm" if head else "empty")
    return kind


def _unpack(path: Path, largest: int) -> bytes:
    """Unpack a gzip file to nowhere, so that a bomb or a cut end is met first; give its first bytes."""
    head, length = b"", 0
    try:
        with gzip.open(path) as file:
            while chunk := file.read(1 << 20):
                head = head or chunk[:4096]
                length += len(chunk)
                if length > largest:
                    raise FileRefused("too_large", limit=largest // 1_000_000)
    except (OSError, EOFError, zlib.error) as error:
        raise FileRefused("damaged") from error
    return head


def read_objects(
    path: Path, kind: str, keys: Iterable[str], place_keys: Iterable[str]
) -> Iterator[MapObject]:
    """Yield every object with one of `keys`; a closed way comes as a line and again as an area.

    Relations come as areas, and when their rings do not close, as the box of the members that the file has.
    osmium refuses XML entities, so none can be expanded. Raises FileRefused in the midst: keep nothing until
    the end.
    """
    import osmium  # 40 ms and 11 MB that only an import needs

    try:
        yield from _read(osmium.io.File(str(path.absolute()), kind), tuple(keys), tuple(place_keys))
    except osmium.InvalidLocationError as error:
        raise FileRefused("coordinates") from error
    except (RuntimeError, ValueError, OSError, OverflowError) as error:
        raise FileRefused("damaged") from error


def _read(file: osmium.io.File, keys: tuple[str, ...], place_keys: tuple[str, ...]) -> Iterator[MapObject]:
    import osmium

    wanted = osmium.filter.KeyFilter(*keys)
    drawn_as_line = (*LINE_KEYS, *place_keys)
    objects = osmium.FileProcessor(file).with_areas(wanted).with_filter(wanted)
    closed: set[int] = set()
    broken: dict[int, tuple[dict[str, str], list[tuple[str, int]]]] = {}
    item: Any
    for item in objects:
        if item.is_node():
            if item.location.valid():
                yield MapObject(f"node/{item.id}", dict(item.tags), [[(item.lat, item.lon)]])
            elif any(key in item.tags for key in place_keys):
                yield MapObject(f"node/{item.id}", dict(item.tags), [])
        elif item.is_way():
            # Most ways are buildings: their outline comes as an area, and once is enough.
            if not item.is_closed() or any(key in item.tags for key in drawn_as_line):
                yield MapObject(f"way/{item.id}", dict(item.tags), _ways([item.nodes]))
        elif item.is_area():
            kind = "way" if item.from_way() else "relation"
            if kind == "relation":
                closed.add(item.orig_id())
            rings = [ring for outer in item.outer_rings() for ring in (outer, *item.inner_rings(outer))]
            yield MapObject(f"{kind}/{item.orig_id()}", dict(item.tags), _ways(rings), is_area=True)
        elif any(key in item.tags for key in place_keys) and item.id not in closed:
            broken[item.id] = dict(item.tags), [(member.type, member.ref) for member in item.members]
    if broken:
        yield from _by_members(file, broken, objects.node_location_storage)


def _ways(node_lists: Iterable[Any]) -> list[list[Point]]:
    lines = [[(node.lat, node.lon) for node in nodes if node.location.valid()] for nodes in node_lists]
    return [line for line in lines if line]


def _by_members(
    file: osmium.io.File, broken: dict[int, tuple[dict[str, str], list[tuple[str, int]]]], places: Any
) -> Iterator[MapObject]:
    """Yield relations without an area at the middle of what the file has of them."""
    import osmium

    way_ids = {ref for _, members in broken.values() for kind, ref in members if kind == "w"}
    corners: dict[int, list[Point]] = {}
    if way_ids:
        only = osmium.filter.IdFilter(way_ids)
        way: Any
        for way in osmium.FileProcessor(file, osmium.osm.WAY).with_filter(only):
            corners[way.id] = _known([node.ref for node in way.nodes], places)
    for relation_id, (tags, members) in broken.items():
        points = _known([ref for kind, ref in members if kind == "n"], places)
        for kind, ref in members:
            points += corners.get(ref, []) if kind == "w" else []
        is_shape = tags.get("type", "") in AREA_RELATIONS
        yield MapObject(f"relation/{relation_id}", tags, [[middle(points)]] if points and is_shape else [])


def _known(refs: Iterable[int], places: Any) -> list[Point]:
    found = []
    for ref in refs:
        try:
            location = places.get(ref)
        except KeyError:
            continue
        if location.valid():
            found.append((location.lat, location.lon))
    return found
