"""Menus, their lines, and the files they came from."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk

IMPORT_STATES = {
    "previewed": ("applied", "dropped"),
    "applied": ("undone",),
    "undone": (),
    "dropped": (),
}


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


class MenuImport(Base):
    """A file that was read: its good lines, what was wrong with the others, and the menu as it was before."""

    __tablename__ = "menu_import"
    __table_args__ = (
        CheckConstraint("state IN ('previewed', 'applied', 'undone', 'dropped')", name="state_known"),
        CheckConstraint("mode IN ('add', 'replace')", name="mode_known"),
        Index("ix_menu_import_shop", "shop_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    name: Mapped[str] = mapped_column(String(120))
    mode: Mapped[str] = mapped_column(String(7))
    state: Mapped[str] = mapped_column(String(9))
    lines: Mapped[list[Any]] = mapped_column(JSON)
    faults: Mapped[list[Any]] = mapped_column(JSON)
    before: Mapped[list[Any] | None] = mapped_column(JSON)
    # The menu's version that the preview was made against, and the one that applying made.
    seen_version: Mapped[int]
    made_version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    applied_at: Mapped[datetime | None] = mapped_column(Instant)
    undone_at: Mapped[datetime | None] = mapped_column(Instant)
