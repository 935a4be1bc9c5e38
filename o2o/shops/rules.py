"""What happens to the town and its shops: founded, listed, edited, gone; and when they are open."""

from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import clock, journal
from o2o.kernel.errors import RuleBroken
from o2o.kernel.geo import zkey
from o2o.kernel.words import N_
from o2o.osm.read import FileRefused, TownFile, read_town
from o2o.places.zones import zone_at
from o2o.shops import queries
from o2o.shops.going import let_go, set_closing
from o2o.shops.listed import COPIED, KEPT_OFF, TAKEN_DOWN, Listed, listed_words, place_digest
from o2o.shops.models import Role, Shop, Town
from o2o.shops.people import (
    accept_invite,
    change_role,
    end_role,
    give_role,
    invite,
    make_owner,
    name_person,
    open_invite,
    quit_shop,
    withdraw_invite,
)
from o2o.shops.prepared import drop_prepared, prepare_shop
from o2o.shops.special import drop_past, drop_special, refresh_open, set_special
from o2o.shops.standing import hold_back, let_back
from o2o.shops.summary import honour, rate, set_left
from o2o.shops.words import checked

__all__ = [
    "EDITABLE", "FileRefused", "Listed", "TownFile", "accept_invite", "add_listing", "apply_prepared",
    "apply_wish", "change_role", "drop_past", "drop_prepared", "drop_special", "edit_shop", "end_role",
    "found_town", "give_role", "hold_back", "honour", "invite", "let_back", "let_go", "make_owner", "mark_gone",
    "name_person", "open_invite", "prepare_shop", "propose", "quit_shop", "rate", "read_town", "redraw_map",
    "refresh_due", "refresh_open", "set_closing", "set_left", "set_live", "set_special", "take_down",
    "update_listing", "withdraw_invite",
]  # fmt: skip

EDITABLE = (
    "name", "name_zh", "name_en", "category", "about", "address", "phone", "website", "hours", "wheelchair",
    "lat", "lng",
)  # fmt: skip


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
    if shop.status == "gone" and shop.osm_digest in KEPT_OFF:
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
    """Take a listing off the map when its source no longer has it; one claimed, or about to be, stays. Tell which."""
    if shop.status != "unclaimed" or queries.is_wanted(session, shop.id):
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
    wanted = checked(values)
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


def apply_prepared(session: Session, *, role: Role) -> None:
    """Write what a claimant wished into the shop that is theirs now, and forget the wish."""
    if role.prepared:
        edit_shop(session, shop_id=role.shop_id, **role.prepared)
    drop_prepared(session, role=role)


def apply_wish(session: Session, *, shop_id: int, account_id: int) -> None:
    """Write what a person wished while they claimed a shop, though that role has ended; nothing for others."""
    theirs = (Role.shop_id == shop_id, Role.account_id == account_id, Role.kind == "claimant")
    for role in session.scalars(select(Role).where(*theirs).order_by(Role.id)):
        if role.prepared:
            apply_prepared(session, role=role)


def propose(session: Session, *, name: str, category: str, lat: float, lng: float) -> Shop:
    """Put a shop on the map that nobody sees before it is claimed; refused as by edit_shop."""
    queries.founded(session)
    now = clock.now()
    wanted = checked({"name": name, "category": category, "lat": lat, "lng": lng})
    shop = Shop(**wanted, zkey=zkey(lat, lng), status="proposed", version=1, created_at=now, updated_at=now)
    session.add(shop)
    session.flush()
    return shop


def set_live(session: Session, *, shop_id: int, live: bool) -> None:
    """Say whether an offer of this shop is on sale; not an edit, so the version stays."""
    shop = queries.shop(session, shop_id, lock=True, behind=True)
    if shop.live != live:
        shop.live = live
        shop.updated_at = clock.now()
        journal.record(session, "shop.changed", shop_id=shop_id)


def refresh_due(session: Session, *, now: datetime, most: int = 500) -> int:
    """Move shops whose open interval is over to their next one, at most so many; return how many."""
    due = select(Shop).where(Shop.open_to <= now).order_by(Shop.open_to, Shop.id).limit(most)
    found = session.scalars(due.with_for_update(skip_locked=True)).all()
    refresh_open(session, shops=found, now=now)
    session.flush()
    return len(found)


def _copy(session: Session, shop: Shop, place: Listed, now: datetime) -> None:
    for name in COPIED:
        setattr(shop, name, getattr(place, name))
    shop.hours = place.opening_hours
    shop.words = listed_words(place)
    shop.zkey = zkey(shop.lat, shop.lng)
    shop.osm_digest = place_digest(place)
    refresh_open(session, shops=[shop], now=now)


def _touch(session: Session, shop: Shop, *, tell: bool = True) -> None:
    shop.version += 1
    shop.updated_at = clock.now()
    session.flush()
    if tell:
        journal.record(session, "shop.changed", shop_id=shop.id)
