"""Weeks drawn by lot: whatever tills, guests, owner, counter and keys do in whatever order, the books stay whole."""

from datetime import datetime
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select
from time_machine import Traveller

from o2o.claims.models import Claim
from o2o.kernel import clock
from o2o.kernel.db import db
from o2o.passes.models import Pass
from o2o.redemption.models import Redemption
from o2o.refunds.models import Refund
from tests.claims.tillkit import Counter, Entry, Sold
from tests.journeys.away import DAY, HOUR, MINUTE, Guest, MakeStand, Stand, book, keys, sound, work
from tests.journeys.person import Person

STEPS = 60


class Week:
    """A shop with three tills, two phones of one guest, and the dice."""

    def __init__(self, app: Flask, now: Traveller, counter: Counter, stand: MakeStand, seed: int) -> None:
        self.app, self.now, self.counter, self.dice = app, now, counter, Random(seed)
        self.guests = [Guest(app, "guest", number) for number in (1, 2)]
        self.staff = Person(app, "staff", "en")
        self.owner = Person(app, "owner", "en")
        self.desks = [stand(counter, name) for name in "ABC"]
        self.forms: list[tuple[Sold, datetime]] = []
        self.taken: list[tuple[Stand, Entry]] = []
        self.receipts: list[str] = []
        self.kid = 1
        self.done: list[str] = []

    def step(self) -> None:
        """Let something happen, and a while pass."""
        acts = (
            (self.buy, 6), (self.take, 14), (self.undo, 4), (self.sync, 8), (self.sync_a_piece, 4), (self.bind, 4),
            (self.ask_back, 3), (self.at_counter, 4), (self.undo_at_counter, 2), (self.change_key, 2),
            (self.switch_off, 1), (self.work, 6),
        )  # fmt: skip
        act = self.dice.choices([act for act, _ in acts], [weight for _, weight in acts])[0]
        self.done.append(act.__name__)
        act()
        sound()
        self.now.shift(self.dice.choice((MINUTE, 5 * MINUTE, 20 * MINUTE, HOUR, 9 * HOUR)))

    def buy(self) -> None:
        guest = self.dice.choice(self.guests)
        guest.come_back()
        self.forms.append((guest.buy(self.counter), clock.now()))

    def take(self) -> None:
        """Take a use of any form that any phone ever had, where this till's lists allow it."""
        if not self.forms:
            return
        sold, _ = self.dice.choice(self.forms)
        desk = self.dice.choice(self.desks)
        if desk.refusal(sold.live(clock.now())) == "ok":
            entry = desk.take(sold, quantity=self.dice.choice((1, 1, 1, 2)))
            self.taken.append((desk, entry))

    def undo(self) -> None:
        if self.taken:
            desk, entry = self.dice.choice(self.taken[-4:])
            desk.till.annul(entry, clock.now())

    def sync(self) -> None:
        self.dice.choice(self.desks).sync()

    def sync_a_piece(self) -> None:
        desk = self.dice.choice(self.desks)
        desk.sync(self.dice.sample(desk.till.ledger, self.dice.randint(0, len(desk.till.ledger))))

    def bind(self) -> None:
        if self.forms:
            sold, guest = self.dice.choice(self.forms)[0], self.dice.choice(self.guests)
            guest.come_back()
            answer = guest.bind(sold.pass_id, key=f"press-{len(self.done)}")
            assert answer.status_code in (303, 409, 422)
            if answer.status_code == 303:
                self.forms.append((guest.has(sold.pass_id), clock.now()))

    def ask_back(self) -> None:
        if self.forms:
            sold, guest = self.dice.choice(self.forms)[0], self.guests[0]
            guest.go(f"/passes/{sold.pass_id}")
            if "/refunds" in guest.body:
                guest.ask_back(sold)

    def at_counter(self) -> None:
        if self.forms:
            self.staff.sign_in("staff")
            self.staff.go("/till")
            code = self.guests[0].has(self.dice.choice(self.forms)[0].pass_id).short_code
            self.staff.press("/till/scan", code=code)
            if 'action="/till/redemptions"' in self.staff.body:
                self.staff.press("/till/redemptions")
                self.receipts.append(self.staff.here)

    def undo_at_counter(self) -> None:
        if self.receipts:
            self.staff.go(self.dice.choice(self.receipts))
            if "/annul" in self.staff.body:
                self.staff.press(f"{self.staff.here}/annul", reason="mistake")

    def change_key(self) -> None:
        if self.dice.random() < 0.5:
            keys(self.app, "withdraw", str(self.kid), "--why", "lost", "--yes")
            self.kid += 1

    def switch_off(self) -> None:
        desk = self.dice.choice(self.desks[1:])
        self.owner.sign_in("owner")
        self.owner.post(f"/console/{self.counter.shop}/tills/{desk.till.id}/revoke")

    def work(self) -> None:
        work()

    def end(self) -> None:
        """Let everybody come home, and so much time pass that everything is settled."""
        for desk in self.desks * 2:
            desk.sync(desk.till.ledger[:200])
        for _ in range(3):
            self.now.shift(DAY + HOUR)
            work()
        for desk in self.desks * 2:
            desk.sync(desk.till.ledger[:200])
        work()


@pytest.mark.parametrize("seed", [0, 3, 110])
def test_a_week_by_lot(app: Flask, now: Traveller, five: Counter, stand: MakeStand, seed: int) -> None:
    week = Week(app, now, five, stand, seed)
    week.buy()
    for _ in range(STEPS):
        week.step()
    week.end()
    settled(five)


def settled(counter: Counter) -> None:
    """Say that no money waits but what somebody has to decide, and that every use is paid for once."""
    db.session.rollback()
    assert db.session.scalars(select(Refund.id).where(Refund.state == "requested")).all() == []
    live = select(func.sum(Redemption.value)).where(Redemption.annulled_at.is_(None))
    held = int(db.session.scalar(live.where(Redemption.final_at.is_(None))) or 0)
    final = int(db.session.scalar(live.where(Redemption.final_at.is_not(None))) or 0)
    waiting = select(Redemption.id).where(Redemption.final_at.is_(None), Redemption.annulled_at.is_(None))
    assert db.session.scalars(waiting.where(Redemption.held.is_(False))).all() == []
    unused = sum(
        db.session.scalars(select(Pass.paid - Pass.spent).where(Pass.state.in_(("valid", "expired"))))
    )
    found = book(counter.shop)
    expected = {"shop_payable": -final, "shop_pending": -held, "voucher_liability": -unused}
    cover = found.get("platform_cover", 0)
    expected["shop_payable"] -= cover
    assert {name: amount for name, amount in found.items() if name not in ("cash", "platform_cover")} == {
        name: amount for name, amount in expected.items() if amount
    }
    assert db.session.scalar(select(func.count(Claim.id)))
