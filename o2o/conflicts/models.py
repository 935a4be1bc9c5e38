"""Conflicts, strikes and the platform's cover."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk

CAUSES = (
    "one_showing_two_tills",
    "presented_twice",
    "two_phones",
    "copy_possible",
    "stale_proof",
    "after_refund",
    "late_claim",
)
BEARERS = ("shop", "holder", "platform", "nobody", "review")
# open -> settled when no till can change it any more; gone when the claim won after all or was undone.
CONFLICT_STATES = {"open": ("settled", "gone"), "gone": ("open",), "settled": ()}
STRIKE_STATES = {
    "standing": ("disputed", "lifted"),
    "disputed": ("upheld", "lifted"),
    "upheld": ("lifted",),
    # Only where the evidence lifted it, and comes back; what a person lifted stays lifted.
    "lifted": ("standing", "disputed"),
}


class Conflict(Base):
    """A claim that lost, or is held; `amount` is the value of its uses in minor units, `bears` who stands for it."""

    __tablename__ = "conflict"
    __table_args__ = (
        CheckConstraint(
            "cause IN ('one_showing_two_tills', 'presented_twice', 'two_phones', 'copy_possible', 'stale_proof',"
            " 'after_refund', 'late_claim')",
            name="cause_known",
        ),
        CheckConstraint("bears IN ('shop', 'holder', 'platform', 'nobody', 'review')", name="bears_known"),
        CheckConstraint("state IN ('open', 'settled', 'gone')", name="state_known"),
        ForeignKeyConstraint(
            ["pass_id", "shop_id"], ["pass.id", "pass.shop_id"], name="fk_conflict_pass_here"
        ),
        Index("ix_conflict_shop", "shop_id", "state", "opened_at"),
        Index("ix_conflict_pass", "pass_id"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    claim_id: Mapped[str] = mapped_column(ForeignKey("claim.id"), unique=True)
    pass_id: Mapped[str] = mapped_column(String(16))
    shop_id: Mapped[int]
    against: Mapped[str | None] = mapped_column(String(36))
    cause: Mapped[str] = mapped_column(String(21))
    bears: Mapped[str] = mapped_column(String(8))
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(7))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    decision: Mapped[str | None] = mapped_column(String(10))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class Strike(Base):
    """Hard evidence against a holder: one per conflict; the holder may dispute it, the operator decides."""

    __tablename__ = "strike"
    __table_args__ = (
        CheckConstraint("state IN ('standing', 'disputed', 'upheld', 'lifted')", name="state_known"),
        CheckConstraint("(said IS NULL) = (said_at IS NULL)", name="dispute_has_words"),
    )

    id: Mapped[intpk]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    conflict_id: Mapped[str] = mapped_column(ForeignKey("conflict.id"), unique=True)
    state: Mapped[str] = mapped_column(String(8))
    at: Mapped[datetime] = mapped_column(Instant)
    said: Mapped[str | None] = mapped_column(String(1000))
    said_at: Mapped[datetime | None] = mapped_column(Instant)
    why: Mapped[str | None] = mapped_column(String(300))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class Cover(Base):
    """What the platform paid a shop for a holder's double use: once per holder, up to a cap; minor units."""

    __tablename__ = "cover"
    __table_args__ = (CheckConstraint("amount > 0", name="amount_positive"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    conflict_id: Mapped[str] = mapped_column(ForeignKey("conflict.id"), unique=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    at: Mapped[datetime] = mapped_column(Instant)
