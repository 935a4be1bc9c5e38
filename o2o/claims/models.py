"""What tills have sent: every entry of their ledgers, and the uses that they claim."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant

ACTS = ("redeem", "annul", "refuse")
_STRAY = "act = 'annul' AND pass_id IS NULL AND status = 'stored'"
STANDINGS = ("won", "lost", "annulled", "collapsed")


class Entry(Base):
    """One entry of a till's ledger as it was signed; `raw` is its JSON, `hash` and `prev` chain it.

    `status` says whether it was believed: stored, or rejected for `reason`. `at` is the till's corrected time,
    `received_at` the server's.
    """

    __tablename__ = "till_entry"
    __table_args__ = (
        UniqueConstraint("till_id", "seq"),
        ForeignKeyConstraint(
            ["till_id", "shop_id"], ["till.id", "till.shop_id"], name="fk_till_entry_till_here"
        ),
        CheckConstraint("act IN ('redeem', 'annul', 'refuse')", name="act_known"),
        CheckConstraint("status IN ('stored', 'rejected')", name="status_known"),
        Index("ix_till_entry_shop", "shop_id", "received_at"),
        Index("ix_till_entry_pass", "pass_id"),
        # Every sync asks for the annuls that wait for their claim; there are hardly ever any.
        Index("ix_till_entry_stray", "till_id", sqlite_where=text(_STRAY), postgresql_where=text(_STRAY)),
    )

    claim_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    till_id: Mapped[str] = mapped_column(String(16))
    shop_id: Mapped[int]
    seq: Mapped[int]
    staff_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    act: Mapped[str] = mapped_column(String(6))
    pass_id: Mapped[str | None] = mapped_column(ForeignKey("pass.id"))
    status: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(30))
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))
    is_linked: Mapped[bool]
    raw: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)


class Claim(Base):
    """A use that a till says it took of a pass, believed as to who signed it; the fold decides what it is worth.

    `kind` is live, bearer or typed; `step` the proof's; `is_confirmed` that the server looked on, `is_late` that it
    came more than 72 hours after its own time, `is_suspect` that its times disagree. `standing`, `cause` and
    `against` are the fold's word and change with it; `redemption_id` is the use it took, while it stands.
    """

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("kind IN ('live', 'bearer', 'typed')", name="kind_known"),
        CheckConstraint("(kind = 'live') = (step IS NOT NULL)", name="live_has_step"),
        CheckConstraint("standing IN ('won', 'lost', 'annulled', 'collapsed')", name="standing_known"),
        CheckConstraint("quantity BETWEEN 1 AND 20", name="quantity_range"),
        ForeignKeyConstraint(["pass_id", "shop_id"], ["pass.id", "pass.shop_id"], name="fk_claim_pass_here"),
        ForeignKeyConstraint(["till_id", "shop_id"], ["till.id", "till.shop_id"], name="fk_claim_till_here"),
        Index("ix_claim_pass", "pass_id"),
        Index("ix_claim_shop", "shop_id", "at"),
    )

    id: Mapped[str] = mapped_column(ForeignKey("till_entry.claim_id"), primary_key=True)
    pass_id: Mapped[str] = mapped_column(String(16))
    shop_id: Mapped[int]
    till_id: Mapped[str] = mapped_column(String(16))
    staff_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(6))
    gen: Mapped[int]
    quantity: Mapped[int]
    step: Mapped[int | None] = mapped_column(BigInteger)
    text: Mapped[str] = mapped_column(String(600))
    at: Mapped[datetime] = mapped_column(Instant)
    received_at: Mapped[datetime] = mapped_column(Instant)
    list_epoch: Mapped[int]
    list_at: Mapped[datetime | None] = mapped_column(Instant)
    is_confirmed: Mapped[bool]
    is_late: Mapped[bool]
    is_suspect: Mapped[bool]
    annulled_at: Mapped[datetime | None] = mapped_column(Instant)
    standing: Mapped[str] = mapped_column(String(9))
    cause: Mapped[str | None] = mapped_column(String(21))
    against: Mapped[str | None] = mapped_column(String(36))
    redemption_id: Mapped[str | None] = mapped_column(ForeignKey("redemption.id"))
