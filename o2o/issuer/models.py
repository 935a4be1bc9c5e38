"""What is known of the issuer's keys; their private halves are files."""

from datetime import datetime

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant


class IssuerKeyState(Base):
    """The life of one key: `signs_from` is when it may sign, a week after it was published."""

    __tablename__ = "issuer_key"
    __table_args__ = (
        CheckConstraint("kid BETWEEN 1 AND 255", name="kid_range"),
        CheckConstraint("length(x) = 64 AND length(y) = 64", name="point_length"),
        CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_why IS NULL)", name="withdrawal_has_reason"),
    )

    kid: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    x: Mapped[str] = mapped_column(String(64))
    y: Mapped[str] = mapped_column(String(64))
    published_at: Mapped[datetime] = mapped_column(Instant)
    signs_from: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)
    withdrawn_why: Mapped[str | None] = mapped_column(String(200))
