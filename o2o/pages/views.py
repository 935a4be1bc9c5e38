"""The pages about the town and its rules."""

from pathlib import Path
from typing import Any

from flask import Blueprint, Flask, Response, current_app, g, request
from flask_babel import gettext as _

from o2o.kernel.access import policy, public
from o2o.kernel.config import Settings
from o2o.kernel.db import db
from o2o.kernel.locales import html_lang
from o2o.kernel.plumbing import site_name
from o2o.kernel.shelf import Shelf
from o2o.kernel.web import page
from o2o.pages import crawlers, source
from o2o.pages.markdown import Words, render
from o2o.shops import queries as shops

bp = Blueprint("pages", __name__)
NAMES = {address: name for name, (address, _title) in source.PAGES.items()}
_rendered: Shelf[Words] = Shelf(64)


@bp.get("/about")
@bp.get("/about/terms")
@bp.get("/about/privacy")
@bp.get("/about/imprint")
@bp.get("/about/who-bears-what")
@policy(public)
def about() -> Response:
    """Show one of the operator's pages, or its default."""
    name = NAMES[str(request.url_rule)]
    text = source.find(folder(), name, html_lang())
    words = rendered(name, text, values())
    return page(
        "pages/about.html",
        cache="page",
        name=name,
        title=words.title or _(source.PAGES[name][1]),
        body=words.body,
        text=text,
        others=[(url, _(title)) for other, (url, title) in source.PAGES.items() if other != name],
    )


def folder() -> Path:
    """Name the folder of the operator's texts."""
    settings: Settings = current_app.config["O2O"]
    return settings.data_dir / "pages"


def values() -> dict[str, str]:
    """Give what the placeholders stand for, in the visitor's language."""
    settings: Settings = current_app.config["O2O"]
    town = shops.town(db.session)
    name = town.name(html_lang()) if town else ""
    return {
        "site_name": site_name(name),
        "town": name or site_name(),
        "contact": settings.contact or _("(no address given yet)"),
        "address": settings.base_url,
    }


def rendered(name: str, text: source.Text, given: dict[str, str]) -> Words:
    """Render a text once until it, or what it names, changes."""
    key = (str(folder()), name, text.language, text.is_own, text.mark, *given.values())
    words = _rendered.get(key)
    if words is None:
        words = render(text.source, given)
        _rendered.put(key, words)
    return words


def note_demo() -> dict[str, Any]:
    """Note for the answer's headers whether this page shows a town that does not exist."""
    town = shops.town(db.session)
    g.is_fiction = town is not None and town.is_demo
    return {}


def keep_out(response: Response) -> Response:
    """Keep the demo's shops out of search engines: nobody may look for a fictional place."""
    if g.get("is_fiction"):
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def init_app(app: Flask) -> None:
    """Register what lives in files of its own."""
    app.register_blueprint(crawlers.bp)
    app.context_processor(note_demo)
    app.after_request(keep_out)
