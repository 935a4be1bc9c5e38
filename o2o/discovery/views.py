"""Discovery for visitors: the map and the list, the same results for machines."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, request
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup, escape

from o2o.basemap import queries as basemap
from o2o.discovery import cards, doorman, explained, geojson, kept, otherwise, queries
from o2o.discovery.filters import FAULTS, Filters, read_filters
from o2o.discovery.queries import Near
from o2o.kernel import clock, headers
from o2o.kernel.access import policy, public
from o2o.kernel.db import db
from o2o.kernel.errors import BadInput
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, wants_fragment
from o2o.places import categories
from o2o.shops import queries as shops
from o2o.shops.queries import TownInfo

bp = Blueprint("discovery", __name__)


@bp.get("/")
@bp.get("/shops", endpoint="shops")
@policy(public)
def home() -> Response:
    """Show what there is: the map and the list, as a page or as the part that htmx swaps."""
    headers.allow(geolocation=True)
    town = shops.town(db.session)
    if town is None:
        return page("discovery/empty.html")
    filters, faults = read_filters(request.args.to_dict())
    kind = "page"
    if wants_fragment():
        kind = "more" if request.headers.get("HX-Target") == "more" else "found"
    return answer(town, filters, kind, faults)


def answer(town: TownInfo, filters: Filters, kind: str, faults: Sequence[str]) -> Response:
    """Search and render; a parameter that makes no sense is said, left out, and answered with 400."""
    context = {**found(town, filters), "kind": kind}
    if kind == "page":
        context.update(around(town, filters))
    said = [_(FAULTS[name]) for name in faults]
    status = 400 if faults else 200
    # A position serves one request; nothing that shows it is kept anywhere.
    cache = "none" if filters.has_position else "page"
    if kind == "page":
        response = page("discovery/home.html", cache=cache, status=status, faults=said, **context)
    else:
        response = Response(part(kind, context), status, {"X-O2O-Cache": cache}, "text/html")
    if kind == "found":
        response.headers.add("HX-Replace-Url", address(filters))
    if filters.has_position:
        response.headers.add("Cache-Control", "no-store")
    elif not faults:
        doorman.keep(context["moment"])
    return response


def part(kind: str, context: Mapping[str, Any]) -> str:
    """Print the list alone: hundreds a second on a busy day, so nothing is loaded for a shell."""
    pieces = part_markup(kind)
    return "".join([context[piece] if i % 2 else piece for i, piece in enumerate(pieces)])


@lru_cache(maxsize=4)
def part_markup(kind: str) -> tuple[str, ...]:
    """Print the list's template once, and cut it where its values go: text, name, text, name, …, text."""
    names = ("count", "pins", "cards", "pager", "nothing")
    template = current_app.jinja_env.get_template("discovery/_found.html")
    text = template.render({name: f"@{name}@" for name in names}, kind=kind)
    return tuple(re.split(f"@({'|'.join(names)})@", text))


def address(filters: Filters) -> str:
    """Write a search's address; a position never stands in one that a browser remembers."""
    query = placeless(filters._replace(lat=None, lng=None))
    return f"/?{query}" if query else "/"


@lru_cache(maxsize=1024)
def placeless(filters: Filters) -> str:
    """Write the query of a search without a position; a crowd asks for the same few."""
    return urlencode(filters.params())


def found(town: TownInfo, filters: Filters) -> dict[str, Any]:
    """Search, and make what the list prints."""
    now = clock.now()
    mine = (filters.lat, filters.lng) if filters.lat is not None and filters.lng is not None else None
    at = Near(*(mine or (town.lat, town.lng)))
    view = cards.View(html_lang(), town.zone, now, mine, filters.sort, filters.q)
    session = db.session
    moment = kept.moment(session, now)
    counts = kept.counts(moment, filters, lambda: queries.count(session, filters, at=at, now=now))
    typed, notice = filters, ""
    if typed.q and not counts.total:
        filters, notice = otherwise.read_again(session, typed, at=at, now=now)
        counts = queries.count(session, filters, at=at, now=now)
    result = queries.search(session, filters, at=at, now=now, counts=counts)
    printed, pins = cards.cards_of(session, result.rows, view, kept.cards(moment, view))
    more = filters.page * queries.PER_PAGE < result.total
    return {
        "count": count_words(result.total, view.locale),
        "cards": notice + printed,
        "pins": pins,
        "moment": moment,
        "pager": pager(typed._replace(page=filters.page + 1), view.locale) if more else "",
        "nothing": "" if result.total else nothing(),
    }


def pager(following: Filters, locale: str) -> Markup:
    """Print the way to the next page: a plain link, which htmx replaces by the next cards."""
    plain = placeless(following._replace(lat=None, lng=None))
    query = f"{plain}&lat={following.lat:g}&lng={following.lng:g}" if following.has_position else plain
    before, between, after = pager_markup(locale)
    return Markup(f"{before}{escape(plain)}{between}{escape(query)}{after}")  # noqa: S704


@lru_cache(maxsize=8)
def pager_markup(locale: str) -> tuple[str, str, str]:
    """Print the pager once a language, and cut it where the two addresses' queries go."""
    module: Any = current_app.jinja_env.get_template("_ui/pager.html").module
    before, between, after = module.pager("/?@@", text=_("Show more"), fragment="/shops?@@").split("@@")
    return str(before), str(between), str(after)


def nothing() -> Markup:
    """Say that nothing was found, and what to do."""
    module: Any = current_app.jinja_env.get_template("_ui/empty.html").module
    text = _("Try another word, fewer filters, or another part of the map.")
    return Markup(module.empty(_("No place matches"), text, ("/", _("Show everything"))))  # noqa: S704


@lru_cache(maxsize=1024)
def count_words(total: int, locale: str) -> str:
    """Say how many places were found."""
    return ngettext("%(num)d place", "%(num)d places", total) if total else _("Nothing found")


def around(town: TownInfo, filters: Filters) -> dict[str, Any]:
    """Give what only the whole page prints: chips, the map's script, the heading."""
    locale = html_lang()
    groups = [(group.key, group.name(locale), group.icon) for group in categories.groups()]
    chosen = filters.category
    if chosen and chosen not in {key for key, _name, _icon in groups}:
        kind = categories.category(chosen)
        groups.insert(0, (kind.key, kind.name(locale), kind.icon))
    return {
        "filters": filters,
        "asked": filters.params(),
        "map_script": basemap.script_address(town, current_app.config["O2O"]),
        "groups": groups,
        "town_name": town.name(locale),
    }


@bp.get("/about/ranking")
@policy(public)
def about_ranking() -> Response:
    """Explain every order, with the numbers of the formula itself."""
    return page("discovery/ranking.html", cache="page", **explained.page_values())


@bp.get("/shops.geojson")
@policy(public)
def for_machines() -> Response:
    """Give the shops of a search, or of the whole town, as GeoJSON."""
    filters, faults = read_filters(request.args.to_dict())
    if faults:
        raise BadInput(f"bad_{faults[0]}", FAULTS[faults[0]])
    town = shops.town(db.session)
    body = geojson.collection(db.session, town, filters, now=clock.now())
    response = Response(body, mimetype="application/geo+json")
    response.headers["X-O2O-Cache"] = "none"
    response.headers["Cache-Control"] = "no-cache"
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response


def init_app(app: Flask) -> None:
    """Put the doorman in front, and let tests and re-seeding forget what is kept."""
    door = doorman.Doorman(app, app.wsgi_app)
    app.wsgi_app = door  # type: ignore[method-assign,assignment]
    caches = app.extensions.setdefault("o2o.caches", [])
    caches += [kept.forget, door.answers.things.clear]
