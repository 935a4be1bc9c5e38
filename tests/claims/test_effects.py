"""What claims do to passes and money: one use to five, undone, refunded, taken at the counter too, in any order."""

from datetime import timedelta
from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import func, select

from o2o.claims.effects import refold
from o2o.claims.models import Claim
from o2o.kernel import checks, clock, journal
from o2o.kernel.db import begin_write, db
from o2o.orders import queries as orders
from o2o.passes.models import Pass
from o2o.redemption import rules as redemption
from o2o.redemption.models import Redemption
from o2o.refunds import rules as refunds
from o2o.refunds.models import Refund
from tests.claims.tillkit import Sold, TillPhone, ago, open_counter, send, shape
from tests.factories import make_paid_order
from tests.passes.phone import HolderPhone


def standings(till: TillPhone) -> list[str | None]:
    db.session.rollback()
    rows = [db.session.get(Claim, entry["claim_id"]) for entry in till.ledger if entry["act"] == "redeem"]
    return [row.standing if row else None for row in rows]


def taken(sold: Sold) -> tuple[int, int]:
    """Return the uses that are left, and those that live redemptions took."""
    db.session.rollback()
    live = (Redemption.pass_id == sold.pass_id, Redemption.annulled_at.is_(None))
    count = db.session.scalar(select(func.coalesce(func.sum(Redemption.quantity), 0)).where(*live))
    return db.session.get_one(Pass, sold.pass_id).uses_left, int(count or 0)


def press(shop: int, staff: int, pass_id: str, nonce: str) -> redemption.Answer:
    begin_write()
    answer = redemption.redeem(
        db.session, shop_id=shop, staff_id=staff, pass_id=pass_id, quantity=1, nonce=nonce, now=clock.now()
    )
    db.session.commit()
    return answer


@pytest.mark.parametrize("uses", [1, 2, 3, 5])
def test_a_pass_of_many_uses_is_settled_from_two_tills(app: Flask, uses: int) -> None:
    counter = open_counter(uses=uses)
    sold = counter.sell()
    tills = [counter.till("A"), counter.till("B")]
    for number in range(uses + 2):
        tills[number % 2].redeem(sold, ago(hours=10) + timedelta(minutes=20 * number))
    send(tills[1], tills[1].ledger)
    send(tills[0], tills[0].ledger)
    send(tills[1], tills[1].ledger)
    found = sorted(
        (row.at, row.standing)
        for row in db.session.scalars(select(Claim).where(Claim.pass_id == sold.pass_id))
    )
    assert [standing for _, standing in found] == ["won"] * uses + ["lost"] * 2
    assert taken(sold) == (0, uses)
    assert checks.broken(db.session) == []


def test_two_uses_at_once_need_two(app: Flask) -> None:
    counter = open_counter(uses=3)
    sold, till, other = counter.sell(), counter.till("A"), counter.till("B")
    till.redeem(sold, ago(hours=3), quantity=2)
    other.redeem(sold, ago(hours=2), quantity=2)
    other.redeem(sold, ago(hours=1), quantity=1)
    send(other, other.ledger)
    send(till, till.ledger)
    assert (standings(till), standings(other)) == (["won"], ["lost", "won"])
    assert taken(sold) == (0, 3)
    assert checks.broken(db.session) == []


def test_folding_again_changes_nothing(app: Flask) -> None:
    counter = open_counter(uses=2)
    sold, till = counter.sell(), counter.till()
    for hours in (5, 4, 3):
        till.redeem(sold, ago(hours=hours))
    send(till, till.ledger)
    before = [tuple(row) for row in db.session.execute(select(Claim.__table__))]
    facts = db.session.scalar(select(func.count()).select_from(journal.Fact))
    begin_write()
    assert refold(db.session, pass_id=sold.pass_id, now=clock.now()) == []
    db.session.commit()
    assert [tuple(row) for row in db.session.execute(select(Claim.__table__))] == before
    assert db.session.scalar(select(func.count()).select_from(journal.Fact)) == facts


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_undo_counts_whenever_it_comes(app: Flask, order: tuple[int, ...]) -> None:
    counter = open_counter()
    sold, till, other = counter.sell(), counter.till("A"), counter.till("B")
    entry = till.redeem(sold, ago(hours=2))
    undo = till.annul(entry, ago(hours=2) + timedelta(minutes=10))
    second = other.redeem(sold, ago(hours=1))
    for number in order:
        sender = other if number == 2 else till
        send(sender, [(entry, undo, second)[number]])
    assert (standings(till), standings(other)) == (["annulled"], ["won"])
    assert taken(sold) == (0, 1)
    assert checks.broken(db.session) == []


def test_an_undo_alone_is_kept_and_does_nothing(app: Flask) -> None:
    counter = open_counter()
    till = counter.till()
    undo = till.annul("0f0f0f0f-0000-4000-8000-000000000001", ago(hours=1))
    assert send(till, [undo])[0]["verdict"] == "stored"
    assert send(till, [undo])[0]["verdict"] == "duplicate"


def test_an_undo_out_of_time_or_by_another_till_is_refused(app: Flask) -> None:
    counter = open_counter()
    sold, till, other = counter.sell(), counter.till("A"), counter.till("B")
    entry = till.redeem(sold, ago(hours=2))
    send(till, [entry])
    late = till.annul(entry, ago(hours=2) + timedelta(minutes=15, seconds=1))
    strange = other.annul(entry, ago(hours=2) + timedelta(minutes=1))
    assert send(till, [late])[0]["reason"] == "too_late"
    assert send(other, [strange])[0]["reason"] == "wrong_till"
    assert (standings(till), taken(sold)) == (["won"], (0, 1))


def test_a_late_undo_that_came_first_undoes_nothing(app: Flask) -> None:
    counter = open_counter()
    sold, till = counter.sell(), counter.till()
    entry = till.redeem(sold, ago(hours=2))
    late = till.annul(entry, ago(hours=1))
    send(till, [late])
    send(till, [entry])
    assert (standings(till), taken(sold)) == (["won"], (0, 1))
    assert checks.broken(db.session) == []


def test_the_counter_never_loses_to_a_till(app: Flask) -> None:
    counter = open_counter()
    sold, till = counter.sell(), counter.till()
    entry = till.redeem(sold, ago(hours=3))
    assert press(counter.shop, counter.staff, sold.pass_id, "press-1").is_ok
    word = send(till, [entry])[0]
    assert (word["verdict"], word["cause"]) == ("conflict", "copy_possible")
    assert taken(sold) == (0, 1)
    assert checks.broken(db.session) == []


def test_what_the_counter_gives_back_the_till_may_have(app: Flask) -> None:
    counter = open_counter()
    sold, till = counter.sell(), counter.till()
    entry = till.redeem(sold, ago(hours=3))
    answer = press(counter.shop, counter.staff, sold.pass_id, "press-1")
    send(till, [entry])
    begin_write()
    redemption.annul(
        db.session,
        shop_id=counter.shop,
        redemption_id=str(answer.redemption_id),
        staff_id=counter.staff,
        reason="mistake",
        now=clock.now(),
    )
    db.session.commit()
    journal.deliver(db.session)
    assert (standings(till), taken(sold)) == (["won"], (0, 1))
    assert checks.broken(db.session) == []


def test_one_press_under_both_numbers_is_one_use(app: Flask) -> None:
    counter = open_counter(uses=3)
    sold, till = counter.sell(), counter.till()
    entry = till.redeem(sold, ago(seconds=5), mode="online")
    press(counter.shop, counter.staff, sold.pass_id, entry["claim_id"])
    assert send(till, [entry])[0]["verdict"] == "stored"
    assert (standings(till), taken(sold)) == (["collapsed"], (2, 1))
    undo = till.annul(entry, clock.now())
    assert send(till, [undo])[0]["verdict"] == "stored"
    assert (standings(till), taken(sold)) == (["annulled"], (3, 0))
    assert checks.broken(db.session) == []


def test_a_till_that_asks_is_answered_by_the_servers_clock(app: Flask) -> None:
    counter = open_counter()
    sold, till, other = counter.sell(), counter.till("A"), counter.till("B")
    early = till.redeem(sold, ago(hours=1))
    asked = other.redeem(sold, clock.now(), mode="online")
    assert send(other, [asked])[0]["verdict"] == "stored"
    assert db.session.get_one(Claim, asked["claim_id"]).is_confirmed
    again = other.redeem(sold, clock.now(), mode="online")
    word = send(other, [again])[0]
    assert (word["verdict"], word["reason"]) == ("rejected", "already_used_here")
    word = send(till, [early])[0]
    assert (word["verdict"], word["cause"]) == ("conflict", "presented_twice")
    assert taken(sold) == (0, 1)
    assert checks.broken(db.session) == []


def test_a_till_that_asks_in_one_batch_with_what_it_took(app: Flask) -> None:
    counter = open_counter(uses=2)
    sold, till = counter.sell(), counter.till()
    till.redeem(sold, ago(hours=2))
    till.redeem(sold, clock.now(), mode="online")
    till.redeem(sold, clock.now(), mode="online", quantity=1)
    words = send(till, till.ledger)
    assert [word["verdict"] for word in words] == ["stored", "stored", "rejected"]
    assert taken(sold) == (0, 2)
    assert checks.broken(db.session) == []


def buy(uses: int, price: int = 4000) -> tuple[Sold, TillPhone, TillPhone]:
    """Sell a pass for real money and bind it to nobody, with two tills."""
    counter = open_counter(uses=uses, price=price)
    tills = counter.till("A"), counter.till("B")
    for till in tills:
        send(till, [])
    begin_write()
    from o2o.offers.models import Terms

    order = make_paid_order(db.session, db.session.get_one(Terms, counter.terms))
    row = orders.passes_of(db.session, order.id)[0]
    # The moments of the till's ledger lie before now.
    sold = shape(row, HolderPhone(7))
    db.session.commit()
    journal.deliver(db.session)
    return sold, *tills


def ask_back(sold: Sold) -> None:
    begin_write()
    refunds.request(db.session, pass_id=sold.pass_id, cause="guest", now=clock.now())
    db.session.commit()
    journal.deliver(db.session)


@pytest.mark.parametrize("order", list(permutations(("before", "after", "refund"))))
def test_a_use_before_the_refund_wins_and_one_after_it_loses(app: Flask, order: tuple[str, ...]) -> None:
    sold, early, late = buy(uses=3, price=4500)
    now = clock.now()
    early.redeem(sold, now - timedelta(minutes=2), text=sold.bearer, drift=None)
    late.redeem(sold, now + timedelta(minutes=3), text=sold.bearer, drift=None)
    for step in order:
        if step == "refund":
            ask_back(sold)
        else:
            till = early if step == "before" else late
            send(till, till.ledger, now=now + timedelta(minutes=5))
    assert (standings(early), standings(late)) == (["won"], ["lost"])
    assert db.session.scalars(select(Claim.cause).where(Claim.standing == "lost")).one() == "after_refund"
    refund = db.session.scalars(select(Refund)).one()
    assert (refund.state, refund.uses, refund.amount) == ("requested", 2, 3000)
    assert taken(sold) == (2, 1)
    assert checks.broken(db.session) == []


def test_a_use_of_everything_withdraws_the_refund(app: Flask) -> None:
    sold, till, _ = buy(uses=1)
    entry = till.redeem(sold, clock.now() - timedelta(minutes=2), text=sold.bearer, drift=None)
    ask_back(sold)
    assert send(till, [entry])[0]["verdict"] == "stored"
    assert db.session.scalars(select(Refund.state)).one() == "withdrawn"
    assert taken(sold) == (0, 1)
    assert db.session.get_one(Pass, sold.pass_id).state == "used"
    assert checks.broken(db.session) == []


def test_a_held_use_that_is_not_paid_stays_lost(app: Flask) -> None:
    counter = open_counter()
    sold, till = counter.sell(), counter.till()
    till.redeem(sold, clock.now() + timedelta(hours=2))
    send(till, till.ledger)
    row = db.session.scalars(select(Redemption)).one()
    assert row.held
    begin_write()
    redemption.settle_held(db.session, redemption_id=row.id, pay=False, by=counter.staff, now=clock.now())
    refold(db.session, pass_id=sold.pass_id, now=clock.now())
    db.session.commit()
    journal.deliver(db.session)
    assert (standings(till), taken(sold)) == (["lost"], (1, 0))
    assert checks.broken(db.session) == []
