"""The map's script: made once per town and map version, kept in the data folder, served under its hash."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from o2o.basemap import base_map
from o2o.kernel.config import Settings
from o2o.shops.queries import TownInfo

START_ZOOM = 15
FIRST_ZOOM = 10
LAST_ZOOM = 19
CREDIT = '<a href="https://www.openstreetmap.org/copyright" rel="noopener">© OpenStreetMap contributors</a>'


class MapScript(NamedTuple):
    """A script and the name it is served under."""

    digest: str
    body: str


def map_script(town: TownInfo, settings: Settings) -> MapScript:
    """Make the map of a town; the setting O2O_TILE_URL replaces our own tiles."""
    tiles = settings.tile_url or f"/tiles/{{z}}/{{x}}/{{y}}.svg?v={town.map_version}"
    credit = CREDIT if town.has_osm or settings.tile_url else "o2o"
    return _script(settings.data_dir / "map", round(town.lat, 5), round(town.lng, 5), tiles, credit)


@lru_cache(maxsize=16)
def _script(folder: Path, lat: float, lng: float, tiles: str, credit: str) -> MapScript:
    """Take the script from the data folder, or have it made and keep it there."""
    asked = json.dumps([lat, lng, tiles, credit, START_ZOOM, FIRST_ZOOM, LAST_ZOOM])
    drawing = Path(base_map.__file__)
    kept = folder / f"{hashlib.sha256(asked.encode() + drawing.read_bytes()).hexdigest()[:16]}.js"
    if not kept.exists():
        command = [sys.executable, "-P", str(drawing)]
        done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)  # noqa: S603
        _keep(kept, done.stdout)
    body = kept.read_text(encoding="utf-8")
    return MapScript(hashlib.sha256(body.encode()).hexdigest()[:12], body)


def _keep(target: Path, text: str) -> None:
    """Write a file whole or not at all: another process may read it at once."""
    target.parent.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=target.parent, delete=False, encoding="utf-8") as file:
        file.write(text)
    os.replace(file.name, target)
