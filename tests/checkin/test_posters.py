"""Hung, rotated, ended, and what came of each."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.checkin import codes, queries, rules
from o2o.checkin.models import Poster, PosterDay
from o2o.kernel import clock
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.shops.models import Shop
from tests.factories import (
    make_account,
    make_order,
    make_paid_order,
    make_poster,
    make_shop,
    make_terms,
    make_visit,
)

NOON = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def test_a_rotated_code_dies_at_once(session: Session, poster: Poster) -> None:
    fresh = rules.rotate(session, shop_id=poster.shop_id, poster_id=poster.id, now=NOON)
    assert fresh
    assert fresh.code != poster.code
    assert fresh.label == poster.label
    with pytest.raises(RuleBroken, match="poster_gone") as refusal:
        make_visit(session, poster, at=NOON)
    assert refusal.value.status == 410
    assert make_visit(session, fresh, at=NOON).poster_id == fresh.id
    assert rules.rotate(session, shop_id=poster.shop_id, poster_id=poster.id, now=NOON) is None
    assert session.scalar(select(func.count()).select_from(Poster)) == 2


def test_ended_unknown_and_gone(session: Session, poster: Poster, shop: Shop) -> None:
    with pytest.raises(NotAllowed):
        queries.live_poster(session, codes.new_code())
    with pytest.raises(NotAllowed):
        queries.live_poster(session, "x' OR 1=1")
    shop.status = "gone"
    session.flush()
    with pytest.raises(RuleBroken, match="poster_gone"):
        queries.live_poster(session, poster.code)


def test_only_its_shop_ends_a_poster(session: Session, poster: Poster) -> None:
    other = make_shop(session, "别家")
    assert not rules.end(session, shop_id=other.id, poster_id=poster.id, now=NOON)
    with pytest.raises(NotAllowed):
        rules.rotate(session, shop_id=other.id, poster_id=poster.id, now=NOON)
    assert queries.live_poster(session, poster.code).id == poster.id


@pytest.mark.parametrize("label", ["", "  ", "长" * 41])
def test_a_poster_says_where_it_hangs(session: Session, shop: Shop, label: str) -> None:
    with pytest.raises(BadInput, match="bad_label"):
        rules.hang(session, shop_id=shop.id, label=label, now=NOON)


def test_what_a_poster_brought(session: Session, poster: Poster, shop: Shop) -> None:
    now = clock.now()
    terms = make_terms(session, shop, per_person=None)
    for _ in range(3):
        rules.note_opened(session, poster_id=poster.id, day=now.date())
    rules.note_opened(session, poster_id=poster.id, day=now.date() - DAY)
    old = make_account(session, "regular")
    old.created_at = now - DAY
    make_visit(session, poster, "regular", at=now - timedelta(hours=5))
    table = make_poster(session, shop, "3号桌")
    make_visit(session, table, "regular", at=now - timedelta(minutes=1))
    make_visit(session, poster, "new", at=now - timedelta(minutes=2))
    make_paid_order(session, terms, "regular", key="one")  # counts for the table: the last visit before it
    make_paid_order(session, terms, "new", key="two")
    make_order(session, terms, "new", key="held")
    make_paid_order(session, terms, "passer-by", key="three")
    free = make_terms(session, shop, price=0)
    make_order(session, free, "new", key="free", takes_money=False)
    lines = {line.poster.label: line[1:] for line in queries.posters_of(session, shop.id)}
    assert lines == {"门口": (4, 2, 1, 1), "3号桌": (0, 1, 0, 1)}
    assert session.scalar(select(func.count()).select_from(PosterDay)) == 2


def test_a_sale_a_day_later_is_nobodys_merit(session: Session, poster: Poster, shop: Shop) -> None:
    make_visit(session, poster, at=clock.now() - timedelta(hours=24, minutes=1))
    make_paid_order(session, make_terms(session, shop))
    assert [line.sales for line in queries.posters_of(session, shop.id)] == [0]


def test_ended_posters_stand_last(session: Session, poster: Poster, shop: Shop) -> None:
    rules.rotate(session, shop_id=shop.id, poster_id=poster.id, now=NOON)
    make_poster(session, shop, "3号桌")
    lines = queries.posters_of(session, shop.id)
    assert [(line.poster.label, line.poster.ended_at is None) for line in lines] == [
        ("3号桌", True),
        ("门口", True),
        ("门口", False),
    ]
