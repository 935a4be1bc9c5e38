"""What a map says of a place: what a listing takes from it, and its fingerprint."""

import hashlib
import json
from typing import Protocol

from o2o.shops.models import Shop

COPIED = (
    "osm_id", "name", "name_zh", "name_en", "category", "lat", "lng", "address", "phone", "website",
    "wheelchair", "brand",
)  # fmt: skip
LONGEST_WORDS = 400
# What stands for the digest of a place that must not come back with the next import: because the operator said so,
# or because its owner left while it was delisted, and until that is lifted.
TAKEN_DOWN = "taken down"
LEFT_DELISTED = "left while delisted"
KEPT_OFF = (TAKEN_DOWN, LEFT_DELISTED)


class Listed(Protocol):
    """What a map or a generator says about a place; see osm_place.Place."""

    osm_id: str
    name: str
    name_zh: str | None
    name_en: str | None
    category: str
    lat: float
    lng: float
    address: str | None
    phone: str | None
    website: str | None
    opening_hours: str | None
    wheelchair: str | None
    brand: str | None
    words: tuple[str, ...]


def place_digest(place: Listed) -> str:
    """Fingerprint everything that a listing takes from its source."""
    return _digest([getattr(place, name) for name in COPIED], place.opening_hours, listed_words(place))


def shop_digest(shop: Shop) -> str:
    """Fingerprint what a shop says now, as if it were such a place: equal where nobody changed the map's words."""
    return _digest([getattr(shop, name) for name in COPIED], shop.hours, shop.words)


def listed_words(place: Listed) -> str:
    """Return the words by which a place is found beside its names, as a listing keeps them."""
    return " ".join(place.words)[:LONGEST_WORDS]


def _digest(said: list[object], hours: str | None, words: str) -> str:
    text = json.dumps([*said, hours, words], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
