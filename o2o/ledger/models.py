"""The books' tables; triggers forbid changing or deleting what was posted."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, bigpk

# Account names and what they mean; debit is positive.
ACCOUNTS = {
    "cash": "money at the payment provider",
    "voucher_liability": "sold and not yet redeemed: owed to guests",
    "shop_pending": "redeemed, still inside the undo window",
    "shop_payable": "redeemed for good: owed to the shop",
    "platform_fee": "the platform's share",
    "platform_cover": "paid by the platform for uses that tills took twice while they were offline",
    "refunds_due": "promised back to guests, not yet paid out",
}


class Book(Base):
    """A chain's head: the number and hash of the last posting."""

    __tablename__ = "book"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    shop_id: Mapped[int | None] = mapped_column(ForeignKey("shop.id"), unique=True)
    seq: Mapped[int] = mapped_column(default=0)
    head: Mapped[str] = mapped_column(String(64), default="")


class Posting(Base):
    """One balanced transaction in one book."""

    __tablename__ = "posting"
    __table_args__ = (UniqueConstraint("book", "seq"),)

    id: Mapped[bigpk]
    book: Mapped[str] = mapped_column(ForeignKey("book.name"))
    seq: Mapped[int]
    key: Mapped[str] = mapped_column(String(100), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    subject: Mapped[str] = mapped_column(String(60), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor: Mapped[str] = mapped_column(String(40))
    request_id: Mapped[str] = mapped_column(String(40))
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class Leg(Base):
    """A signed amount in minor units on one account."""

    __tablename__ = "leg"
    __table_args__ = (CheckConstraint("amount <> 0", name="amount_moves"),)

    posting_id: Mapped[int] = mapped_column(ForeignKey("posting.id"), primary_key=True)
    account: Mapped[str] = mapped_column(String(30), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = mapped_column(BigInteger)


class Balance(Base):
    """The cached sum of one account in one book; invariant I3 compares it with the legs."""

    __tablename__ = "balance"

    book: Mapped[str] = mapped_column(ForeignKey("book.name"), primary_key=True)
    account: Mapped[str] = mapped_column(String(30), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger, default=0)


class Seal(Base):
    """A book's head at the end of a day, written by the worker."""

    __tablename__ = "seal"

    book: Mapped[str] = mapped_column(ForeignKey("book.name"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    seq: Mapped[int]
    head: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant)
