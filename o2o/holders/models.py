"""Device keys, and which login uses which."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk


class DeviceKey(Base):
    """The public half of a browser's P-256 key: 64 hex digits each of x and y; one row per account and key."""

    __tablename__ = "device_key"
    __table_args__ = (
        UniqueConstraint("account_id", "x"),
        CheckConstraint("length(x) = 64 AND length(y) = 64", name="point_length"),
        # A pass names its key together with its holder.
        Index("uq_device_key_holder", "id", "account_id", unique=True),
    )

    id: Mapped[intpk]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    x: Mapped[str] = mapped_column(String(64))
    y: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)


class DeviceLogin(Base):
    """Which key the phone of a login has now; `public_id` is the login's."""

    __tablename__ = "device_login"
    __table_args__ = (
        ForeignKeyConstraint(["device_id", "account_id"], ["device_key.id", "device_key.account_id"]),
    )

    public_id: Mapped[str] = mapped_column(
        ForeignKey("login.public_id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int]
    device_id: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)
