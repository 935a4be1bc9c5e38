"""The table of a shop's own pictures."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk


class Picture(Base):
    """A picture in a shop's row of them; the lowest `position` is the cover."""

    __tablename__ = "picture"
    __table_args__ = (Index("ix_picture_shop", "shop_id", "position"),)

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    photo_id: Mapped[str] = mapped_column(ForeignKey("photo.id"), unique=True)
    caption: Mapped[str] = mapped_column(String(120), default="")
    position: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(Instant)
