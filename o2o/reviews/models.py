"""Reviews, their photos and replies; answers and private lines; each with a person and a proof."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, Instant, intpk

# hidden: the operator took it out of sight, with a reason that stays visible.
REVIEW_STATES = {"shown": ("hidden",), "hidden": ("shown",)}


def _proof(name: str, *, visits: bool = True) -> tuple[ForeignKeyConstraint | CheckConstraint, ...]:
    """Bind a row to a redemption of the person's own pass at this shop, or to the person's own visit there."""
    keys = [
        ForeignKeyConstraint(["redemption_id", "pass_id"], ["redemption.id", "redemption.pass_id"],
                             name=f"fk_{name}_redeemed_pass"),
        ForeignKeyConstraint(["redemption_id", "shop_id"], ["redemption.id", "redemption.shop_id"],
                             name=f"fk_{name}_redeemed_here"),
        ForeignKeyConstraint(["pass_id", "account_id"], ["pass.id", "pass.account_id"],
                             name=f"fk_{name}_own_pass"),
    ]  # fmt: skip
    if not visits:
        return tuple(keys)
    return (
        *keys,
        ForeignKeyConstraint(["visit_id", "account_id"], ["visit.id", "visit.account_id"],
                             name=f"fk_{name}_own_visit"),
        ForeignKeyConstraint(["visit_id", "shop_id"], ["visit.id", "visit.shop_id"],
                             name=f"fk_{name}_visit_here"),
        CheckConstraint("(redemption_id IS NULL) <> (visit_id IS NULL)", name="one_proof"),
        CheckConstraint("(redemption_id IS NULL) = (pass_id IS NULL)", name="proof_whole"),
    )  # fmt: skip


class Review(Base):
    """Stars and words of one person about one visit or redemption; one per proof, edited at most once."""

    __tablename__ = "review"
    __table_args__ = (
        *_proof("review"),
        UniqueConstraint("redemption_id"),
        UniqueConstraint("visit_id"),
        UniqueConstraint("account_id", "key"),
        CheckConstraint("rating BETWEEN 1 AND 5", name="rating_range"),
        CheckConstraint("state IN ('shown', 'hidden')", name="state_known"),
        CheckConstraint("(state = 'hidden') = (hidden_why IS NOT NULL)", name="hidden_has_reason"),
        Index("ix_review_shop", "shop_id", "state", "at"),
        Index("ix_review_account", "account_id", "at"),
        Index("uq_review_shop", "id", "shop_id", unique=True),
    )

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    redemption_id: Mapped[str | None] = mapped_column(String(16))
    pass_id: Mapped[str | None] = mapped_column(String(16))
    visit_id: Mapped[str | None] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64))
    rating: Mapped[int]
    text: Mapped[str] = mapped_column(String(2000), default="")
    state: Mapped[str] = mapped_column(String(6), default="shown")
    hidden_why: Mapped[str | None] = mapped_column(String(300))
    at: Mapped[datetime] = mapped_column(Instant)
    edited_at: Mapped[datetime | None] = mapped_column(Instant)


class ReviewPhoto(Base):
    """A picture of a review, sent by the review's own author, in this order."""

    __tablename__ = "review_photo"
    __table_args__ = (
        UniqueConstraint("review_id", "number"),
        CheckConstraint("number BETWEEN 1 AND 6", name="number_range"),
    )

    photo_id: Mapped[str] = mapped_column(ForeignKey("photo.id"), primary_key=True)
    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"))
    number: Mapped[int]


class Reply(Base):
    """What the shop answers in public; one per review, and it never removes anything."""

    __tablename__ = "reply"

    review_id: Mapped[int] = mapped_column(ForeignKey("review.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    text: Mapped[str] = mapped_column(String(1000))
    at: Mapped[datetime] = mapped_column(Instant)
    edited_at: Mapped[datetime | None] = mapped_column(Instant)


class Answer(Base):
    """Yes or no to "was it as advertised?", once per redemption; `missing` is read by the shop only."""

    __tablename__ = "answer"
    __table_args__ = (
        *_proof("answer", visits=False),
        ForeignKeyConstraint(
            ["pass_id", "terms_id"], ["pass.id", "pass.terms_id"], name="fk_answer_pass_terms"
        ),
        ForeignKeyConstraint(
            ["terms_id", "offer_id"], ["terms.id", "terms.offer_id"], name="fk_answer_own_offer"
        ),
        CheckConstraint("is_kept OR missing IS NOT NULL", name="no_says_what"),
        Index("ix_answer_offer", "offer_id"),
        Index("ix_answer_shop", "shop_id", "at"),
    )

    redemption_id: Mapped[str] = mapped_column(String(16), primary_key=True)
    pass_id: Mapped[str] = mapped_column(String(16))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    terms_id: Mapped[int]
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    is_kept: Mapped[bool]
    missing: Mapped[str | None] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(Instant)


class Line(Base):
    """One private line to the shop, without any public score."""

    __tablename__ = "line"
    __table_args__ = (
        *_proof("line"),
        UniqueConstraint("account_id", "key"),
        Index("ix_line_shop", "shop_id", "at"),
    )

    id: Mapped[intpk]
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    redemption_id: Mapped[str | None] = mapped_column(String(16))
    pass_id: Mapped[str | None] = mapped_column(String(16))
    visit_id: Mapped[str | None] = mapped_column(String(16))
    key: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(String(500))
    at: Mapped[datetime] = mapped_column(Instant)
