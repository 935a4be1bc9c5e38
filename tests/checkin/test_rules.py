"""Arrivals four hours apart, honest times, confirmations."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.accounts import registry
from o2o.checkin import queries, rules
from o2o.checkin.models import LastVisit, Poster
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.kernel.journal import Fact
from o2o.notifications.models import Message
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop
from tests.factories import (
    make_account,
    make_poster,
    make_role,
    make_shop,
    make_visit,
)

NOON = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def facts(session: Session, name: str) -> list[dict[str, Any]]:
    return list(session.scalars(select(Fact.ids).where(Fact.name == name)))


def test_an_arrival_is_a_visit_with_the_servers_time(session: Session, poster: Poster) -> None:
    visit = make_visit(session, poster, at=NOON, bucket="here")
    assert (visit.shop_id, visit.poster_id, visit.at, visit.bucket) == (
        poster.shop_id,
        poster.id,
        NOON,
        "here",
    )
    assert visit.confirmed_at is None
    assert facts(session, "visit.made") == [{"visit_id": visit.id, "shop_id": poster.shop_id}]


def test_a_press_again_is_the_same_visit_for_four_hours(session: Session, poster: Poster) -> None:
    first = make_visit(session, poster, at=NOON)
    for later in (timedelta(0), HOUR, timedelta(hours=4, milliseconds=-1)):
        assert make_visit(session, poster, at=NOON + later).id == first.id
    second = make_visit(session, poster, at=NOON + 4 * HOUR)
    assert second.id != first.id
    assert make_visit(session, poster, at=NOON + 5 * HOUR).id == second.id
    assert len(facts(session, "visit.made")) == 2


def test_posters_of_one_shop_share_the_four_hours_and_shops_do_not(
    session: Session, poster: Poster, shop: Shop
) -> None:
    door = make_visit(session, poster, at=NOON)
    table = make_visit(session, make_poster(session, shop, "3号桌"), at=NOON + HOUR)
    other = make_visit(session, make_poster(session, make_shop(session, "别家")), at=NOON + HOUR)
    friend = make_visit(session, poster, "stranger", at=NOON + HOUR)
    assert table.id == door.id
    assert len({door.id, other.id, friend.id}) == 3


def test_a_replayed_press_is_its_visit_even_days_later(session: Session, poster: Poster) -> None:
    visit = make_visit(session, poster, at=NOON, key="press-1")
    assert make_visit(session, poster, at=NOON + 3 * DAY, key="press-1").id == visit.id
    rules.end(session, shop_id=poster.shop_id, poster_id=poster.id, now=NOON + 3 * DAY)
    assert make_visit(session, poster, at=NOON + 4 * DAY, key="press-1").id == visit.id


@pytest.mark.parametrize("key", ["", "k" * 65])
def test_a_press_has_a_number(session: Session, poster: Poster, key: str) -> None:
    with pytest.raises(BadInput, match="bad_key"):
        make_visit(session, poster, key=key)


def test_an_unknown_distance_counts_as_none(session: Session, poster: Poster) -> None:
    assert make_visit(session, poster, bucket="39.992,116.338").bucket == "none"


@pytest.mark.parametrize(
    ("ago", "kept"),
    [
        (timedelta(0), True),
        (timedelta(minutes=40), True),
        (7 * DAY, True),
        (7 * DAY + timedelta(milliseconds=1), False),
        (-timedelta(milliseconds=1), False),
        (-DAY, False),
    ],
)
def test_a_phones_clock_is_a_claim_within_bounds(
    session: Session, poster: Poster, ago: timedelta, kept: bool
) -> None:
    visit = make_visit(session, poster, at=NOON, claimed_at=NOON - ago)
    assert visit.at == NOON
    assert visit.claimed_at == (NOON - ago if kept else None)


def test_a_claim_does_not_loosen_the_four_hours(session: Session, poster: Poster) -> None:
    first = make_visit(session, poster, at=NOON)
    for claim in (NOON - 6 * HOUR, NOON - DAY, NOON + DAY):
        assert make_visit(session, poster, at=NOON + HOUR, claimed_at=claim).id == first.id
    assert first.claimed_at is None


def test_staff_confirm_once(session: Session, poster: Poster, shop: Shop) -> None:
    staff, colleague = (make_role(session, shop, name).account_id for name in ("staff", "colleague"))
    visit = make_visit(session, poster, at=NOON)
    done = rules.confirm(session, visit_id=visit.id, shop_id=shop.id, staff_id=staff, now=NOON + HOUR)
    assert (done.confirmed_at, done.confirmed_by) == (NOON + HOUR, staff)
    again = rules.confirm(session, visit_id=visit.id, shop_id=shop.id, staff_id=colleague, now=NOON + 9 * DAY)
    assert (again.confirmed_at, again.confirmed_by) == (NOON + HOUR, staff)
    ids = {"visit_id": visit.id, "shop_id": shop.id, "account_id": visit.account_id}
    assert facts(session, "visit.confirmed") == [ids]
    told = session.scalars(select(Message).where(Message.account_id == visit.account_id)).one()
    assert (told.kind, told.link) == ("visit.confirmed", f"/visits/{visit.id}")


def test_nobody_confirms_what_is_not_theirs_to_confirm(session: Session, poster: Poster, shop: Shop) -> None:
    staff = make_role(session, shop, "staff").account_id
    other = make_shop(session, "别家")
    foreign = make_role(session, other, "foreign").account_id
    visit = make_visit(session, poster, at=NOON)
    stranger = make_account(session, "stranger").id
    for shop_id, staff_id in (
        (other.id, foreign),
        (other.id, staff),
        (shop.id, foreign),
        (shop.id, stranger),
    ):
        with pytest.raises(NotAllowed):
            rules.confirm(session, visit_id=visit.id, shop_id=shop_id, staff_id=staff_id, now=NOON)
    with pytest.raises(NotAllowed):
        rules.confirm(session, visit_id="f" * 16, shop_id=shop.id, staff_id=staff, now=NOON)
    with pytest.raises(RuleBroken, match="too_late"):
        rules.confirm(session, visit_id=visit.id, shop_id=shop.id, staff_id=staff, now=NOON + DAY)
    assert visit.confirmed_at is None


def test_visits_of_staff_are_marked_and_never_confirmed(session: Session, poster: Poster, shop: Shop) -> None:
    with travel(NOON - DAY, tick=False):
        staff = make_role(session, shop, "staff").account_id
        left = make_role(session, shop, "left")
    own = make_visit(session, poster, "staff", at=NOON)
    theirs = make_visit(session, poster, "left", at=NOON)
    with travel(NOON + HOUR, tick=False):
        shop_rules.end_role(session, shop_id=shop.id, role_id=left.id)
    for visit in (own, theirs):
        with pytest.raises(RuleBroken, match="staff_visit"):
            rules.confirm(session, visit_id=visit.id, shop_id=shop.id, staff_id=staff, now=NOON + 2 * HOUR)
    later = make_visit(session, poster, "left", at=NOON + 5 * HOUR)
    seen = {row.visit.id: row.is_staff for row in queries.arrivals(session, shop_id=shop.id, now=NOON + HOUR)}
    assert seen == {own.id: True, theirs.id: True, later.id: False}


def test_the_till_lists_four_hours(session: Session, poster: Poster, shop: Shop) -> None:
    old = make_visit(session, poster, "early", at=NOON - 4 * HOUR)
    first = make_visit(session, poster, "first", at=NOON - HOUR)
    second = make_visit(session, poster, "second", at=NOON)
    make_visit(session, make_poster(session, make_shop(session, "别家")), "first", at=NOON)
    assert [row.visit.id for row in queries.arrivals(session, shop_id=shop.id, now=NOON)] == [
        second.id,
        first.id,
    ]
    assert old.id in {
        visit.id for visit in queries.recent_visits(session, account_id=old.account_id, since=NOON - DAY)
    }


def test_a_visit_is_its_guests_alone(session: Session, poster: Poster) -> None:
    visit = make_visit(session, poster)
    assert queries.own_visit(session, account_id=visit.account_id, visit_id=visit.id) is visit
    for visit_id, handle in ((visit.id, "stranger"), ("f" * 16, "guest")):
        with pytest.raises(NotAllowed):
            queries.own_visit(session, account_id=make_account(session, handle).id, visit_id=visit_id)


def test_erasing_a_guest_keeps_the_visit_without_them(session: Session, poster: Poster, shop: Shop) -> None:
    staff = make_role(session, shop, "staff").account_id
    visit = make_visit(session, poster, at=NOON)
    registry.erase(session, account_id=visit.account_id)
    assert session.scalar(select(func.count()).select_from(LastVisit)) == 0
    rules.confirm(session, visit_id=visit.id, shop_id=shop.id, staff_id=staff, now=NOON + HOUR)
    assert session.scalar(select(func.count()).select_from(Message)) == 0
