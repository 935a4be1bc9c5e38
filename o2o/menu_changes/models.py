"""The files that a menu came from."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant

IMPORT_STATES = {
    "previewed": ("applied", "dropped"),
    "applied": ("undone",),
    "undone": (),
    "dropped": (),
}


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
