"""What stands on paper: a code that a camera reads across a table, and one line of what it does, in both languages."""

from collections.abc import Callable
from io import BytesIO
from typing import NamedTuple

import segno
from flask_babel import force_locale, gettext
from markupsafe import Markup

from o2o.kernel.calendar import weekday_span
from o2o.kernel.locales import LOCALES, choose_locale
from o2o.kernel.words import N_
from o2o.offers import show
from o2o.offers.models import Terms

A_SHEET = 8  # cards on one sheet of A4
TABLE = N_("Scan to check in at this table and say how it was")
OFFER = N_("Scan to buy it, and show it here on your phone")
SHOP = N_("Scan for our offers, opening hours and reviews")


class Said(NamedTuple):
    """A line in one language; `lang` is the value of the lang attribute."""

    lang: str
    text: str


def both(sentence: str) -> list[Said]:
    """Say a line in the visitor's language first, then in the others."""
    return _in_each(lambda _locale: gettext(sentence))


def rules_of(terms: Terms) -> list[Said]:
    """Say in short when and how often an offer can be used, in the visitor's language first."""

    def short_rules(locale: str) -> str:
        hours = show.hours_words(terms)
        times = " ".join(filter(None, (weekday_span(terms.weekdays, locale), hours)))
        person = show.limit_words(terms)[:1] if terms.per_person else ()
        return " · ".join(filter(None, (times, show.validity_words(terms, locale), *person)))

    return _in_each(short_rules)


def _in_each(say: Callable[[str], str]) -> list[Said]:
    mine = choose_locale()
    said = []
    for locale in sorted(LOCALES, key=lambda one: one != mine):
        with force_locale(locale):
            said.append(Said(locale.replace("_", "-"), say(locale)))
    return said


def drawing(address: str) -> bytes:
    """Draw an address as a picture of its own: as few modules as hold it, what is left for error correction."""
    file = BytesIO()
    _code(address).save(
        file, kind="svg", border=4, omitsize=True, xmldecl=False, svgclass=None, lineclass=None
    )
    return file.getvalue()


def drawn(address: str) -> Markup:
    """Draw an address into a page."""
    code = _code(address).svg_inline(border=4, omitsize=True, svgclass=None, lineclass=None)
    return Markup(code)  # noqa: S704 - our own drawing


def _code(address: str) -> segno.QRCode:
    return segno.make(address, error="m", micro=False)


def short(address: str) -> str:
    """Write an address as people type it."""
    return address.split("://", 1)[1]
