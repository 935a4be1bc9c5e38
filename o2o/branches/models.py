"""Groups of shops under one owner, and the offers they share."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk


class Group(Base):
    """Shops that belong together, such as the branches of a chain."""

    __tablename__ = "shop_group"

    id: Mapped[intpk]
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)


class Branch(Base):
    """A shop's time in a group; rows are ended, never deleted."""

    __tablename__ = "branch"
    __table_args__ = (
        Index(
            "uq_branch_live",
            "shop_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        Index("ix_branch_group", "group_id"),
    )

    id: Mapped[intpk]
    group_id: Mapped[int] = mapped_column(ForeignKey("shop_group.id"))
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    joined_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class Shared(Base):
    """An offer written once for several branches."""

    __tablename__ = "shared_offer"

    id: Mapped[intpk]
    group_id: Mapped[int] = mapped_column(ForeignKey("shop_group.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class SharedPart(Base):
    """One branch's own offer of a shared one: its own caps, its own vouchers, the same words and price."""

    __tablename__ = "shared_part"

    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), primary_key=True)
    shared_id: Mapped[int] = mapped_column(ForeignKey("shared_offer.id"), index=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    left_at: Mapped[datetime | None] = mapped_column(Instant)
