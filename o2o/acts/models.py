"""The table of acts."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, bigpk
from o2o.kernel.final import keep_final


class Act(Base):
    """One thing somebody did: `verb` is the endpoint or the command, `subject` its ids, `detail` no personal words.

    `account_id` is empty for the server's own shell; `shop_id` for what concerns no single shop.
    """

    __tablename__ = "act"
    __table_args__ = (
        Index("ix_act_shop", "shop_id", "id"),
        Index("ix_act_account", "account_id", "id"),
        Index("ix_act_verb", "verb", "id"),
    )

    id: Mapped[bigpk]
    at: Mapped[datetime] = mapped_column(Instant)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    role: Mapped[str] = mapped_column(String(10))
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shop.id"))
    verb: Mapped[str] = mapped_column(String(80))
    subject: Mapped[dict[str, Any]] = mapped_column(JSON)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
    request_id: Mapped[str] = mapped_column(String(40))


keep_final(Act.__table__)
