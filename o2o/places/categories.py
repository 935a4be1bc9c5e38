"""Which OpenStreetMap tags are a consumer place, and what each kind of place is called.

The table below and docs/places.md say the same (a test compares them). Names, synonyms and icons come from
categories.json, made by tools/make_categories.py from npm @openstreetmap/id-tagging-schema (ISC).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# The order is the precedence when one object carries several of these tags: what people come for first.
PLACE_TAGS: dict[str, tuple[str, ...]] = {
    "amenity": (
        "restaurant", "cafe", "fast_food", "bar", "pub", "ice_cream", "food_court", "bank", "pharmacy",
        "clinic", "dentist", "doctors", "veterinary", "cinema", "theatre", "nightclub", "post_office",
        "car_wash", "bicycle_rental", "internet_cafe", "marketplace", "kindergarten", "language_school",
    ),
    "shop": (),
    "tourism": ("hotel", "hostel", "guest_house", "attraction", "museum", "gallery"),
    "leisure": (
        "fitness_centre", "sports_centre", "bowling_alley", "dance", "escape_game", "amusement_arcade",
    ),
    "craft": (),
    "healthcare": (),
}  # fmt: skip
_LOCAL = Path(__file__).with_name("categories_local.json")
ANY_VALUE_KEYS = ("shop", "craft", "healthcare")
NOT_A_PLACE = ("no", "vacant")
# The same thing under two tags: people filter for dentists, not for a tagging scheme.
SAME_AS = {
    "healthcare/clinic": "amenity/clinic",
    "healthcare/centre": "amenity/clinic",
    "healthcare/dentist": "amenity/dentist",
    "healthcare/doctor": "amenity/doctors",
    "healthcare/pharmacy": "amenity/pharmacy",
}


@dataclass(frozen=True, slots=True)
class Category:
    """One kind of place; `key` is stable (`amenity/cafe`, or `shop` when the value is unknown)."""

    key: str
    name_en: str
    name_zh: str
    terms_en: tuple[str, ...]
    terms_zh: tuple[str, ...]
    icon: str
    group: str

    def name(self, locale: str) -> str:
        """Say the name in Chinese for a zh locale, else in English."""
        return self.name_zh if locale.startswith("zh") else self.name_en


@dataclass(frozen=True, slots=True)
class Group:
    """One filter chip: a dozen of them hold all categories."""

    key: str
    name_en: str
    name_zh: str
    icon: str

    def name(self, locale: str) -> str:
        """Say the name in Chinese for a zh locale, else in English."""
        return self.name_zh if locale.startswith("zh") else self.name_en


def is_place_tag(key: str, value: str) -> bool:
    """Tell whether one tag alone makes an object a consumer place."""
    if value in NOT_A_PLACE or not value:
        return False
    return key in ANY_VALUE_KEYS or value in PLACE_TAGS.get(key, ())


def category_of(tags: Mapping[str, str]) -> str | None:
    """Give the category key of an object's tags, or None when it is not a consumer place.

    The keys are tried in the order of PLACE_TAGS, several values (`deli;kitchen`) in their own order. A value
    that says more wins over `yes` and over values the schema does not know, which become the plain `shop`,
    `craft` or `healthcare`.
    """
    known, _, _ = _table()
    vague: str | None = None
    for key, value in _place_tags(tags):
        found = SAME_AS.get(f"{key}/{value}", f"{key}/{value}")
        if found in known and value != "yes":
            return found
        vague = vague or (found if found in known else key)
    return vague


def variant_words(key: str, tags: Mapping[str, str]) -> tuple[str, ...]:
    """Name in both languages what the other tags add: `cuisine=pizza` gives Pizza Restaurant, 披萨餐馆."""
    found: list[str] = []
    for tag, value, *names in _table()[2].get(key, ()):
        if value in [part.strip() for part in tags.get(tag, "").split(";")]:
            found.extend(names)
    return tuple(found)


def local_names(key: str, languages: Iterable[str]) -> tuple[str, ...]:
    """Name a category in the languages of the town (`fi` gives Kahvila), so that locals find it in their own words.

    English and Chinese are in the Category itself; a language that the schema lacks adds nothing.
    """
    spoken = _local()
    names = (spoken.get(language, {}).get(key) for language in languages)
    return tuple(dict.fromkeys(name for name in names if name))


def all_categories() -> tuple[Category, ...]:
    """List every category, in the order of their keys."""
    return tuple(_table()[0].values())


def category(key: str) -> Category:
    """Find a category by its key; an unknown key raises KeyError."""
    return _table()[0][key]


def groups() -> tuple[Group, ...]:
    """List the groups in the order of the filter chips."""
    return _table()[1]


def grouped(locale: str) -> dict[str, list[tuple[str, str]]]:
    """Return keys and names by the group's name, for a select in the reader's language."""
    names = {group.key: group.name(locale) for group in groups()}
    found: dict[str, list[tuple[str, str]]] = {name: [] for name in names.values()}
    for one in all_categories():
        found[names[one.group]].append((one.key, one.name(locale)))
    return {name: sorted(rows, key=lambda row: row[1]) for name, rows in found.items()}


def _place_tags(tags: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for key in PLACE_TAGS:
        if key not in tags:
            continue
        for part in tags[key].split(";"):
            value = part.strip().lower()
            if is_place_tag(key, value):
                yield key, value


@cache
def _local() -> dict[str, dict[str, str]]:
    spoken: dict[str, dict[str, str]] = json.loads(_LOCAL.read_text(encoding="utf-8"))
    return spoken


@cache
def _table() -> tuple[dict[str, Category], tuple[Group, ...], dict[str, list[list[str]]]]:
    data = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
    known: dict[str, Category] = {}
    for row in data["categories"]:
        row["terms_en"] = tuple(row["terms_en"])
        row["terms_zh"] = tuple(row["terms_zh"])
        known[row["key"]] = Category(**row)
    variants: dict[str, list[list[str]]] = {}
    for key, *rest in data["variants"]:
        variants.setdefault(key, []).append(rest)
    return known, tuple(Group(**row) for row in data["groups"]), variants
