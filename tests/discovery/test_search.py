"""Every page of every search is what looking at all shops would give, on both databases."""

import random
from itertools import pairwise

import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from o2o.discovery import queries, rules, statements
from o2o.discovery.filters import Filters
from o2o.discovery.queries import Near, count, search
from o2o.kernel import clock, journal
from o2o.kernel.geo import BBox, haversine
from o2o.kernel.journal import Fact
from tests.discovery.towns import make_many, truth
from tests.factories import LAT, LNG, make_shop, make_terms

BOX = BBox(LNG - 0.01, LAT - 0.01, LNG + 0.012, LAT + 0.008)
EARTH = BBox(-180, -90, 180, 90)
SEARCHES = [
    Filters(),
    Filters(open=True),
    Filters(offer=True),
    Filters(category="amenity/cafe"),
    Filters(category="amenity/cafe", offer=True, open=True),
    Filters(box=BOX),
    Filters(box=BOX, open=True),
    Filters(box=EARTH),
    Filters(sort="price"),
    Filters(sort="price", category="shop/books", box=BOX),
    Filters(sort="price", open=True),
    Filters(sort="price", offer=True),
]
PLACES = [Near(LAT, LNG), Near(LAT + 0.02, LNG - 0.03), Near(LAT + 2, LNG + 2), Near(-33.9, 151.2)]


@pytest.mark.parametrize("size", [0, 7, 1500])
def test_pages_are_the_truth(session: Session, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "FEW", 60)
    now = clock.now()
    rows = make_many(session, size, now)
    session.commit()
    for filters in SEARCHES:
        for at in PLACES:
            wanted = truth(rows, filters, at, now)
            for page in (1, 2, 3, 1 + len(wanted) // 20, 400):
                found = search(session, filters._replace(page=page), at=at, now=now)
                assert found.total == len(wanted), filters
                shown = [row.id for row in found.rows]
                assert shown == wanted[20 * (page - 1) : 20 * page], (filters, at, page)


def test_turning_pages_repeats_and_loses_nothing(session: Session) -> None:
    now = clock.now()
    rows = make_many(session, 900, now)
    at = Near(LAT, LNG)
    seen: list[int] = []
    for page in range(1, 50):
        seen += [row.id for row in search(session, Filters(page=page), at=at, now=now).rows]
    assert seen == truth(rows, Filters(), at, now)


def test_near_orders_like_the_great_circle(session: Session) -> None:
    now = clock.now()
    rows = {row["id"]: row for row in make_many(session, 800, now)}
    dice = random.Random(3)
    for _ in range(30):
        at = Near(LAT + dice.gauss(0, 0.05), LNG + dice.gauss(0, 0.05))
        found = queries.nearest(session, at=at, offer=False)
        metres = [haversine(at.lat, at.lng, rows[row.id]["lat"], rows[row.id]["lng"]) for row in found]
        assert all(later > sooner * 0.999 - 0.01 for sooner, later in pairwise(metres))
        beyond = (
            set(rows) - {row.id for row in found} - {n for n, row in rows.items() if row["status"] == "gone"}
        )
        nearest = min(haversine(at.lat, at.lng, rows[n]["lat"], rows[n]["lng"]) for n in beyond)
        assert nearest > metres[-1] * 0.999 - 0.01


def test_words_narrow(session: Session) -> None:
    cafe = make_shop(session, "雪侬舍咖啡", name_en="Xuenong Café", brand="Snow")
    burger = make_shop(session, "麦当劳", name_en="McDonald's", category="amenity/fast_food", words="汉堡")
    gone = make_shop(session, "麦当劳", status="gone")
    make_terms(session, burger, title="板烧鸡腿堡套餐", contents=[["可乐", 1, 5000]])
    rules.reindex(session, shop_ids=[cafe.id, burger.id, gone.id])

    def found(text: str, **more: object) -> set[int]:
        filters = Filters(q=text, **more)  # type: ignore[arg-type]
        at, now = Near(LAT, LNG), clock.now()
        rows = search(session, filters, at=at, now=now).rows
        assert count(session, filters, at=at, now=now).total == len(rows)
        return {row.id for row in rows}

    assert (
        found("麦当")
        == found("麦")
        == found("mcdo")
        == found("汉堡")
        == found("鸡腿")
        == found("可乐")
        == {burger.id}
    )
    assert found("咖啡") == found("cafe") == found("CAFÉ xuen") == found("snow") == {cafe.id}
    assert found("麦当 咖啡") == found("!!!") == found("nowhere") == set()
    assert found("咖啡", category="amenity/fast_food") == set()
    assert found("麦", offer=True) == {burger.id}


def test_a_towns_own_language_is_understood(session: Session) -> None:
    from tests.factories import make_town

    make_town(session, country="FI", timezone="Europe/Helsinki", currency="EUR", lat=60.17, lng=24.94)
    shop = make_shop(session, "Roasberg", lat=60.17, lng=24.94)
    rules.reindex(session, shop_ids=[shop.id])
    for word in ("kahvila", "café", "咖啡馆"):
        rows = search(session, Filters(q=word), at=Near(60.17, 24.94), now=clock.now()).rows
        assert [row.id for row in rows] == [shop.id], word


PLANS = [
    Filters(q="麦当"),
    Filters(q="cafe bar"),
    Filters(q="麦当 cafe", category="amenity/cafe"),
    Filters(q="k", offer=True, open=True),
]


@pytest.mark.parametrize("filters", PLANS)
def test_text_is_found_by_index_ranges(session: Session, filters: Filters) -> None:
    now = clock.now()
    make_many(session, 3000, now)
    session.commit()
    shape, values = queries.shape_of(filters, at=Near(LAT, LNG), now=now)
    assert "shop_term" not in scanned(session, statements.count(shape, "open"), values)


@pytest.mark.parametrize("filters", [Filters(), Filters(offer=True), Filters(category="amenity/cafe")])
def test_the_nearest_are_found_by_index_ranges(session: Session, filters: Filters) -> None:
    now = clock.now()
    make_many(session, 3000, now)
    session.commit()
    shape, values = queries.shape_of(filters, at=Near(LAT, LNG), now=now)
    values |= {
        "take": 20,
        "skip": 0,
        **{f"{end}{i}": 1 - (end == "high") for i in range(4) for end in ("low", "high")},
    }
    assert not scanned(session, statements.by_tiles(shape), values)


def scanned(session: Session, statement: object, values: dict[str, object]) -> str:
    """Name what the database would read from end to end."""
    connection = session.connection()
    ready = statements.ready(statement, connection.dialect)  # type: ignore[arg-type]
    if connection.dialect.name == "sqlite":
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {ready.sql}", ready.arrange(values))
        lines = [row[3] for row in plan]
        return " ".join(line for line in lines if line.startswith("SCAN") and " shop" in line)
    connection.exec_driver_sql("ANALYZE shop_term")
    connection.exec_driver_sql("ANALYZE shop")
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    plan = connection.exec_driver_sql(f"EXPLAIN {ready.sql}", ready.arrange(values))
    return " ".join(row[0] for row in plan if "Seq Scan" in row[0])


def test_a_fact_that_appears_below_the_last_one_changes_the_version(session: Session) -> None:
    """PostgreSQL numbers facts before they commit: the slower of two writers must be seen as well."""
    facts = [journal.record(session, "test.happened").id for _ in range(3)]
    whole = queries.data_version(session)
    session.execute(delete(Fact).where(Fact.id == facts[1]))
    late = queries.data_version(session)
    assert whole[0] == late[0] == facts[2]
    assert whole != late
