"""What happens to the basemap: planned outside the writing transaction (labels take time), then drawn at once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from o2o.basemap import geometry, labels
from o2o.basemap.models import Feature, FeatureCell
from o2o.kernel.geo import BBox, world_of
from o2o.shops import rules as shop_rules

CHUNK = 2_000
Key = tuple[str | None, str]


class Shape(NamedTuple):
    """A line or area to store: what it is drawn as, its source's id, its name, its packed rings."""

    osm_id: str | None
    kind: str
    name: str | None
    geometry: bytes


@dataclass(slots=True)
class Plan:
    """What changes on the basemap."""

    removed: list[int] = field(default_factory=list)
    added: list[Shape] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.removed or self.added)


def shape(
    osm_id: str | None, kind: str, name: str | None, rings: Iterable[Sequence[tuple[float, float]]]
) -> Shape:
    """Make a shape from rings of (lat, lng) degrees."""
    packed = geometry.encode_geometry([[world_of(lat, lng) for lat, lng in ring] for ring in rings])
    return Shape(osm_id, kind, name[:120] if name else None, packed)


def plan_map(session: Session, *, shapes: Iterable[Shape], box: BBox | None) -> Plan:
    """Compare shapes with the stored ones: by source id, and what lies wholly in `box` and came no more is removed.

    Reads only, so that nobody waits for it. When anything changes, every label is placed anew: collisions are
    settled for the whole town at once.
    """
    wanted: dict[Key, Shape] = {(item.osm_id, item.kind): item for item in shapes}
    known = {osm_id for osm_id, _kind in wanted if osm_id}
    changes = Plan()
    kept: list[Shape] = []
    old_labels: list[int] = []
    for feature_id, osm_id, kind, name, packed in session.execute(
        select(Feature.id, Feature.osm_id, Feature.kind, Feature.name, Feature.geometry)
    ):
        old = Shape(osm_id, kind, name, packed)
        if "@" in old.kind:
            old_labels.append(feature_id)
            continue
        new = wanted.get((old.osm_id, old.kind))
        if new == old:
            del wanted[old.osm_id, old.kind]
            kept.append(old)
        elif old.osm_id in known or (box is not None and _inside(old.geometry, box)):
            changes.removed.append(feature_id)
        else:
            kept.append(old)
    changes.added = list(wanted.values())
    if changes:
        changes.removed += old_labels
        drawn = [geometry.Feature(s.kind, s.name or "", s.geometry) for s in (*kept, *changes.added)]
        changes.added += [Shape(None, *placed) for placed in labels.place_labels(drawn)]
    return changes


def draw_map(session: Session, *, plan: Plan, has_osm: bool) -> bool:
    """Write a plan and let old tiles expire; tell whether anything changed."""
    if not plan:
        return False
    _write(session, plan)
    shop_rules.redraw_map(session, has_osm=has_osm)
    return True


def _write(session: Session, changes: Plan) -> None:
    """Write rows of features and of the cells they are found under."""
    for start in range(0, len(changes.removed), CHUNK):
        some = changes.removed[start : start + CHUNK]
        session.execute(delete(FeatureCell).where(FeatureCell.feature_id.in_(some)))
        session.execute(delete(Feature).where(Feature.id.in_(some)))
    first = (session.scalar(select(Feature.id).order_by(Feature.id.desc()).limit(1)) or 0) + 1
    for start in range(0, len(changes.added), CHUNK):
        some_shapes = changes.added[start : start + CHUNK]
        rows = [{"id": first + start + i, **item._asdict()} for i, item in enumerate(some_shapes)]
        session.execute(insert(Feature), rows)
        cells = [cell for row in rows for cell in _cells(row["id"], row["kind"], row["geometry"])]
        session.execute(insert(FeatureCell), cells)


def _cells(feature_id: int, kind: str, packed: bytes) -> Iterator[dict[str, int]]:
    for zoom, cell in geometry.feature_cells(geometry.decode_geometry(packed), kind):
        yield {"zoom": zoom, "cell": cell, "feature_id": feature_id}


def _inside(packed: bytes, box: BBox) -> bool:
    west, north, east, south = geometry.geometry_bounds(packed)
    left, top = world_of(box.north, box.west)
    right, bottom = world_of(box.south, box.east)
    return left <= west and east <= right and top <= north and south <= bottom
