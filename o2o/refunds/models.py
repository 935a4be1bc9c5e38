"""Refunds, one live at most per pass."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant

REFUND_STATES = {"requested": ("paid",), "paid": ()}
CAUSES = ("guest", "expiry")


class Refund(Base):
    """The unused uses' share of what was paid for one pass, in minor units."""

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'paid')", name="state_known"),
        CheckConstraint("cause IN ('guest', 'expiry')", name="cause_known"),
        CheckConstraint("amount >= 0", name="amount_positive"),
        Index("ix_refund_state", "state"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    pass_id: Mapped[str] = mapped_column(ForeignKey("pass.id"), unique=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("purchase.id"), index=True)
    payback_id: Mapped[str | None] = mapped_column(ForeignKey("payback.id"), unique=True)
    cause: Mapped[str] = mapped_column(String(10))
    uses: Mapped[int]
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
