"""Reports and their decisions."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk

REPORT_STATES = {"open": ("upheld", "dismissed"), "upheld": (), "dismissed": ()}
# What can be wrong with a listing, and with a review; "bribe" is praise for reward, at a shop.
ABOUT_SHOP = ("closed", "moved", "wrong", "remove", "bribe")
ABOUT_REVIEW = ("fake", "bribe", "abuse", "private", "other")


class Report(Base):
    """One person's report about a shop, or about one review there; one open report per person and thing."""

    __tablename__ = "report"
    __table_args__ = (
        ForeignKeyConstraint(["photo_id", "account_id"], ["photo.id", "photo.account_id"],
                             name="fk_report_own_photo"),
        ForeignKeyConstraint(["review_id", "shop_id"], ["review.id", "review.shop_id"],
                             name="fk_report_review_here"),
        UniqueConstraint("account_id", "key"),
        CheckConstraint(
            "reason IN ('closed', 'moved', 'wrong', 'remove', 'bribe', 'fake', 'abuse', 'private', 'other')",
            name="reason_known",
        ),
        CheckConstraint("state IN ('open', 'upheld', 'dismissed')", name="state_known"),
        CheckConstraint(
            "(state = 'open') = (decided_at IS NULL) AND (state = 'open') = (decided_by IS NULL)",
            name="decided_by_someone",
        ),
        Index("ix_report_state", "state", "at"),
    )  # fmt: skip

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    review_id: Mapped[int | None] = mapped_column(ForeignKey("review.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    photo_id: Mapped[str | None] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64))
    reason: Mapped[str] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(String(1000), default="")
    state: Mapped[str] = mapped_column(String(10), default="open")
    decision: Mapped[str] = mapped_column(String(500), default="")
    at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
