"""Holding, committing and releasing scarce things."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.capacity import chores, queries, rules
from o2o.capacity.models import Hold, Pool
from o2o.capacity.rules import Claim
from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write
from o2o.kernel.errors import RuleBroken

TEN = timedelta(minutes=10)


def hold(session: Session, key: str, quantity: int = 1, limit: int = 3, pool: str = "offer:1:total") -> Hold:
    return rules.hold_all(session, claims=[Claim(pool, limit, quantity)], until=clock.now() + TEN, key=key)


def pool(session: Session, key: str = "offer:1:total") -> tuple[int, int, int]:
    row = session.execute(select(Pool.quantity, Pool.held, Pool.committed).where(Pool.key == key)).one()
    assert checks.broken(session) == []
    return tuple(row)


def test_a_hold_takes_and_a_release_gives_back_once(session: Session) -> None:
    hold(session, "a", 2)
    assert pool(session) == (3, 2, 0)
    assert rules.release(session, key="a")
    assert rules.release(session, key="a")
    assert pool(session) == (3, 0, 0)
    assert not rules.commit(session, key="a")


def test_a_commit_is_final_and_repeatable(session: Session) -> None:
    hold(session, "a", 2)
    assert rules.commit(session, key="a")
    assert rules.commit(session, key="a")
    assert not rules.release(session, key="a")
    assert pool(session) == (3, 0, 2)


def test_an_unknown_key_is_neither_sold_nor_released(session: Session) -> None:
    assert not rules.commit(session, key="nobody")
    assert not rules.release(session, key="nobody")
    assert not rules.extend(session, key="nobody", until=clock.now() + TEN)


@pytest.mark.parametrize(
    ("key", "code"),
    [
        ("offer:1:total", "sold_out"),
        ("offer:1:day:2026-05-01", "sold_out_today"),
        ("offer:1:person:7", "per_person"),
    ],
)
def test_the_short_pool_names_the_refusal(session: Session, key: str, code: str) -> None:
    with pytest.raises(RuleBroken, match=code):
        hold(session, "a", 4, 3, key)


def test_all_or_nothing(session: Session) -> None:
    hold(session, "a", 3)
    wide = [Claim("offer:1:a", 9, 1), Claim("offer:1:total", 3, 1), Claim("offer:1:z", 9, 1)]
    with pytest.raises(RuleBroken):
        rules.hold_all(session, claims=wide, until=clock.now() + TEN, key="b")
    assert queries.left(session, ["offer:1:a", "offer:1:total", "offer:1:z"]) == {"offer:1:total": 0}
    assert session.scalars(select(Hold.key)).all() == ["a"]


def test_the_same_key_is_the_same_hold(session: Session) -> None:
    first = hold(session, "a", 2)
    assert hold(session, "a", 2).id == first.id
    assert pool(session) == (3, 2, 0)
    with pytest.raises(RuleBroken, match="key_reused"):
        hold(session, "a", 1)
    rules.release(session, key="a")
    assert hold(session, "a", 2).state == "released"


def test_a_hold_of_no_pool_is_still_a_hold(session: Session) -> None:
    rules.hold_all(session, claims=[], until=clock.now() + TEN, key="free")
    assert rules.commit(session, key="free")


@pytest.mark.parametrize(
    "claims", [[Claim("a", 1, 0)], [Claim("a", 1, -1)], [Claim("a", 2, 1), Claim("a", 2, 1)]]
)
def test_nonsense_is_a_defect_of_the_caller(session: Session, claims: list[Claim]) -> None:
    with pytest.raises(ValueError):
        rules.hold_all(session, claims=claims, until=clock.now() + TEN, key="a")


def test_an_expired_hold_makes_room_for_the_next(session: Session) -> None:
    with travel(clock.now() - timedelta(minutes=20), tick=False):
        hold(session, "old", 3)
        assert queries.left(session, ["offer:1:total"]) == {"offer:1:total": 0}
    assert queries.left(session, ["offer:1:total"]) == {"offer:1:total": 3}
    assert queries.short_of(session, [Claim("offer:1:total", 3, 3)]) is None
    assert not rules.extend(session, key="old", until=clock.now() + TEN)
    hold(session, "new", 2)
    assert pool(session) == (3, 2, 0)
    assert not rules.commit(session, key="old")


def test_a_late_commit_counts_while_nobody_took_the_place(session: Session) -> None:
    with travel(clock.now() - timedelta(minutes=20), tick=False):
        hold(session, "old", 3)
    assert rules.commit(session, key="old")
    assert pool(session) == (3, 0, 3)
    with pytest.raises(RuleBroken):
        hold(session, "new")


def test_extending_only_lengthens(session: Session) -> None:
    now = clock.now()
    hold(session, "a")
    assert rules.extend(session, key="a", until=now + timedelta(minutes=30))
    assert rules.extend(session, key="a", until=now + timedelta(minutes=20))
    until = session.scalars(select(Hold.until).where(Hold.key == "a")).one()
    assert until == now + timedelta(minutes=30)


def test_a_limit_never_falls_below_what_is_taken(session: Session) -> None:
    hold(session, "a", 2)
    with pytest.raises(RuleBroken, match="limit_below_sold") as refused:
        rules.set_limit(session, key="offer:1:total", limit=1)
    assert refused.value.params == {"taken": 2}
    rules.set_limit(session, key="offer:1:total", limit=2)
    rules.set_limit(session, key="offer:9:total", limit=0)
    assert pool(session) == (2, 2, 0)
    with pytest.raises(RuleBroken):
        hold(session, "b", 1, 2)


def test_a_limit_may_fall_onto_expired_holds(session: Session) -> None:
    with travel(clock.now() - timedelta(minutes=20), tick=False):
        hold(session, "old", 3)
    rules.set_limit(session, key="offer:1:total", limit=1)
    assert pool(session) == (1, 0, 0)


def test_the_chore_releases_what_ran_out(session: Session) -> None:
    with travel(clock.now() - timedelta(minutes=20), tick=False):
        for number in range(3):
            hold(session, f"old {number}")
    hold(session, "live", 1, 4, "offer:2:total")
    session.commit()
    assert chores.release_expired(session) == 3
    assert chores.release_expired(session) == 0
    assert pool(session) == (3, 0, 0)
    assert pool(session, "offer:2:total") == (4, 1, 0)


def test_the_tables_themselves_refuse_too_much(session: Session) -> None:
    hold(session, "a")
    session.commit()
    begin_write(session)
    session.get_one(Pool, 1).held = 4
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_the_check_sees_a_counter_that_drifted(session: Session) -> None:
    hold(session, "a")
    session.get_one(Pool, 1).held = 2
    session.flush()
    assert [line[:3] for line in checks.broken(session)] == ["I11"]
