"""Claims of shops, the operator's checklist, and what was handed in."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk

# What a claim may become; rules.move() alone changes it.
# pending waits: another claim of the same shop is being looked at, or the operator has not invited anybody yet.
CLAIM_STATES = {
    "pending": ("invited", "onboarding", "rejected", "withdrawn"),
    "invited": ("onboarding", "withdrawn"),
    "onboarding": ("ready_for_review", "rejected", "withdrawn"),
    "ready_for_review": ("approved", "onboarding", "rejected", "withdrawn"),
    "rejected": ("onboarding",),
    "approved": ("suspended", "closed"),
    "suspended": ("approved", "closed"),
    "withdrawn": (),
    "closed": (),
}
# The states in which a claim holds its shop; one such claim a shop.
HOLDING = ("invited", "onboarding", "ready_for_review", "approved", "suspended")
# How a requirement is answered: by what the town knows, by the owner's word, by the operator's look.
KINDS = ("computed", "attested", "verified")
# How a claim began: asked for on the map, invited, given by the operator, or there before claims were.
WAYS = ("claim", "invite", "given", "before")
_HOLDS = text("state IN ('invited', 'onboarding', 'ready_for_review', 'approved', 'suspended')")
_OPEN = text("state NOT IN ('withdrawn', 'closed')")


class Claim(Base):
    """Somebody's way to a shop; what they prepare waits with their role, unseen, until it is approved."""

    __tablename__ = "shop_claim"
    __table_args__ = (
        CheckConstraint(
            "state IN ('pending', 'invited', 'onboarding', 'ready_for_review', 'rejected', 'approved', 'suspended',"
            " 'withdrawn', 'closed')",
            name="state_known",
        ),
        CheckConstraint("way IN ('claim', 'invite', 'given', 'before')", name="way_known"),
        Index("uq_claim_holding", "shop_id", unique=True, sqlite_where=_HOLDS, postgresql_where=_HOLDS),
        Index(
            "uq_claim_person",
            "shop_id",
            "account_id",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_claim_state", "state", "submitted_at"),
    )

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    way: Mapped[str] = mapped_column(String(6))
    created_at: Mapped[datetime] = mapped_column(Instant)
    moved_at: Mapped[datetime] = mapped_column(Instant)
    submitted_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    reason: Mapped[str] = mapped_column(String(500), default="")


class Requirement(Base):
    """One line of the checklist. `key` names a line of catalogue.py, or is the operator's own ("own-…").

    A line that comes new, or comes anew, is due for shops that sell already at `due_at`; before it nothing stops.
    """

    __tablename__ = "requirement"
    __table_args__ = (CheckConstraint("kind IN ('computed', 'attested', 'verified')", name="kind_known"),)

    id: Mapped[intpk]
    key: Mapped[str] = mapped_column(String(40), unique=True)
    kind: Mapped[str] = mapped_column(String(8))
    is_on: Mapped[bool] = mapped_column(default=True)
    title_zh: Mapped[str] = mapped_column(String(80), default="")
    title_en: Mapped[str] = mapped_column(String(80), default="")
    help_zh: Mapped[str] = mapped_column(String(300), default="")
    help_en: Mapped[str] = mapped_column(String(300), default="")
    asks_text: Mapped[bool] = mapped_column(default=False)
    asks_photo: Mapped[bool] = mapped_column(default=False)
    asks_expiry: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]
    due_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class MerchantTerms(Base):
    """A version of what merchants agree to; those who sell already have until `due_at` to accept it."""

    __tablename__ = "merchant_terms"

    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text_zh: Mapped[str] = mapped_column(Text)
    text_en: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(Instant)
    published_at: Mapped[datetime] = mapped_column(Instant)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)


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
