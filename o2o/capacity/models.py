"""Pools and holds."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, bigpk

# A hold is live until it is one of the other two; both are final.
HOLD_STATES = {"held": ("committed", "released"), "committed": (), "released": ()}


class Pool(Base):
    """A counter of one scarce thing."""

    __tablename__ = "pool"
    __table_args__ = (
        CheckConstraint("held >= 0", name="held_positive"),
        CheckConstraint("committed >= 0", name="committed_positive"),
        CheckConstraint("committed + held <= quantity", name="within_quantity"),
    )

    id: Mapped[bigpk]
    key: Mapped[str] = mapped_column(String(80), unique=True)
    quantity: Mapped[int]
    held: Mapped[int] = mapped_column(default=0)
    committed: Mapped[int] = mapped_column(default=0)


class Hold(Base):
    """A claim on several pools until a moment; `key` makes a repeated claim the same one."""

    __tablename__ = "hold"
    __table_args__ = (
        CheckConstraint("state IN ('held', 'committed', 'released')", name="state_known"),
        Index("ix_hold_due", "state", "until"),
    )

    id: Mapped[bigpk]
    key: Mapped[str] = mapped_column(String(100), unique=True)
    state: Mapped[str] = mapped_column(String(10))
    until: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class HoldPart(Base):
    """How much a hold takes from one pool."""

    __tablename__ = "hold_part"
    __table_args__ = (CheckConstraint("quantity > 0", name="quantity_positive"),)

    hold_id: Mapped[int] = mapped_column(ForeignKey("hold.id"), primary_key=True)
    pool_id: Mapped[int] = mapped_column(ForeignKey("pool.id"), primary_key=True, index=True)
    quantity: Mapped[int]
