"""Refunds, one live at most per pass."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant

# withdrawn: a till had taken the uses before the refund was asked for.
REFUND_STATES = {"requested": ("paid", "withdrawn"), "paid": (), "withdrawn": ()}
# platform: the shop was taken off the map, so its guests are paid back without asking.
CAUSES = ("guest", "expiry", "platform")


class Refund(Base):
    """The unused uses' share of what was paid for one pass, in minor units.

    It is paid once every till has heard that the pass is void (tiding "pass" of `mark`), or 72 hours later.
    """

    __tablename__ = "refund"
    __table_args__ = (
        CheckConstraint("state IN ('requested', 'paid', 'withdrawn')", name="state_known"),
        CheckConstraint("cause IN ('guest', 'expiry', 'platform')", name="cause_known"),
        CheckConstraint("amount >= 0", name="amount_positive"),
        Index("ix_refund_state", "state"),
        Index(
            "uq_refund_pass_live",
            "pass_id",
            unique=True,
            sqlite_where=text("state <> 'withdrawn'"),
            postgresql_where=text("state <> 'withdrawn'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    pass_id: Mapped[str] = mapped_column(ForeignKey("pass.id"), index=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("purchase.id"), index=True)
    payback_id: Mapped[str | None] = mapped_column(ForeignKey("payback.id"), unique=True)
    cause: Mapped[str] = mapped_column(String(10))
    uses: Mapped[int]
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10))
    mark: Mapped[str | None] = mapped_column(String(16))
    requested_at: Mapped[datetime] = mapped_column(Instant)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)
