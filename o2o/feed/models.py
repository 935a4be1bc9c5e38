"""One counter per shop, and one row per change."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base

KINDS = ("pass", "terms", "roster", "rules", "claim", "mark")


class Feed(Base):
    """A shop's epoch: how many changes its tills can hear of."""

    __tablename__ = "feed"

    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    epoch: Mapped[int]


class Tiding(Base):
    """A change of a subject; what it is now, the reader looks up."""

    __tablename__ = "tiding"
    __table_args__ = (Index("ix_tiding_subject", "kind", "subject"),)

    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(6))
    subject: Mapped[str] = mapped_column(String(40))
