"""The formula: what it reads, that SQL and Python agree, and that better never ranks lower."""

import math
import random
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, literal, select
from sqlalchemy.sql import visitors

from o2o.discovery import ranking
from o2o.discovery.ranking import Inputs, points
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.shops.models import Shop
from tests import factories


def ratings(most=400):
    return st.integers(0, most).flatmap(
        lambda count: st.tuples(st.integers(count, 5 * count), st.just(count))
    )


def answers(most=200):
    return st.integers(0, most).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count)))


@st.composite
def shops(draw):
    total, count = draw(ratings())
    yes, asked = draw(answers())
    metres = draw(st.floats(0, 50_000))
    return Inputs(total, count, yes, asked, draw(st.booleans()), metres, draw(st.booleans()))


def place(shop, others):
    return sum(points(other).total > points(shop).total for other in others)


@given(shops(), st.lists(shops(), max_size=20), st.integers(1, 5))
def test_a_better_rating_never_ranks_lower(shop, others, stars):
    raised = shop._replace(rating_sum=shop.rating_sum + stars, rating_count=shop.rating_count + 1)
    if stars >= ranking.mean(shop.rating_sum, shop.rating_count):
        assert place(raised, others) <= place(shop, others)
    if shop.rating_sum + stars <= 5 * shop.rating_count:
        assert place(shop._replace(rating_sum=shop.rating_sum + stars), others) <= place(shop, others)


@given(shops(), st.lists(shops(), max_size=20), st.floats(0, 50_000))
def test_more_honesty_closeness_openness_or_stock_never_rank_lower(shop, others, nearer):
    honest = shop._replace(honest_yes=shop.honest_yes + 1, honest_count=shop.honest_count + 1)
    near = shop._replace(metres=max(0.0, shop.metres - nearer))
    for better in (honest, near, shop._replace(is_open=True), shop._replace(has_left=True)):
        assert place(better, others) <= place(shop, others)


@given(shops())
def test_every_part_keeps_to_its_most(shop):
    found = points(shop)
    most = (
        ranking.RATING_POINTS, ranking.HONEST_POINTS, ranking.OPEN_POINTS, ranking.NEAR_POINTS,
        ranking.LEFT_POINTS,
    )  # fmt: skip
    assert all(0 <= part <= limit for part, limit in zip(found, most, strict=True))


def test_one_rating_does_not_make_five_stars():
    assert ranking.mean(0, 0) == ranking.PRIOR_MEAN
    assert ranking.PRIOR_MEAN < ranking.mean(5, 1) < 4.0
    assert ranking.mean(500, 100) > 4.9


def test_the_sql_reads_exactly_the_listed_columns():
    column = literal(0.0)
    found = {
        (each.table.name, each.name)
        for each in visitors.iterate(ranking.expression(column, clock.now()))
        if getattr(each, "table", None) is not None and each.__visit_name__ == "column"
    }
    # Where the shop lies comes in as the distance that the search has measured from lat and lng.
    assert found == {("shop", name) for name in ranking.READ if name not in ("lat", "lng")}


@pytest.fixture
def crowd(app):
    """Many shops with everything that the formula reads at random."""
    rng = random.Random(20_261_122)
    begin_write()
    now = clock.now()
    for number in range(60):
        count, asked = rng.randint(0, 40), rng.randint(0, 20)
        shop = factories.make_shop(
            db.session, name=f"店 {number}", lat=factories.LAT + rng.uniform(-0.05, 0.05)
        )
        shop.rating_count, shop.rating_sum = count, rng.randint(count, 5 * count)
        shop.honest_count, shop.honest_yes = asked, rng.randint(0, asked)
        shop.has_left = rng.random() < 0.5
        hours = rng.choice([(None, None), (-1, 1), (1, 2), (-2, -1)])
        shop.open_from, shop.open_to = (now + timedelta(hours=hour) if hour else None for hour in hours)
    db.session.commit()
    return now


def test_sql_and_python_give_the_same_points(crowd):
    shop = ranking.SHOP
    north, east = shop.lat - factories.LAT, (shop.lng - factories.LNG) * 0.77
    squared = north * north + east * east
    moment = literal(crowd, Shop.open_from.type)
    rows = db.session.execute(select(Shop, squared, ranking.expression(squared, moment))).all()
    assert len(rows) == 60
    for row, distance, said in rows:
        is_open = row.open_from is not None and row.open_from <= crowd < row.open_to
        given_ = Inputs(
            row.rating_sum, row.rating_count, row.honest_yes, row.honest_count, is_open,
            math.sqrt(distance) * ranking.METRES, row.has_left,
        )  # fmt: skip
        assert said == pytest.approx(points(given_).total, abs=1e-6)
    assert db.session.scalar(select(func.count()).select_from(Shop)) == 60
