"""A claim against the money: it arrives while a refund goes out, or while another use becomes final; one of the two."""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2o.claims import effects, sync
from o2o.claims.books import Books
from o2o.claims.models import Claim
from o2o.kernel import checks, clock, journal
from o2o.kernel.db import begin_write, db
from o2o.kernel.outside import outside
from o2o.offers.models import Terms
from o2o.orders import queries as orders
from o2o.orders import rules as order_rules
from o2o.passes.models import Pass
from o2o.payments import rules as payments
from o2o.payments import sandbox
from o2o.payments.models import SandboxPayment
from o2o.redemption import rules as redemption
from o2o.redemption.models import Redemption
from o2o.refunds import payout
from o2o.refunds import rules as refunds
from o2o.refunds.models import Refund
from o2o.tills import rules as tills
from tests.claims.tillkit import Counter, Entry, Sold, TillPhone, ago, open_counter, send, shape
from tests.factories import make_account, make_order
from tests.passes.phone import HolderPhone
from tests.racers import race

ROUNDS = 6
Begin = Callable[[Session], None]


class Start:
    """Let two writers ask for the database at the same moment, each once; what is verified before does not count."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *modules: Any) -> None:
        self.line = threading.Barrier(2)
        self.gone: set[int] = set()
        for module in modules:
            monkeypatch.setattr(module, "begin_write", self.begin_write)

    def begin_write(self, session: Session) -> None:
        if threading.get_ident() not in self.gone:
            self.gone.add(threading.get_ident())
            self.line.wait(30)
        begin_write(session)


@pytest.fixture
def bank(app: Flask) -> payments.Provider:
    return payments.provider(app.config["O2O"])


def buy(counter: Counter, bank: payments.Provider, key: str) -> Sold:
    """Buy a bearer pass with the pretended bank behind it, so that its money can go back."""
    begin_write()
    order = make_order(db.session, db.session.get_one(Terms, counter.terms), key=key)
    given = {"account_id": order.account_id, "order_id": order.id, "now": clock.now(), "provider": "sandbox"}
    order, intent = order_rules.start_paying(db.session, **given)
    order_id, intent_id, amount = order.id, intent.id, order.total
    db.session.commit()
    with outside(db.session):
        opened = bank.create(key=intent_id, amount=amount, currency="CNY", return_url="/")
    begin_write()
    payments.note_pending(db.session, intent_id=intent_id, opened=opened)
    sandbox.decide(db.session, ref=opened.ref, answer="approve", now=clock.now())
    order_rules.capture(db.session, intent_id=intent_id, now=clock.now())
    sold = shape(orders.passes_of(db.session, order_id)[0], HolderPhone(9))
    db.session.commit()
    journal.deliver(db.session)
    return sold


def ask_back(sold: Sold) -> str:
    begin_write()
    refund_id = refunds.request(db.session, pass_id=sold.pass_id, cause="guest", now=clock.now()).id
    db.session.commit()
    journal.deliver(db.session)
    return refund_id


def outcome(sold: Sold, entry: Entry) -> tuple[int, str, str]:
    """Say what the bank gave back, and how refund and claim ended."""
    db.session.rollback()
    returned = sum(db.session.scalars(select(SandboxPayment.refunded)))
    refund = db.session.scalars(select(Refund.state).where(Refund.pass_id == sold.pass_id)).one()
    return returned, refund, db.session.get_one(Claim, entry["claim_id"]).standing


def taken_before(till: TillPhone, sold: Sold) -> Entry:
    return till.redeem(sold, clock.now(), text=sold.bearer, drift=None)


def test_the_money_goes_back_or_the_claim_wins(
    app: Flask, bank: payments.Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = open_counter(refund_before_use=True)
    # No till was ever handed a list, so nothing holds the money back but the race itself.
    till = counter.till()
    back = 0
    for number in range(ROUNDS):
        sold = buy(counter, bank, f"order-{number}")
        entry = taken_before(till, sold)
        refund_id = ask_back(sold)

        def attempt(session: Session, turn: int, refund_id: str = refund_id, entry: Entry = entry) -> None:
            if turn:
                send(till, [entry], session=session, cursor=0, head=0)
            else:
                payout.pay_out(session, bank, refund_id=refund_id)

        with monkeypatch.context() as patch:
            if number % 2:
                Start(patch, sync, payout)
            assert race(app, attempt, times=2, threads=2) == {"ok": 2}
        returned, refund, claim = outcome(sold, entry)
        assert (returned - back, refund, claim) in ((3800, "paid", "lost"), (0, "withdrawn", "won"))
        back = returned
        assert checks.broken(db.session) == []
        db.session.rollback()


def test_control_without_looking_again_both_have_the_money(
    app: Flask, bank: payments.Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both read, then the bank is called, then the claim goes by what it had read: the same use is paid twice."""
    counter = open_counter(refund_before_use=True)
    till, sold = counter.till(), buy(counter, bank, "order")
    entry = taken_before(till, sold)
    refund_id = ask_back(sold)
    both_read, is_sent = threading.Barrier(2), threading.Event()
    fold = effects.outcome

    def from_before(books: Books) -> Any:
        books.is_sent = False
        return fold(books)

    def take_from_any(session: Session, *, wanted: list[tuple[str, int]], now: datetime) -> Any:
        (pass_id, quantity), *_ = wanted
        row = (
            update(Pass)
            .where(Pass.id == pass_id)
            .values(uses_left=Pass.uses_left - quantity, state="refunded")
        )
        session.execute(row.execution_options(synchronize_session=False))
        pass_ = redemption.passes.get_locked(session, pass_id=pass_id)
        return [redemption.passes._spent(session, pass_, quantity)]

    monkeypatch.setattr(effects, "outcome", from_before)
    monkeypatch.setattr(redemption.passes, "take_all", take_from_any)

    def careless(session: Session, turn: int) -> None:
        session.rollback()
        both_read.wait(10)
        if turn:
            assert is_sent.wait(30)
            send(till, [entry], session=session, head=0)
        else:
            payout.pay_out(session, bank, refund_id=refund_id)
            is_sent.set()

    race(app, careless, times=2, threads=2)
    assert outcome(sold, entry) == (3800, "paid", "won")
    monkeypatch.undo()
    assert [line for line in checks.broken(db.session) if line.startswith("I17")]


class Rivals:
    """A pass that two tills took: one's use waits to become final, the other was switched off and comes late."""

    def __init__(self, counter: Counter, tills_: tuple[TillPhone, TillPhone], handle: str) -> None:
        self.lost, self.kept = tills_
        self.sold = counter.sell(handle)
        self.early = self.lost.redeem(self.sold, ago(hours=2))
        self.late = self.kept.redeem(self.sold, ago(hours=1))
        send(self.kept, [self.late], cursor=0)

    def standings(self) -> tuple[str, str, bool]:
        """Say how both claims stand, and whether the kept till's use is final."""
        db.session.rollback()
        rows = [db.session.get_one(Claim, entry["claim_id"]) for entry in (self.early, self.late)]
        done = select(Redemption.final_at, Redemption.annulled_at).where(Redemption.claim_id == rows[1].id)
        final_at, annulled_at = db.session.execute(done).one()
        assert final_at is None or annulled_at is None
        return rows[0].standing, rows[1].standing, final_at is not None


def open_rivals() -> Rivals:
    """Let two tills take a pass; switch the first off; let the second hear that the time to undo is over."""
    counter = open_counter()
    rivals = Rivals(counter, (counter.till("lost"), counter.till("kept")), f"guest{counter.shop}")
    begin_write()
    owner = make_account(db.session, "owner").id
    edge = {"shop_id": counter.shop, "till_id": rivals.lost.id, "account_id": owner}
    tills.revoke(db.session, **edge, now=ago(minutes=20))
    db.session.commit()
    finalise(db.session)
    send(rivals.kept, [], cursor=10**9)
    return rivals


def finalise(session: Session, begin: Begin = begin_write) -> None:
    begin(session)
    redemption.finalise_due(session, now=clock.now())
    session.commit()


def test_what_becomes_final_stays_and_what_came_before_it_wins(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(ROUNDS):
        rivals = open_rivals()
        with monkeypatch.context() as patch:
            begin = Start(patch, sync).begin_write if number % 2 else begin_write

            def attempt(session: Session, turn: int, rivals: Rivals = rivals, begin: Begin = begin) -> None:
                if turn:
                    send(rivals.lost, [rivals.early], session=session)
                else:
                    finalise(session, begin)

            assert race(app, attempt, times=2, threads=2) == {"ok": 2}
        assert rivals.standings() in (("won", "lost", False), ("lost", "won", True))
        assert checks.broken(db.session) == []
        db.session.rollback()


def test_control_a_worker_that_does_not_look_again_pays_for_a_use_that_was_taken_back(app: Flask) -> None:
    rivals = open_rivals()
    both_read, is_settled = threading.Barrier(2), threading.Event()

    def careless(session: Session, turn: int) -> None:
        session.rollback()
        due = session.scalars(select(Redemption.id).where(Redemption.final_at.is_(None))).one()
        session.rollback()
        both_read.wait(10)
        if turn:
            send(rivals.lost, [rivals.early], session=session)
            is_settled.set()
            return
        assert is_settled.wait(30)
        begin_write(session)
        row = session.get_one(Redemption, due)
        row.final_at = clock.now()
        session.flush()
        redemption.rows.post(session, row, "final", {"shop_pending": row.value, "shop_payable": -row.value})
        session.commit()

    race(app, careless, times=2, threads=2)
    with pytest.raises(AssertionError):
        rivals.standings()
    assert [line for line in checks.broken(db.session) if line.startswith("I22")]
