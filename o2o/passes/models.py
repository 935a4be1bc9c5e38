"""Passes: rights that a guest holds."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant

# What a pass may become; one door (rules.py) changes it. used -> valid is an annulled redemption.
PASS_STATES = {
    "valid": ("used", "expired", "refunding", "revoked"),
    "used": ("valid",),
    "expired": ("refunding",),
    "refunding": ("refunded", "valid"),
    "refunded": (),
    "revoked": (),
}


class Pass(Base):
    """A signed right to `uses` uses under frozen terms; the id is in the token, 64 random bits.

    `paid` is the price in minor units, `spent` the part that redeemed uses took: the rest can be refunded.
    """

    __tablename__ = "pass"
    __table_args__ = (
        CheckConstraint(
            "state IN ('valid', 'used', 'expired', 'refunding', 'refunded', 'revoked')", name="state_known"
        ),
        CheckConstraint("uses_left >= 0 AND uses_left <= uses", name="uses_left_range"),
        CheckConstraint("spent >= 0 AND spent <= paid", name="spent_range"),
        ForeignKeyConstraint(
            ["terms_id", "shop_id"], ["terms.id", "terms.shop_id"], name="fk_pass_terms_here"
        ),
        # Proofs of upper rooms name a pass together with its holder, its shop, its terms.
        Index("uq_pass_holder", "id", "account_id", unique=True),
        Index("uq_pass_shop", "id", "shop_id", unique=True),
        Index("uq_pass_terms", "id", "terms_id", unique=True),
        Index("ix_pass_wallet", "account_id", "state"),
        Index("ix_pass_expiry", "state", "expires"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    terms_id: Mapped[int] = mapped_column(ForeignKey("terms.id"))
    state: Mapped[str] = mapped_column(String(10))
    uses: Mapped[int]
    uses_left: Mapped[int]
    paid: Mapped[int] = mapped_column(BigInteger)
    spent: Mapped[int] = mapped_column(BigInteger, default=0)
    currency: Mapped[str] = mapped_column(String(3))
    not_before: Mapped[datetime] = mapped_column(Instant)
    expires: Mapped[datetime] = mapped_column(Instant)
    kid: Mapped[int]
    gen: Mapped[int] = mapped_column(default=0)
    token: Mapped[bytes] = mapped_column(LargeBinary)
    short_code: Mapped[str] = mapped_column(String(12), unique=True)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
