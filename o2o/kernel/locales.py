"""Which language a visitor reads: the footer's choice, else the browser's, else Chinese."""

from functools import lru_cache

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, gettext
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from o2o.kernel import clock

LOCALES = {"zh_Hans": "中文", "en": "English"}
COOKIE = "o2o_locale"
DEFAULT = "zh_Hans"


def choose_locale() -> str:
    """Choose the visitor's locale; anything but the two known ones falls to the default."""
    if not has_request_context():
        return DEFAULT
    if "locale" not in g:
        g.locale = _choose()
    return str(g.locale)


def _choose() -> str:
    wanted = request.cookies.get(COOKIE, "")
    if wanted in LOCALES:
        return wanted
    return _preferred(request.headers.get("Accept-Language", ""))


@lru_cache(maxsize=256)
def _preferred(header: str) -> str:
    """Choose by what the browser accepts; a crowd sends the same few headers."""
    accepted = parse_accept_header(header, LanguageAccept)
    for tag, quality in accepted:
        if quality <= 0:
            continue
        if tag.lower().startswith("zh"):
            return "zh_Hans"
        if tag.lower().startswith("en"):
            return "en"
    return "en" if accepted else DEFAULT


def html_lang() -> str:
    """Give the value of the lang attribute."""
    return choose_locale().replace("_", "-")


def said(text: str) -> str:
    """Say the house's words in the reader's language; the operator's stand as they are."""
    return str(gettext(text)) if text else ""


def init_locales(app: Flask) -> None:
    """Install gettext with the two complete catalogues."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=choose_locale, default_locale=DEFAULT)
    app.jinja_env.globals.update(_=gettext)
    app.jinja_env.filters["iso"] = clock.iso
