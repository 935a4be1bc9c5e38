"""Clustered towns for searches, and the plain truth to compare with."""

import math
import random
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from o2o.discovery import rules
from o2o.discovery.filters import Filters
from o2o.discovery.queries import Near
from o2o.kernel.geo import zkey
from o2o.offers.models import Offer, Terms
from o2o.shops.models import Shop
from tests.factories import LAT, LNG, make_town

KINDS = ("amenity/cafe", "amenity/restaurant", "shop/books", "amenity/bank")


def make_many(session: Session, count: int, now: datetime, seed: int = 1) -> list[dict[str, Any]]:
    """Fill the town with clusters, twins on one spot, shops without hours, and offers at some."""
    make_town(session)
    dice = random.Random(seed)
    centres = [(LAT + dice.gauss(0, 0.02), LNG + dice.gauss(0, 0.02)) for _ in range(6)]
    rows: list[dict[str, Any]] = []
    offers: list[dict[str, Any]] = []
    terms: list[dict[str, Any]] = []
    for number in range(1, count + 1):
        lat, lng = dice.choice(centres)
        spread = dice.choice((0.0001, 0.001, 0.01))
        lat, lng = lat + dice.gauss(0, spread), lng + dice.gauss(0, spread)
        if rows and number % 10 == 0:
            lat, lng = rows[-1]["lat"], rows[-1]["lng"]
        start = None if number % 3 == 0 else now + timedelta(hours=dice.randrange(-9, 9))
        end = start + timedelta(hours=8) if start else None
        live = number % 7 == 0
        status = "gone" if number % 50 == 0 else "claimed" if live else "unclaimed"
        row = {"id": number, "name": f"店{number}", "category": dice.choice(KINDS), "lat": lat, "lng": lng}
        row |= {"zkey": zkey(lat, lng), "live": live and status != "gone", "status": status}
        row |= {"open_from": start, "open_to": end, "words": "", "version": 1}
        rows.append(row | {"created_at": now, "updated_at": now})
        if row["live"]:
            price = dice.randrange(1000, 1010)
            made = {"created_at": now, "created_by": "system"}
            offers.append({"id": number, "shop_id": number, "state": "on_sale", "terms_id": number, **made})
            what = {"title": "双人套餐", "contents": [["红茶", 1, price]], "notes": "", "currency": "CNY"}
            what |= {"price": price, "parts_price": price, "uses": 1, "valid_days": 30, "weekdays": 127}
            what |= {"refund_before_use": True, "refund_at_expiry": True, "version": 1, **made}
            terms.append({"id": number, "offer_id": number, "shop_id": number, **what})
            rows[-1]["price"] = price
    columns = [{name: value for name, value in row.items() if name != "price"} for row in rows]
    for table, values in ((Shop, columns), (Offer, offers), (Terms, terms)):
        if values:
            session.execute(insert(table), values)
    rules.reindex(session, shop_ids=list(session.scalars(select(Shop.id))))
    return rows


def truth(rows: list[dict[str, Any]], filters: Filters, at: Near, now: datetime) -> list[int]:
    """Find and sort by looking at everything."""
    shrink = math.cos(math.radians(at.lat))
    found = []
    for row in rows:
        is_open = row["open_from"] is not None and row["open_from"] <= now < row["open_to"]
        wrong = (
            row["status"] == "gone" or (filters.open and not is_open) or (filters.offer and not row["live"])
        )
        wrong = wrong or (filters.category and row["category"] != filters.category)
        if wrong or (filters.box and not filters.box.contains(row["lat"], row["lng"])):
            continue
        north, east = row["lat"] - at.lat, (row["lng"] - at.lng) * shrink
        squared = north * north + east * east
        rank = (row.get("price") or 2**62) if filters.sort == "price" else (not is_open)
        found.append(((rank, squared, row["id"]), row["id"]))
    return [shop_id for _key, shop_id in sorted(found)]
