"""Menus and their lines."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk


class Menu(Base):
    """A shop's menu; `version` grows with every change, so that nobody overwrites what they did not see."""

    __tablename__ = "menu"

    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    version: Mapped[int] = mapped_column(default=1)
    updated_at: Mapped[datetime] = mapped_column(Instant)


class MenuLine(Base):
    """One thing on a menu; `price` in minor units of the town's currency, none where it is asked for."""

    __tablename__ = "menu_line"
    __table_args__ = (
        CheckConstraint("price >= 0", name="price_positive"),
        Index("ix_menu_line_shop", "shop_id", "position"),
    )

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    section: Mapped[str] = mapped_column(String(80), default="")
    name: Mapped[str] = mapped_column(String(120))
    name_en: Mapped[str] = mapped_column(String(160), default="")
    price: Mapped[int | None] = mapped_column(BigInteger)
    unit: Mapped[str] = mapped_column(String(20), default="")
    note: Mapped[str] = mapped_column(String(300), default="")
    position: Mapped[int]
