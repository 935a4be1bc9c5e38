"""The record of conduct: every step ever taken against a shop. Only the room of sanctions writes it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk

STEPS = ("warn", "limit", "suspend", "delist")
# One door (sanctions/rules.py) changes it; what is lifted or over never comes back, a new one needs its own evidence.
# An appeal that is open gets an answer, unless the shop closes: then nobody is there to hear it.
SANCTION_STATES = {
    "in_force": ("appealed", "lifted", "over"),
    "appealed": ("upheld", "lifted", "over"),
    "upheld": ("lifted", "over"),
    "lifted": (),
    "over": (),
}
STANDING = ("in_force", "appealed", "upheld")
_STANDS = text("state IN ('in_force', 'appealed', 'upheld')")


class Sanction(Base):
    """One step against one shop: the rule it broke, what shows it, until when it may appeal, what was decided."""

    __tablename__ = "sanction"
    __table_args__ = (
        CheckConstraint("step IN ('warn', 'limit', 'suspend', 'delist')", name="step_known"),
        CheckConstraint("state IN ('in_force', 'appealed', 'upheld', 'lifted', 'over')", name="state_known"),
        CheckConstraint("(appealed_at IS NULL) = (appeal IS NULL)", name="appeal_has_words"),
        Index(
            "uq_sanction_step", "shop_id", "step", unique=True, sqlite_where=_STANDS, postgresql_where=_STANDS
        ),
        Index("ix_sanction_state", "state", "appeal_until"),
    )

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    step: Mapped[str] = mapped_column(String(8))
    rule: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str] = mapped_column(String(1000))
    link: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    ends_at: Mapped[datetime | None] = mapped_column(Instant)
    appeal_until: Mapped[datetime] = mapped_column(Instant)
    appealed_at: Mapped[datetime | None] = mapped_column(Instant)
    appealed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    appeal: Mapped[str | None] = mapped_column(String(1000))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"), index=True)
    decision: Mapped[str] = mapped_column(String(500), default="")
    # When every open pass of a delisted shop was paid back or spent.
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
