"""Getters of the town and its shops; the ones that take an account are the permission."""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Engine, func, or_, select
from sqlalchemy.orm import Session

from o2o.accounts.models import Account
from o2o.kernel import clock
from o2o.kernel.db import is_writing
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.words import N_
from o2o.places import categories as categories
from o2o.places import hours as hours
from o2o.shops import alias
from o2o.shops.calendar import Run as Run
from o2o.shops.calendar import hours_of as hours_of
from o2o.shops.calendar import runs as runs
from o2o.shops.calendar import special_days as special_days
from o2o.shops.hands import check_own as check_own
from o2o.shops.hands import kept_from as kept_from
from o2o.shops.hands import others_until as others_until
from o2o.shops.hands import own as own
from o2o.shops.hands import standing as standing
from o2o.shops.models import KINDS, ROLES, VISIBLE, Invite, Role, Shop, Town

TOWN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class TownInfo:
    """The town as every page needs it; a plain copy, so that it outlives its transaction."""

    name_zh: str
    name_en: str
    timezone: str
    country: str
    currency: str
    lat: float
    lng: float
    is_demo: bool
    has_osm: bool
    map_version: int

    def name(self, locale: str) -> str:
        """Say the town's name in Chinese for a zh locale, else in English."""
        return self.name_zh if locale.startswith("zh") else self.name_en

    @property
    def zone(self) -> ZoneInfo:
        """Give the town's time zone."""
        return ZoneInfo(self.timezone)


class Named(Protocol):
    """Anything with a shop's three names: a row of the table or of a select."""

    @property
    def name(self) -> str: ...
    @property
    def name_zh(self) -> str | None: ...
    @property
    def name_en(self) -> str | None: ...


class Member(NamedTuple):
    """A person who works at a shop, as its owner sees them."""

    role_id: int
    account_id: int
    kind: str
    name: str
    since: datetime
    # What the shop calls them; empty for who is shown by handle or number.
    given: str


_towns: WeakKeyDictionary[Engine, tuple[float, TownInfo]] = WeakKeyDictionary()


def town(session: Session) -> TownInfo | None:
    """Return the town, None before it is founded; cached in the process for at most TOWN_SECONDS.

    Inside a writing transaction it is read afresh: rules decide on what is true now.
    """
    engine = session.get_bind().engine
    writing = session.in_transaction() and is_writing(session)
    kept = _towns.get(engine)
    if kept and not writing and time.monotonic() - kept[0] < TOWN_SECONDS:
        return kept[1]
    row = session.get(Town, 1)
    if row is None:
        return None
    found = TownInfo(**{name: getattr(row, name) for name in TownInfo.__slots__})
    if not writing:
        _towns[engine] = time.monotonic(), found
    return found


def forget_town() -> None:
    """Drop the cached town."""
    _towns.clear()


def founded(session: Session) -> TownInfo:
    """Return the town; raise RuleBroken when there is none yet."""
    found = town(session)
    if found is None:
        raise RuleBroken("no_town", N_("This town is still empty. Import a map or seed the demo first."))
    return found


def shop(session: Session, shop_id: int, *, lock: bool = False, behind: bool = False) -> Shop:
    """Return a shop that everybody may see, NotAllowed otherwise; `lock` holds off other changes until the commit.

    `behind` is for the counter and the desk: it also gives shops that are proposed or delisted.
    """
    row = session.get(Shop, shop_id, with_for_update=lock or None, populate_existing=lock)
    if row is None or row.status == "gone" or not (behind or row.status in VISIBLE):
        raise NotAllowed
    return row


def roles_of(session: Session, account_id: int, shop_id: int) -> set[str]:
    """Return which roles an account holds at a shop that is there; "claimant" is one, and means no work there yet."""
    held = (
        select(Role.kind)
        .join(Shop, Shop.id == Role.shop_id)
        .where(Role.shop_id == shop_id, Role.account_id == account_id, Role.ended_at.is_(None))
        .where(Shop.status != "gone")
    )
    return set(session.scalars(held))


def prepared(session: Session, *, shop_id: int, account_id: int) -> dict[str, Any]:
    """Return how somebody who claims a shop wishes it to be; empty for everybody else."""
    theirs = (Role.shop_id == shop_id, Role.account_id == account_id, Role.kind == "claimant")
    return session.scalar(select(Role.prepared).where(*theirs, Role.ended_at.is_(None))) or {}


def is_wanted(session: Session, shop_id: int) -> bool:
    """Tell whether somebody is preparing a listing to keep it."""
    wishes = select(Role.id).where(Role.shop_id == shop_id, Role.kind == "claimant", Role.ended_at.is_(None))
    return session.scalar(wishes.limit(1)) is not None


def staff_shop(session: Session, *, account_id: int, shop_id: int) -> Shop:
    """Return a shop this account works at; NotAllowed otherwise."""
    if not works_at(session, account_id, shop_id):
        raise NotAllowed
    return shop(session, shop_id, behind=True)


def owner_shop(session: Session, *, account_id: int, shop_id: int) -> Shop:
    """Return a shop this account owns; NotAllowed otherwise."""
    if "owner" not in roles_of(session, account_id, shop_id):
        raise NotAllowed
    return shop(session, shop_id, behind=True)


def works_at(session: Session, account_id: int, shop_id: int) -> bool:
    """Tell whether an account works at a shop that is there."""
    return not roles_of(session, account_id, shop_id).isdisjoint(ROLES)


def shops_of(session: Session, *, account_id: int) -> list[tuple[Shop, str]]:
    """List the shops an account works at or claims with its role there, owned ones first, claimed ones last."""
    rows = (
        select(Shop, Role.kind)
        .join(Role, Role.shop_id == Shop.id)
        .where(Role.account_id == account_id, Role.ended_at.is_(None), Shop.status != "gone")
        .order_by(Shop.name, Shop.id)
    )
    found = [(row, kind) for row, kind in session.execute(rows)]
    return sorted(found, key=lambda one: -KINDS.index(one[1]))


def workplaces_of(session: Session, *, account_id: int) -> list[tuple[Shop, str]]:
    """List the shops an account works at, as shops_of does, without those it only claims."""
    return [found for found in shops_of(session, account_id=account_id) if found[1] in ROLES]


def shop_name(row: Named, locale: str) -> str:
    """Say a shop's name in the reader's language where it has one, else as the shop writes it."""
    translated = row.name_zh if locale.startswith("zh") else row.name_en
    return translated or row.name


def guest_alias(account_id: int, shop_id: int, locale: str) -> str:
    """Name a guest for the staff of one shop; see alias.py."""
    return _alias(account_id, shop_id, locale, "guest")


def voice_alias(account_id: int, shop_id: int, locale: str) -> str:
    """Name a guest for what they say about one shop, in public or to its owner; not the name that staff see."""
    return _alias(account_id, shop_id, locale, "voice")


def _alias(account_id: int, shop_id: int, locale: str, purpose: str) -> str:
    secret = current_app.config["O2O"].secret_key
    return alias.alias(secret, account_id=account_id, shop_id=shop_id, purpose=purpose, locale=locale)


def members(session: Session, shop_id: int) -> list[Member]:
    """List who works at a shop, owners first; nameless ones are shown by their handle or number."""
    rows = (
        select(Role.id, Role.account_id, Role.kind, Role.name, Account.handle, Role.created_at)
        .join(Account, Account.id == Role.account_id)
        .where(Role.shop_id == shop_id, Role.ended_at.is_(None), Role.kind.in_(ROLES))
        .order_by(Role.created_at, Role.id)
    )
    found = [
        Member(role_id, account_id, kind, name or handle or f"#{account_id}", since, name)
        for role_id, account_id, kind, name, handle, since in session.execute(rows)
    ]
    return sorted(found, key=lambda one: -ROLES.index(one.kind))


def open_invites(session: Session, shop_id: int) -> list[Invite]:
    """List a shop's invitations that can still be accepted, the newest first."""
    waiting = (
        select(Invite)
        .where(Invite.shop_id == shop_id, Invite.used_at.is_(None), Invite.withdrawn_at.is_(None))
        .where(Invite.expires_at > clock.now())
        .order_by(Invite.id.desc())
    )
    return list(session.scalars(waiting))


def search_listings(session: Session, *, text: str, offset: int, most: int) -> list[Shop]:
    """List shops whose name holds `text`, by name, at most `most` after `offset`; scans the table."""
    rows = select(Shop).where(Shop.status != "gone")
    if text:
        mask = "%" + text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
        columns = (Shop.name, Shop.name_zh, Shop.name_en)
        rows = rows.where(or_(*(column.ilike(mask, escape="\\") for column in columns)))
    return list(session.scalars(rows.order_by(Shop.name, Shop.id).offset(offset).limit(most)))


def owned(session: Session, shop_ids: Iterable[int]) -> set[int]:
    """Tell which of these shops have an owner."""
    held = select(Role.shop_id).where(Role.shop_id.in_(list(shop_ids)))
    return set(session.scalars(held.where(Role.kind == "owner", Role.ended_at.is_(None))))


def count_by_status(session: Session) -> dict[str, int]:
    """Count the shops by status."""
    rows = session.execute(select(Shop.status, func.count()).group_by(Shop.status))
    return {row[0]: row[1] for row in rows}


def count_owners(session: Session) -> int:
    """Count the accounts that own at least one shop."""
    owners = select(func.count(Role.account_id.distinct())).where(Role.kind == "owner")
    return session.scalar(owners.where(Role.ended_at.is_(None))) or 0


class Desk(NamedTuple):
    """The console's heading for one shop: whose desk, what the visitor is there, and `since`, see kept_from."""

    shop: Shop
    name: str
    role: str
    since: datetime | None = None

    @property
    def is_owner(self) -> bool:
        """Tell whether the visitor owns the shop."""
        return self.role == "owner"

    @property
    def is_manager(self) -> bool:
        """Tell whether the visitor may run the shop: as its manager or owner."""
        return self.role in ("manager", "owner")

    @property
    def is_claimant(self) -> bool:
        """Tell whether the visitor prepares a shop that is not theirs yet."""
        return self.role == "claimant"


def desk(session: Session, *, account_id: int, shop_id: int, locale: str) -> Desk:
    """Return the desk of a shop this account works at or claims; NotAllowed otherwise."""
    roles, since = standing(session, account_id=account_id, shop_id=shop_id)
    if not roles:
        raise NotAllowed
    row = shop(session, shop_id, behind=True)
    return Desk(row, shop_name(row, locale), max(roles, key=KINDS.index), since)
