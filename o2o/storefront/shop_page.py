"""What a shop's page says: hours as a week, a still map, and the same for machines."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson
from babel import Locale
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from o2o.kernel.calendar import DASH, hour_span, span_words, time_words
from o2o.kernel.config import Settings
from o2o.kernel.geo import WORLD_BITS, world_of
from o2o.kernel.money import plain_money
from o2o.kernel.words import N_
from o2o.menus import queries as menus
from o2o.offers import queries as offers
from o2o.offers.queries import OnSale
from o2o.photos import queries as photos
from o2o.pictures import queries as pictures
from o2o.places import categories
from o2o.reviews.queries import score
from o2o.shops import queries as shops
from o2o.shops.models import Shop, SpecialDay
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
    special: Sequence[tuple[str, str, str]] = ()  # days, hours, note


class StillMap(NamedTuple):
    """Tiles around a shop as (address, x, y), in an image of this size with the shop in its middle."""

    width: int
    height: int
    tiles: Sequence[tuple[str, int, int]]


def gather(session: Session, shop: Shop, settings: Settings, *, now: datetime, locale: str) -> dict[str, Any]:
    """Gather everything that is known about a shop, and what it sells."""
    town, selling = shops.founded(session), offers.offers_on_sale(session, shop.id)
    days = shops.special_days(session, [shop], now=now, town=town).get(shop.id, [])
    shown = pictures.of_shop(session, shop.id) if shop.status == "claimed" else []
    address = f"{settings.base_url}/shops/{shop.id}"
    image = f"{settings.base_url}{photos.url(shown[0].photo, 'l')}" if shown else ""
    has_menu = shop.status == "claimed" and menus.has(session, shop.id)
    return {
        "shop": shop,
        "name": shops.shop_name(shop, locale),
        "other_names": other_names(shop, locale),
        "kind": categories.category(shop.category),
        "hours": hours_view(shop, town, now, locale, days),
        "wheelchair": WHEELCHAIR.get(shop.wheelchair or ""),
        "website": website_of(shop),
        "map": still_map(shop, town, settings.tile_url),
        "offers": selling,
        "pictures": shown,
        "here": address,
        "has_menu": has_menu,
        "json_ld": json_ld(
            shop, town, selling, address=address, now=now, days=days, image=image, has_menu=has_menu
        ),
    }


def hours_view(
    shop: Shop, town: TownInfo, now: datetime, locale: str, days: Sequence[SpecialDay] = ()
) -> HoursView:
    """Say when a shop is open: now, this week, or as its source wrote it; and on which days otherwise."""
    today = now.astimezone(town.zone).date()
    view = _ordinary_view(shop, town, now, locale, days)
    return view._replace(special=special_words(days, today, locale))


def _ordinary_view(
    shop: Shop, town: TownInfo, now: datetime, locale: str, days: Sequence[SpecialDay]
) -> HoursView:
    parsed = shops.hours_of(shop, town, days)
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


def special_words(days: Sequence[SpecialDay], today: date, locale: str) -> Sequence[tuple[str, str, str]]:
    """Say the special days that are still to come: when, how, why."""
    return [
        (
            span_words(run.first, run.last, locale),
            hour_span(*run.minutes) if run.minutes else _("Closed"),
            run.note,
        )
        for run in shops.runs(days, today=today)
    ]


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


def _special_specification(run: shops.Run) -> dict[str, str]:
    """Describe special days to machines; closed is from midnight to midnight, as schema.org's readers have it."""
    opens, closes = hour_span(*(run.minutes or (0, 0))).split(DASH)
    return {
        "@type": "OpeningHoursSpecification",
        "opens": opens,
        "closes": "23:59" if closes == "24:00" else closes,
        "validFrom": run.first.isoformat(),
        "validThrough": run.last.isoformat(),
    }


def json_ld(
    shop: Shop,
    town: TownInfo,
    selling: Sequence[OnSale],
    *,
    address: str,
    now: datetime,
    days: Sequence[SpecialDay] = (),
    image: str = "",
    has_menu: bool = False,
) -> Markup:
    """Describe the shop to machines (schema.org LocalBusiness), escaped for a script element."""
    parsed, today = shops.hours_of(shop, town, ()), now.astimezone(town.zone).date()
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
        "currenciesAccepted": town.currency if selling else None,
        "image": image,
        "hasMenu": f"{address}/menu" if has_menu else None,
        "openingHoursSpecification": parsed and parsed.specification(today),
        "specialOpeningHoursSpecification": [_special_specification(run) for run in shops.runs(days, today=today)],
        "aggregateRating": shop.rating_count and {"@type": "AggregateRating", "ratingValue": score(shop),
                                                  "reviewCount": shop.rating_count, "bestRating": 5},
        "makesOffer": [
            {"@type": "Offer", "name": row.terms.title, "priceCurrency": row.terms.currency,
             "price": plain_money(row.terms.price, row.terms.currency)}
            for row in selling
        ],
    }  # fmt: skip
    text = orjson.dumps({name: value for name, value in body.items() if value}).decode()
    # Neither a closing tag nor a comment inside a name may end the script element.
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)  # noqa: S704
