"""Orders and the passes they paid for."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant

# held -> paying once the guest pressed pay; late money on an expired order is sold anew or returned.
ORDER_STATES = {
    "held": ("paying", "paid", "expired", "cancelled"),
    "paying": ("paid", "expired", "cancelled"),
    "expired": ("paid", "returned"),
    "cancelled": ("paid", "returned"),
    "paid": (),
    "returned": (),
}


class Order(Base):
    """One purchase of `quantity` passes under the terms shown; prices in minor units, frozen."""

    __tablename__ = "purchase"
    __table_args__ = (
        CheckConstraint(
            "state IN ('held', 'paying', 'paid', 'expired', 'cancelled', 'returned')", name="state_known"
        ),
        CheckConstraint("quantity BETWEEN 1 AND 20", name="quantity_range"),
        CheckConstraint("total = unit_price * quantity", name="total_adds_up"),
        # Money that nobody paid buys nothing: a paid order names its payment, and when it came.
        CheckConstraint(
            "state <> 'paid' OR (paid_at IS NOT NULL AND (total = 0 OR intent_id IS NOT NULL))",
            name="paid_by_payment",
        ),
        ForeignKeyConstraint(
            ["terms_id", "shop_id"], ["terms.id", "terms.shop_id"], name="fk_purchase_terms_here"
        ),
        ForeignKeyConstraint(
            ["device_id", "account_id"],
            ["device_key.id", "device_key.account_id"],
            name="fk_purchase_device_of_buyer",
        ),
        Index("ix_purchase_due", "state", "hold_until"),
        Index("ix_purchase_account", "account_id", "created_at"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    terms_id: Mapped[int] = mapped_column(ForeignKey("terms.id"))
    quantity: Mapped[int]
    unit_price: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10))
    hold_key: Mapped[str] = mapped_column(String(100))
    hold_until: Mapped[datetime] = mapped_column(Instant)
    extended: Mapped[bool] = mapped_column(default=False)
    intent_id: Mapped[str | None] = mapped_column(ForeignKey("intent.id"), unique=True)
    device_id: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(Instant)
    paid_at: Mapped[datetime | None] = mapped_column(Instant)


class OrderPass(Base):
    """Which passes an order paid for."""

    __tablename__ = "purchase_pass"

    pass_id: Mapped[str] = mapped_column(ForeignKey("pass.id"), primary_key=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("purchase.id"), index=True)
