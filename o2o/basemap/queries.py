"""What a tile draws, and where the map's script is."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, func, select, union_all
from sqlalchemy.orm import Session

from o2o.basemap.geometry import tile_cells
from o2o.basemap.mapscript import map_script
from o2o.basemap.models import Feature, FeatureCell
from o2o.kernel.config import Settings
from o2o.shops.queries import TownInfo


def script_address(town: TownInfo, settings: Settings) -> str:
    """Give the address of the map's script, which changes with the map."""
    return f"/map/{map_script(town, settings).digest}.js"


def tile_features(session: Session, z: int, x: int, y: int) -> Sequence[Any]:
    """Give (kind, name, geometry) of what a tile draws, each feature once."""
    levels: dict[str, int] = {}
    for i, (zoom, cell) in enumerate(tile_cells(z, x, y)):
        levels[f"zoom{i}"], levels[f"cell{i}"] = zoom, cell
    return session.execute(_TILE, levels).all() if levels else []


_TILE = select(Feature.kind, func.coalesce(Feature.name, ""), Feature.geometry).where(
    Feature.id.in_(
        union_all(
            *(
                select(FeatureCell.feature_id).where(
                    FeatureCell.zoom == bindparam(f"zoom{i}"), FeatureCell.cell == bindparam(f"cell{i}")
                )
                for i in range(3)
            )
        )
    )
)
