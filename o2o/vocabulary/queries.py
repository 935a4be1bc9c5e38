"""What other rooms may ask of the vocabulary: conditions of a search, pieces and sounds of a text, words for kinds."""

from typing import Any

from o2o.vocabulary import conditions
from o2o.vocabulary.conditions import Shape, condition
from o2o.vocabulary.kinds import Kinds, Word, kinds_of
from o2o.vocabulary.sounds import INITIALS, SOUND, SYLLABLES, Piece, pieces_of, plain, squash
from o2o.vocabulary.terms import LAST, LONGEST

__all__ = [
    "INITIALS", "LAST", "LONGEST", "SOUND", "SYLLABLES", "Kinds", "Piece", "Shape", "Word", "condition",
    "kinds_of", "pieces_of", "plain", "read", "squash",
]  # fmt: skip


def read(query: str, *, country: str = "", loose: bool = False) -> tuple[Shape, dict[str, Any]]:
    """Split a search into the shape of its condition and its values; see conditions.read()."""
    return conditions.read(query, kinds_of(country), loose=loose)
