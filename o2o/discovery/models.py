"""What search reads; all of it can be rebuilt from the shops."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base


class ShopTerm(Base):
    """One searchable term of one shop: folded Latin words (found by prefix), Chinese characters and bigrams."""

    __tablename__ = "shop_term"

    # Byte order on both databases, so that a prefix is one index range.
    term: Mapped[str] = mapped_column(
        String(40, collation="C").with_variant(String(40), "sqlite"), primary_key=True
    )
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True, index=True)
