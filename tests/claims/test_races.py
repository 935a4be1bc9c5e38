"""Many syncs at once, on both databases: one batch from many hands, two tills for the same passes, and the counter."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from o2o.claims.models import Claim, Entry
from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.passes import rules as pass_rules
from o2o.passes.models import Pass
from o2o.redemption import rules as redemption
from o2o.redemption.models import Redemption
from o2o.redemption.verdict import judge
from tests.claims.tillkit import ago, open_counter, send
from tests.racers import race

THREADS = 8


def counted(column: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(column))) or 0  # type: ignore[arg-type]


def run(app: Flask, attempt: Callable[[Session, int], None], times: int, threads: int = THREADS) -> None:
    outcomes = race(app, attempt, times=times, threads=threads)
    assert outcomes == {"ok": times}, outcomes


def test_one_batch_from_many_hands_is_one_batch(app: Flask) -> None:
    counter = open_counter(uses=2)
    till = counter.till()
    for number in range(6):
        sold = counter.sell(f"guest{number}")
        till.redeem(sold, ago(hours=3))
        till.redeem(sold, ago(hours=2))
    till.annul(till.ledger[0], ago(hours=3) + timedelta(minutes=5))
    till.refuse("what is this", ago(hours=1))
    said: list[tuple[str, ...]] = []

    def attempt(session: Session, number: int) -> None:
        said.append(tuple(word["verdict"] for word in send(till, till.ledger, session=session)))

    run(app, attempt, times=8)
    assert sorted(said) == sorted([("stored",) * 14, *[("duplicate",) * 14] * 7])
    assert (counted(Entry.claim_id), counted(Claim.id)) == (14, 12)
    live = db.session.scalar(select(func.count()).where(Redemption.annulled_at.is_(None)))
    assert live == 11
    assert checks.broken(db.session) == []


def test_two_tills_bring_the_same_passes_at_once(app: Flask) -> None:
    counter = open_counter()
    tills = [counter.till("A"), counter.till("B")]
    passes = [counter.sell(f"guest{number}") for number in range(8)]
    for sold in passes:
        tills[0].redeem(sold, ago(hours=3))
    for sold in reversed(passes):
        tills[1].redeem(sold, ago(hours=2))
    halves = [till.ledger[at : at + 4] for till in tills for at in (0, 4)]
    batches = [(tills[number // 2], half) for number, half in enumerate(halves)]

    def attempt(session: Session, number: int) -> None:
        till, batch = batches[number % 4]
        send(till, batch, session=session)

    run(app, attempt, times=12)
    db.session.rollback()
    found = {(row.till_id, row.standing) for row in db.session.scalars(select(Claim))}
    assert found == {(tills[0].id, "won"), (tills[1].id, "lost")}
    assert checks.broken(db.session) == []


def press(session: Session, counter_shop: int, staff: int, pass_id: str, nonce: str) -> str:
    begin_write(session)
    answer = redemption.redeem(
        session,
        shop_id=counter_shop,
        staff_id=staff,
        pass_id=pass_id,
        quantity=1,
        nonce=nonce,
        now=clock.now(),
    )
    session.commit()
    return answer.reason


def test_the_counter_and_a_till_want_the_last_use(app: Flask) -> None:
    counter = open_counter()
    till = counter.till()
    for round_ in range(6):
        sold = counter.sell(f"guest{round_}")
        entry = till.redeem(sold, ago(hours=1))

        def attempt(session: Session, number: int, sold=sold, entry=entry) -> None:
            if number % 2:
                send(till, [entry], session=session)
            else:
                press(session, counter.shop, counter.staff, sold.pass_id, f"press-{sold.pass_id}")

        run(app, attempt, times=2, threads=2)
        live = (Redemption.pass_id == sold.pass_id, Redemption.annulled_at.is_(None))
        assert db.session.scalar(select(func.count()).where(*live)) == 1
        db.session.rollback()
    assert checks.broken(db.session) == []


def test_two_tills_ask_for_the_last_use_at_once(app: Flask) -> None:
    counter = open_counter()
    tills = [counter.till(name) for name in "ABCD"]
    sold = counter.sell()
    for till in tills:
        till.redeem(sold, clock.now(), mode="online")
    said: list[str] = []

    def attempt(session: Session, number: int) -> None:
        said.append(send(tills[number], tills[number].ledger, session=session)[0]["verdict"])

    run(app, attempt, times=4, threads=4)
    assert sorted(said) == ["rejected"] * 3 + ["stored"]
    assert checks.broken(db.session) == []


def test_control_without_the_guard_takes_the_last_use_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Read, meet at a barrier, write what was read: counter and till must then both have the one use."""
    counter = open_counter()
    till, sold = counter.till(), counter.sell()
    entry = till.redeem(sold, ago(hours=1))
    seen = judge(
        db.session,
        code=redemption.Code(pass_id=sold.pass_id),
        shop_id=counter.shop,
        quantity=1,
        now=clock.now(),
    )
    db.session.rollback()
    barrier = threading.Barrier(2)

    def blind(session: Session, pass_id: str, quantity: int, *_: object, **__: object) -> Pass:
        row = update(Pass).where(Pass.id == pass_id).values(uses_left=0, state="used")
        session.execute(row.execution_options(synchronize_session=False))
        return pass_rules.get_locked(session, pass_id=pass_id)

    def spend_all(session: Session, *, wanted: list[tuple[str, int]], now: datetime) -> list[object]:
        return [
            pass_rules.spend(session, pass_id=pass_id, quantity=quantity, now=now)
            for pass_id, quantity in wanted
        ]

    def fold_alone(books: object) -> dict[str, object]:
        return {entry["claim_id"]: effects.Standing("won", number=1)}

    from o2o.claims import effects

    monkeypatch.setattr(pass_rules, "_take", blind)
    monkeypatch.setattr(pass_rules, "take_all", spend_all)
    monkeypatch.setattr(redemption, "judge", lambda session, **asked: seen)
    monkeypatch.setattr(effects, "outcome", fold_alone)

    def careless(session: Session, number: int) -> None:
        session.rollback()
        barrier.wait(10)
        if number:
            send(till, [entry], session=session)
        else:
            press(session, counter.shop, counter.staff, sold.pass_id, "press-1")

    race(app, careless, times=2, threads=2)
    live = (Redemption.pass_id == sold.pass_id, Redemption.annulled_at.is_(None))
    assert db.session.scalar(select(func.count()).where(*live)) == 2
    monkeypatch.undo()
    db.session.rollback()
    assert [line for line in checks.broken(db.session) if line.startswith("I6")]


def test_a_deadlock_is_no_poison(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the database could not do just now is refused as a whole, and comes again whole."""
    counter = open_counter()
    till = counter.till()
    till.redeem(counter.sell(), ago(hours=1))
    from o2o.claims import sync

    def busy(*_: object, **__: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("deadlock detected"))

    with monkeypatch.context() as patch:
        patch.setattr(sync, "settle", busy)
        with pytest.raises(OperationalError):
            send(till, till.ledger)
    db.session.rollback()
    assert counted(Entry.claim_id) == 0
    assert send(till, till.ledger)[0]["verdict"] == "stored"
