"""What a shop's page says: hours as a week, a still map, and the same for machines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson
from babel import Locale
from flask_babel import gettext as _
from markupsafe import Markup

from o2o.kernel.calendar import DASH, time_words
from o2o.kernel.geo import WORLD_BITS, world_of
from o2o.kernel.money import plain_money
from o2o.kernel.words import N_
from o2o.offers.queries import OnSale
from o2o.places import hours
from o2o.reviews.queries import score
from o2o.shops import queries as shops
from o2o.shops.models import Shop
from o2o.shops.queries import TownInfo

WHEELCHAIR = {
    "yes": N_("Step-free access"),
    "limited": N_("Partly step-free"),
    "no": N_("Not step-free"),
}
STILL_ZOOM = 17
STILL_WIDTH, STILL_HEIGHT, TILE = 640, 280, 256


class Day(NamedTuple):
    """One line of the week: the day, its hours, whether it is today."""

    name: str
    hours: str
    today: bool


class HoursView(NamedTuple):
    """Opening hours ready to print; `text` is what stands on the map where it cannot be understood."""

    state: str
    words: str
    week: Sequence[Day]
    text: str


class StillMap(NamedTuple):
    """Tiles around a shop as (address, x, y), in an image of this size with the shop in its middle."""

    width: int
    height: int
    tiles: Sequence[tuple[str, int, int]]


def hours_view(shop: Shop, town: TownInfo, now: datetime, locale: str) -> HoursView:
    """Say when a shop is open: now, this week, or as its source wrote it."""
    parsed = hours.parse(shop.hours, timezone=town.timezone, country=town.country, lat=shop.lat, lng=shop.lng)
    if parsed is None:
        return HoursView("", "", (), shop.hours or "")
    today = now.astimezone(town.zone).date()
    names = Locale.parse(locale, sep="-").days["format"]["wide"]
    week = [
        Day(names[weekday], _spans(spans), weekday == today.weekday())
        for weekday, spans in parsed.week(today)
    ]
    state = parsed.state(now)
    if state.unknown:
        return HoursView("", "", week, shop.hours or "")
    if state.open:
        until = _("Open until %(time)s", time=time_words(state.until, town.zone)) if state.until else ""
        soon = state.until is not None and (state.until - now).total_seconds() < 20 * 3600
        return HoursView("yes", until if soon else _("Open now"), week, "")
    following = parsed.next_interval(now)
    return HoursView(*_opens(following and following[0], now, town, names), week, "")


def _opens(at: datetime | None, now: datetime, town: TownInfo, names: dict[int, str]) -> tuple[str, str]:
    if at is None:
        return "no", _("Closed for now")
    local = at.astimezone(town.zone)
    time = time_words(at, town.zone)
    days = (local.date() - now.astimezone(town.zone).date()).days
    if days == 0:
        return "later", _("Closed · opens %(time)s", time=time)
    if days == 1:
        return "no", _("Closed · opens tomorrow %(time)s", time=time)
    if days < 7:
        return "no", _("Closed · opens %(day)s %(time)s", day=names[local.weekday()], time=time)
    return "no", _("Closed for now")


def _spans(spans: Sequence[tuple[str, str]]) -> str:
    if not spans:
        return _("Closed")
    if list(spans) == [("00:00", "24:00")]:
        return _("Open 24 hours")
    return ", ".join(f"{start}{DASH}{end}" for start, end in spans)


def other_names(shop: Shop, locale: str) -> list[str]:
    """Give the shop's names in other languages than the heading's."""
    shown = shops.shop_name(shop, locale)
    names = dict.fromkeys(filter(None, (shop.name, shop.name_zh, shop.name_en)))
    return [name for name in names if name != shown]


def still_map(shop: Shop, town: TownInfo, tile_url: str) -> StillMap:
    """Lay tiles round a shop: an image without any script."""
    address = tile_url or "/tiles/{z}/{x}/{y}.svg?v=" + str(town.map_version)
    address = address.replace("{s}", "a").replace("{r}", "")
    shift = WORLD_BITS - STILL_ZOOM - 8  # world units to pixels
    east, south = (unit >> shift for unit in world_of(shop.lat, shop.lng))
    left, top = east - STILL_WIDTH // 2, south - STILL_HEIGHT // 2
    tiles = [
        (address.format(z=STILL_ZOOM, x=column, y=row), column * TILE - left, row * TILE - top)
        for row in range(top // TILE, (top + STILL_HEIGHT - 1) // TILE + 1)
        for column in range(left // TILE, (left + STILL_WIDTH - 1) // TILE + 1)
    ]
    return StillMap(STILL_WIDTH, STILL_HEIGHT, tiles)


def website_of(shop: Shop) -> tuple[str, str]:
    """Give a shop's web address and its host as people say it; nothing but a web address becomes a link."""
    address = shop.website or ""
    if not address.startswith(("http://", "https://")):
        return "", ""
    return address, (urlsplit(address).hostname or address).removeprefix("www.")


def json_ld(shop: Shop, town: TownInfo, offers: Sequence[OnSale], *, address: str, now: datetime) -> Markup:
    """Describe the shop to machines (schema.org LocalBusiness), escaped for a script element."""
    parsed = hours.parse(shop.hours, timezone=town.timezone, country=town.country, lat=shop.lat, lng=shop.lng)
    names = dict.fromkeys(name for name in (shop.name_zh, shop.name_en) if name and name != shop.name)
    body: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LocalBusiness",
        "@id": address,
        "url": address,
        "name": shop.name,
        "alternateName": list(names),
        "description": shop.about,
        "address": shop.address and {"@type": "PostalAddress", "streetAddress": shop.address,
                                     "addressCountry": town.country},
        "geo": {"@type": "GeoCoordinates", "latitude": shop.lat, "longitude": shop.lng},
        "telephone": shop.phone,
        "sameAs": website_of(shop)[0],
        "brand": shop.brand and {"@type": "Brand", "name": shop.brand},
        "currenciesAccepted": town.currency if offers else None,
        "openingHoursSpecification": parsed and parsed.specification(now.astimezone(town.zone).date()),
        "aggregateRating": shop.rating_count and {"@type": "AggregateRating", "ratingValue": score(shop),
                                                  "reviewCount": shop.rating_count, "bestRating": 5},
        "makesOffer": [
            {"@type": "Offer", "name": row.terms.title, "priceCurrency": row.terms.currency,
             "price": plain_money(row.terms.price, row.terms.currency)}
            for row in offers
        ],
    }  # fmt: skip
    text = orjson.dumps({name: value for name, value in body.items() if value}).decode()
    # Neither a closing tag nor a comment inside a name may end the script element.
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)  # noqa: S704
