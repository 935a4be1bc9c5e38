"""What happens to the town's listings and index: imported, indexed."""

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.basemap import rules as basemap
from o2o.basemap.rules import Plan, Shape
from o2o.discovery.ranking import mean as mean
from o2o.kernel import journal
from o2o.kernel.errors import RuleBroken
from o2o.kernel.geo import BBox, haversine
from o2o.kernel.words import N_
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop
from o2o.vocabulary.rules import reindex

FARTHEST = 100_000  # metres from the town's centre; a file from beyond is of another town


@dataclass(slots=True)
class Report:
    """What an import did to the listings; `drawn` says that the basemap changed."""

    counts: Counter[str] = field(default_factory=Counter)
    gone: list[str] = field(default_factory=list)
    drawn: bool = False

    @property
    def changed(self) -> bool:
        """Tell whether anything is different now."""
        return self.drawn or any(self.counts[name] for name in ("added", "updated", "gone"))


@dataclass(slots=True)
class Sheet:
    """One file's content: its places, its shapes, and the box inside which it knows everything."""

    places: Sequence[shop_rules.Listed]
    shapes: Sequence[Shape]
    box: BBox | None


@dataclass(slots=True)
class TownName:
    """How a town is founded: its names, and what its coordinates would say otherwise."""

    zh: str
    en: str
    timezone: str | None = None
    country: str | None = None
    currency: str | None = None
    centre: tuple[float, float] | None = None


def import_town(session: Session, *, sheets: Sequence[Sheet], plan: Plan, name: TownName) -> Report:
    """Take over what map files say: town, listings, basemap, index, fact town.imported; one transaction.

    Founds the town on its first import. Raises RuleBroken for a demo town, for a file of another place, and
    when zone, country or currency are given and differ from the town's.
    """
    places = {place.osm_id: place for sheet in sheets for place in sheet.places}
    if not check_town(session, sheets=sheets, name=name):
        _found(session, _middle(sheets), name)
    report = Report()
    known = {str(row.osm_id): row for row in session.scalars(select(Shop).where(Shop.osm_id.is_not(None)))}
    touched: list[int] = []
    for osm_id, place in places.items():
        row = known.get(osm_id)
        if row is None:
            touched.append(shop_rules.add_listing(session, place=place, tell=False).id)
            report.counts["added"] += 1
            continue
        what = shop_rules.update_listing(session, shop=row, place=place, tell=False)
        report.counts[what] += 1
        if what == "updated":
            touched.append(row.id)
    boxes = [sheet.box for sheet in sheets if sheet.box]
    for osm_id, row in known.items():
        left_out = osm_id not in places and any(box.contains(row.lat, row.lng) for box in boxes)
        if left_out and shop_rules.mark_gone(session, shop=row, tell=False):
            report.counts["gone"] += 1
            report.gone.append(f"{row.osm_id} {row.name}")
            touched.append(row.id)
    session.flush()
    reindex(session, shop_ids=touched)
    report.drawn = basemap.draw_map(session, plan=plan, has_osm=True)
    if report.changed:
        counts = {what: report.counts[what] for what in ("added", "updated", "gone")}
        journal.record(session, "town.imported", **counts)
    return report


def check_town(session: Session, *, sheets: Sequence[Sheet], name: TownName) -> bool:
    """Tell whether a town stands already, after checking that these files belong to it; reads only."""
    middle = _middle(sheets)
    town = shops.town(session)
    if town is None:
        return False
    if town.is_demo:
        raise RuleBroken(
            "demo_town",
            N_("This database holds the demo town. Import a real one into a database of its own."),
        )
    away = haversine(*middle, town.lat, town.lng)
    if away > FARTHEST:
        sentence = N_(
            "This file is of another place, %(km)s km from %(town)s. Give it a database of its own."
        )
        raise RuleBroken("other_town", sentence, km=round(away / 1000), town=town.name_en)
    for what in ("timezone", "country", "currency"):
        wanted = getattr(name, what)
        if wanted and wanted.lower() != getattr(town, what).lower():
            sentence = N_("This town was founded with %(what)s %(is)s, and that stays.")
            raise RuleBroken("founded_otherwise", sentence, **{"what": what, "is": getattr(town, what)})
    return True


def _found(session: Session, middle: tuple[float, float], name: TownName) -> None:
    """Found the town, where its shops are unless somebody says otherwise."""
    lat, lng = name.centre or middle
    zone: dict[str, Any] = {"timezone": name.timezone, "country": name.country, "currency": name.currency}
    shop_rules.found_town(session, name_zh=name.zh, name_en=name.en, lat=lat, lng=lng, has_osm=True, **zone)


def _middle(sheets: Sequence[Sheet]) -> tuple[float, float]:
    """Give the median position of the places of all files."""
    places = [place for sheet in sheets for place in sheet.places]
    if not places:
        raise RuleBroken(
            "no_places", N_("There is no shop in this file, so nobody could find anything here.")
        )
    return statistics.median(place.lat for place in places), statistics.median(place.lng for place in places)
