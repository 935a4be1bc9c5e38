"""The map's script and its tiles, as addresses that browsers keep."""

from flask import Blueprint, Flask, Response, current_app, request
from sqlalchemy.orm import Session

from o2o.basemap import mapscript, queries
from o2o.basemap.tiles import draw_tile
from o2o.kernel.access import policy, public
from o2o.kernel.db import db
from o2o.kernel.errors import NotAllowed
from o2o.kernel.shelf import Shelf
from o2o.shops import queries as shops

bp = Blueprint("basemap", __name__)
_tiles: Shelf[str] = Shelf(512)


@bp.get("/map/<string:digest>.js")
@policy(public)
def map_script(digest: str) -> Response:
    """Serve the map's script under its hash, to be kept for ever."""
    town = shops.town(db.session)
    script = mapscript.map_script(town, current_app.config["O2O"]) if town else None
    if script is None or script.digest != digest:
        raise NotAllowed
    response = Response(script.body, mimetype="text/javascript")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@bp.get("/tiles/<int:z>/<int:x>/<int:y>.svg")
@policy(public)
def tile(z: int, x: int, y: int) -> Response:
    """Serve one tile of the town's own drawing."""
    town = shops.town(db.session)
    if town is None or not mapscript.FIRST_ZOOM <= z <= mapscript.LAST_ZOOM or max(x, y) >= 1 << z:
        raise NotAllowed
    response = Response(mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=86400"
    response.set_etag(f"{town.map_version}-{z}-{x}-{y}")
    response.make_conditional(request)
    if response.status_code != 304:
        response.set_data(drawn(db.session, town.map_version, z, x, y))
    return response


def drawn(session: Session, map_version: int, z: int, x: int, y: int) -> str:
    """Draw a tile, or give the one that was drawn."""
    key = (id(session.get_bind()), map_version, z, x, y)
    kept = _tiles.get(key)
    if kept is None:
        rows = queries.tile_features(session, z, x, y)
        kept = _tiles.put(key, draw_tile(z, x, y, ((row[0], row[1], row[2]) for row in rows)))
    return kept


def init_app(app: Flask) -> None:
    """Let tests and re-seeding forget the tiles that are kept."""
    app.extensions.setdefault("o2o.caches", []).append(_tiles.things.clear)
