"""The lines of the checklist, and the terms for merchants."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk

# How a requirement is answered: by what the town knows, by the owner's word, by the operator's look.
KINDS = ("computed", "attested", "verified")


class Requirement(Base):
    """One line of the checklist. `key` names a line of catalogue.py, or is the operator's own ("own-…").

    A line that comes new, or comes anew, is due for shops that sell already at `due_at`; before it nothing stops.
    """

    __tablename__ = "requirement"
    __table_args__ = (CheckConstraint("kind IN ('computed', 'attested', 'verified')", name="kind_known"),)

    id: Mapped[intpk]
    key: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    is_on: Mapped[bool] = mapped_column(default=True)
    title_zh: Mapped[str] = mapped_column(String(80), default="")
    title_en: Mapped[str] = mapped_column(String(80), default="")
    help_zh: Mapped[str] = mapped_column(String(300), default="")
    help_en: Mapped[str] = mapped_column(String(300), default="")
    asks_text: Mapped[bool] = mapped_column(default=False)
    asks_photo: Mapped[bool] = mapped_column(default=False)
    asks_expiry: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class MerchantTerms(Base):
    """A version of what merchants agree to; those who sell already have until `due_at` to accept it."""

    __tablename__ = "merchant_terms"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
