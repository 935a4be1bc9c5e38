"""The list of kept pictures; the files lie in the data folder under their random names."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant

SMALL = 480  # pixels of the small picture's longer side


class Photo(Base):
    """One re-encoded picture; `digest` is the SHA-256 of the large file, sizes in pixels and bytes."""

    __tablename__ = "photo"
    __table_args__ = (
        CheckConstraint("width BETWEEN 1 AND 4096 AND height BETWEEN 1 AND 4096", name="size_range"),
        CheckConstraint("length(digest) = 64", name="digest_length"),
        Index("uq_photo_sender", "id", "account_id", unique=True),
        Index("ix_photo_at", "at"),
    )

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), index=True)
    digest: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    bytes: Mapped[int]
    at: Mapped[datetime] = mapped_column(Instant)

    @property
    def small_size(self) -> tuple[int, int]:
        """Give width and height of the small picture, to keep its place on the page until it comes."""
        factor = min(1.0, SMALL / max(self.width, self.height))
        return max(1, round(self.width * factor)), max(1, round(self.height * factor))
