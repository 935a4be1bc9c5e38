"""What a list shows of a shop: ready strings, and the rendered card kept by its content."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import orjson
from babel import Locale
from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from o2o.kernel.geo import haversine
from o2o.kernel.money import format_money
from o2o.offers.queries import Best
from o2o.shops import queries as shops

HERE = "\x00"  # stands for the distance in a kept card: the rest is the same for everybody
LONG = timedelta(hours=20)  # open for longer than this needs no closing time
MAX_KEPT = 4096


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


def cards_markup(rows: Sequence[Any], best: Mapping[int, Best], view: "View") -> Markup:
    """Render the cards of a page; what stays the same from visitor to visitor is rendered once."""
    parts = []
    for row in rows:
        offer = best.get(row.id)
        html = _rendered(
            current_app.config["BUILD"],
            row.id,
            shops.shop_name(row, view.locale),
            row.category,
            open_words(row.open_from, row.open_to, view),
            offer and _deal(offer, view.locale),
            view.locale,
            view.measures,
        )
        parts.append(html.replace(HERE, _distance(row, view)) if view.measures else html)
    return Markup("".join(parts))  # noqa: S704 - every part was escaped by the macro


class View(NamedTuple):
    """For whom a list is written: language, zone, time, and from where distances count, if from anywhere."""

    locale: str
    zone: ZoneInfo
    now: datetime
    at: tuple[float, float] | None = None

    @property
    def measures(self) -> bool:
        """Tell whether distances are shown: only from the visitor's own position."""
        return self.at is not None


@lru_cache(maxsize=MAX_KEPT)
def _rendered(
    build: str,
    shop_id: int,
    name: str,
    category: str,
    hours: tuple[str, str],
    deal: Deal | None,
    locale: str,
    measures: bool,
) -> str:
    kind = shops.categories.category(category)
    card = Card(
        shop_id,
        f"/shops/{shop_id}",
        name.replace(HERE, ""),
        kind.name(locale),
        kind.icon,
        shop_id % 4,
        HERE if measures else "",
        *hours,
        deal,
    )
    macro = current_app.jinja_env.get_template("_ui/card.html").module.shop_card  # type: ignore[attr-defined]
    return str(macro(card))


def open_words(open_from: datetime | None, open_to: datetime | None, view: View) -> tuple[str, str]:
    """Say whether a shop is open, and when that changes: (yes, no or nothing; words)."""
    if open_from is None or open_to is None or open_to <= view.now:
        return "", ""
    if open_from <= view.now:
        if open_to - view.now > LONG:
            return "yes", _("Open now")
        return "yes", _("Open until %(time)s", time=_clock(open_to, view.zone))
    days = (open_from.astimezone(view.zone).date() - view.now.astimezone(view.zone).date()).days
    time = _clock(open_from, view.zone)
    if days == 0:
        return "later", _("Opens %(time)s", time=time)
    if days == 1:
        return "no", _("Opens tomorrow %(time)s", time=time)
    if days < 7:
        weekday = _weekdays(view.locale)[open_from.astimezone(view.zone).weekday()]
        return "no", _("Opens %(day)s %(time)s", day=weekday, time=time)
    return "no", _("Closed for now")


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
    return Deal(best.title, price, was, left)


def _distance(row: Any, view: View) -> str:
    """Say how far it is, no finer than the 100 m to which positions are rounded."""
    if view.at is None:
        return ""
    metres = haversine(*view.at, row.lat, row.lng)
    if metres < 1000:
        return f"{max(100, round(metres / 100) * 100)} m"
    return f"{metres / 1000:.1f} km" if metres < 20_000 else f"{metres / 1000:.0f} km"


def pins_of(rows: Iterable[Any], locale: str) -> str:
    """Write the pins of a page for the map: [[id, lat, lng, name], …]; the template escapes it."""
    pins = [[row.id, round(row.lat, 5), round(row.lng, 5), shops.shop_name(row, locale)] for row in rows]
    return orjson.dumps(pins).decode()


def minute_of(now: datetime) -> int:
    """Count whole minutes since 1970: what "open now" depends on."""
    return int(now.astimezone(UTC).timestamp() // 60)
