"""Tills, the PINs of their staff, and the shop's offline rules."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant

TILL_STATES = {"waiting": ("active", "revoked"), "active": ("revoked",), "revoked": ()}


class Till(Base):
    """A browser that takes passes for one shop, with the public half of its own P-256 key.

    `head` is the greatest seq up to which its ledger is here without a gap, `chain` the hash of that entry,
    `said_head` the greatest it has said to have; `acked` the greatest epoch it has applied while nothing was missing.
    """

    __tablename__ = "till"
    __table_args__ = (
        UniqueConstraint("shop_id", "x"),
        CheckConstraint("state IN ('waiting', 'active', 'revoked')", name="state_known"),
        CheckConstraint("length(x) = 64 AND length(y) = 64", name="point_length"),
        CheckConstraint("(state = 'revoked') = (revoked_at IS NOT NULL)", name="revoked_at_a_time"),
        Index("uq_till_shop", "id", "shop_id", unique=True),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    x: Mapped[str] = mapped_column(String(64))
    y: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(8))
    asked_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    active_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    active_at: Mapped[datetime | None] = mapped_column(Instant)
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    revoked_at: Mapped[datetime | None] = mapped_column(Instant)
    synced_at: Mapped[datetime | None] = mapped_column(Instant)
    acked: Mapped[int] = mapped_column(default=0)
    head: Mapped[int] = mapped_column(default=0)
    said_head: Mapped[int] = mapped_column(default=0)
    chain: Mapped[str] = mapped_column(String(64), default="")
    app: Mapped[str] = mapped_column(String(20), default="")


class TillPin(Base):
    """A member of staff's PIN at a shop, as PBKDF2-SHA-256 of it; tills check it offline."""

    __tablename__ = "till_pin"

    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(32))
    hash: Mapped[str] = mapped_column(String(64))
    rounds: Mapped[int]
    set_at: Mapped[datetime] = mapped_column(Instant)


class OfflineRules(Base):
    """What a shop's tills may do with no network, per till: how many uses, of what value each and in all.

    Money in minor units. `bearer` lets them take passes without a phone's proof, at the shop's own risk.
    """

    __tablename__ = "offline_rules"
    __table_args__ = (
        CheckConstraint(
            "most_claims BETWEEN 0 AND 1000 AND most_each >= 0 AND most_total >= 0", name="budget_range"
        ),
    )

    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    bearer: Mapped[bool]
    most_claims: Mapped[int]
    most_each: Mapped[int] = mapped_column(BigInteger)
    most_total: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
