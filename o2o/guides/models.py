"""Guides and the shops in them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk

GUIDE_STATES = {"draft": ("public",), "public": ("draft",)}


class Guide(Base):
    """A list of shops with a title in both languages; drafts are seen by the operator only."""

    __tablename__ = "guide"
    __table_args__ = (CheckConstraint("state IN ('draft', 'public')", name="state_known"),)

    id: Mapped[intpk]
    title_zh: Mapped[str] = mapped_column(String(80))
    title_en: Mapped[str] = mapped_column(String(80))
    about_zh: Mapped[str] = mapped_column(String(1000), default="")
    about_en: Mapped[str] = mapped_column(String(1000), default="")
    state: Mapped[str] = mapped_column(String(6), default="draft")
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(40))
    updated_at: Mapped[datetime] = mapped_column(Instant)


class Entry(Base):
    """A shop in a guide, with the operator's own line; `is_paid` shows as an advertisement."""

    __tablename__ = "guide_entry"
    __table_args__ = (UniqueConstraint("guide_id", "number"),)

    guide_id: Mapped[int] = mapped_column(ForeignKey("guide.id"), primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True, index=True)
    number: Mapped[int]
    note: Mapped[str] = mapped_column(String(300), default="")
    is_paid: Mapped[bool] = mapped_column(default=False)
