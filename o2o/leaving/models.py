"""The table of closings."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk


class Closing(Base):
    """A shop's going: it stops selling when asked for, and at `closes_at` what is open is paid back and roles end."""

    __tablename__ = "closing"
    __table_args__ = (
        Index(
            "uq_closing_live",
            "shop_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL AND taken_back_at IS NULL"),
            postgresql_where=text("closed_at IS NULL AND taken_back_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    closes_at: Mapped[datetime] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    taken_back_at: Mapped[datetime | None] = mapped_column(Instant)
