"""Tables of people and of what opens their accounts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from o2o.kernel.db import Base, Instant, intpk


class Account(Base):
    """A person. `opaque` names the guest's private copies on the phone and means nothing elsewhere."""

    __tablename__ = "account"
    __table_args__ = (CheckConstraint("length(opaque) = 16", name="opaque_length"),)

    id: Mapped[intpk]
    opaque: Mapped[str] = mapped_column(String(16), unique=True)
    handle: Mapped[str | None] = mapped_column(String(40), unique=True)
    is_operator: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
    erased_at: Mapped[datetime | None] = mapped_column(Instant)


class Passkey(Base):
    """A WebAuthn credential; several per account, each with the name its owner gave it."""

    __tablename__ = "passkey"

    id: Mapped[intpk]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    user_handle: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    backup_eligible: Mapped[bool]
    backed_up: Mapped[bool]
    transports: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryKey(Base):
    """The second door: a 128-bit key shown once and kept as a digest; one live per account."""

    __tablename__ = "recovery_key"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_used_at: Mapped[datetime | None] = mapped_column(Instant)


class RecoveryCode(Base):
    """One of ten single-use codes, kept as a digest."""

    __tablename__ = "recovery_code"

    id: Mapped[intpk]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Challenge(Base):
    """A WebAuthn challenge: one ceremony, one purpose, five minutes, deleted before it is verified.

    With the purpose "form" it is a sealed form that waits for one, see kept.py.
    """

    __tablename__ = "challenge"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(20))
    challenge: Mapped[bytes] = mapped_column(LargeBinary)
    user_handle: Mapped[bytes | None] = mapped_column(LargeBinary)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant, index=True)


class SignInLink(Base):
    """A one-time address made in the server's shell."""

    __tablename__ = "sign_in_link"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class Login(Base):
    """One signed-in device; the cookie holds a token, the table its digest."""

    __tablename__ = "login"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    device: Mapped[str] = mapped_column(String(80))
    public_id: Mapped[str] = mapped_column(String(16), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    fresh_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    shop_id: Mapped[int | None]

    account: Mapped[Account] = relationship(lazy="joined", innerjoin=True)


class Consent(Base):
    """A person's yes to one purpose; taking it back ends the row, and the next yes is a new one."""

    __tablename__ = "consent"
    __table_args__ = (
        Index(
            "uq_consent_live",
            "account_id",
            "purpose",
            unique=True,
            sqlite_where=text("withdrawn_at IS NULL"),
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[intpk]
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
