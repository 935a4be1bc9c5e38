"""A batch settles its plain uses together, and everything else pass by pass; both leave the same."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from o2o.claims import effects, sync
from o2o.claims.models import Claim
from o2o.kernel import checks, clock, journal
from o2o.kernel.db import begin_write, db
from o2o.passes.models import Pass
from o2o.redemption import rules as redemption
from o2o.redemption.models import Redemption
from o2o.tills.models import Till
from tests.claims.tillkit import TillPhone, ago, open_counter, send
from tests.counting import counting


def cost(till: TillPhone, entries: list[Any]) -> int:
    """Count what a batch costs the database, without what is delivered afterwards."""
    row = db.session.get_one(Till, till.id)
    with counting() as statements:
        sync.receive(
            db.session,
            till=row,
            account_id=till.staff,
            entries=entries,
            head=len(till.ledger),
            cursor=0,
            app="test",
            now=clock.now(),
        )
        db.session.commit()
    return len(statements)


def test_a_plain_use_costs_two_statements_at_most(app: Flask) -> None:
    counter = open_counter()
    till = counter.till()
    for number in range(42):
        till.redeem(counter.sell(f"guest{number % 5}"), ago(hours=8) + timedelta(minutes=number))
    cost(till, till.ledger[:2])
    few, many = cost(till, till.ledger[2:12]), cost(till, till.ledger[12:])
    # A number of the journal and one of the book, where the database gives them one by one; what the session may
    # have let go of meanwhile is read again, but never once for each.
    assert many - few < 3 * 20
    assert db.session.scalars(select(Claim.standing).distinct()).all() == ["won"]
    assert checks.broken(db.session) == []


def mixed(app: Flask) -> tuple[TillPhone, list[str]]:
    """Open a counter whose till has a day of everything: plain uses, one twice, one undone, one doubted, one lost."""
    counter = open_counter(uses=2)
    till, other = counter.till("A"), counter.till("B")
    sold = [counter.sell(f"guest{number}") for number in range(6)]
    start = ago(hours=9)
    for number, one in enumerate(sold):
        till.redeem(one, start + timedelta(minutes=30 * number))
    till.redeem(sold[1], start + timedelta(hours=4))
    till.annul(till.redeem(sold[2], start + timedelta(hours=5)), start + timedelta(hours=5, minutes=3))
    till.redeem(sold[3], clock.now() + timedelta(hours=2))
    for minutes in (1, 20):
        other.redeem(sold[4], start + timedelta(minutes=minutes))
    till.redeem(sold[4], start + timedelta(hours=6))
    send(other, other.ledger)
    return till, [one.pass_id for one in sold]


def left(till: TillPhone, pass_ids: list[str]) -> list[tuple[Any, ...]]:
    db.session.rollback()
    found: list[tuple[Any, ...]] = []
    for entry in till.ledger:
        claim = db.session.get(Claim, entry["claim_id"])
        if claim is not None:
            row = db.session.get(Redemption, claim.redemption_id or "")
            done = row and (row.number, row.uses_left, row.value, row.held)
            found.append((claim.standing, claim.cause, done))
    return found + [
        (row.state, row.uses_left, row.spent)
        for row in (db.session.get_one(Pass, pass_id) for pass_id in pass_ids)
    ]


def each_alone(settle: Callable[..., Any]) -> Callable[..., Any]:
    """Settle as if no two claims were ever plain at once."""

    def alone(session: Any, *, folded: list[Any], now: datetime) -> None:
        for books in folded:
            settle(session, folded=[books], now=now)

    return alone


def test_a_day_of_everything_is_the_same_together_and_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = []
    for settle in (effects.settle, each_alone(effects.settle)):
        monkeypatch.setattr(sync, "settle", settle)
        till, pass_ids = mixed(app)
        assert {word["verdict"] for word in send(till, till.ledger)} == {"stored", "conflict"}
        assert checks.broken(db.session) == []
        outcomes.append(left(till, pass_ids))
    assert outcomes[0] == outcomes[1]
    assert {standing for standing, *_ in outcomes[0]} >= {"won", "lost", "annulled"}


def test_where_the_uses_cannot_go_in_together_they_go_in_alone(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A defect of the common way costs nobody a use: each pass is tried again by itself."""
    till, _ = mixed(app)
    take = redemption.take_claims

    def brittle(session: Any, *, taken: list[Any], now: datetime) -> Any:
        done = take(session, taken=taken, now=now)
        if len(taken) > 1:
            raise ZeroDivisionError
        return done

    monkeypatch.setattr(redemption, "take_claims", brittle)
    words = send(till, till.ledger)
    assert [word["verdict"] for word in words].count("retry") == 0
    assert journal.deliver(db.session, everything=True) == 0
    assert checks.broken(db.session) == []
    begin_write()
    assert {row.standing for row in db.session.scalars(select(Claim))} == {"won", "lost", "annulled"}
    db.session.commit()


def test_a_forged_copy_beside_a_claim_is_refused_whatever_became_of_the_claim(app: Flask) -> None:
    counter = open_counter()
    first, second = counter.till("A"), counter.till("B")
    sold, start = counter.sell(), ago(hours=3)
    send(first, [first.redeem(sold, start)])
    claim = second.redeem(sold, start + timedelta(minutes=30))
    copies = [claim | {"signature": "00" * 64}, claim | {"at": 0.5}, claim, claim | {"till": first.id}]
    forged, damaged, own, foreign = send(second, copies)
    assert (own["verdict"], own["cause"]) == ("conflict", "presented_twice")
    told = {"claim_id": claim["claim_id"], "verdict": "rejected", "cause": ""}
    assert forged == told | {"reason": "signature"}
    assert damaged == told | {"reason": "format"}
    assert foreign == told | {"reason": "wrong_till"}
