"""What owners reckon with."""

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base


class Plan(Base):
    """What an owner reckoned with when one terms version was written; nobody else's business.

    Money in minor units: `cost` of serving one voucher, `fixed` for the whole deal. `regulars` is the share of buyers,
    in percent, who would have come and paid the full price. `loss_seen` is the worst case that the owner confirmed: of
    the whole deal, or, where it has no bottom, of one day or one voucher (worth.worst).
    """

    __tablename__ = "offer_plan"
    __table_args__ = (
        CheckConstraint("cost >= 0 AND fixed >= 0", name="costs_positive"),
        CheckConstraint("regulars BETWEEN 0 AND 100", name="regulars_range"),
    )

    terms_id: Mapped[int] = mapped_column(ForeignKey("terms.id"), primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), index=True)
    cost: Mapped[int] = mapped_column(BigInteger)
    fixed: Mapped[int] = mapped_column(BigInteger, default=0)
    regulars: Mapped[int] = mapped_column(default=0)
    loss_seen: Mapped[int | None] = mapped_column(BigInteger)
