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

# What a pass may become; one door (rules.py) changes it. used -> valid is an annulled redemption; a claim that a
# till made offline in time may arrive after the expiry.
PASS_STATES = {
    "valid": ("used", "expired", "refunding", "revoked"),
    "used": ("valid", "expired"),
    "expired": ("refunding", "used"),
    # A till that was offline may have taken uses before the refund was asked for.
    "refunding": ("refunded", "valid", "used"),
    "refunded": (),
    "revoked": (),
}


class Pass(Base):
    """A signed right to `uses` uses under frozen terms; the id is in the token, 64 random bits.

    `form` is how its live form is shown: by anybody's screen (bearer), by the phone with the device key (bound), on
    paper; `gen` counts the forms, `rebinds` the moves to another phone.

    `paid` is the price in minor units, `spent` the part that redeemed uses took: the rest can be refunded.
    """

    __tablename__ = "pass"
    __table_args__ = (
        CheckConstraint(
            "state IN ('valid', 'used', 'expired', 'refunding', 'refunded', 'revoked')", name="state_known"
        ),
        CheckConstraint("uses_left >= 0 AND uses_left <= uses", name="uses_left_range"),
        CheckConstraint("spent >= 0 AND spent <= paid", name="spent_range"),
        CheckConstraint("form IN ('bearer', 'bound', 'paper')", name="form_known"),
        CheckConstraint("(form = 'bound') = (device_id IS NOT NULL)", name="bound_has_device"),
        CheckConstraint("gen BETWEEN 0 AND 255", name="gen_range"),
        ForeignKeyConstraint(
            ["device_id", "account_id"],
            ["device_key.id", "device_key.account_id"],
            name="fk_pass_device_of_holder",
        ),
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
    form: Mapped[str] = mapped_column(String(6), default="bearer", server_default="bearer")
    device_id: Mapped[int | None]
    rebinds: Mapped[int] = mapped_column(default=0, server_default="0")
    token: Mapped[bytes] = mapped_column(LargeBinary)
    short_code: Mapped[str] = mapped_column(String(12), unique=True)
    issued_at: Mapped[datetime] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class PassForm(Base):
    """One form of a pass, from when it was the live one; `why` is issue, bind, print or reissue.

    `code` is the hash of its short code: a till that took it while it was the live one is believed by it. NULL only
    of forms from before there were tills.
    """

    __tablename__ = "pass_form"
    __table_args__ = (
        CheckConstraint("form IN ('bearer', 'bound', 'paper')", name="form_known"),
        CheckConstraint("why IN ('issue', 'bind', 'print', 'reissue')", name="why_known"),
    )

    pass_id: Mapped[str] = mapped_column(ForeignKey("pass.id"), primary_key=True)
    gen: Mapped[int] = mapped_column(primary_key=True)
    kid: Mapped[int] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(String(6))
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device_key.id"))
    why: Mapped[str] = mapped_column(String(7))
    key: Mapped[str | None] = mapped_column(String(64))
    code: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(Instant)
