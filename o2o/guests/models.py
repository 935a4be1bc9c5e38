"""Guests of shops, what was noted of them, and who looked."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk


class Guest(Base):
    """A person as one shop knows them: `key` names them in addresses there and means nothing elsewhere.

    `agreed_at` says that the guest wants to stay in touch, with `contact` as they typed it; both end when they say so.
    """

    __tablename__ = "guest"
    __table_args__ = (
        UniqueConstraint("shop_id", "account_id"),
        Index("ix_guest_shop_last", "shop_id", "last_at", "id"),
    )

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    key: Mapped[str] = mapped_column(String(16), unique=True)
    first_at: Mapped[datetime] = mapped_column(Instant)
    last_at: Mapped[datetime] = mapped_column(Instant)
    agreed_at: Mapped[datetime | None] = mapped_column(Instant)
    contact: Mapped[str] = mapped_column(String(120), default="")


class GuestNote(Base):
    """What somebody of the shop wrote down about a guest; the guest can read it."""

    __tablename__ = "guest_note"

    id: Mapped[intpk]
    guest_id: Mapped[int] = mapped_column(ForeignKey("guest.id"), index=True)
    # No foreign key: a note is the guest's, not its writer's, and goes when the guest does.
    staff_id: Mapped[int]
    text: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(Instant)


class Look(Base):
    """Somebody of a shop looked at what it keeps of a guest; `what` says where."""

    __tablename__ = "look"
    __table_args__ = (Index("ix_look_account", "account_id", "at"),)

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    what: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant)
