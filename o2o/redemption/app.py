"""The till as an app of its own: its icon, and the words that it keeps so that it can answer with no network."""

from typing import Any, NamedTuple

from flask_babel import gettext as _

from o2o.kernel.locales import html_lang
from o2o.kernel.web import static_url
from o2o.redemption.answer import WORDS


class Spoken(NamedTuple):
    """A reason in the visitor's language; its placeholders are filled on the phone."""

    reason: str
    kind: str
    word: str
    sentence: str
    advice: str


def spoken() -> list[Spoken]:
    """List every reason's words."""
    return [
        Spoken(reason, words.kind, _(words.word), _(words.sentence), _(words.advice))
        for reason, words in WORDS.items()
    ]


def manifest() -> dict[str, Any]:
    """Describe the till's own icon on the home screen, beside the guest's app."""
    icons = (("icon-192.png", "192x192", "any"), ("icon-512.png", "512x512", "any"))
    return {
        "id": "/till",
        "name": _("Till"),
        "short_name": _("Till"),
        "lang": html_lang(),
        "start_url": "/till",
        "scope": "/till",
        "display": "standalone",
        "background_color": "#1d1714",
        "theme_color": "#1d1714",
        "icons": [
            {"src": static_url(f"icons/{file}"), "sizes": sizes, "type": "image/png", "purpose": purpose}
            for file, sizes, purpose in (*icons, ("maskable-512.png", "512x512", "maskable"))
        ],
    }
