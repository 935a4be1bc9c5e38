"""What search and the basemap are drawn from; all of it can be rebuilt from the shops and the imported file."""

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, BigKey, intpk


class ShopTerm(Base):
    """One searchable term of one shop: folded Latin words (found by prefix), Chinese characters and bigrams."""

    __tablename__ = "shop_term"

    # Byte order on both databases, so that a prefix is one index range.
    term: Mapped[str] = mapped_column(
        String(40, collation="C").with_variant(String(40), "sqlite"), primary_key=True
    )
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True, index=True)


class Feature(Base):
    """A line or area of the basemap, geometry packed."""

    __tablename__ = "feature"

    id: Mapped[intpk]
    osm_id: Mapped[str | None] = mapped_column(String(30), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    name: Mapped[str | None] = mapped_column(String(120))
    geometry: Mapped[bytes] = mapped_column(LargeBinary)


class FeatureCell(Base):
    """Which map cells a feature touches, at the zoom its kind is filed under."""

    __tablename__ = "feature_cell"
    __table_args__ = (Index("ix_feature_cell_feature", "feature_id"),)

    zoom: Mapped[int] = mapped_column(primary_key=True)
    cell: Mapped[int] = mapped_column(BigKey, primary_key=True)
    feature_id: Mapped[int] = mapped_column(ForeignKey("feature.id", ondelete="CASCADE"), primary_key=True)
