"""What a list shows of a shop: ready strings, and the rendered card kept by its content."""

import math
from collections.abc import Mapping, MutableMapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo

import orjson
from babel import Locale
from flask import current_app
from flask_babel import gettext, ngettext
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from o2o.discovery import queries, ranking
from o2o.discovery import why as reasons
from o2o.discovery.queries import Place
from o2o.discovery.ranking import Inputs
from o2o.discovery.why import CLOSE, HERE, MARKS, MATCH, TOTAL
from o2o.kernel.money import format_money
from o2o.kernel.words import N_
from o2o.offers import queries as offers
from o2o.offers.queries import Best
from o2o.pictures import queries as pictures
from o2o.places import categories
from o2o.shops import queries as shops

METRES = 111_195  # of a degree of latitude
LONG = timedelta(hours=20)  # open for longer than this needs no closing time
MAX_KEPT = 8192


class Deal(NamedTuple):
    """A card's offer."""

    title: str
    price: str
    was: str
    left: str


class Card(NamedTuple):
    """A shop as the macro shop_card prints it."""

    id: int
    url: str
    name: str
    category: str
    icon: str
    variant: int
    distance: str
    open: str
    hours: str
    offer: Deal | None
    rating: str = ""
    why: str = ""
    sorted: str = ""
    photo: str = ""
    say: Mapping[str, str] = {}


class View(NamedTuple):
    """For whom a list is written: language, zone, time, and the visitor's position where it is known.

    `order` is the one of the list, for "why here?" (none: nothing is said), `q` the text that it was found by.
    """

    locale: str
    zone: ZoneInfo
    now: datetime
    at: tuple[float, float] | None = None
    order: str = ""
    q: str = ""


class Printed(NamedTuple):
    """A card and a pin as they are sent, true until a second since 1970; the marks of why.py stand in it.

    `points` are those that do not depend on the distance, `texts` what may have been found: names, category, offer.
    """

    html: str
    pin: str
    until: float
    points: float = 0.0
    texts: tuple[str, str, str] = ("", "", "")


def cards_of(
    session: Session, rows: Sequence[Place], view: View, kept: MutableMapping[int, Printed]
) -> tuple[Markup, Markup]:
    """Give the cards and the pins (JSON for an attribute) of rows; `kept` holds those already printed."""
    due = view.now.timestamp()
    missing = [row.id for row in rows if row.id not in kept or kept[row.id].until <= due]
    if missing:
        kept.update(print_cards(session, missing, view))
    shown = [(kept[row.id], row.squared) for row in rows if row.id in kept]
    html = "".join([_placed(printed, squared, view) for printed, squared in shown])
    pins = ",".join([printed.pin for printed, _squared in shown])
    return Markup(html), Markup(f"[{pins}]")  # noqa: S704 - escaped by the macro and by attr_json


def _placed(printed: Printed, squared: float, view: View) -> str:
    """Put what depends on the visitor in place of the marks."""
    html = printed.html.replace(HERE, distance_words(squared))
    if view.order == "rating":
        near = ranking.closeness(math.sqrt(squared) * METRES)
        html = html.replace(CLOSE, reasons.number(near)).replace(TOTAL, reasons.number(printed.points + near))
    if view.order:
        html = html.replace(MATCH, reasons.match(view.q, *printed.texts, view.locale) if view.q else "")
    return html


def print_cards(session: Session, ids: Sequence[int], view: View) -> dict[int, Printed]:
    """Print cards from what the database says of some shops and of their best offers."""
    shown = queries.for_cards(session, ids)
    best = offers.best_offers(session, [row.id for row in shown if row.live])
    covers = pictures.covers(session, [row.id for row in shown])
    build = current_app.config["BUILD"]
    printed = {}
    for row in shown:
        name = shops.shop_name(row, view.locale).translate(MARKS)
        deal = _deal(best[row.id], view.locale) if row.id in best else None
        hours = open_words(row.open_from, row.open_to, view)
        sums = row.rating_sum, row.rating_count, row.honest_yes, row.honest_count
        given = Inputs(*sums, hours[0] == "yes", math.inf, row.has_left)
        about = (row.id, name, row.category, hours, deal, given, covers.get(row.id, ""))
        html = _rendered(build, about, view.locale, view.order, view.at is not None)
        pin = orjson.dumps([row.id, round(row.lat, 5), round(row.lng, 5), name]).decode()
        is_counted = row.id in best and best[row.id].left is not None
        until = true_until(row.open_from, row.open_to, view, is_counted)
        names = f"{row.name} {row.name_zh or ''} {row.name_en or ''}"
        texts = (names, row.category, deal.title if deal else "")
        printed[row.id] = Printed(html, attr_json(pin), until, ranking.points(given).total, texts)
    return printed


def true_until(open_from: datetime | None, open_to: datetime | None, view: View, is_counted: bool) -> float:
    """Tell when a card has to be printed again though no fact was recorded, in seconds since 1970.

    The hours' words change when the shop opens or closes, and at midnight with the names of the days and the day's
    stock. What is left of an offer, and hours that the next chore brings up to date, are looked at every minute.
    """
    now = view.now
    is_over = open_to is not None and open_to <= now
    if is_counted or is_over:
        return float((minute_of(now) + 1) * 60)
    changes = [at.timestamp() for at in (open_from, open_to) if at is not None and at > now]
    return min([*changes, _midnight(now.astimezone(view.zone).date(), view.zone)])


@lru_cache(maxsize=8)
def _midnight(today: date, zone: ZoneInfo) -> float:
    return datetime.combine(today + timedelta(days=1), time(), zone).timestamp()


@lru_cache(maxsize=MAX_KEPT)
def _rendered(
    build: str,
    about: tuple[int, str, str, tuple[str, str], Deal | None, Inputs, str],
    locale: str,
    order: str,
    is_measured: bool,
) -> str:
    shop_id, name, category, hours, deal, given, photo = about
    kind = categories.category(category)
    price = deal.price if deal else ""
    why, say = "", reasons.phrases(locale)
    if order:
        why = reasons.why(
            order, state=hours[0], price=price, given=given, is_measured=is_measured, locale=locale
        )
    card = Card(
        shop_id,
        f"/shops/{shop_id}",
        name,
        kind.name(locale),
        kind.icon,
        shop_id % 4,
        HERE if is_measured else "",
        *hours,
        deal,
        rating_words(given),
        why,
        say[reasons.SORTED[order]] if order else "",
        photo,
        say,
    )
    macro = current_app.jinja_env.get_template("_ui/card.html").module.shop_card  # type: ignore[attr-defined]
    return str(macro(card))


def rating_words(given: Inputs) -> str:
    """Say the mean with its prior and the exact count; nothing where nobody rated."""
    if not given.rating_count:
        return ""
    return f"{ranking.mean(given.rating_sum, given.rating_count):.1f} · {given.rating_count}"


def open_words(open_from: datetime | None, open_to: datetime | None, view: View) -> tuple[str, str]:
    """Say whether a shop is open, and when that changes: (yes, later, no or nothing; words)."""
    if open_from is None or open_to is None or open_to <= view.now:
        return "", ""
    say = _phrases(view.locale)
    if open_from <= view.now:
        if open_to - view.now > LONG:
            return "yes", say["open"]
        return "yes", say["until"] % {"time": _clock(open_to, view.zone)}
    days = (open_from.astimezone(view.zone).date() - view.now.astimezone(view.zone).date()).days
    hour = _clock(open_from, view.zone)
    if days == 0:
        return "later", say["today"] % {"time": hour}
    if days == 1:
        return "no", say["tomorrow"] % {"time": hour}
    if days < 7:
        weekday = _weekdays(view.locale)[open_from.astimezone(view.zone).weekday()]
        return "no", say["weekday"] % {"day": weekday, "time": hour}
    return "no", say["closed"]


@lru_cache(maxsize=8)
def _phrases(locale: str) -> Mapping[str, str]:
    """Translate once what stands on every card: looking a sentence up costs more than printing it."""
    return {
        "open": _("Open now"),
        "until": gettext(N_("Open until %(time)s")),
        "today": gettext(N_("Opens %(time)s")),
        "tomorrow": gettext(N_("Opens tomorrow %(time)s")),
        "weekday": gettext(N_("Opens %(day)s %(time)s")),
        "closed": _("Closed for now"),
    }


@lru_cache(maxsize=8)
def _weekdays(locale: str) -> Mapping[int, str]:
    names: Mapping[int, str] = Locale.parse(locale, sep="-").days["format"]["abbreviated"]
    return names


@lru_cache(maxsize=2048)
def _clock(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%H:%M")


def _deal(best: Best, locale: str) -> Deal:
    price = _("Free") if best.price == 0 else format_money(best.price, best.currency, locale)
    was = format_money(best.was, best.currency, locale) if best.was else ""
    left = ""
    if best.left == 0:
        left = _("Sold out")
    elif best.left is not None and best.left <= 20:
        left = ngettext("%(num)d left", "%(num)d left", best.left)
    return Deal(best.title.translate(MARKS), price, was, left)


def distance_words(squared: float) -> str:
    """Say a planar distance, no finer than the 100 m to which positions are rounded."""
    hundreds = int(math.sqrt(squared) * (METRES / 100) + 0.5)
    return DISTANCES[hundreds] if hundreds < len(DISTANCES) else f"{hundreds / 10:.0f} km"


# Written once: twenty of them stand on every list.
DISTANCES = (
    "100 m", *(f"{n}00 m" for n in range(1, 10)), *(f"{n / 10:.1f} km" for n in range(10, 200)),
)  # fmt: skip


def attr_json(text: str) -> str:
    """Put JSON between single quotes of an attribute: only four characters need a reference."""
    return text.replace("&", "&amp;").replace("'", "&#39;").replace("<", "&lt;").replace(">", "&gt;")


def minute_of(now: datetime) -> int:
    """Count whole minutes since 1970: what "open now" depends on."""
    return int(now.astimezone(UTC).timestamp() // 60)
