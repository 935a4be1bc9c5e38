"""A till that lies, or was copied: whatever it signs, nobody is paid twice and nothing it sent honestly is lost."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import select

from o2o.accounts import registry
from o2o.claims.models import Claim, Entry
from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.ledger.queries import balances, shop_book
from o2o.passes import rules as pass_rules
from o2o.passes.models import Pass
from o2o.redemption import rules as redemption
from o2o.redemption.models import Redemption
from o2o.tills.models import Till
from tests.claims.tillkit import Counter, Sold, TillPhone, ago, open_counter, send
from tests.claims.tillkit import Entry as Written


def standing(entry: Written) -> tuple[str, str | None]:
    db.session.rollback()
    row = db.session.get_one(Claim, entry["claim_id"])
    return row.standing, row.cause


def left(sold: Sold) -> int:
    db.session.rollback()
    return db.session.get_one(Pass, sold.pass_id).uses_left


def finalise(now: datetime) -> int:
    begin_write()
    done = redemption.finalise_due(db.session, now=now)
    db.session.commit()
    return done


def book(shop: int) -> dict[str, int]:
    db.session.rollback()
    return {
        account: amount for (account, _), amount in balances(db.session, shop_book(shop)).items() if amount
    }


def press(counter: Counter, sold: Sold, nonce: str, now: datetime) -> redemption.Answer:
    begin_write()
    given = {"shop_id": counter.shop, "staff_id": counter.staff, "quantity": 1, "nonce": nonce, "now": now}
    answer = redemption.redeem(db.session, pass_id=sold.pass_id, **given)
    db.session.commit()
    return answer


def test_an_old_claim_is_no_newer_for_saying_online(counter: Counter) -> None:
    sold, honest, liar = counter.sell(), counter.till("A"), counter.till("B")
    first = honest.redeem(sold, ago(hours=3))
    later = liar.redeem(sold, ago(hours=2), mode="online")
    send(liar, liar.ledger)
    send(honest, honest.ledger)
    assert standing(first) == ("won", None)
    assert standing(later) == ("lost", "presented_twice")
    assert not db.session.get_one(Claim, later["claim_id"]).is_confirmed
    assert checks.broken(db.session) == []


@pytest.mark.parametrize("skew", [-(365 * 50), -3650, -2, 1, 3650, 365 * 7000])
def test_a_clock_of_another_age_pays_nobody_by_itself(counter: Counter, skew: int) -> None:
    sold, till = counter.sell(), counter.till()
    shown = ago(hours=1)
    # The phone's proof is of today; what the till says of its own clock is years away.
    till.skew = timedelta(days=skew)
    entry = till.redeem(sold, shown, offset=0)
    send(till, till.ledger)
    assert standing(entry) == ("won", "stale_proof")
    finalise(clock.now() + timedelta(days=4))
    assert "shop_payable" not in book(counter.shop)
    row = db.session.scalars(select(Redemption)).one()
    begin_write()
    given = {"redemption_id": row.id, "pay": True, "by": counter.staff}
    redemption.settle_held(db.session, now=clock.now(), **given)
    db.session.commit()
    for days in (4, 5):
        finalise(clock.now() + timedelta(days=days))
    assert book(counter.shop)["shop_payable"] == -3800
    assert checks.broken(db.session) == []


def test_a_copied_till_forks_and_one_use_stays_one(counter: Counter, till: TillPhone) -> None:
    sold, other = counter.sell(), counter.sell("guest2")
    till.redeem(sold, ago(hours=3))
    send(till, till.ledger)
    clone = TillPhone(till.id, till.shop, till.staff, till.phone, ledger=list(till.ledger))
    mine = till.redeem(other, ago(hours=2))
    theirs = clone.redeem(other, ago(hours=1))
    assert send(clone, [theirs])[0]["verdict"] == "stored"
    word = send(till, [mine])[0]
    assert (word["verdict"], word["reason"]) == ("rejected", "seq_reused")
    after = till.redeem(counter.sell("guest3"), ago(minutes=30))
    assert send(till, [after])[0]["verdict"] == "stored"
    db.session.rollback()
    assert not db.session.get_one(Entry, after["claim_id"]).is_linked
    assert left(other) == 0
    assert checks.broken(db.session) == []


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_undo_written_twice_counts_in_any_order(counter: Counter, order: tuple[int, ...]) -> None:
    sold, till = counter.sell(), counter.till()
    start = ago(hours=5)
    entry = till.redeem(sold, start)
    parts = [
        entry,
        till.annul(entry, start + timedelta(minutes=5)),
        till.annul(entry, start + timedelta(hours=2)),
    ]
    for number in order:
        send(till, [parts[number]])
    assert standing(entry) == ("annulled", None)
    assert left(sold) == 1
    assert checks.broken(db.session) == []


def test_undos_of_nothing_of_itself_and_of_others(counter: Counter, till: TillPhone) -> None:
    sold, other = counter.sell(), counter.till("B")
    theirs = other.redeem(sold, ago(hours=1))
    send(other, other.ledger)
    foreign_counter = open_counter()
    foreign_till = foreign_counter.till()
    foreign = foreign_till.redeem(foreign_counter.sell(), ago(hours=1))
    send(foreign_till, foreign_till.ledger)
    own = "0f0f0f0f-0000-4000-8000-00000000000a"
    till.annul(own, ago(minutes=50), claim_id=own)
    till.annul(theirs, ago(minutes=50))
    till.annul(foreign, ago(minutes=50))
    till.annul(till.ledger[0], ago(minutes=49))
    said = [(word["verdict"], word["reason"]) for word in send(till, till.ledger)]
    assert said == [("stored", ""), ("rejected", "wrong_till"), ("stored", ""), ("stored", "")]
    assert standing(theirs) == standing(foreign) == ("won", None)
    assert db.session.get_one(Till, till.id).head == 4
    assert checks.broken(db.session) == []


def test_an_undo_after_final_takes_nothing_back(counter: Counter, till: TillPhone) -> None:
    sold = counter.sell()
    entry = till.redeem(sold, ago(hours=80))
    send(till, [entry], now=ago(hours=79))
    finalise(ago(hours=78))
    finalise(clock.now())
    till.annul(entry, ago(hours=80) + timedelta(minutes=1))
    assert send(till, till.ledger)[1]["reason"] == "too_late"
    assert standing(entry) == ("won", None)
    assert book(counter.shop) == {"voucher_liability": 3800, "shop_payable": -3800}
    assert checks.broken(db.session) == []


@pytest.mark.parametrize("note", ["", " ", "\u3000\t", "\x00", "a\x00b", "\u200b", "x" * 500])
def test_an_undo_of_the_counters_use_whatever_its_note(counter: Counter, till: TillPhone, note: str) -> None:
    sold = counter.sell()
    nonce = "0f0f0f0f-0000-4000-8000-00000000000b"
    press(counter, sold, nonce, ago(minutes=5))
    till.annul(nonce, ago(minutes=2), note=note)
    assert send(till, till.ledger)[0]["verdict"] == "stored"
    assert left(sold) == 1
    assert db.session.scalars(select(Redemption.annul_reason)).one().strip()
    assert db.session.get_one(Till, till.id).head == 1
    assert checks.broken(db.session) == []


def test_an_undo_of_the_counters_use_of_a_pass_that_expired_meanwhile(app: Flask) -> None:
    counter = open_counter(uses=3)
    sold, till = counter.sell(), counter.till()
    nonce = "0f0f0f0f-0000-4000-8000-00000000000c"
    press(counter, sold, nonce, ago(minutes=10))
    till.annul(nonce, ago(minutes=5))
    begin_write()
    db.session.get_one(Pass, sold.pass_id).expires = ago(hours=1)
    db.session.flush()
    assert pass_rules.expire_due(db.session, now=clock.now()) == [sold.pass_id]
    db.session.commit()
    assert send(till, till.ledger)[0]["verdict"] == "stored"
    assert (left(sold), db.session.get_one(Pass, sold.pass_id).state) == (3, "expired")
    assert checks.broken(db.session) == []


def test_one_showing_said_twice_by_one_till_strikes_nobody(counter: Counter, till: TillPhone) -> None:
    """A guest who is asked to show the pass once more to the same till has done nothing wrong."""
    sold = counter.sell()
    till.redeem(sold, ago(minutes=30))
    again = till.redeem(sold, ago(minutes=20))
    send(till, till.ledger)
    assert standing(again) == ("lost", "stale_proof")
    assert checks.broken(db.session) == []


def test_two_hundred_claims_of_one_pass_of_five_uses(app: Flask) -> None:
    counter = open_counter(uses=5)
    sold, till = counter.sell(), counter.till()
    start = ago(hours=10)
    for number in range(200):
        till.redeem(sold, start + timedelta(minutes=2 * number), quantity=1 + number % 3)
    said = send(till, till.ledger)
    assert sum(word["quantity"] for word in said if word["verdict"] == "stored") == 5
    assert left(sold) == 0
    assert book(counter.shop) == {"voucher_liability": 3800, "shop_pending": -3800}
    assert checks.broken(db.session) == []


def test_a_nonce_of_the_counter_that_is_a_claims_number(counter: Counter, till: TillPhone) -> None:
    """Staff cannot make a till stumble for ever by pressing at the counter under a claim's own number."""
    sold, other = counter.sell(), counter.sell("guest2")
    entry = till.redeem(other, ago(hours=1))
    press(counter, sold, entry["claim_id"], ago(minutes=5))
    assert send(till, till.ledger)[0]["verdict"] == "stored"
    assert (left(sold), left(other)) == (0, 0)
    assert db.session.get_one(Till, till.id).head == 1
    assert checks.broken(db.session) == []


def test_a_code_that_no_form_had_takes_nothing(counter: Counter, till: TillPhone) -> None:
    """The tills' lists name passes and forms, so a shop could name one it was never shown."""
    sold = counter.sell()
    counter.rebind(sold, ago(hours=2))
    for gen, code in ((0, "0123456789AB"), (1, "0123456789AB"), (1, sold.short_code), (9, sold.short_code)):
        entry = till.redeem(sold, ago(hours=1), text=code, gen=gen, drift=None)
        word = send(till, [entry])[0]
        assert (word["verdict"], word["reason"]) == ("rejected", "format")
    assert left(sold) == 1
    assert db.session.get_one(Till, till.id).head == 4
    assert checks.broken(db.session) == []


def test_staff_who_leave_take_no_guests_codes_along(counter: Counter, till: TillPhone) -> None:
    sold, printed = counter.sell(), counter.sell("guest2", bound=False)
    till.redeem(sold, ago(hours=2))
    till.redeem(printed, ago(hours=1), text=printed.bearer, drift=None)
    send(till, till.ledger)
    db.session.rollback()
    mine = repr(registry.export(db.session, account_id=counter.staff))
    assert till.ledger[0]["claim_id"] in mine
    for secret in (till.ledger[0]["text"], printed.bearer, sold.short_code, printed.short_code):
        assert secret not in mine
