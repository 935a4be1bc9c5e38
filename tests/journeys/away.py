"""People, phones and tills of a town whose network comes and goes; everything passes through the site's own doors."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from o2o.claims.models import Claim
from o2o.kernel import checks, clock, tokens, worker
from o2o.kernel.db import db
from o2o.ledger.queries import balances, shop_book
from o2o.offers.models import Terms
from o2o.offers.rules import Part
from o2o.passes.models import Pass
from o2o.passes.proof import proof_holds
from o2o.passes.token import TokenRefused, read
from o2o.payments.models import SandboxPayment
from tests.claims.tillkit import Counter, Entry, Sold, TillPhone, shape
from tests.journeys.person import Person
from tests.passes.phone import HolderPhone

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)
FIVE = {"uses": 5, "price": 7601, "contents": (Part("美式咖啡", 5, 2000),), "refund_before_use": True}
TOKEN = re.compile(r'data-token="([0-9a-f]+)"')


class Guest(Person):
    """Somebody who buys with a phone that has a key of its own."""

    def __init__(self, app: Flask, handle: str, number: int) -> None:
        super().__init__(app, handle, "en")
        self.phone = HolderPhone(number)
        self.come_back()

    @property
    def point(self) -> dict[str, str]:
        """Give the public half of the phone's key, as it is posted."""
        return {"x": self.phone.x.hex(), "y": self.phone.y.hex()}

    def come_back(self) -> None:
        """Sign in anew, and register the phone with this login."""
        self.sign_in(self.handle)
        assert self.post("/me/device", json=self.point).status_code == 200

    def buy(self, counter: Counter) -> Sold:
        """Order, pay at the bank, and take the pass home."""
        offer = db.session.get_one(Terms, counter.terms).offer_id
        db.session.rollback()
        self.go(f"/offers/{offer}")
        self.press(f"/offers/{offer}/orders")
        self.press(f"{self.here}/pay")
        self.press(self.here, answer="approve")
        assert self.here.startswith("/passes/"), self.body
        sound()
        return self.has(self.here.rsplit("/", 1)[1])

    def has(self, pass_id: str) -> Sold:
        """Load a pass and give what this phone then holds of it."""
        self.go(f"/passes/{pass_id}")
        sold = shape(db.session.get_one(Pass, pass_id), self.phone)
        db.session.rollback()
        loaded = TOKEN.search(self.body)
        if loaded is not None:
            sold.token = bytes.fromhex(loaded[1])
        return sold

    def bind(self, pass_id: str, **more: str) -> TestResponse:
        """Move a pass to this phone, as its two taps do."""
        answer = self.post(
            f"/passes/{pass_id}/bind", data={**self.point, "key": f"press-{self.phone.x[0]}", **more}
        )
        sound()
        return answer

    def ask_back(self, sold: Sold) -> str:
        """Confirm who one is and ask for the money of a pass; return the page that says what happens now."""
        self.come_back()
        self.go(f"/passes/{sold.pass_id}")
        action = re.search(r'action="(/orders/[0-9a-f]+/refunds)"', self.body)
        assert action is not None, self.body
        said = self.press(action[1])
        assert self.here == f"/passes/{sold.pass_id}", said
        sound()
        return said


@dataclass
class Stand:
    """A till with somebody's browser on it: what it wrote, what it sent, and the lists that it was told."""

    till: TillPhone
    browser: Person
    cursor: int = 0
    sent: int = 0
    keys: dict[int, tokens.PublicKey] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    superseded: dict[str, int] = field(default_factory=dict)
    conflicts: dict[str, str] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)

    def ask(self, entries: list[Entry], head: int) -> TestResponse:
        """Make the one call."""
        body = {
            "till": self.till.id,
            "shop": self.till.shop,
            "cursor": self.cursor,
            "head": head,
            "entries": entries,
        }
        body |= {"now": clock.millis(clock.now() + self.till.skew), "app": "test"}
        return self.browser.post("/till/sync", json=body, headers={"Accept": "application/json"})

    def sync(self, entries: list[Entry] | None = None) -> list[dict[str, Any]]:
        """Send what was not sent, or these entries; learn what changed; return the verdicts."""
        if entries is None:
            entries, self.sent = self.till.ledger[self.sent :], len(self.till.ledger)
        answer = self.ask(entries, self.till.ledger[-1]["seq"] if self.till.ledger else 0)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        self.answer = answer.json or {}
        if self.answer["till"]["state"] == "active":
            self._learn(self.answer["delta"])
            self.cursor = self.answer["cursor"]
        sound()
        return list(self.answer["verdicts"])

    def hear(self) -> None:
        """Sync until there is nothing new, and then once more: only so does the server know that it was heard."""
        self.sync()
        self.sync()

    def refusal(self, text: str) -> str:
        """Say what this till answers offline, by its own lists; "ok" where nothing is against the code."""
        try:
            shown = read(text, keys=self.keys)
        except TokenRefused as refused:
            return refused.reason
        if shown.token.pass_id in self.revoked:
            return "revoked"
        if shown.token.gen < self.superseded.get(shown.token.pass_id, 0):
            return "superseded"
        return "ok" if proof_holds(shown) else "copy"

    def take(self, sold: Sold, at: datetime | None = None, **more: Any) -> Entry:
        """Take a use with no network, where the till's own lists allow it."""
        at = at or clock.now()
        text = more.get("text") or sold.live(at)
        assert self.refusal(text) == "ok"
        return self.till.redeem(sold, at, **more)

    def _learn(self, delta: dict[str, Any]) -> None:
        if delta["first"]:
            self.revoked, self.superseded, self.conflicts = set(), {}, {}
        known = [key for key in delta["keys"] if key["state"] != "withdrawn"]
        self.keys = {key["kid"]: point_of(key) for key in known}
        self.revoked -= set(delta.get("live", ()))
        self.revoked |= {pass_id for pass_id, _ in delta["revoked"]}
        self.superseded |= dict(delta["superseded"])
        self.conflicts |= {row["claim_id"]: row["cause"] for row in delta["conflicts"]}
        for claim_id in delta["settled"]:
            self.conflicts.pop(claim_id, None)


def point_of(key: dict[str, Any]) -> tokens.PublicKey:
    """Give the public key of a line of the till's list."""
    found = tokens.point(bytes.fromhex(key["x"]), int(key["y"], 16) & 1)
    assert found is not None
    return found


MakeStand = Callable[..., Stand]


def sound() -> None:
    """Every invariant holds."""
    db.session.rollback()
    assert checks.broken(db.session) == []
    db.session.rollback()


def work() -> None:
    """Let the worker do everything that is due, as often as one thing leads to the next."""
    for _ in range(4):
        worker.run_due(db.session, everything=True)
        db.session.rollback()
    sound()


def book(shop: int) -> dict[str, int]:
    """Give a shop's book, without what is nothing."""
    found = balances(db.session, shop_book(shop))
    db.session.rollback()
    return {account: amount for (account, _currency), amount in found.items() if amount}


def claim(entry: dict[str, Any]) -> Claim:
    db.session.rollback()
    return db.session.get_one(Claim, entry["claim_id"])


def stands(entry: dict[str, Any]) -> tuple[str, str | None]:
    row = claim(entry)
    return row.standing, row.cause


def pass_of(sold: Sold) -> tuple[str, int]:
    db.session.rollback()
    row = db.session.get_one(Pass, sold.pass_id)
    return row.state, row.uses_left


def paid_back() -> int:
    db.session.rollback()
    return sum(db.session.scalars(select(SandboxPayment.refunded)))


def keys(app: Flask, *words: str) -> None:
    """Run `flask keys`, as the operator does."""
    db.session.rollback()
    done = app.test_cli_runner().invoke(args=["keys", *words])
    assert done.exit_code == 0, done.output
    sound()
