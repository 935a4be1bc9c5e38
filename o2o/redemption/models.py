"""Redemptions, and the log of every scan."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, bigpk

# Stable reason codes of the pass's design; tills of later versions read them too.
REASONS = (
    "ok",
    "format",
    "unknown_key",
    "signature",
    "wrong_shop",
    "too_early",
    "expired",
    "wrong_time",
    "revoked",
    "superseded",
    "already_used_here",
    "already_used_elsewhere",
    "copy",
    "stale_code",
    "clock",
    "budget",
    "online_required",
    "annulled",
    "not_enough_uses",
)
MODES = ("online", "offline")


class Redemption(Base):
    """Uses taken from a pass by a member of staff; annulled ones keep their row.

    `number` counts the pass's redemptions and is unique per pass; `value` is the money that became the
    shop's; `uses_left` is what the pass had left right after: a repeated press shows the same receipt. `mode` is
    offline when a till took it with no network; `claim_id` is the till's own number of it, `code` and `step` the
    code it was shown. `at` is when it was taken, by a till's corrected clock, `made_at` when the server wrote it
    (None before there were tills: at once). `mark` is the tiding after which it can be final, `held` that somebody
    must decide first.
    """

    __tablename__ = "redemption"
    __table_args__ = (
        UniqueConstraint("pass_id", "number"),
        UniqueConstraint("shop_id", "nonce"),
        CheckConstraint("quantity BETWEEN 1 AND 20", name="quantity_range"),
        CheckConstraint("(annulled_at IS NULL) = (annul_reason IS NULL)", name="annul_has_reason"),
        CheckConstraint("mode IN ('online', 'offline')", name="mode_known"),
        ForeignKeyConstraint(
            ["till_id", "shop_id"], ["till.id", "till.shop_id"], name="fk_redemption_till_here"
        ),
        Index("ix_redemption_claim", "claim_id"),
        # What a till claims takes its use once, however often the fold changes its mind.
        Index(
            "uq_redemption_claim_live",
            "claim_id",
            unique=True,
            sqlite_where=text("annulled_at IS NULL"),
            postgresql_where=text("annulled_at IS NULL"),
        ),
        ForeignKeyConstraint(
            ["pass_id", "shop_id"], ["pass.id", "pass.shop_id"], name="fk_redemption_pass_here"
        ),
        # Proofs of upper rooms name redemption, pass and shop together.
        Index("uq_redemption_pass", "id", "pass_id", unique=True),
        Index("uq_redemption_shop", "id", "shop_id", unique=True),
        Index("ix_redemption_shop_at", "shop_id", "at"),
        Index("ix_redemption_final", "final_at", "at"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    pass_id: Mapped[str] = mapped_column(ForeignKey("pass.id"))
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    number: Mapped[int]
    quantity: Mapped[int]
    uses_left: Mapped[int]
    value: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    nonce: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    till_id: Mapped[str | None] = mapped_column(String(16))
    claim_id: Mapped[str | None] = mapped_column(String(36))
    mode: Mapped[str] = mapped_column(String(7), default="online", server_default="online")
    gen: Mapped[int | None]
    step: Mapped[int | None] = mapped_column(BigInteger)
    code: Mapped[str | None] = mapped_column(String(600))
    mark: Mapped[str | None] = mapped_column(String(16))
    held: Mapped[bool] = mapped_column(default=False, server_default=false())
    at: Mapped[datetime] = mapped_column(Instant)
    made_at: Mapped[datetime | None] = mapped_column(Instant)
    final_at: Mapped[datetime | None] = mapped_column(Instant)
    annulled_at: Mapped[datetime | None] = mapped_column(Instant)
    annulled_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    annul_reason: Mapped[str | None] = mapped_column(String(200))


class Scan(Base):
    """One look at a code at a till, whatever came of it."""

    __tablename__ = "scan"
    __table_args__ = (Index("ix_scan_shop_at", "shop_id", "at"),)

    id: Mapped[bigpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    staff_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(30))
    pass_id: Mapped[str | None] = mapped_column(ForeignKey("pass.id"))
    redemption_id: Mapped[str | None] = mapped_column(ForeignKey("redemption.id"))
    till_id: Mapped[str | None] = mapped_column(ForeignKey("till.id"))
