"""Discovery for visitors: the map and the list, the same results for machines, the map's script and tiles."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, request
from flask_babel import gettext as _
from markupsafe import Markup

from o2o.discovery import cards, geojson, kept, mapscript, queries
from o2o.discovery.filters import FAULTS, Filters, read_filters
from o2o.discovery.queries import Near
from o2o.kernel import clock, headers
from o2o.kernel.access import policy, public
from o2o.kernel.db import db
from o2o.kernel.errors import BadInput, NotAllowed
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, wants_fragment
from o2o.offers import queries as offers
from o2o.shops import queries as shops
from o2o.shops.queries import TownInfo

bp = Blueprint("discovery", __name__)
TEMPLATE = "discovery/home.html"


@bp.get("/")
@bp.get("/shops", endpoint="shops")
@policy(public)
def home() -> Response:
    """Show what there is: the map and the list, as a page or as the part that htmx swaps."""
    headers.allow(geolocation=True)
    town = shops.town(db.session)
    if town is None:
        return page("discovery/empty.html")
    filters, faults = read_filters(request.args)
    kind = "page"
    if wants_fragment():
        kind = "more" if request.headers.get("HX-Target") == "more" else "found"
    if faults:
        return answer(town, filters, kind, faults)
    return kept.answer(filters, kind, lambda: answer(town, filters, kind))


def answer(town: TownInfo, filters: Filters, kind: str, faults: Sequence[str] = ()) -> Response:
    """Search and render; a parameter that makes no sense is said, left out, and answered with 400."""
    context = found(town, filters)
    if kind == "page":
        context.update(around(town, filters))
    said = [_(FAULTS[name]) for name in faults]
    block = None if kind == "page" else kind
    status = 400 if faults else 200
    response = page(TEMPLATE, block=block, cache="page", status=status, kind=kind, faults=said, **context)
    if kind == "found":
        response.headers["HX-Replace-Url"] = address(filters)
    return response


def address(filters: Filters, *, path: str = "/") -> str:
    """Write a search's address; a position never stands in one that a browser remembers."""
    query = urlencode(filters._replace(lat=None, lng=None).params())
    return f"{path}?{query}" if query else path


def found(town: TownInfo, filters: Filters) -> dict[str, Any]:
    """Search, and make what the list prints."""
    now = clock.now()
    mine = (filters.lat, filters.lng) if filters.lat is not None and filters.lng is not None else None
    at = Near(*(mine or (town.lat, town.lng)))
    view = cards.View(html_lang(), town.zone, now, mine)
    counts = kept.counts(filters, now, lambda: queries.count(db.session, filters, at=at, now=now))
    result = queries.search(db.session, filters, at=at, now=now, counts=counts)
    deals = offers.best_offers(db.session, [row.id for row in result.rows if row.live])
    more = filters.page * queries.PER_PAGE < result.total
    following = filters._replace(page=filters.page + 1)
    return {
        "filters": filters,
        "asked": filters.params(),
        "total": result.total,
        "cards": cards.cards_markup(result.rows, deals, view),
        "pins": cards.pins_of(result.rows, view.locale),
        "next_page": address(following) if more else "",
        "next_part": f"/shops?{urlencode(following.params())}" if more else "",
    }


def around(town: TownInfo, filters: Filters) -> dict[str, Any]:
    """Give what only the whole page prints: chips, the map's script, the heading."""
    locale = html_lang()
    script = mapscript.map_script(town, current_app.config["O2O"].tile_url)
    groups = [(group.key, group.name(locale), group.icon) for group in shops.categories.groups()]
    chosen = filters.category
    if chosen and chosen not in {key for key, _name, _icon in groups}:
        kind = shops.categories.category(chosen)
        groups.insert(0, (kind.key, kind.name(locale), kind.icon))
    return {
        "map_script": f"/map/{script.digest}.js",
        "groups": groups,
        "town_name": town.name(locale),
    }


@bp.get("/shops.geojson")
@policy(public)
def for_machines() -> Response:
    """Give the shops of a search, or of the whole town, as GeoJSON."""
    filters, faults = read_filters(request.args)
    if faults:
        raise BadInput(f"bad_{faults[0]}", FAULTS[faults[0]])
    town = shops.town(db.session)
    body = geojson.collection(db.session, town, filters, now=clock.now())
    response = Response(body, mimetype="application/geo+json")
    response.headers["X-O2O-Cache"] = "none"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag(weak=True)
    return response.make_conditional(request)


@bp.get("/map/<string:digest>.js")
@policy(public)
def map_script(digest: str) -> Response:
    """Serve the map's script under its hash, to be kept for ever."""
    town = shops.town(db.session)
    script = mapscript.map_script(town, current_app.config["O2O"].tile_url) if town else None
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
        response.set_data(kept.tile(db.session, town.map_version, z, x, y))
    return response


def init_app(app: Flask) -> None:
    """Let tests and re-seeding forget what is kept in the process."""
    app.extensions.setdefault("o2o.caches", []).append(kept.forget)
    app.jinja_env.filters.setdefault("attr_json", _attr_json)


def _attr_json(text: str) -> Markup:
    """Put JSON between single quotes of an attribute: only five characters need a reference."""
    marks: Mapping[str, str] = {"&": "&amp;", "'": "&#39;", "<": "&lt;", ">": "&gt;"}
    return Markup("".join(marks.get(c, c) for c in text))  # noqa: S704 - escaped just here
