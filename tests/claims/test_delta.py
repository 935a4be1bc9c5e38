"""What a till is told: everything once, then only what changed, in pages, at a fixed cost."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from o2o.claims import delta as news
from o2o.claims.delta import delta
from o2o.feed import queries as feed
from o2o.kernel import clock, tokens
from o2o.kernel.db import begin_write, db
from o2o.passes import rules as passes
from o2o.passes.models import Pass
from o2o.redemption import rules as redemption
from o2o.shops.queries import founded
from tests.claims.tillkit import Counter, Sold, ago, open_counter, send
from tests.counting import counting


def told(counter: Counter, cursor: int = 0) -> dict[str, Any]:
    db.session.rollback()
    return delta(db.session, shop_id=counter.shop, cursor=cursor, now=clock.now())[0]


def epoch(counter: Counter) -> int:
    db.session.rollback()
    return feed.epoch(db.session, counter.shop)


def use(counter: Counter, sold: Sold, quantity: int = 1) -> None:
    begin_write()
    given = {"shop_id": counter.shop, "staff_id": counter.staff, "quantity": quantity, "now": clock.now()}
    assert redemption.redeem(db.session, pass_id=sold.pass_id, nonce=f"n{sold.pass_id}", **given).is_ok
    db.session.commit()


@pytest.fixture
def counter(app: Flask) -> Counter:
    return open_counter(uses=3)


def test_a_new_till_is_told_everything(counter: Counter) -> None:
    fresh, used, moved = counter.sell(), counter.sell("second"), counter.sell("third", bound=False)
    use(counter, used)
    moved = counter.rebind(moved, clock.now())
    found = told(counter)
    assert found["first"]
    assert {row[1]: row[2] for row in found["codes"]} == {fresh.pass_id: 0, used.pass_id: 0, moved.pass_id: 1}
    row = next(row for row in found["codes"] if row[1] == fresh.pass_id)
    stored = db.session.get_one(Pass, fresh.pass_id)
    assert row == [
        tokens.code_hash(fresh.short_code),
        fresh.pass_id,
        0,
        stored.terms_id,
        clock.millis(stored.not_before) // 60_000,
        clock.millis(stored.expires) // 60_000,
        3,
        3800,
        stored.token[1],
    ]
    assert (found["used"], found["superseded"]) == ([[used.pass_id, 1, 3]], [[moved.pass_id, 1]])
    assert [terms["title"] for terms in found["terms"]] == ["双人手冲咖啡"]
    assert found["terms"][0].keys() >= {"id", "contents", "notes", "weekdays", "from_minute", "to_minute"}
    assert [key["state"] for key in found["keys"]] == ["signing"]
    assert found["rules"]["fresh_age"], found["rules"]["last_age"] == (86_400, 259_200)
    assert found["shops"][counter.shop]["name"] == "小满咖啡"
    assert (found["timezone"], found["currency"]) == ("Asia/Shanghai", "CNY")
    assert fresh.short_code not in repr(found)


def test_afterwards_only_what_changed(counter: Counter) -> None:
    first, second = counter.sell(), counter.sell("second")
    cursor = epoch(counter)
    assert delta(db.session, shop_id=counter.shop, cursor=cursor, now=clock.now())[1:] == (cursor, False)
    quiet = told(counter, cursor)
    assert (quiet["codes"], quiet["used"], quiet["terms"], quiet["first"]) == ([], [], [], False)
    use(counter, second, quantity=3)
    found = told(counter, cursor)
    assert (found["used"], found["live"]) == ([[second.pass_id, 3, 3]], [second.pass_id])
    assert first.pass_id not in repr(found)


def test_a_refund_voids_and_comes_back(counter: Counter) -> None:
    sold = counter.sell()
    cursor = epoch(counter)
    begin_write()
    passes.begin_refund(db.session, pass_id=sold.pass_id, cause="guest")
    db.session.commit()
    found = told(counter, cursor)
    assert (found["revoked"], found["live"], found["gone"]) == ([[sold.pass_id, "refund"]], [], [])
    assert told(counter)["revoked"] == [[sold.pass_id, "refund"]]
    begin_write()
    passes.finish_refund(db.session, pass_id=sold.pass_id)
    db.session.commit()
    found = told(counter, cursor)
    assert (found["revoked"], found["gone"]) == (
        [[sold.pass_id, "refund"]],
        [tokens.code_hash(sold.short_code)],
    )


def test_what_is_over_drops_out(counter: Counter) -> None:
    sold = counter.sell(issued_at=ago(days=40))
    assert told(counter)["codes"] == []
    found = told(counter, 1)
    begin_write()
    passes.expire_due(db.session, now=clock.now())
    db.session.commit()
    found = told(counter, epoch(counter) - 1)
    assert (found["codes"], found["gone"]) == ([], [tokens.code_hash(sold.short_code)])


def test_losers_are_shown_to_both_tills_until_they_win(counter: Counter, app: Flask) -> None:
    counter = open_counter()
    sold, tills = counter.sell(), [counter.till("A"), counter.till("B")]
    first, second = tills[0].redeem(sold, ago(hours=3)), tills[1].redeem(sold, ago(hours=2))
    send(tills[1], [second])
    cursor = epoch(counter)
    send(tills[0], [first])
    for found in (told(counter, cursor), told(counter)):
        assert found["conflicts"] == [
            {
                "claim_id": second["claim_id"],
                "pass": sold.pass_id,
                "cause": "presented_twice",
                "at": second["at"],
                "till": "B",
                "won_at": first["at"],
                "won_till": "A",
            }
        ]
    cursor = epoch(counter)
    send(tills[0], [tills[0].annul(first, ago(hours=3) + timedelta(minutes=5))])
    found = told(counter, cursor)
    assert (found["annulled"], found["conflicts"]) == ([first["claim_id"]], [])
    assert set(found["settled"]) == {first["claim_id"], second["claim_id"]}


def test_pages_end_where_they_should(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    start = epoch(counter)
    sold = [counter.sell(f"guest{number}") for number in range(5)]
    monkeypatch.setattr(news, "MOST_SUBJECTS", 2)
    seen, cursor, more = set(), max(start, 1), True
    pages = 0
    while more:
        db.session.rollback()
        found, cursor, more = delta(db.session, shop_id=counter.shop, cursor=cursor, now=clock.now())
        seen |= {row[1] for row in found["codes"]}
        pages += 1
    assert seen >= {one.pass_id for one in sold[1:]}
    assert (cursor, pages >= 2) == (epoch(counter), True)


@pytest.mark.parametrize("cursor", [0, 10**6])
def test_a_cursor_that_the_feed_never_had_starts_anew(counter: Counter, cursor: int) -> None:
    counter.sell()
    assert told(counter, cursor)["first"]


def test_it_costs_the_same_however_much_there_is(counter: Counter) -> None:
    till = counter.till()
    costs = []
    for count in (2, 8):
        for number in range(count):
            sold = counter.sell(f"guest{number}")
            for hours in (9, 8, 7, 6):
                till.redeem(sold, ago(hours=hours))
        send(till, till.ledger)
        for cursor in (0, 1):
            db.session.rollback()
            founded(db.session)
            db.session.execute(select(1))
            with counting() as statements:
                delta(db.session, shop_id=counter.shop, cursor=cursor, now=clock.now())
            costs.append(len(statements))
    assert costs[:2] == costs[2:]
    assert max(costs) <= 16


def test_another_shops_passes_are_nobodys_business(counter: Counter) -> None:
    stranger = open_counter()
    sold = stranger.sell()
    assert sold.pass_id not in repr(told(counter))
    assert db.session.scalars(select(Pass.shop_id).where(Pass.id == sold.pass_id)).one() == stranger.shop
