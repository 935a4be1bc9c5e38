"""What a visitor asks for: the parameters of an address, checked one by one."""

import unicodedata
from collections.abc import Mapping
from typing import NamedTuple

from o2o.kernel.geo import BBox, round_position
from o2o.kernel.words import N_
from o2o.places import categories

LONGEST_QUERY = 100
LAST_PAGE = 500
SORTS = ("near", "rating", "price")
SWITCH = {"": False, "0": False, "1": True}

# What is said about a parameter that makes no sense; it is then left out and the rest is answered.
FAULTS = {
    "q": N_("Please search with at most 100 characters."),
    "category": N_("We do not know that category. Choose one of those below."),
    "open": N_("“Open now” is either on or off."),
    "offer": N_("“Has an offer” is either on or off."),
    "bbox": N_("That is not a part of the map. Move the map and search again."),
    "position": N_("That is not a position on Earth. Tap “Near me” again."),
    "sort": N_("We sort by distance, by points or by price."),
    "exact": N_("“Exactly as typed” is either on or off."),
    "page": N_("There is no such page. Here is the first one."),
}


class Filters(NamedTuple):
    """A search; `category` is a key or a group's key, `box` in degrees, `lat`, `lng` the visitor's position."""

    q: str = ""
    category: str = ""
    open: bool = False
    offer: bool = False
    box: BBox | None = None
    lat: float | None = None
    lng: float | None = None
    sort: str = "near"
    page: int = 1
    # Only what was typed, nothing like it; and (never in an address) letters by their sound and as initials too.
    exact: bool = False
    loose: bool = False

    @property
    def is_narrow(self) -> bool:
        """Tell whether anything is filtered out."""
        return bool(self.q or self.category or self.open or self.offer or self.box)

    @property
    def has_position(self) -> bool:
        """Tell whether the visitor said where they are."""
        return self.lat is not None

    def params(self) -> dict[str, str]:
        """Give the address parameters of this search, without what is usual."""
        found = {"q": self.q, "category": self.category}
        found["open"] = "1" if self.open else ""
        found["offer"] = "1" if self.offer else ""
        found["sort"] = "" if self.sort == "near" else self.sort
        found["bbox"] = ",".join(f"{value:.5f}" for value in self.box) if self.box else ""
        if self.lat is not None and self.lng is not None:
            found["lat"], found["lng"] = f"{self.lat:g}", f"{self.lng:g}"
        found["exact"] = "1" if self.exact else ""
        found["page"] = str(self.page) if self.page > 1 else ""
        return {name: value for name, value in found.items() if value}


def read_filters(args: Mapping[str, str]) -> tuple[Filters, list[str]]:
    """Read a search from an address; also list the parameters (keys of FAULTS) that make no sense."""
    faults: list[str] = []
    values: dict[str, object] = {}
    for name, read in READERS.items():
        text = args.get(name)
        if not text:
            continue
        try:
            values["box" if name == "bbox" else name] = read(text if name == "q" else text.strip())
        except ValueError:
            faults.append(name)
    try:
        values.update(_position(args.get("lat", "").strip(), args.get("lng", "").strip()))
    except ValueError:
        faults.append("position")
    return Filters(**values), faults  # type: ignore[arg-type]


def _query(text: str) -> str:
    kept = "".join(c if unicodedata.category(c)[0] != "C" else " " for c in text)
    kept = " ".join(kept.split())
    if len(kept) > LONGEST_QUERY:
        raise ValueError(text)
    return kept


def _category(text: str) -> str:
    if not text or text in {group.key for group in categories.groups()}:
        return text
    try:
        return categories.category(text).key
    except KeyError as error:
        raise ValueError(text) from error


def _switch(text: str) -> bool:
    if text not in SWITCH:
        raise ValueError(text)
    return SWITCH[text]


def _box(text: str) -> BBox | None:
    return BBox.parse(text) if text else None


def _sort(text: str) -> str:
    if text and text not in SORTS:
        raise ValueError(text)
    return text or SORTS[0]


def _page(text: str) -> int:
    if not text:
        return 1
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and 1 <= int(text) <= LAST_PAGE):
        raise ValueError(text)
    return int(text)


def _position(lat: str, lng: str) -> dict[str, float]:
    """Round a position to about 100 m: nothing finer is used, whatever was sent."""
    if not lat and not lng:
        return {}
    box = BBox.parse(f"{lng},{lat},{lng},{lat}")
    rounded = round_position(box.south, box.west)
    return {"lat": rounded[0], "lng": rounded[1]}


READERS = {
    "q": _query,
    "category": _category,
    "open": _switch,
    "offer": _switch,
    "bbox": _box,
    "sort": _sort,
    "exact": _switch,
    "page": _page,
}
