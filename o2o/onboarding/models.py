"""Claims of shops: their states and the way between them."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
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
# The states of an admitted claim, whose shop sells as long as its papers say.
SELLING = ("approved", "suspended")
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
