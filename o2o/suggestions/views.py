"""The list under the search box: a fragment for scripts; without one the box is a plain search."""

from typing import NamedTuple
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request
from flask_babel import gettext as _

from o2o.kernel.access import policy, public
from o2o.kernel.db import db
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page, wants_fragment
from o2o.places import categories
from o2o.shops import queries as shops
from o2o.suggestions import queries
from o2o.suggestions.queries import Suggestion

bp = Blueprint("suggestions", __name__)
LONGEST = 100
ICONS = {
    "kind": "compass",
    "name": "store",
    "brand": "store",
    "dish": "tag",
    "word": "search",
    "meant": "search",
}


class Hint(NamedTuple):
    """A line of the list; `q` is what it searches, empty where it leads elsewhere."""

    icon: str
    text: str
    detail: str
    url: str
    q: str


@bp.get("/suggest")
@policy(public)
def suggest() -> Response:
    """Suggest what a beginning may become; for no text give the frame in which a phone shows its own searches."""
    text = request.args.get("q", "")
    if not wants_fragment():
        return redirect(f"/?{urlencode({'q': text})}" if text else "/")  # type: ignore[return-value]
    typed = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    if not typed:
        return page("suggestions/hints.html", frame=True)
    return page("suggestions/hints.html", hints=hints(typed) if len(typed) <= LONGEST else [])


def hints(typed: str) -> list[Hint]:
    """Give the lines for a text; when nothing begins so, what it may have been meant as."""
    town = shops.town(db.session)
    country = town.country if town else ""
    found = queries.suggest(db.session, typed, country=country, locale=html_lang())
    if not found:
        found = [Suggestion("meant", text) for text in queries.meant(db.session, typed, country=country)]
    return [hint(one, html_lang()) for one in found]


def hint(one: Suggestion, locale: str) -> Hint:
    """Write one line: what it is stands in words beside the icon."""
    icon = ICONS[one.sort]
    if one.sort == "kind":
        return Hint(icon, one.text, _("Category"), f"/?{urlencode({'category': one.key})}", "")
    if one.shop_id:
        return Hint(icon, one.text, categories.category(one.key).name(locale), f"/shops/{one.shop_id}", "")
    detail = {"meant": _("Did you mean"), "dish": _("Dish"), "word": _("Search")}.get(one.sort, _("Shops"))
    return Hint(icon, one.text, detail, f"/?{urlencode({'q': one.text})}", one.text)
