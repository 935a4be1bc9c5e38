"""sort=rating: the same order as the formula, exact pages, and no way for money into what it reads."""

import ast
import random
import re
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

from o2o.discovery import queries, ranking, statements
from o2o.discovery.filters import Filters
from o2o.discovery.queries import Near, search
from o2o.discovery.ranking import METRES, Inputs
from o2o.discovery.statements import Shape
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.geo import BBox
from o2o.shops.models import RANKED, Shop
from tests.discovery.towns import make_many
from tests.factories import LAT, LNG, make_shop

O2O = Path(__file__).parents[2] / "o2o"
AT = Near(LAT, LNG)
BOX = BBox(LNG - 0.01, LAT - 0.01, LNG + 0.012, LAT + 0.008)


def rate_all(session: Session, rows: list[dict[str, Any]], seed: int = 4) -> None:
    """Give every shop sums at random, several the same ones."""
    dice = random.Random(seed)
    for row in rows:
        count, asked = dice.choice((0, 0, 1, 3, 40)), dice.choice((0, 5))
        row |= {"rating_count": count, "rating_sum": dice.randint(count, 5 * count)}
        row |= {"honest_count": asked, "honest_yes": dice.randint(0, asked), "has_left": dice.random() < 0.3}
        sums = {name: row[name] for name in RANKED}
        session.execute(update(Shop).where(Shop.id == row["id"]).values(**sums))


def total(row: dict[str, Any], now: Any) -> float:
    """Reckon a shop's points from its row."""
    shrink = queries.shape_of(Filters(), at=AT)[1]["shrink"]
    north, east = row["lat"] - AT.lat, (row["lng"] - AT.lng) * shrink
    is_open = row["open_from"] is not None and row["open_from"] <= now < row["open_to"]
    sums = (row["rating_sum"], row["rating_count"], row["honest_yes"], row["honest_count"], is_open)
    return ranking.points(Inputs(*sums, (north * north + east * east) ** 0.5 * METRES, row["has_left"])).total


@pytest.mark.parametrize("filters", [Filters(), Filters(open=True), Filters(box=BOX), Filters(offer=True)])
def test_pages_are_the_formulas_order(session: Session, filters: Filters) -> None:
    now = clock.now()
    rows = make_many(session, 300, now)
    rate_all(session, rows)
    wanted = {row["id"]: total(row, now) for row in rows if row["status"] != "gone"}
    seen: list[int] = []
    page = 1
    while found := search(session, filters._replace(sort="rating", page=page), at=AT, now=now).rows:
        seen += [row.id for row in found]
        page += 1
    assert len(seen) == len(set(seen)) == queries.count(session, filters, at=AT, now=now).total
    points = [wanted[shop_id] for shop_id in seen]
    assert all(later <= sooner + 1e-6 for sooner, later in pairwise(points))
    if not filters.is_narrow:
        assert set(seen) == set(wanted)


def test_equal_points_stand_in_the_order_of_listing(session: Session) -> None:
    ids = [make_shop(session, f"店{n}").id for n in range(30)]
    found = [
        search(session, Filters(sort="rating", page=page), at=AT, now=clock.now()).rows for page in (1, 2)
    ]
    assert [row.id for rows in found for row in rows] == ids


def test_the_default_order_knows_no_rating(session: Session) -> None:
    now = clock.now()
    rows = make_many(session, 120, now)
    before = [row.id for row in search(session, Filters(), at=AT, now=now).rows]
    rate_all(session, rows)
    assert [row.id for row in search(session, Filters(), at=AT, now=now).rows] == before


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_better_never_stands_lower_in_sql(app: Flask, data: st.DataObject) -> None:
    now = clock.now()
    begin_write()
    if db.session.get(Shop, 1) is None:
        rate_all(db.session, make_many(db.session, 40, now))
    shop = db.session.get_one(Shop, data.draw(st.integers(1, 40)), populate_existing=True)
    before = place(shop.id, now)
    better = data.draw(st.sampled_from(["stars", "honest", "near", "open", "left"]))
    if better == "stars":
        stars = data.draw(st.integers(4, 5))
        if stars < ranking.mean(shop.rating_sum, shop.rating_count):
            stars = 5
        shop.rating_sum, shop.rating_count = shop.rating_sum + stars, shop.rating_count + 1
    elif better == "honest":
        shop.honest_yes, shop.honest_count = shop.honest_yes + 1, shop.honest_count + 1
    elif better == "near":
        part = data.draw(st.floats(0, 1))
        shop.lat, shop.lng = AT.lat + (shop.lat - AT.lat) * part, AT.lng + (shop.lng - AT.lng) * part
    elif better == "open":
        shop.open_from, shop.open_to = now - timedelta(hours=1), now + timedelta(hours=1)
    else:
        shop.has_left = True
    db.session.flush()
    assert place(shop.id, now) <= before
    db.session.rollback()


def place(shop_id: int, now: Any) -> int:
    """Count who stands before a shop that is there; 0 for one that is gone."""
    pages = [search(db.session, Filters(sort="rating", page=page), at=AT, now=now).rows for page in (1, 2)]
    ids = [row.id for rows in pages for row in rows]
    return ids.index(shop_id) if shop_id in ids else 0


def test_the_order_reads_exactly_the_listed_columns() -> None:
    order = statements.by_rating(Shape())._order_by_clauses
    found = {
        each.name
        for clause in order
        for each in visitors.iterate(clause)
        if each.__visit_name__ == "column" and getattr(each, "table", None) is not None
    }
    assert found == {*ranking.READ, "id"}


# Who may write what the formula reads, beside the models' defaults: nobody who handles money.
WRITERS = {
    "rating_sum": {"shops/summary.py"}, "rating_count": {"shops/summary.py"}, "honest_yes": {"shops/summary.py"},
    "honest_count": {"shops/summary.py"}, "has_left": {"shops/summary.py"}, "open_from": {"shops/special.py"},
    "open_to": {"shops/special.py"},
}  # fmt: skip
# An offer has its own pair of answers, summed up from the same rows.
OWN = {"honest_yes": {"offers/rules.py"}, "honest_count": {"offers/rules.py"}}
DOORS = {"rate": {"reviews"}, "honour": {"reviews", "offers"}, "set_left": {"offers", "capacity"}}
MONEY = ("orders", "payments", "ledger", "refunds", "passes", "redemption")


def sources() -> list[tuple[str, ast.Module]]:
    """Parse every file of the house."""
    return [(str(path.relative_to(O2O)), ast.parse(path.read_text())) for path in sorted(O2O.rglob("*.py"))]


def written(tree: ast.Module) -> set[str]:
    """Name the attributes that are assigned, and the keywords that are passed to values(), update() and models."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            found.add(node.attr)
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in ("values", "update", "Shop", "Offer", "_store"):
                found |= {word.arg for word in node.keywords if word.arg}
    return found


def test_nobody_who_handles_money_writes_what_the_order_reads() -> None:
    for name, tree in sources():
        for column in written(tree) & WRITERS.keys():
            assert name in WRITERS[column] | OWN.get(column, set()), (name, column)
        assert not re.search(r"UPDATE\s+shop\b", ast.unparse(tree), re.IGNORECASE), name


def test_the_doors_to_the_sums_are_opened_by_what_was_said_and_what_is_left() -> None:
    for name, tree in sources():
        room = name.split("/")[0]
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            called = node.func.attr
            if called in DOORS and room not in ("shops", "demo"):
                assert room in DOORS[called], (name, called)
                assert room not in MONEY
