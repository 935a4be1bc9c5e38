"""Addresses that belong to no room: health, manifest, the offline page, the language switch."""

from typing import Any, cast

import orjson
from flask import Blueprint, Flask, Response, current_app, get_flashed_messages, request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import text

from o2o.kernel.access import policy, public
from o2o.kernel.config import Settings
from o2o.kernel.db import db
from o2o.kernel.errors import BadInput
from o2o.kernel.locales import COOKIE, LOCALES, html_lang
from o2o.kernel.web import page, safe_next, see_other, static_url, wants_fragment
from o2o.kernel.words import N_

bp = Blueprint("plumbing", __name__)
YEAR = 31_536_000
ICONS = (
    ("icon-192.png", "192x192", "any"),
    ("icon-512.png", "512x512", "any"),
    ("maskable-512.png", "512x512", "maskable"),
)


@bp.get("/healthz")
@policy(public)
def healthz() -> Response:
    """Say that the process lives."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@policy(public)
def readyz() -> Response:
    """Say that the database answers and is migrated."""
    db.session.execute(text("SELECT 1 FROM town LIMIT 1"))
    return Response("ready\n", mimetype="text/plain")


@bp.get("/offline")
@policy(public)
def offline() -> Response:
    """Show what can still be done with no network; the service worker keeps this page."""
    # Stored when the worker comes: it must not bear the name of who was signed in then.
    return page("plumbing/offline.html", cache="page", viewer={"owner_key": None})


@bp.get("/display")
@policy(public)
def display() -> Response:
    """Let the visitor choose theme and text size; the phone keeps the choice, the server never hears of it."""
    return page("plumbing/display.html", cache="page")


@bp.get("/install")
@policy(public)
def install() -> Response:
    """Tell how to put the site on the home screen; as a fragment, offer it in one line."""
    return page("plumbing/install.html", block="hint", cache="page", is_hint=wants_fragment())


@bp.get("/manifest.webmanifest")
@policy(public)
def manifest() -> Response:
    """Describe the home-screen app."""
    name = shell_values()["site_name"]
    icons = [
        {"src": static_url(f"icons/{file}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
        for file, sizes, purpose in ICONS
    ]
    shortcuts = [{"name": _("Wallet"), "url": "/wallet"}]
    body: dict[str, Any] = {
        "id": "/",
        "name": name,
        "short_name": name[:12],
        "description": _("Find a shop, buy a voucher, show it at the counter, even with no signal."),
        "lang": html_lang(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fbf7f2",
        "theme_color": "#fbf7f2",
        "icons": icons,
        "shortcuts": shortcuts,
    }
    response = Response(orjson.dumps(body), mimetype="application/manifest+json")
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(("Accept-Language", "Cookie"))
    return response


@bp.post("/language")
@policy(public)
def language() -> Response:
    """Switch the language and stay on the page."""
    wanted = request.form.get("locale", "").replace("-", "_")
    if wanted not in LOCALES:
        raise BadInput("bad_locale", N_("We speak Chinese and English."))
    response = see_other(safe_next(request.form.get("next")))
    settings: Settings = current_app.config["O2O"]
    response.set_cookie(
        COOKIE, wanted, max_age=YEAR, samesite="Lax", secure=settings.is_secure, httponly=True
    )
    return response


def site_name(town_name: str | None = None) -> str:
    """Give the name on every page: the operator's choice, else the town's, else o2o."""
    settings: Settings = current_app.config["O2O"]
    return settings.site_name or town_name or "o2o"


def shell_values() -> dict[str, Any]:
    """Give what every shell prints; an anonymous visitor costs no query here."""
    town_of = current_app.extensions.get("o2o.town")
    town = town_of() if town_of else None
    owner = current_user.opaque if current_user.is_authenticated else None
    return {
        "locale": html_lang(),
        "town": town,
        "site_name": site_name(town.name(html_lang()) if town else None),
        "viewer": {"owner_key": owner},
        "toasts": toasts,
    }


def toasts() -> list[tuple[str, str]]:
    """Give the sentences that earlier answers left for this page."""
    return cast(list[tuple[str, str]], get_flashed_messages(with_categories=True))


def init_plumbing(app: Flask) -> None:
    """Register the addresses and what every page needs."""
    app.register_blueprint(bp)
    app.context_processor(shell_values)
