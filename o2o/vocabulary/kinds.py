"""The kinds of places as words: what a category or group is called and the synonyms, in the languages of the town.

They stand in the code, so they are looked up in memory and never in a table: a changed synonym needs no new index.
"""

from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property, lru_cache
from typing import NamedTuple

from babel.languages import get_official_languages

from o2o.places import categories
from o2o.vocabulary.sounds import keys_of, pieces_of, squash
from o2o.vocabulary.terms import LAST, Term, terms_of


class Word(NamedTuple):
    """A word for kinds: as written, the categories it stands for, and whether it is a name (no synonym)."""

    text: str
    keys: tuple[str, ...]
    is_name: bool
    # What a search by filter would be called: the key of one category or group, "" when it is several.
    key: str


class Kinds:
    """All words for kinds, found by term and by key."""

    def __init__(self, languages: Iterable[str]) -> None:
        self.words = list(_words(tuple(languages)))
        found: dict[str, set[str]] = {}
        for word in self.words:
            for term in terms_of([word.text]):
                found.setdefault(term, set()).update(word.keys)
        self.terms = sorted(found)
        self.of_term = {term: frozenset(keys) for term, keys in found.items()}

    @cached_property
    def keys(self) -> list[tuple[str, int, int]]:
        """List (key, number of the word, piece at which it begins) in order."""
        return sorted(
            (key, number, start)
            for number, word in enumerate(self.words)
            for key, start in keys_of(word.text)
        )

    @cached_property
    def firsts(self) -> list[str]:
        """List the keys alone."""
        return [key for key, _number, _start in self.keys]

    def first(self, key: str) -> str | None:
        """Give the first key that begins so."""
        low = bisect_left(self.firsts, key)
        found = self.firsts[low] if low < len(self.firsts) else ""
        return found if found.startswith(key) else None

    def with_term(self, term: Term) -> frozenset[str]:
        """Give the categories that a searched term names."""
        if not term.is_prefix:
            return self.of_term.get(term.text, frozenset())
        low = bisect_left(self.terms, term.text)
        high = bisect_left(self.terms, term.text + LAST)
        return frozenset().union(*(self.of_term[text] for text in self.terms[low:high]))

    def beginning(self, key: str, most: int = 400) -> list[tuple[str, Word, int]]:
        """Give (key, word, start) of the words that begin so."""
        low = bisect_left(self.keys, (key,))
        found = []
        for whole, number, start in self.keys[low : low + most]:
            if not whole.startswith(key):
                break
            found.append((whole, self.words[number], start))
        return found

    def sounding(self, sound: str) -> frozenset[str]:
        """Give the categories whose words begin with a sound: one whole character and some of the next at least."""
        found = [
            word.keys
            for _whole, word, start in self.beginning(sound)
            if len(sound) - 1 > len(pieces_of(word.text)[start].sound)
        ]
        return frozenset().union(*found)

    def abbreviated(self, initials: str) -> frozenset[str]:
        """Give the categories whose names have these initials, or begin with them."""
        found = [word.keys for _whole, word, start in self.beginning(initials) if word.is_name and not start]
        return frozenset().union(*found)


def _words(languages: tuple[str, ...]) -> Iterable[Word]:
    """Give every word once with all it stands for: 饮料 may be a group and a synonym of two categories."""
    meant: dict[str, dict[str, None]] = {}
    names: dict[str, tuple[str, str]] = {}
    members: dict[str, list[str]] = {}
    for kind in categories.all_categories():
        members.setdefault(kind.group, []).append(kind.key)
        own = (kind.name_zh, kind.name_en, *categories.local_names(kind.key, languages))
        for text in (*own, *kind.terms_zh, *kind.terms_en):
            meant.setdefault(text, {})[kind.key] = None
        for text in own:
            names.setdefault(squash(text), (text, kind.key))
    for group in categories.groups():
        for text in (group.name_zh, group.name_en):
            meant.setdefault(text, {}).update(dict.fromkeys(members.get(group.key, ())))
            names[squash(text)] = (text, group.key)
    for text, keys in meant.items():
        name = names.get(squash(text))
        key = name[1] if name else (next(iter(keys)) if len(keys) == 1 else "")
        yield Word(text, tuple(keys), name is not None and name[0] == text, key)


@lru_cache(maxsize=4)
def kinds_of(country: str) -> Kinds:
    """Give the words for kinds in Chinese, English and what people of a country read (CLDR)."""
    languages = get_official_languages(country, regional=True, de_facto=True) if country else ()
    return Kinds(languages)
