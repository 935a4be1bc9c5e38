"""Offers and their terms versions."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2o.kernel.db import Base, Instant, intpk

OFFER_STATES = {
    "draft": ("on_sale", "ended"),
    "on_sale": ("paused", "ended"),
    "paused": ("on_sale", "ended"),
    "ended": (),
}
MAX_USES = 20


class Offer(Base):
    """A deal of one shop; what it says is in its current terms."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'on_sale', 'paused', 'ended')", name="state_known"),
        Index("ix_offer_shop_state", "shop_id", "state"),
    )

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    state: Mapped[str] = mapped_column(String(10))
    # No foreign key: offer and terms would point at each other; terms carry the one that counts. None of a draft that
    # was thrown away: then nobody reads what it said.
    terms_id: Mapped[int | None]
    honest_yes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    honest_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(40))


class Terms(Base):
    """One immutable version of an offer; passes and orders point here for ever.

    Money in minor units. `contents` is a list of [text, quantity, price alone]. `weekdays` is a bit mask, Monday = 1.
    `from_minute`/`to_minute` are minutes of the shop's day (to may pass 1440 for past midnight). Either `valid_days`
    after purchase or the dates `valid_from`..`valid_until` (inclusive, the shop's zone).
    """

    __tablename__ = "terms"
    __table_args__ = (
        UniqueConstraint("offer_id", "version"),
        CheckConstraint("price >= 0", name="price_positive"),
        CheckConstraint("uses BETWEEN 1 AND 20", name="uses_range"),
        CheckConstraint("(valid_days IS NULL) <> (valid_until IS NULL)", name="one_validity"),
        CheckConstraint("weekdays BETWEEN 1 AND 127", name="weekdays_some"),
        # What is sold names terms and shop together, an answer terms and offer.
        Index("uq_terms_shop", "id", "shop_id", unique=True),
        Index("uq_terms_offer", "id", "offer_id", unique=True),
    )

    id: Mapped[intpk]
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(80))
    contents: Mapped[list[Any]] = mapped_column(JSON)
    notes: Mapped[str] = mapped_column(String(500), default="")
    price: Mapped[int] = mapped_column(BigInteger)
    parts_price: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    uses: Mapped[int]
    valid_days: Mapped[int | None]
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    weekdays: Mapped[int] = mapped_column(default=127)
    from_minute: Mapped[int | None]
    to_minute: Mapped[int | None]
    per_person: Mapped[int | None]
    total_cap: Mapped[int | None]
    day_cap: Mapped[int | None]
    refund_before_use: Mapped[bool] = mapped_column(default=True)
    refund_at_expiry: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(40))

    offer: Mapped[Offer] = relationship()
