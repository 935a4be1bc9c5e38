"""Which language a visitor reads: the footer's choice, else the browser's, else Chinese."""

from flask import Flask, g, has_request_context, request
from flask_babel import Babel, gettext

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
    for tag, quality in request.accept_languages:
        if quality <= 0:
            continue
        if tag.lower().startswith("zh"):
            return "zh_Hans"
        if tag.lower().startswith("en"):
            return "en"
    return DEFAULT if not request.accept_languages else "en"


def html_lang() -> str:
    """Give the value of the lang attribute."""
    return choose_locale().replace("_", "-")


def init_locales(app: Flask) -> None:
    """Install gettext with the two complete catalogues."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, locale_selector=choose_locale, default_locale=DEFAULT)
    app.jinja_env.globals.update(_=gettext)
    app.jinja_env.filters["iso"] = clock.iso
