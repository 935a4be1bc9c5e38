"""What is searched when the words that were typed find nothing anywhere: their sound, or what they were meant as."""

from collections.abc import Sequence
from datetime import datetime

from flask import current_app
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from o2o.discovery import queries
from o2o.discovery.filters import Filters
from o2o.discovery.queries import Near
from o2o.shops import queries as shops
from o2o.suggestions import queries as suggestions


def read_again(session: Session, filters: Filters, *, at: Near, now: datetime) -> tuple[Filters, Markup]:
    """Give the search that is made, and what is said of it where it is not the one that was asked for.

    That is decided by the words alone, so that every page and filter of a search reads them alike.

    Where they find something that only the filters hide, or the visitor wants exactly them, they stay.
    """
    if not filters.q or filters.exact:
        return filters, Markup()

    def finds(**change: object) -> bool:
        words = Filters(q=filters.q)._replace(**change)  # type: ignore[arg-type]
        return queries.count(session, words, at=at, now=now).total > 0

    if finds():
        return filters, Markup()
    if finds(loose=True):
        return filters._replace(loose=True), Markup()
    town = shops.town(session)
    texts = suggestions.meant(session, filters.q, country=town.country if town else "")
    there = [text for text in texts if finds(q=text)]
    if not there:
        return filters, Markup()
    return filters._replace(q=there[0]), said(filters, there)


def said(typed: Filters, instead: Sequence[str]) -> Markup:
    """Say what was searched instead, with the way back and the other things it could have been."""
    if typed.page > 1:
        return Markup()
    template = current_app.jinja_env.get_template("discovery/_instead.html")
    exact = typed._replace(exact=True, lat=None, lng=None, page=1).params()
    sentence = _(
        "Nothing matches “%(typed)s”. These are the results for “%(meant)s”.", typed=typed.q, meant=instead[0]
    )
    words = {"exact": _("Search exactly as typed"), "others": _("Or did you mean:")}
    return Markup(template.render(sentence=sentence, params=exact, instead=instead[1:], words=words))  # noqa: S704
