"""Share pictures of shops, offers, guides and the town, drawn on request and kept for a while."""

import hashlib
import threading

from flask import Blueprint, Response, current_app, request
from jinja2 import Environment

from o2o.guides import queries as guides
from o2o.kernel.access import policy, public
from o2o.kernel.db import db
from o2o.kernel.errors import Busy
from o2o.kernel.locales import html_lang
from o2o.kernel.money import format_money, plain_money
from o2o.kernel.plumbing import site_name
from o2o.kernel.shelf import Shelf
from o2o.offers import queries as offers
from o2o.places import categories
from o2o.sharing.picture import EDITION, About, draw, scene
from o2o.shops import queries as shops
from o2o.shops.models import Shop

bp = Blueprint("sharing", __name__)
DRAWERS = 2
PATIENCE = 3.0  # seconds to wait for one of them
_drawn: Shelf[bytes] = Shelf(128)
_turn = threading.BoundedSemaphore(DRAWERS)


@bp.get("/og/town.png")
@policy(public)
def town() -> Response:
    """Draw the town's own picture."""
    info = shops.town(db.session)
    name = info.name(language()) if info else ""
    names = (name, info.name_en if info else "", "o2o")
    return answer(About(names, "", (), "", site(), "star", "eat", 3, bool(info and info.has_osm)))


@bp.get("/og/shops/<int:shop>.png")
@policy(public)
def shop(shop: int) -> Response:
    """Draw a shop's picture."""
    row = shops.shop(db.session, shop)
    return answer(about(row, (shops.shop_name(row, language()), row.name_en or "", row.name_zh or "")))


@bp.get("/og/offers/<int:offer>.png")
@policy(public)
def offer(offer: int) -> Response:
    """Draw an offer's picture, with its price."""
    found = offers.offer(db.session, offer)
    terms = offers.current_terms(db.session, found)
    row = shops.shop(db.session, found.shop_id)
    price = format_money(terms.price, terms.currency, language())
    # Not every font has every sign of money.
    prices = (price, f"{terms.currency} {plain_money(terms.price, terms.currency)}")
    return answer(about(row, (terms.title,), prices, shops.shop_name(row, language())))


@bp.get("/og/guides/<int:guide_id>.png")
@policy(public)
def guide(guide_id: int) -> Response:
    """Draw a public guide's picture."""
    row = guides.shown_guide(db.session, guide_id, is_operator=False)
    info = shops.founded(db.session)
    place = info.name(language())
    names = (guides.title(row, language()), row.title_en, row.title_zh)
    told = About(names, "", (), place if place != site() else "", site(), "book", "culture", 2, info.has_osm)
    return answer(told)


def language() -> str:
    """Read the language from the address, where the page put its own; else the reader's."""
    wanted = request.args.get("lang", "")
    return wanted if wanted in ("zh-Hans", "en") else html_lang()


def site() -> str:
    """Name the site in the picture's language."""
    info = shops.town(db.session)
    return site_name(info.name(language()) if info else None)


def about(row: Shop, names: tuple[str, ...], prices: tuple[str, ...] = (), seller: str = "") -> About:
    """Gather what a picture about something of this shop tells."""
    info = shops.founded(db.session)
    try:
        kind = categories.category(row.category)
        said, icon = kind.name(language()), kind.icon
    except KeyError:
        said, icon = "", ""
    symbol, group = places(current_app.jinja_env).get(icon, ("shop", "market"))
    told = " · ".join(filter(None, (seller, said)))
    town_name = info.name(language())
    place = town_name if town_name != site() else row.address or ""
    return About(names, told, prices, place, site(), symbol, group, row.id % 4, info.has_osm)


def places(env: Environment) -> dict[str, tuple[str, str]]:
    """Give the pages' own table: schema icon -> (symbol, palette)."""
    table: dict[str, tuple[str, str]] = env.get_template("_ui/_places.html").module.PLACES  # type: ignore[attr-defined]
    return table


def answer(told: About) -> Response:
    """Answer a picture, by its mark alone where the reader has it."""
    font = current_app.config["O2O"].font
    # Drawing takes a while: no transaction stays open for it.
    db.session.rollback()
    given = scene(told, font)
    mark = hashlib.blake2s(repr((EDITION, font, given)).encode(), digest_size=12).hexdigest()
    response = Response(mimetype="image/png")
    response.set_etag(mark)
    response.headers["Cache-Control"] = "public, max-age=3600"
    response.make_conditional(request)
    if response.status_code == 304:
        return response
    body = _drawn.get(mark)
    if body is None:
        if not _turn.acquire(timeout=PATIENCE):
            raise Busy
        try:
            body = _drawn.put(mark, draw(given, font))
        finally:
            _turn.release()
    response.set_data(body)
    return response
