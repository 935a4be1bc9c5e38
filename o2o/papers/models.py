"""What was handed in, line by line."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk


class Submission(Base):
    """One answer to one requirement; the latest counts, the older ones are the trail.

    `decision` is the operator's: accepted, refused or waived, with a reason for the last two.
    """

    __tablename__ = "submission"
    __table_args__ = (
        CheckConstraint("decision IN ('accepted', 'refused', 'waived')", name="decision_known"),
        CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name="decision_has_time"),
        Index("ix_submission_claim", "claim_id", "requirement_id", "id"),
    )

    id: Mapped[intpk]
    claim_id: Mapped[int] = mapped_column(ForeignKey("shop_claim.id"))
    requirement_id: Mapped[int] = mapped_column(ForeignKey("requirement.id"), index=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    text: Mapped[str] = mapped_column(String(300), default="")
    photo_id: Mapped[str | None] = mapped_column(ForeignKey("photo.id"), unique=True)
    expires_on: Mapped[date | None] = mapped_column(Date)
    terms_version: Mapped[int | None] = mapped_column(ForeignKey("merchant_terms.version"))
    at: Mapped[datetime] = mapped_column(Instant)
    decision: Mapped[str | None] = mapped_column(String(8))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(300), default="")
