"""What the basemap is drawn from; all of it can be rebuilt from the imported file."""

from sqlalchemy import ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, BigKey, intpk


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
