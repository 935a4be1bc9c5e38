"""A till's batch: kept once, verified again, answered entry by entry."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from o2o.claims.models import Claim, Entry
from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.shops.models import Role
from o2o.tills import rules as tills
from o2o.tills.models import Till
from tests.claims.tillkit import Counter, Sold, TillPhone, ago, open_counter, send
from tests.factories import make_account

NOW = clock.now()


def left(sold: Sold) -> int:
    db.session.rollback()
    return db.session.get_one(Pass, sold.pass_id).uses_left


def live_uses(sold: Sold) -> int:
    rows = select(func.coalesce(func.sum(Redemption.quantity), 0))
    return int(
        db.session.scalar(rows.where(Redemption.pass_id == sold.pass_id, Redemption.annulled_at.is_(None)))
        or 0
    )


def claim(entry: dict) -> Claim:
    db.session.rollback()
    return db.session.get_one(Claim, entry["claim_id"])


def test_an_offline_use_is_taken_once_however_often_it_is_sent(counter: Counter, till: TillPhone) -> None:
    sold = counter.sell()
    till.redeem(sold, ago(hours=2))
    first = send(till, till.ledger)
    assert first == [
        {
            "claim_id": till.ledger[0]["claim_id"],
            "verdict": "stored",
            "reason": "",
            "cause": "",
            "quantity": 1,
            "uses_left": 0,
        }
    ]
    again = send(till, till.ledger)
    assert again == [{**first[0], "verdict": "duplicate"}]
    assert (left(sold), live_uses(sold)) == (0, 1)
    row = db.session.get_one(Till, till.id)
    assert (row.head, row.chain, row.said_head) == (1, till.ledger[0]["hash"], 1)
    assert checks.broken(db.session) == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (0, 1, 0, 1), (1, 1, 0), (0, 0, 1, 1)])
@pytest.mark.parametrize("apart", [30, 600])
def test_two_tills_settle_alike_in_either_order(counter: Counter, order: tuple[int, ...], apart: int) -> None:
    sold = counter.sell()
    tills_ = [counter.till("A"), counter.till("B")]
    start = ago(hours=3)
    tills_[0].redeem(sold, start)
    tills_[1].redeem(sold, start + timedelta(seconds=apart))
    for number in order:
        send(tills_[number], tills_[number].ledger)
    winner, loser = claim(tills_[0].ledger[0]), claim(tills_[1].ledger[0])
    cause = "one_showing_two_tills" if apart == 30 else "presented_twice"
    assert (winner.standing, winner.cause) == ("won", None)
    assert (loser.standing, loser.cause, loser.against) == ("lost", cause, winner.id)
    word = send(tills_[1], tills_[1].ledger)[0]
    assert (word["verdict"], word["cause"], word["won_till"]) == ("conflict", cause, "A")
    assert word["won_at"] == clock.millis(winner.at)
    assert (left(sold), live_uses(sold)) == (0, 1)
    assert checks.broken(db.session) == []


def test_pieces_and_repetitions_change_nothing(app: Flask) -> None:
    counter = open_counter(uses=3)
    sold = counter.sell()
    tills_ = [counter.till("A"), counter.till("B")]
    start = ago(hours=5)
    for number in range(6):
        tills_[number % 2].redeem(sold, start + timedelta(minutes=5 * number))
    for piece in ((1, 2), (0, 0), (0, 2), (1, 0), (0, 1), (1, 1), (1, 2)):
        till = tills_[piece[0]]
        send(till, till.ledger[piece[1] :])
    entries = sorted((entry for till in tills_ for entry in till.ledger), key=lambda entry: entry["at"])
    assert [claim(entry).standing for entry in entries] == ["won"] * 3 + ["lost"] * 3
    assert (left(sold), live_uses(sold)) == (0, 3)
    assert checks.broken(db.session) == []


def test_a_batch_of_another_content_under_the_same_id_is_refused(counter: Counter, till: TillPhone) -> None:
    sold = counter.sell()
    entry = till.redeem(sold, ago(hours=1))
    send(till, [entry])
    other = till.sign({**entry, "note": "changed"})
    assert send(till, [other])[0]["reason"] == "claim_reused"
    moved = till.sign({**entry, "claim_id": "0f0f0f0f-0000-4000-8000-000000000001"})
    assert send(till, [moved])[0]["reason"] == "seq_reused"
    assert live_uses(sold) == 1
    stranger = counter.till("B")
    copied = stranger.sign({**entry, "till": stranger.id})
    assert send(stranger, [copied])[0]["reason"] == "claim_reused"


def test_what_is_not_the_tills_own_is_not_kept(counter: Counter, till: TillPhone) -> None:
    sold = counter.sell()
    entry = till.redeem(sold, ago(hours=1))
    other = counter.till("B")
    forged = {**entry, "signature": other.sign(entry)["signature"]}
    shifted = {**entry, "quantity": 2}
    strange = other.redeem(sold, ago(hours=1))
    verdicts = send(till, [forged, shifted, strange, "x", None, {"claim_id": "\ud800"}])
    assert [(word["verdict"], word["reason"]) for word in verdicts] == [
        ("rejected", "signature"),
        ("rejected", "signature"),
        ("rejected", "wrong_till"),
        ("rejected", "format"),
        ("rejected", "format"),
        ("rejected", "format"),
    ]
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 0
    assert (verdicts[0]["claim_id"], verdicts[-1]["claim_id"]) == (entry["claim_id"], None)


def test_the_server_believes_no_code(counter: Counter, till: TillPhone) -> None:
    sold, start = counter.sell(), ago(hours=1)
    code = sold.live(start)
    flipped = str(int(code) ^ 1)
    elsewhere = open_counter().sell()
    wrong_phone = Sold(sold.pass_id, elsewhere.phone, sold.token, 0, sold.short_code)
    cases = {
        "format": "1234567890" * 7,
        "signature": flipped,
        "copy": sold.bearer,
        "wrong_shop": elsewhere.live(start),
    }
    for reason, text in cases.items():
        entry = till.redeem(sold, start, text=text)
        assert send(till, [entry])[0]["reason"] == reason
    entry = till.redeem(wrong_phone, start)
    assert send(till, [entry])[0]["reason"] == "signature"
    entry = till.redeem(sold, start, text="0000-0000-0000")
    assert send(till, [entry])[0]["reason"] == "format"
    assert left(sold) == 1
    assert set(db.session.scalars(select(Entry.status))) == {"rejected"}
    assert db.session.get_one(Till, till.id).head == 6
    assert checks.broken(db.session) == []


def test_a_typed_code_is_the_pass(counter: Counter, till: TillPhone) -> None:
    sold = counter.sell()
    entry = till.redeem(sold, ago(hours=1), text=sold.short_code, drift=None)
    assert send(till, [entry])[0]["verdict"] == "stored"
    row = claim(entry)
    assert (row.kind, row.step, row.standing, row.is_suspect) == ("typed", None, "won", False)


def test_a_typed_code_of_an_earlier_form_is_believed_by_nobody_yet(counter: Counter, till: TillPhone) -> None:
    sold = counter.sell()
    counter.rebind(sold, ago(minutes=30))
    entry = till.redeem(sold, ago(hours=1), text=sold.short_code, drift=None)
    assert send(till, [entry])[0]["verdict"] == "stored"
    row = claim(entry)
    assert (row.standing, row.cause, row.is_suspect) == ("won", "stale_proof", True)
    assert db.session.get_one(Redemption, row.redemption_id).held


def test_two_phones_are_seen(counter: Counter) -> None:
    old = counter.sell()
    tills_ = [counter.till("A"), counter.till("B")]
    new = counter.rebind(old, ago(hours=2))
    tills_[0].redeem(new, ago(hours=1))
    tills_[1].redeem(old, ago(minutes=30))
    send(tills_[0], tills_[0].ledger)
    word = send(tills_[1], tills_[1].ledger)[0]
    assert (word["verdict"], word["cause"]) == ("conflict", "two_phones")
    assert checks.broken(db.session) == []


def test_what_came_too_late_loses_its_place_and_no_evidence(counter: Counter) -> None:
    sold = counter.sell()
    tills_ = [counter.till("A"), counter.till("B")]
    tills_[0].redeem(sold, ago(hours=80))
    tills_[1].redeem(sold, ago(hours=1))
    send(tills_[1], tills_[1].ledger)
    word = send(tills_[0], tills_[0].ledger)[0]
    assert (word["verdict"], word["cause"]) == ("conflict", "late_claim")
    assert claim(tills_[0].ledger[0]).is_late
    assert checks.broken(db.session) == []


def test_an_expired_pass_used_in_time_is_used(counter: Counter, till: TillPhone) -> None:
    sold = counter.sell(issued_at=ago(days=31))
    begin_write()
    row = db.session.get_one(Pass, sold.pass_id)
    expires = row.expires
    db.session.rollback()
    inside = till.redeem(sold, expires - timedelta(hours=1))
    outside = till.redeem(sold, expires + timedelta(minutes=11))
    words = send(till, [inside, outside])
    assert [word["verdict"] for word in words] == ["stored", "rejected"]
    assert words[1]["reason"] == "expired"
    early = till.redeem(sold, ago(days=32))
    assert send(till, [early])[0]["reason"] == "too_early"
    assert checks.broken(db.session) == []


def test_staff_of_once_count_and_strangers_do_not(counter: Counter, till: TillPhone) -> None:
    sold, other = counter.sell(), counter.sell("second")
    begin_write()
    role = db.session.scalars(select(Role).where(Role.account_id == counter.staff)).one()
    role.ended_at = clock.now()
    stranger = make_account(db.session, "stranger").id
    db.session.commit()
    entries = [
        till.redeem(sold, ago(hours=1)),
        till.redeem(other, ago(hours=1), staff=stranger),
        till.redeem(other, ago(hours=1), staff=987_654),
    ]
    words = send(till, entries)
    assert [word["reason"] for word in words] == ["", "not_staff", "not_staff"]
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 3


def test_a_revoked_till_is_believed_only_what_a_phone_proves(counter: Counter, till: TillPhone) -> None:
    passes = [counter.sell(f"guest{number}") for number in range(4)]
    begin_write()
    owner = make_account(db.session, "owner").id
    tills.revoke(db.session, shop_id=counter.shop, till_id=till.id, account_id=owner, now=ago(minutes=10))
    db.session.commit()
    entries = [
        till.redeem(passes[0], ago(minutes=30)),
        till.redeem(passes[1], ago(minutes=5)),
        till.redeem(passes[2], ago(minutes=30), text=passes[2].short_code, drift=None),
        till.annul(till.ledger[0], ago(minutes=5)),
        till.refuse("what is this", ago(minutes=5)),
    ]
    words = send(till, entries)
    assert [word["reason"] for word in words] == ["", "till_revoked", "till_revoked", "till_revoked", ""]
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 5
    assert claim(entries[0]).standing == "won"


def test_a_waiting_till_is_not_heard(counter: Counter) -> None:
    waiting = counter.till("W", state="waiting")
    with pytest.raises(RuleBroken, match="till_waiting"):
        send(waiting, [waiting.refuse("x", ago(minutes=1))])
    db.session.rollback()


def test_a_lying_clock_takes_nothing_for_sure(counter: Counter) -> None:
    sold = counter.sell()
    liar = counter.till("A", skew=timedelta(days=1))
    assert send(liar, [liar.redeem(sold, ago(hours=1))])[0]["verdict"] == "stored"
    assert claim(liar.ledger[0]).cause is None
    other = counter.sell("second")
    ahead = till_ahead = counter.till("B")
    ahead.redeem(other, clock.now() + timedelta(hours=2))
    send(till_ahead, till_ahead.ledger)
    assert (claim(ahead.ledger[0]).is_suspect, claim(ahead.ledger[0]).cause) == (True, "stale_proof")
    assert checks.broken(db.session) == []


def test_a_chain_shows_what_is_missing_and_what_is_broken(counter: Counter, till: TillPhone) -> None:
    for number in range(4):
        till.refuse(f"nothing {number}", ago(minutes=10 - number))
    broken = till.sign({**till.ledger[3], "prev": "0" * 64})
    send(till, [till.ledger[0], till.ledger[2], broken])
    rows = {row.seq: row for row in db.session.scalars(select(Entry))}
    assert {seq: row.is_linked for seq, row in rows.items()} == {1: True, 3: True, 4: False}
    assert db.session.get_one(Till, till.id).head == 1
    send(till, [till.ledger[1]])
    assert db.session.get_one(Till, till.id).head == 4
    assert checks.broken(db.session) == []
