"""What tills have heard: the watermark never goes back, and nobody waits for a till that has taken nothing."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from sqlalchemy.orm import Session

from o2o.feed import queries as feed
from o2o.feed import rules as tidings
from o2o.kernel import clock
from o2o.kernel.db import begin_write
from o2o.kernel.errors import NotAllowed
from o2o.shops.models import Shop
from o2o.tills import queries, rules
from o2o.tills.models import Till
from tests.counting import counting
from tests.factories import make_account, make_role, make_shop
from tests.tills.phones import make_till

NOON = datetime(2026, 7, 1, 4, 0, tzinfo=UTC)


@pytest.fixture
def shop(session: Session) -> Shop:
    """Give a shop at epoch 9, whose marks are m3, m6 and m9."""
    made = make_shop(session)
    make_role(session, made, "owner", "owner")
    make_role(session, made, "staff")
    for number in range(1, 10):
        tidings.note(
            session, shop_id=made.id, kind="mark" if number % 3 == 0 else "pass", subject=f"m{number}"
        )
        session.commit()
        begin_write(session)
    assert feed.epoch(session, made.id) == 9
    return made


def hear(session: Session, till: Till, **more: Any) -> None:
    given = {"head": 0, "said_head": 0, "chain": "", "cursor": 0, "app": "b1", "now": NOON, **more}
    rules.hear(session, till_id=till.id, **given)


def heard(session: Session, shop: Shop) -> list[bool]:
    """Tell which marks are heard, asked one by one and all at once."""
    marks = ["m3", "m6", "m9", "never"]
    each = [queries.heard(session, shop_id=shop.id, mark=mark) for mark in marks]
    at_once = queries.heard_marks(session, shop_id=shop.id, marks=marks)
    assert [mark in at_once for mark in marks] == each
    return each


def test_without_a_till_everything_is_heard(session: Session, shop: Shop) -> None:
    assert queries.watermark(session, shop.id) is None
    assert heard(session, shop) == [True] * 4
    assert queries.heard_marks(session, shop_id=shop.id, marks=[]) == set()


def test_a_till_that_never_came_holds_nothing_back(session: Session, shop: Shop) -> None:
    make_till(session, shop)
    make_till(session, shop, "staff")
    assert queries.watermark(session, shop.id) is None
    assert heard(session, shop) == [True] * 4


def test_from_its_first_list_on_a_till_counts(session: Session, shop: Shop) -> None:
    till = make_till(session, shop)
    hear(session, till)
    assert (till.acked, queries.watermark(session, shop.id)) == (0, 0)
    assert heard(session, shop) == [False] * 4
    hear(session, till, cursor=6)
    assert heard(session, shop) == [True, True, False, False]
    hear(session, till, cursor=9)
    assert heard(session, shop) == [True, True, True, False]


def test_the_slowest_active_till_decides(session: Session, shop: Shop) -> None:
    slow, fast = make_till(session, shop), make_till(session, shop)
    hear(session, slow, cursor=3)
    hear(session, fast, cursor=9)
    assert queries.watermark(session, shop.id) == 3
    assert heard(session, shop) == [True, False, False, False]
    edge = {"shop_id": shop.id, "till_id": slow.id, "account_id": make_account(session, "owner").id}
    rules.revoke(session, **edge, now=NOON)
    assert queries.watermark(session, shop.id) == 9


def test_another_shops_till_holds_nothing_here(session: Session, shop: Shop) -> None:
    other = make_shop(session, "隔壁")
    make_role(session, other, "owner", "owner")
    hear(session, make_till(session, other), cursor=0)
    assert queries.watermark(session, other.id) == 0
    assert heard(session, shop) == [True] * 4


@pytest.mark.parametrize(
    ("head", "said", "acked"), [(5, 5, 9), (0, 0, 0), (4, 5, 0), (5, 6, 0), (6, 5, 0), (3, 3, 0)]
)
def test_an_epoch_counts_only_while_nothing_is_missing(
    session: Session, shop: Shop, head: int, said: int, acked: int
) -> None:
    till = make_till(session, shop)
    hear(session, till, head=2, said_head=5, chain="c2", cursor=3)
    assert (till.acked, till.head, till.said_head) == (0, 2, 5)
    hear(session, till, head=head, said_head=said, cursor=9)
    assert till.acked == acked


def test_nothing_goes_back_in_any_order(session: Session, shop: Shop) -> None:
    calls = [
        {"head": 0, "said_head": 0, "chain": "", "cursor": 3, "app": "b1", "now": NOON},
        {"head": 4, "said_head": 4, "chain": "c4", "cursor": 6, "now": NOON + timedelta(minutes=1)},
        {"head": 4, "said_head": 7, "chain": "c4", "cursor": 9, "now": NOON + timedelta(minutes=2)},
    ]
    for order in permutations(calls):
        till = make_till(session, shop)
        seen = []
        for call in order:
            hear(session, till, **call)
            seen.append((till.head, till.said_head, till.acked, till.synced_at))
        assert seen == sorted(seen)
        assert (till.head, till.said_head, till.chain) == (4, 7, "c4")
        assert till.acked <= 6


def test_a_till_cannot_run_ahead_of_its_shop(session: Session, shop: Shop) -> None:
    till = make_till(session, shop)
    hear(session, till, cursor=10**9, app="x" * 99)
    assert (till.acked, till.app) == (9, "x" * 20)


def test_a_waiting_till_is_told_nothing(session: Session, shop: Shop) -> None:
    till = make_till(session, shop, "staff")
    hear(session, till, cursor=9, said_head=3)
    assert (till.synced_at, till.acked, till.said_head) == (None, 0, 0)


def test_a_revoked_till_still_sends_its_queue(session: Session, shop: Shop) -> None:
    till = make_till(session, shop)
    hear(session, till, head=1, said_head=3, chain="c1")
    edge = {"shop_id": shop.id, "till_id": till.id, "account_id": make_account(session, "owner").id}
    rules.revoke(session, **edge, now=NOON)
    hear(session, till, head=3, said_head=3, chain="c3")
    assert (till.head, till.chain, till.state) == (3, "c3", "revoked")


def test_an_unknown_till_is_nobodys(session: Session) -> None:
    with pytest.raises(NotAllowed):
        rules.hear(
            session, till_id="f" * 16, head=0, said_head=0, chain="", cursor=0, app="", now=clock.now()
        )


def test_questions_cost_the_same_with_many_tills(session: Session, shop: Shop) -> None:
    def costs() -> tuple[int, ...]:
        found = []
        for ask in (
            lambda: queries.heard(session, shop_id=shop.id, mark="m3"),
            lambda: queries.watermark(session, shop.id),
            lambda: queries.heard_marks(session, shop_id=shop.id, marks=["m3", "m6"]),
            lambda: queries.roster(session, shop.id),
            lambda: queries.active(session, shop.id),
        ):
            with counting() as statements:
                ask()
            found.append(len(statements))
        return tuple(found)

    hear(session, make_till(session, shop), cursor=9)
    once = costs()
    for _ in range(3):
        hear(session, make_till(session, shop), cursor=9)
    assert once == costs() == (1, 1, 2, 2, 1)
