"""What the demo's shops sell: offers.toml as drafts that an owner could have written."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from o2o.offers.rules import Draft, Part

LIST = Path(__file__).with_name("offers.toml")
LIMITS = {"person": "per_person", "total": "total_cap", "day": "day_cap"}


@dataclass(frozen=True, slots=True)
class Keep:
    """A shop that somebody keeps: who, what it says about itself, its offers and what became of them."""

    name: str
    keeper: str
    about: str | None
    drafts: tuple[Draft, ...]
    states: tuple[str, ...]


def read_offers(today: date) -> list[Keep]:
    """Read the list; dates are counted from `today` in the town."""
    shops = tomllib.loads(LIST.read_text(encoding="utf-8"))["shop"]
    return [
        Keep(
            name=shop["name"],
            keeper=shop["keeper"],
            about=shop.get("about"),
            drafts=tuple(_draft(offer, today) for offer in shop["offers"]),
            states=tuple(offer.get("state", "on_sale") for offer in shop["offers"]),
        )
        for shop in shops
    ]


def _draft(offer: dict[str, Any], today: date) -> Draft:
    values: dict[str, Any] = {name: offer[key] for key, name in LIMITS.items() if key in offer}
    if "until" in offer:
        values["valid_until"] = today + timedelta(days=offer["until"])
    else:
        values["valid_days"] = offer["days"]
    if "hours" in offer:
        values["from_minute"], values["to_minute"] = _minutes(offer["hours"])
    if "on" in offer:
        values["weekdays"] = sum(1 << int(day) - 1 for day in offer["on"])
    return Draft(
        title=offer["title"],
        contents=tuple(Part(*part) for part in offer["parts"]),
        price=offer["price"],
        uses=offer.get("uses", 1),
        notes=offer.get("notes", ""),
        **values,
    )


def _minutes(hours: str) -> Iterator[int]:
    """Read 21:00-26:00 as minutes of the shop's day."""
    for text in hours.split("-"):
        hour, minute = text.split(":")
        yield int(hour) * 60 + int(minute)
