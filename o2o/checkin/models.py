"""Posters, what was opened through them, and visits."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk

# How far the phone said it was: at the shop (150 m), near (1 km), far, or nothing said.
BUCKETS = ("here", "near", "far", "none")


class Poster(Base):
    """One printed code of a shop; `label` says where it hangs. Rotating ends it and makes the next one."""

    __tablename__ = "poster"
    __table_args__ = (Index("uq_poster_shop", "id", "shop_id", unique=True),)

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    label: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant)
    created_by: Mapped[str] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class PosterDay(Base):
    """How often a poster's address was opened on a day of the town: a counter of openings, never of people."""

    __tablename__ = "poster_day"

    poster_id: Mapped[int] = mapped_column(ForeignKey("poster.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    opened: Mapped[int]


class Visit(Base):
    """A person's arrival at a shop by one of its posters.

    `at` is the server's time. `claimed_at` is what a phone that was offline says; it decides nothing. `key` is the
    press's own number: a repeated one is the same visit.
    """

    __tablename__ = "visit"
    __table_args__ = (
        ForeignKeyConstraint(["poster_id", "shop_id"], ["poster.id", "poster.shop_id"]),
        UniqueConstraint("account_id", "key"),
        CheckConstraint("bucket IN ('here', 'near', 'far', 'none')", name="bucket_known"),
        CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed_by_someone"),
        CheckConstraint("confirmed_by <> account_id", name="confirmed_by_another"),
        CheckConstraint("claimed_at <= at", name="claim_before"),
        Index("uq_visit_person", "id", "account_id", unique=True),
        Index("uq_visit_shop", "id", "shop_id", unique=True),
        Index("ix_visit_shop_at", "shop_id", "at"),
        Index("ix_visit_account_at", "account_id", "at"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    poster_id: Mapped[int] = mapped_column(ForeignKey("poster.id"), index=True)
    key: Mapped[str] = mapped_column(String(64))
    bucket: Mapped[str] = mapped_column(String(4))
    is_first: Mapped[bool]
    at: Mapped[datetime] = mapped_column(Instant)
    claimed_at: Mapped[datetime | None] = mapped_column(Instant)
    confirmed_at: Mapped[datetime | None] = mapped_column(Instant)
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class LastVisit(Base):
    """When a person last arrived at a shop: one guarded upsert of this row keeps visits four hours apart."""

    __tablename__ = "last_visit"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    visit_id: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Instant)
