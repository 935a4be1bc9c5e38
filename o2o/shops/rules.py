"""What happens to the town and its shops: founded, listed, edited, gone; and when they are open."""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import clock, journal
from o2o.kernel.errors import RuleBroken
from o2o.kernel.geo import zkey
from o2o.kernel.words import N_
from o2o.osm.place import website_of
from o2o.osm.read import FileRefused, TownFile, read_town
from o2o.places import categories, hours
from o2o.places.zones import zone_at
from o2o.shops import queries
from o2o.shops.models import Shop, Town
from o2o.shops.people import (
    accept_invite,
    change_role,
    end_role,
    give_role,
    invite,
    make_owner,
    open_invite,
    quit_shop,
    withdraw_invite,
)
from o2o.shops.standing import hold_back
from o2o.shops.summary import honour, rate, set_left

__all__ = [
    "EDITABLE", "FileRefused", "Listed", "TownFile", "accept_invite", "add_listing", "change_role",
    "edit_shop", "end_role", "found_town", "give_role", "hold_back", "honour", "invite", "make_owner",
    "mark_gone", "open_invite", "quit_shop", "rate", "read_town", "redraw_map", "refresh_due", "refresh_open",
    "set_left", "set_live", "take_down", "update_listing", "withdraw_invite",
]  # fmt: skip

EDITABLE = (
    "name", "name_zh", "name_en", "category", "about", "address", "phone", "website", "hours", "wheelchair",
    "lat", "lng",
)  # fmt: skip
# What stands for the digest of a place that must not come back with the next import.
TAKEN_DOWN = "taken down"
WHEELCHAIR = ("yes", "limited", "no")
_COPIED = (
    "osm_id", "name", "name_zh", "name_en", "category", "lat", "lng", "address", "phone", "website",
    "wheelchair", "brand",
)  # fmt: skip


class Listed(Protocol):
    """What a map or a generator says about a place; see osm_place.Place."""

    osm_id: str
    name: str
    name_zh: str | None
    name_en: str | None
    category: str
    lat: float
    lng: float
    address: str | None
    phone: str | None
    website: str | None
    opening_hours: str | None
    wheelchair: str | None
    brand: str | None
    words: tuple[str, ...]


def found_town(
    session: Session,
    *,
    name_zh: str,
    name_en: str,
    lat: float,
    lng: float,
    timezone: str | None = None,
    country: str | None = None,
    currency: str | None = None,
    is_demo: bool = False,
    has_osm: bool = False,
) -> Town:
    """Found the one town; zone, country and currency come from its place unless given.

    Raises RuleBroken town_there when it stands already, BadInput for an unknown zone, country or currency.
    """
    if session.get(Town, 1) is not None:
        raise RuleBroken("town_there", N_("There is a town in this database already."))
    zone = zone_at(lat, lng, timezone=timezone, country=country, currency=currency)
    names = {"name_zh": name_zh, "name_en": name_en}
    town = Town(id=1, lat=lat, lng=lng, is_demo=is_demo, has_osm=has_osm, **names, **zone._asdict())
    session.add(town)
    session.flush()
    queries.forget_town()
    return town


def redraw_map(session: Session, *, has_osm: bool) -> None:
    """Note that the basemap changed, so that nobody keeps its old tiles."""
    town = session.get_one(Town, 1, with_for_update=True, populate_existing=True)
    town.map_version += 1
    town.has_osm = town.has_osm or has_osm
    session.flush()
    queries.forget_town()


def add_listing(session: Session, *, place: Listed, tell: bool = True) -> Shop:
    """List a place that nobody claimed; `tell` records shop.changed (a bulk import indexes by itself)."""
    now = clock.now()
    shop = Shop(status="unclaimed", version=1, created_at=now, updated_at=now)
    _copy(session, shop, place, now)
    session.add(shop)
    session.flush()
    if tell:
        journal.record(session, "shop.changed", shop_id=shop.id)
    return shop


def update_listing(
    session: Session, *, shop: Shop, place: Listed, tell: bool = True
) -> Literal["same", "kept", "updated"]:
    """Take over what the map says now: "same" when nothing changed there, "kept" when an owner decides."""
    digest = place_digest(place)
    if shop.status == "gone" and shop.osm_digest == TAKEN_DOWN:
        return "kept"
    if shop.osm_digest == digest and shop.status != "gone":
        return "same"
    if shop.status == "claimed":
        shop.osm_digest = digest
        return "kept"
    is_back = shop.status == "gone"
    shop.status = "unclaimed"
    _copy(session, shop, place, clock.now())
    # What counted on it was not kept up while it was gone: whoever counts hears of its return.
    _touch(session, shop, tell=tell or is_back)
    return "updated"


def mark_gone(session: Session, *, shop: Shop, tell: bool = True) -> bool:
    """Take a listing off the map when its source no longer has it; a claimed shop stays. Tell which."""
    if shop.status != "unclaimed":
        return False
    shop.status = "gone"
    _touch(session, shop, tell=tell)
    return True


def take_down(session: Session, *, shop_id: int) -> Shop:
    """Take a shop off the map because the operator said so, claimed or not; no import brings it back."""
    shop = queries.shop(session, shop_id, lock=True, behind=True)
    shop.status = "gone"
    shop.osm_digest = TAKEN_DOWN
    _touch(session, shop)
    return shop


def edit_shop(session: Session, *, shop_id: int, version: int | None = None, **values: Any) -> Shop:
    """Change what the shop says about itself (EDITABLE), recompute when it is open, record shop.changed.

    `version` is the one the editor saw: RuleBroken edited (409) when somebody changed the shop since. A value
    that cannot be raises RuleBroken (422) with its `field`.
    """
    unknown = set(values) - set(EDITABLE)
    if unknown:
        raise TypeError(f"not editable: {sorted(unknown)}")
    shop = queries.shop(session, shop_id, lock=True, behind=True)
    if version is not None and shop.version != version:
        sentence = N_("Somebody else changed this shop meanwhile. Compare both and save again.")
        raise RuleBroken("edited", sentence)
    wanted = {name: _text(value) for name, value in values.items()}
    _check(wanted)
    changed = {name: value for name, value in wanted.items() if getattr(shop, name) != value}
    if not changed:
        return shop
    for name, value in changed.items():
        setattr(shop, name, value)
    shop.zkey = zkey(shop.lat, shop.lng)
    if changed.keys() & {"hours", "lat", "lng"}:
        refresh_open(session, shops=[shop], now=clock.now())
    _touch(session, shop)
    return shop


def set_live(session: Session, *, shop_id: int, live: bool) -> None:
    """Say whether an offer of this shop is on sale; not an edit, so the version stays."""
    shop = queries.shop(session, shop_id, lock=True, behind=True)
    if shop.live != live:
        shop.live = live
        shop.updated_at = clock.now()
        journal.record(session, "shop.changed", shop_id=shop_id)


def refresh_open(session: Session, *, shops: Iterable[Shop], now: datetime) -> None:
    """Store each shop's current or next open interval; none where the hours are unknown."""
    town = queries.founded(session)
    for shop in shops:
        parsed = hours.parse(
            shop.hours, timezone=town.timezone, country=town.country, lat=shop.lat, lng=shop.lng
        )
        shop.open_from, shop.open_to = (parsed.next_interval(now) if parsed else None) or (None, None)


def refresh_due(session: Session, *, now: datetime, most: int = 500) -> int:
    """Move shops whose open interval is over to their next one, at most so many; return how many."""
    due = select(Shop).where(Shop.open_to <= now).order_by(Shop.open_to, Shop.id).limit(most)
    found = session.scalars(due.with_for_update(skip_locked=True)).all()
    refresh_open(session, shops=found, now=now)
    session.flush()
    return len(found)


def place_digest(place: Listed) -> str:
    """Fingerprint everything that a listing takes from its source."""
    said = [getattr(place, name) for name in (*_COPIED, "opening_hours")]
    text = json.dumps([*said, list(place.words)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _copy(session: Session, shop: Shop, place: Listed, now: datetime) -> None:
    for name in _COPIED:
        setattr(shop, name, getattr(place, name))
    shop.hours = place.opening_hours
    shop.words = " ".join(place.words)[:400]
    shop.zkey = zkey(shop.lat, shop.lng)
    shop.osm_digest = place_digest(place)
    refresh_open(session, shops=[shop], now=now)


def _touch(session: Session, shop: Shop, *, tell: bool = True) -> None:
    shop.version += 1
    shop.updated_at = clock.now()
    session.flush()
    if tell:
        journal.record(session, "shop.changed", shop_id=shop.id)


def _text(value: Any) -> Any:
    """Trim texts; an empty one is None."""
    return (value.strip() or None) if isinstance(value, str) else value


_LIMITS = {
    "name": 120, "name_zh": 120, "name_en": 120, "about": 1000, "address": 240, "phone": 80, "website": 300,
    "hours": hours.LONGEST,
}  # fmt: skip


def _check(values: dict[str, Any]) -> None:
    """Refuse the first value that cannot be."""
    for name, most in _LIMITS.items():
        if len(values.get(name) or "") > most:
            raise _refuse(name, "too_long", N_("Keep this within %(most)s characters."), most=most)
    if "name" in values and not values["name"]:
        raise _refuse("name", "name_missing", N_("A shop needs a name."))
    known = {category.key for category in categories.all_categories()}
    if "category" in values and values["category"] not in known | {"shop", "craft", "healthcare"}:
        raise _refuse("category", "category_unknown", N_("Choose a category from the list."))
    website = values.get("website")
    if website:
        values["website"] = website_of(website)
        if values["website"] is None:
            raise _refuse("website", "website_bad", N_("Give a web address such as https://example.org."))
    if values.get("wheelchair") not in (None, *WHEELCHAIR):
        raise _refuse("wheelchair", "wheelchair_unknown", N_("Choose one of the listed answers."))
    for name, most in (("lat", 90), ("lng", 180)):
        if name in values and not (isinstance(values[name], float | int) and -most <= values[name] <= most):
            raise _refuse(name, f"{name}_range", N_("Give a number from −%(most)s to %(most)s."), most=most)


def _refuse(field: str, code: str, sentence: str, **params: Any) -> RuleBroken:
    return RuleBroken(code, sentence, status=422, field=field, **params)
