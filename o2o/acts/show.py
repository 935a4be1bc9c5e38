"""Acts ready to print: who, what, on what, when; and what a visitor searches them by."""

from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import request
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from o2o.acts import queries
from o2o.acts.details import CHOICES, said
from o2o.acts.models import Act
from o2o.acts.queries import People, Wanted
from o2o.acts.words import COMMANDS, VERBS
from o2o.kernel import clock
from o2o.kernel.calendar import dated_words
from o2o.kernel.errors import BadInput
from o2o.kernel.forms import UNSEEN
from o2o.kernel.locales import html_lang
from o2o.kernel.web import GREATEST_ID
from o2o.kernel.words import N_
from o2o.shops import queries as shops

LONGEST = 60
ROLES = {
    "owner": N_("Owner"),
    "manager": N_("Manager"),
    "staff": N_("Staff"),
    "claimant": N_("Asks for the shop"),
    "operator": N_("Platform"),
    "shell": N_("Server"),
    "worker": N_("Server"),
}
# What an act's ids are called and where each can be seen: at the shop's desk, and at the platform's.
THINGS: dict[str, tuple[str, str, str]] = {
    "offer": (N_("Offer %(id)s"), "/console/{shop}/offers/{id}", "/offers/{id}"),
    "poster": (N_("Poster %(id)s"), "/console/{shop}/posters", ""),
    "role": (N_("Person"), "/console/{shop}/staff", ""),
    "invite": (N_("Invitation %(id)s"), "/console/{shop}/staff", ""),
    "till_id": (N_("Till"), "/console/{shop}/tills", ""),
    "till": (N_("Till"), "/console/{shop}/tills", ""),
    "redemption_id": (N_("Redemption"), "/till/redemptions/{id}", ""),
    "redemption": (N_("Redemption"), "/till/redemptions/{id}", ""),
    "arrival_id": (N_("Arrival"), "", ""),
    "conflict_id": (N_("Conflict"), "/console/{shop}/conflicts/{id}", "/operator/held"),
    "review": (N_("Review %(id)s"), "/reviews/{id}", "/reviews/{id}"),
    "guest": (N_("Guest"), "/console/{shop}/guests/{id}", ""),
    "guide_id": (N_("Guide %(id)s"), "", "/operator/guides/{id}"),
    "shop_id": (N_("Shop %(id)s"), "", "/operator/listings/{id}"),
    "report_id": (N_("Report %(id)s"), "", "/operator/reports/{id}"),
    "strike": (N_("Strike %(id)s"), "", "/operator/strikes"),
    "claim": (N_("Claim %(id)s"), "/console/{shop}/admission", "/operator/claims/{id}"),
    "key": (N_("Requirement %(id)s"), "", "/operator/requirements/{id}"),
    "line": (N_("Requirement %(id)s"), "/console/{shop}/admission", "/operator/requirements/{id}"),
    "menu_import": (N_("Menu import"), "/console/{shop}/menu", ""),
    "menu_line": (N_("Menu line %(id)s"), "/console/{shop}/menu", ""),
    "picture": (N_("Picture %(id)s"), "/console/{shop}/pictures", ""),
    "sanction": (N_("Step %(id)s"), "/console/{shop}/sanctions", "/operator/sanctions/{id}"),
    "branch": (N_("Branch %(id)s"), "/shops/{id}", "/operator/listings/{id}"),
    "shared_id": (N_("Shared offer %(id)s"), "/console/{shop}/shared", ""),
}


class Thing(NamedTuple):
    """What an act was done to; `url` is empty where nobody here can look at it."""

    name: str
    url: str


class Line(NamedTuple):
    """An act, ready to print."""

    id: int
    who: str
    role: str
    what: str
    things: list[Thing]
    detail: str
    shop: Thing | None
    at: datetime
    time: str


def lines(session: Session, rows: list[Act], zone: ZoneInfo, *, platform: bool) -> list[Line]:
    """Word the acts of a page: three statements however many there are."""
    people, places = queries.people(session, rows), queries.shops_of(session, rows) if platform else {}
    return [
        Line(
            row.id,
            _who(row, people, platform=platform),
            _(ROLES.get(row.role, row.role)) if row.account_id else "",
            what(row.verb),
            _things(row, platform=platform),
            _detail(row),
            _shop(row, places),
            row.at,
            dated_words(row.at, clock.now(), zone, html_lang()),
        )
        for row in rows
    ]


def what(verb: str) -> str:
    """Say what an act was; a verb of a later version keeps its name."""
    return _((VERBS | COMMANDS).get(verb, verb))


def _who(row: Act, people: People, *, platform: bool) -> str:
    if row.account_id is None:
        return _("The server itself")
    if row.account_id in people.erased:
        return _("former staff #%(number)s", number=row.account_id)
    if row.role == "operator" and not platform:
        return _("The platform")
    # A shop calls people as it named them; what they call themselves is between them and the platform.
    given = people.given.get((row.account_id, row.shop_id)) if row.shop_id else None
    own = people.handles.get(row.account_id) if platform else None
    mine = _("You") if row.account_id == current_user.account_id else ""
    return given or own or mine or f"#{row.account_id}"


def _things(row: Act, *, platform: bool) -> list[Thing]:
    found = []
    for key, value in (*row.subject.items(), *row.detail.items()):
        if key in THINGS and value is not None:
            name, desk, operator = THINGS[key]
            address = operator if platform else desk
            # "Guest" alone, with no way to them, says no more than the act does.
            if not address and "%(id)s" not in name:
                continue
            found.append(Thing(_(name) % {"id": value}, address.format(shop=row.shop_id, id=value)))
    return found


def _detail(row: Act) -> str:
    """Say what was noted, and what of the address names no thing but a choice."""
    noted = {key: value for key, value in row.detail.items() if key not in THINGS}
    chosen = {key: value for key, value in row.subject.items() if key in CHOICES and key not in THINGS}
    return said({**chosen, **noted}, html_lang())


def _shop(row: Act, places: dict[int, Any]) -> Thing | None:
    if row.shop_id not in places:
        return None
    shop = places[row.shop_id]
    return Thing(shops.shop_name(shop, html_lang()), f"/operator/listings/{shop.id}")


class Search(NamedTuple):
    """What the visitor typed into the search."""

    who: str
    what: str
    shop: str
    since: str
    until: str

    def query(self, before: int) -> str:
        """Give the query of the next page's address."""
        return urlencode({**{key: text for key, text in self._asdict().items() if text}, "before": before})


def searched() -> Search:
    """Read the search from the address; BadInput for a text that is too long."""
    typed = [UNSEEN.sub("", request.args.get(name, "")).strip() for name in Search._fields]
    if any(len(text) > LONGEST for text in typed):
        raise BadInput("too_long", N_("Search for a shorter text, please."))
    return Search(*typed)


def wanted(session: Session, search: Search, zone: ZoneInfo, *, shop_id: int | None = None) -> Wanted:
    """Read a search as what it asks of the database; BadInput for a day or a page that is none."""
    since, until, number = _day(search.since), _day(search.until), request.args.get("before")
    if number is not None and not (
        number.isascii() and number.isdigit() and 0 < int(number[:19]) <= GREATEST_ID
    ):
        raise BadInput("bad_page", N_("There is no such page."))
    return Wanted(
        shop_id=shop_id,
        shops=queries.shops_called(session, search.shop) if search.shop and shop_id is None else None,
        people=_people(session, search.who, shop_id) if search.who else None,
        verbs=_verbs(search.what) if search.what else None,
        start=queries.start_of(since, zone) if since else None,
        # What was done before is no business of owners who came after.
        since=None if shop_id is None else shops.kept_from(session, shop_id),
        end=queries.end_of(until, zone) if until else None,
        before=int(number) if number else None,
    )


def _people(session: Session, text: str, shop_id: int | None) -> set[int | None]:
    """Find people by what the page calls them; the server is found by its own name."""
    found = queries.called(session, text, shop_id=shop_id)
    return found | {None} if text.casefold() in _("The server itself").casefold() else found


def _verbs(text: str) -> set[str]:
    """Find the verbs whose words, in the reader's language, hold a text."""
    return {verb for verb, words in (VERBS | COMMANDS).items() if text.casefold() in _(words).casefold()}


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput("bad_day", N_("Give a date such as 2026-12-31.")) from None
    if not 2000 <= day.year <= 2999:
        raise BadInput("bad_day", N_("Give a date such as 2026-12-31."))
    return day
