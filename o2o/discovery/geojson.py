"""The town for machines: GeoJSON (RFC 7946) of a search, everything in one answer."""

from datetime import datetime

import orjson
from sqlalchemy.orm import Session

from o2o.discovery import queries
from o2o.discovery.filters import Filters
from o2o.discovery.ranking import mean
from o2o.shops.queries import TownInfo

MOST = 200_000
CREDIT = "© OpenStreetMap contributors, ODbL 1.0, https://www.openstreetmap.org/copyright"


def collection(session: Session, town: TownInfo | None, filters: Filters, *, now: datetime) -> bytes:
    """Write every shop that a search finds as a feature, in the order of ids; names as the shop writes them."""
    rows = queries.matching(session, filters, now=now, most=MOST) if town else []
    features = [
        {
            "type": "Feature",
            "id": row.id,
            "geometry": {"type": "Point", "coordinates": [row.lng, row.lat]},
            "properties": {
                "id": row.id,
                "name": row.name,
                "name_zh": row.name_zh,
                "name_en": row.name_en,
                "category": row.category,
                "osm_id": row.osm_id,
                "address": row.address,
                "phone": row.phone,
                "website": row.website,
                "opening_hours": row.hours,
                "wheelchair": row.wheelchair,
                "claimed": row.status == "claimed",
                "rating": round(mean(row.rating_sum, row.rating_count), 2) if row.rating_count else None,
                "ratings": row.rating_count,
            },
        }
        for row in rows
    ]
    credit = {"attribution": CREDIT} if town and town.has_osm else {}
    return orjson.dumps({"type": "FeatureCollection", **credit, "features": features})
