"""What a guide's page prints: the list's own cards with the operator's lines, pins, and the same for machines."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import orjson
from flask import current_app
from markupsafe import Markup
from sqlalchemy.orm import Session

from o2o.discovery.cards import View, print_cards
from o2o.guides.queries import Place
from o2o.kernel import clock
from o2o.shops import queries as shops
from o2o.shops.queries import TownInfo


class Printed(NamedTuple):
    """Ready cards, and their pins as JSON for an attribute."""

    cards: Markup
    pins: Markup


def printed(session: Session, places: Sequence[Place], town: TownInfo, locale: str) -> Printed:
    """Print the shops of a guide in its order."""
    view = View(locale, town.zone, clock.now())
    made = print_cards(session, [place.shop.id for place in places], view)
    line: Any = current_app.jinja_env.get_template("guides/_stop.html").module
    cards, pins = [], []
    for place in places:
        card = made[place.shop.id]
        said = line.stop(place.note, place.is_paid) if place.note or place.is_paid else ""
        cards.append(card.html.replace("</article>", f"{said}</article>"))
        pins.append(card.pin)
    return Printed(Markup("".join(cards)), Markup(f"[{','.join(pins)}]"))  # noqa: S704 - escaped by both macros


def json_ld(title: str, about: str, places: Sequence[Place], *, base: str, here: str, locale: str) -> Markup:
    """Describe a guide to machines (schema.org ItemList), escaped for a script element."""
    items = [
        {
            "@type": "ListItem",
            "position": number,
            "url": f"{base}/shops/{place.shop.id}",
            "name": shops.shop_name(place.shop, locale),
        }
        for number, place in enumerate(places, 1)
    ]
    body: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "ItemList",
        "@id": here,
        "url": here,
        "name": title,
        "description": about,
        "inLanguage": locale,
        "itemListOrder": "https://schema.org/ItemListOrderAscending",
        "numberOfItems": len(items),
        "itemListElement": items,
    }
    text = orjson.dumps({name: value for name, value in body.items() if value}).decode()
    # Neither a closing tag nor a comment inside a name may end the script element.
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return Markup(text)  # noqa: S704
