"""Intents, paybacks and the provider's notices; and the sandbox bank's own book."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, bigpk

INTENT_STATES = {
    "created": ("pending", "failed"),
    "pending": ("captured", "failed"),
    "failed": ("captured",),  # a provider may say yes after it said no; the order decides what becomes of it
    "captured": (),
}
PAYBACK_STATES = {"created": ("sent", "done"), "sent": ("done",), "done": ()}


class Intent(Base):
    """A wish for money; `subject` names what it pays for and means nothing here."""

    __tablename__ = "intent"
    __table_args__ = (
        CheckConstraint("state IN ('created', 'pending', 'captured', 'failed')", name="state_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    subject: Mapped[str] = mapped_column(String(60), index=True)
    provider: Mapped[str] = mapped_column(String(20))
    provider_ref: Mapped[str | None] = mapped_column(String(80), unique=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10))
    pay_url: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime] = mapped_column(Instant)
    captured_at: Mapped[datetime | None] = mapped_column(Instant)


class Payback(Base):
    """Money to be returned from a captured intent; the sum never passes what was captured."""

    __tablename__ = "payback"
    __table_args__ = (
        CheckConstraint("state IN ('created', 'sent', 'done')", name="state_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
        Index("ix_payback_state", "state"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    intent_id: Mapped[str] = mapped_column(ForeignKey("intent.id"), index=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    provider_ref: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class Notice(Base):
    """A webhook whose signature held; unique by the provider's own event id."""

    __tablename__ = "notice"

    id: Mapped[bigpk]
    provider: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    provider_ref: Mapped[str] = mapped_column(String(80))
    received_at: Mapped[datetime] = mapped_column(Instant)


class SandboxPayment(Base):
    """The pretended bank's own view of a payment: what a real provider would keep on its side."""

    __tablename__ = "sandbox_payment"

    ref: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(100), unique=True)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    state: Mapped[str] = mapped_column(String(10), default="open")
    refunded: Mapped[int] = mapped_column(BigInteger, default=0)
    return_url: Mapped[str] = mapped_column(String(300))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class SandboxRefund(Base):
    """A refund at the pretended bank; the same key is the same refund."""

    __tablename__ = "sandbox_refund"

    key: Mapped[str] = mapped_column(String(100), primary_key=True)
    ref: Mapped[str] = mapped_column(ForeignKey("sandbox_payment.ref"))
    amount: Mapped[int] = mapped_column(BigInteger)


class SandboxCall(Base):
    """A webhook that the pretended bank will send, on time, late, or more than once."""

    __tablename__ = "sandbox_call"
    __table_args__ = (Index("ix_sandbox_call_due", "sent_at", "due"),)

    id: Mapped[bigpk]
    event_id: Mapped[str] = mapped_column(String(80))
    ref: Mapped[str] = mapped_column(ForeignKey("sandbox_payment.ref"))
    kind: Mapped[str] = mapped_column(String(30))
    due: Mapped[datetime] = mapped_column(Instant)
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
