"""Searchable terms: folded Latin words found by their beginnings, Chinese characters and pairs of them."""

import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

LONGEST = 40  # characters of a term, as wide as its column
MOST_TERMS = 400  # of one shop; a menu of a hundred lines must not drown the index
MOST_ASKED = 8  # terms of one search; what comes after narrows nothing any more
LAST = "\U0010ffff"  # above every character: word + LAST ends the range of what begins with word

# Letters that NFKD leaves whole. ß is folded to ss by casefold().
_PLAIN = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"})
# Germans write Mueller where they cannot write Müller.
_SPELT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
HAN = (
    r"\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    r"\uac00-\ud7af\uf900-\ufaff\U00020000-\U000323af"
)
_RUN = re.compile(rf"[{HAN}]+|[^\W_{HAN}]+(?:['\u2019][^\W_{HAN}]+)*")
_IS_HAN = re.compile(rf"[{HAN}]")


class Term(NamedTuple):
    """One condition of a search: the term itself, or every term that begins with it."""

    text: str
    is_prefix: bool


def fold(text: str) -> str:
    """Fold width, case and accents: Café → cafe, Ｋａｈｖｉ → kahvi, ä → a; the marks of kana stay."""
    lowered = unicodedata.normalize("NFKC", text).casefold()
    if lowered.isascii():
        return lowered
    parts = unicodedata.normalize("NFD", lowered)
    kept = "".join(c for c in parts if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", kept).translate(_PLAIN)


def terms_of(texts: Iterable[str | None]) -> set[str]:
    """Give the terms under which texts are found, at most MOST_TERMS, those of the first texts first."""
    found: dict[str, None] = {}
    for text in texts:
        if not text:
            continue
        for term in _terms(text):
            if len(found) == MOST_TERMS:
                return set(found)
            found[term] = None
    return set(found)


def _terms(text: str) -> Iterable[str]:
    for run in _RUN.findall(fold(text)):
        if _IS_HAN.match(run):
            yield from run
            yield from (run[i : i + 2] for i in range(len(run) - 1))
            continue
        yield _word(run)
        yield from (part[:LONGEST] for part in re.split(r"['\u2019]", run)[1:] if len(part) > 1)
    spelt = unicodedata.normalize("NFKC", text).casefold().translate(_SPELT)
    if not text.isascii() and spelt != text.casefold():
        yield from (_word(run) for run in _RUN.findall(fold(spelt)) if not _IS_HAN.match(run))


def asked(query: str) -> list[Term]:
    """Split what somebody typed into conditions that must all hold; empty when there is nothing to look for.

    A lone character is a term; of a longer Chinese run every pair of neighbours must be there.
    """
    found: dict[Term, None] = {}
    for run in _RUN.findall(fold(query)):
        if not _IS_HAN.match(run):
            found[Term(_word(run), True)] = None
        elif len(run) == 1:
            found[Term(run, False)] = None
        else:
            found.update((Term(run[i : i + 2], False), None) for i in range(len(run) - 1))
    return list(found)[:MOST_ASKED]


def runs_of(query: str) -> list[str]:
    """Split what somebody typed into runs of Chinese and Latin words, folded."""
    return _RUN.findall(fold(query))


def _word(run: str) -> str:
    """Write a Latin word without its apostrophes: McDonald's is found by mcdonalds."""
    return run.replace("'", "").replace("\u2019", "")[:LONGEST]
