"""A place of the town as its OpenStreetMap tags tell it, cleaned for a listing."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from urllib.parse import urlsplit

from o2o.osm.shape import Point
from o2o.places.categories import PLACE_TAGS, category_of, variant_words

LONGEST_NAME = 120
LONGEST_WORDS = 400
_HAN = re.compile(r"[\u3400-\u9fff]")
_SPACE = re.compile(r"\s+")
# name:etymology and the like say something about the name; name:zh_pinyin and name:sr-Latn are names.
_LANGUAGE = re.compile(r"name:[a-z]{2,3}([-_][A-Za-z0-9]+)*")
_OTHER_NAMES = ("alt_name", "short_name", "official_name", "loc_name", "old_name", "branch")
_BRANDS = ("brand", "brand:zh", "brand:en")
_ADDRESS = (
    "province", "city", "district", "subdistrict", "street", "place", "housenumber", "housename", "postcode",
)  # fmt: skip
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?!\d)")


@dataclass(slots=True)
class Place:
    """One consumer place: id like node/123, degrees WGS-84, texts trimmed, None where the map is silent."""

    osm_id: str
    name: str
    name_zh: str | None
    name_en: str | None
    category: str
    tag: str
    lat: float
    lng: float
    address: str | None
    phone: str | None
    website: str | None
    opening_hours: str | None
    wheelchair: str | None
    brand: str | None
    brand_zh: str | None
    brand_en: str | None
    words: tuple[str, ...]
    tag_count: int

    def take_missing(self, other: Place) -> None:
        """Fill the fields that are None with those of the same place mapped a second time."""
        for field in fields(self):
            if getattr(self, field.name) is None:
                setattr(self, field.name, getattr(other, field.name))
        self.words = tuple(dict.fromkeys((*self.words, *other.words)))


def clean(text: str | None, longest: int) -> str | None:
    """Trim a text: no control or direction marks, single spaces, at most `longest` characters."""
    if not text:
        return None
    kept = "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Cn") else " " for c in text)
    return _SPACE.sub(" ", kept).strip()[:longest].strip() or None


def is_closed_for_good(tags: Mapping[str, str]) -> bool:
    """Tell whether the object says that it is no longer in use."""
    return any(tags.get(key, "no") != "no" for key in ("disused", "abandoned", "demolished", "razed"))


def place_of(osm_id: str, tags: Mapping[str, str], point: Point) -> Place | None:
    """Make the place of an object that has a category; None when it has neither name nor brand."""
    category = category_of(tags)
    name = _name(tags)
    if category is None or name is None:
        return None
    chinese = tags.get("name:zh-Hans") or tags.get("name:zh") or tags.get("name:zh-CN")
    name_zh = clean(chinese, LONGEST_NAME)
    name_en = clean(tags.get("name:en") or tags.get("int_name"), LONGEST_NAME)
    site = tags.get("website") or tags.get("contact:website") or tags.get("url")
    return Place(
        osm_id=osm_id,
        name=name,
        name_zh=name_zh,
        name_en=name_en,
        category=category,
        tag=next(f"{key}={tags[key]}"[:60] for key in PLACE_TAGS if category_of({key: tags.get(key, "")})),
        lat=point[0],
        lng=point[1],
        address=address_of(tags),
        phone=_phone(tags),
        website=website_of(site),
        opening_hours=clean(tags.get("opening_hours"), 400),
        wheelchair=tags.get("wheelchair") if tags.get("wheelchair") in ("yes", "limited", "no") else None,
        brand=clean(tags.get("brand"), LONGEST_NAME),
        brand_zh=clean(tags.get("brand:zh"), LONGEST_NAME),
        brand_en=clean(tags.get("brand:en"), LONGEST_NAME),
        words=_words(category, tags, (name, name_zh, name_en)),
        tag_count=len(tags),
    )


def _name(tags: Mapping[str, str]) -> str | None:
    languages = sorted(key for key in tags if _LANGUAGE.fullmatch(key))
    order = ("name", "name:zh-Hans", "name:zh", "name:en", "int_name", *languages, *_BRANDS)
    return next((name for key in order if (name := clean(tags.get(key), LONGEST_NAME))), None)


def _words(category: str, tags: Mapping[str, str], names: Sequence[str | None]) -> tuple[str, ...]:
    """Collect what else people may search for, at most LONGEST_WORDS characters with one space between."""
    texts = [tags[key] for key in sorted(tags) if _LANGUAGE.fullmatch(key)]
    texts += [tags[key] for key in (*_OTHER_NAMES, *_BRANDS) if key in tags]
    texts += tags.get("cuisine", "").replace("_", " ").split(";")
    texts += variant_words(category, tags)
    texts += [tags.get("operator", "")]
    kept: dict[str, str] = {}
    room = LONGEST_WORDS
    for text in texts:
        for part in text.split(";"):
            word = clean(part, 80)
            if word and word not in names and word.casefold() not in kept and len(word) < room:
                kept[word.casefold()] = word
                room -= len(word) + 1
    return tuple(kept.values())


def address_of(tags: Mapping[str, str]) -> str | None:
    """Write the address as locals do: 北京市海淀区成府路28号 or "Street 5, 00100 City"; addr:full wins."""
    full = clean(tags.get("addr:full"), 240)
    if full:
        return full
    part = {key: clean(tags.get(f"addr:{key}"), 100) or "" for key in _ADDRESS}
    street = part["street"] or part["place"]
    number = part["housenumber"] or part["housename"]
    if not street and not part["city"]:
        return None
    if _HAN.search(street or part["city"]):
        area = [part[key] for key in ("province", "city", "district", "subdistrict") if part[key]]
        house = f"{number}号" if number.isdigit() else number
        return clean("".join([*dict.fromkeys(area), street, house]), 240)
    town = " ".join(filter(None, (part["postcode"].split(";")[0].strip(), part["city"])))
    line = " ".join(filter(None, (street, number))) if street else ""
    return clean(", ".join(filter(None, (line, town))), 240)


def _phone(tags: Mapping[str, str]) -> str | None:
    for key in ("phone", "contact:phone", "contact:mobile", "mobile"):
        first = clean(tags.get(key, "").split(";")[0], 40)
        if first and sum(c.isdigit() for c in first) >= 3:
            return first
    return None


def website_of(raw: str | None) -> str | None:
    """Give the web address with its scheme; None for anything but http and https on a plain host."""
    text = (raw or "").strip().split(";http")[0].split("; ")[0]
    if not text or clean(text, 300) != text or " " in text:
        return None
    if not _SCHEME.match(text):
        text = "https://" + text.removeprefix("//")
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 - raises for a port that is no number
    except ValueError:
        return None
    host = parts.hostname or ""
    is_plain = "." in host and "@" not in parts.netloc and not set(host) & set('<>"\\')
    return text if is_plain and parts.scheme in ("http", "https") else None
