"""The index of words; all of it can be rebuilt from the shops and their offers (`flask reindex`)."""

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from o2o.kernel.db import Base, intpk

# Byte order on both databases, so that a prefix is one index range.
BYTES = String(40, collation="C").with_variant(String(40), "sqlite")


class ShopTerm(Base):
    """One searchable term of one shop: folded Latin words (found by prefix), Chinese characters and bigrams."""

    __tablename__ = "shop_term"

    term: Mapped[str] = mapped_column(BYTES, primary_key=True)
    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True, index=True)


class Phrase(Base):
    """A name, brand or dish as it is written, once however many shops use it."""

    __tablename__ = "phrase"

    id: Mapped[intpk]
    text: Mapped[str] = mapped_column(String(120), unique=True)


class PhraseUse(Base):
    """Which shop uses a phrase, and as what: name, brand, dish or word."""

    __tablename__ = "phrase_use"
    __table_args__ = (
        Index("ix_phrase_use_phrase", "phrase_id", "kind", "shop_id"),
        {"sqlite_with_rowid": False},
    )

    shop_id: Mapped[int] = mapped_column(ForeignKey("shop.id"), primary_key=True)
    phrase_id: Mapped[int] = mapped_column(ForeignKey("phrase.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(5), primary_key=True)


class PhraseKey(Base):
    """How a phrase can begin when it is typed, from its piece number `start` on; see sounds.keys_of()."""

    __tablename__ = "phrase_key"
    __table_args__ = (Index("ix_phrase_key_phrase", "phrase_id"), {"sqlite_with_rowid": False})

    key: Mapped[str] = mapped_column(BYTES, primary_key=True)
    phrase_id: Mapped[int] = mapped_column(ForeignKey("phrase.id", ondelete="CASCADE"), primary_key=True)
    start: Mapped[int] = mapped_column(primary_key=True)
