"""Tables of the town, its shops, and who works there."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, BigKey, Instant, intpk

# What a shop may become; one door (rules.py) changes it.
SHOP_STATES = {
    "proposed": ("claimed", "gone"),
    "unclaimed": ("claimed", "gone"),
    "claimed": ("unclaimed", "delisted", "gone"),
    "delisted": ("claimed", "gone"),
    "gone": ("unclaimed", "claimed"),
}
# What everybody may see; a proposed shop is its proposer's, a delisted one its people's and its guests'.
VISIBLE = ("unclaimed", "claimed")
ROLES = ("staff", "manager", "owner")
# Who asks for a shop may prepare it, and does not work there yet.
KINDS = ("claimant", *ROLES)
SANCTIONS = ("limited", "suspended")
SOUGHT = ("lat", "lng", "open_from", "open_to", "status")
# What the ranking reads beside place and hours; see discovery/ranking.py.
RANKED = ("rating_sum", "rating_count", "honest_yes", "honest_count", "has_left")


class Town(Base):
    """The one town this house serves (row 1): where it is, its zone, money and holidays."""

    __tablename__ = "town"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[intpk]
    name_zh: Mapped[str] = mapped_column(String(80))
    name_en: Mapped[str] = mapped_column(String(80))
    timezone: Mapped[str] = mapped_column(String(60))
    country: Mapped[str] = mapped_column(String(2))
    currency: Mapped[str] = mapped_column(String(3))
    lat: Mapped[float]
    lng: Mapped[float]
    is_demo: Mapped[bool] = mapped_column(default=False)
    has_osm: Mapped[bool] = mapped_column(default=False)
    map_version: Mapped[int] = mapped_column(default=1)


class Shop(Base):
    """A place on the map; unclaimed until its owner keeps it.

    `open_from`/`open_to` hold the current or next open interval, so that SQL can ask "open now" through an index:
    open when open_from <= now < open_to. `live` says that an offer is on sale, `has_left` that something of one can
    still be bought. The four sums of ratings and answers are kept by rate() and honour() alone; flask check recounts
    them.
    """

    __tablename__ = "shop"
    __table_args__ = (
        CheckConstraint(
            "status IN ('proposed', 'unclaimed', 'claimed', 'delisted', 'gone')", name="status_known"
        ),
        CheckConstraint("sanction IN ('limited', 'suspended')", name="sanction_known"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lng BETWEEN -180 AND 180", name="on_earth"),
        # All that a search asks of a shop stands in the index: the table is read for the twenty that are shown.
        Index("ix_shop_near", "zkey", *SOUGHT, "live", "category", *RANKED),
        Index("ix_shop_category_near", "category", "zkey", *SOUGHT, "live"),
        Index("ix_shop_live_near", "live", "zkey", *SOUGHT, "category"),
        Index("ix_shop_open_to", "open_to"),
    )

    id: Mapped[intpk]
    osm_id: Mapped[str | None] = mapped_column(String(30), unique=True)
    osm_digest: Mapped[str | None] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(120))
    name_zh: Mapped[str | None] = mapped_column(String(120))
    name_en: Mapped[str | None] = mapped_column(String(120))
    brand: Mapped[str | None] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(String(400), default="")
    category: Mapped[str] = mapped_column(String(60))
    lat: Mapped[float]
    lng: Mapped[float]
    zkey: Mapped[int] = mapped_column(BigKey)
    address: Mapped[str | None] = mapped_column(String(240))
    phone: Mapped[str | None] = mapped_column(String(80))
    website: Mapped[str | None] = mapped_column(String(300))
    hours: Mapped[str | None] = mapped_column(String(400))
    wheelchair: Mapped[str | None] = mapped_column(String(10))
    about: Mapped[str | None] = mapped_column(String(1000))
    status: Mapped[str] = mapped_column(String(10), default="unclaimed")
    live: Mapped[bool] = mapped_column(default=False)
    has_left: Mapped[bool] = mapped_column(default=False, server_default=false())
    rating_sum: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    rating_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    honest_yes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    honest_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    open_from: Mapped[datetime | None] = mapped_column(Instant)
    open_to: Mapped[datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1)
    # When papers or accepted terms run out; the room that keeps them writes it, and flask check reckons it again.
    sells_until: Mapped[datetime | None] = mapped_column(Instant)
    sanction: Mapped[str | None] = mapped_column(String(10))
    # Its owner is going: until then what was sold is honoured, and nothing is sold any more.
    closes_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    updated_at: Mapped[datetime] = mapped_column(Instant)

    def sells(self, now: datetime) -> bool:
        """Tell whether the shop may sell at this moment; what it sold is honoured either way."""
        is_free = self.status == "claimed" and self.sanction != "suspended" and self.closes_at is None
        return is_free and (self.sells_until is None or now < self.sells_until)


class SpecialDay(Base):
    """A day on which a shop's week does not hold: closed, or open from minute to minute of the shop's day."""

    __tablename__ = "special_day"
    __table_args__ = (
        UniqueConstraint("shop_id", "day"),
        CheckConstraint("(from_minute IS NULL) = (to_minute IS NULL)", name="both_ends"),
        CheckConstraint(
            "from_minute >= 0 AND from_minute < to_minute AND to_minute <= 2880", name="in_order"
        ),
    )

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    day: Mapped[date] = mapped_column(Date)
    from_minute: Mapped[int | None]
    to_minute: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(80), default="")

    @property
    def minutes(self) -> tuple[int, int] | None:
        """Give the minutes of the day between which it is open; None for closed."""
        if self.from_minute is None or self.to_minute is None:
            return None
        return self.from_minute, self.to_minute


class Role(Base):
    """Who may do what at a shop; rows are ended, never deleted."""

    __tablename__ = "role"
    __table_args__ = (
        CheckConstraint("kind IN ('claimant', 'staff', 'manager', 'owner')", name="kind_known"),
        Index(
            "uq_role_live",
            "shop_id",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    # The shop's own words as a claimant wants them; approval writes them into the shop.
    prepared: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class Invite(Base):
    """A one-time invitation to work at, or to own, a shop; kept as a digest."""

    __tablename__ = "invite"

    id: Mapped[intpk]
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(String(40), default="")
    created_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    used_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
