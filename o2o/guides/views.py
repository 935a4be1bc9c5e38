"""Guides for everybody: the list, and one guide on a map and as cards."""

from flask import Blueprint, Flask, Response, current_app
from flask_login import current_user

from o2o.basemap import queries as basemap
from o2o.guides import queries, show
from o2o.kernel.access import policy, public
from o2o.kernel.db import db
from o2o.kernel.locales import html_lang
from o2o.kernel.web import page
from o2o.places import categories
from o2o.shops import queries as shops

bp = Blueprint("guides", __name__)


@bp.get("/guides")
@policy(public)
def guides() -> Response:
    """List what the operator recommends."""
    return page(
        "guides/list.html",
        cache="page",
        rows=queries.guides(db.session, public_only=True),
        kind_of=categories.category,
        title_of=queries.title,
        about_of=queries.about,
    )


@bp.get("/guides/<int:guide_id>")
@policy(public)
def guide(guide_id: int) -> Response:
    """Show a guide; a draft is shown to the operator as others will see it."""
    row = queries.shown_guide(db.session, guide_id, is_operator=is_operator())
    locale, settings, town = html_lang(), current_app.config["O2O"], shops.founded(db.session)
    places = queries.stops(db.session, guide_id)
    title, about = queries.title(row, locale), queries.about(row, locale)
    here = f"{settings.base_url}/guides/{row.id}"
    return page(
        "guides/guide.html",
        cache="page" if row.state == "public" else "none",
        guide=row,
        heading=title,
        about=about,
        places=places,
        has_ads=any(place.is_paid for place in places),
        printed=show.printed(db.session, places, town, locale),
        map_script=basemap.script_address(town, settings),
        here=here,
        json_ld=show.json_ld(title, about, places, base=settings.base_url, here=here, locale=locale),
    )


def is_operator() -> bool:
    """Tell whether the visitor may see drafts."""
    return bool(current_user.is_authenticated and current_user.is_operator)


def init_app(app: Flask) -> None:
    """Let the home page ask whether there is a guide to link to."""
    app.jinja_env.globals["has_guides"] = lambda: queries.has_public(db.session)
