"""A shop with two tills and a pass, and claims as they come in; the fold itself judges them."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.claims.effects import refold
from o2o.claims.models import Claim, Entry
from o2o.conflicts import rules
from o2o.conflicts.models import Conflict, Cover, Strike
from o2o.feed import queries as feed
from o2o.kernel.checks import CHECKS
from o2o.kernel.clock import millis
from o2o.kernel.db import begin_write
from o2o.ledger.queries import balances, shop_book
from o2o.ledger.rules import post
from o2o.notifications.models import Message
from o2o.passes.models import Pass
from o2o.shops.models import Shop
from o2o.tills.models import Till
from tests.factories import make_account, make_pass, make_role, make_shop, make_terms
from tests.tills.phones import make_till

NOON = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in the town
LATER = NOON + timedelta(minutes=20)
DIGITS = "1234567890" * 40


class Counter:
    """A shop of an owner with two tills that both may be offline, and a pass of a guest."""

    def __init__(self, session: Session, *, guest: str = "guest", owner: str = "owner", **terms: Any) -> None:
        self.session = session
        self.shop: Shop = make_shop(session)
        self.owner = make_role(session, self.shop, owner, kind="owner", name="林").account_id
        self.staff = make_role(session, self.shop, f"{owner}-staff", name="阿明").account_id
        self.operator = make_account(session, "operator")
        self.operator.is_operator = True
        self.tills = [make_till(session, self.shop, owner, name=name, now=NOON) for name in ("前台", "吧台")]
        self.terms = make_terms(session, self.shop, **terms)
        self.guest = guest
        self.pass_ = self.sell()

    def sell(self) -> Pass:
        """Issue a pass, and the money for it."""
        sold = make_pass(self.session, self.terms, self.guest, issued_at=NOON - timedelta(hours=1))
        if sold.paid:
            legs = {"cash": sold.paid, "voucher_liability": -sold.paid}
            names = {"kind": "opening", "subject": f"test:{sold.id}", "currency": "CNY"}
            book = shop_book(self.shop.id)
            post(self.session, book=book, shop_id=self.shop.id, legs=legs, key=f"open:{sold.id}", **names)
        return sold

    def claim(self, till: int, seconds: int, **more: Any) -> Claim:
        """Take in a till's claim of a use, so many seconds after noon; nothing is settled yet."""
        at = NOON + timedelta(seconds=seconds)
        given = {"pass_": self.pass_, "staff_id": self.staff, "at": at, "received_at": LATER}
        return make_claim(self.session, self.tills[till], **given | more)

    def fold(self, now: datetime = LATER) -> list[Conflict]:
        """Settle the pass as it is known, reconcile its conflicts, and return them."""
        refold(self.session, pass_id=self.pass_.id, now=now)
        rules.reconcile(self.session, pass_id=self.pass_.id, now=now)
        return self.conflicts()

    def twice(self) -> Conflict:
        """Have one phone show the pass at two tills, ten minutes apart."""
        self.claim(0, 0)
        self.claim(1, 600)
        return self.fold()[0]

    def conflicts(self) -> list[Conflict]:
        rows = select(Conflict).where(Conflict.shop_id == self.shop.id).order_by(Conflict.claim_id)
        return list(self.session.scalars(rows))

    def strikes(self) -> list[Strike]:
        return list(self.session.scalars(select(Strike).order_by(Strike.id)))

    def covers(self) -> list[Cover]:
        return list(self.session.scalars(select(Cover)))

    def commit(self) -> None:
        """End the transaction, which gives what was noted its epoch, and begin the next one."""
        self.session.commit()
        begin_write(self.session)

    def make_final(self, now: datetime = LATER) -> None:
        """Make what tills took the shop's for good, as the worker does."""
        from o2o.redemption.final import finalise_due

        finalise_due(self.session, now=now)

    def hear(self, tills: Iterable[int] = (0, 1)) -> None:
        """Let tills say that they heard everything until now."""
        for number in tills:
            self.tills[number].acked = feed.epoch(self.session, self.shop.id)
            self.tills[number].synced_at = LATER
        self.session.flush()

    def book(self) -> dict[str, int]:
        found = balances(self.session, shop_book(self.shop.id))
        return {account: amount for (account, _), amount in found.items() if amount}


def make_claim(
    session: Session,
    till: Till,
    *,
    pass_: Pass,
    staff_id: int,
    at: datetime,
    received_at: datetime,
    kind: str = "live",
    gen: int = 0,
    quantity: int = 1,
    drift: int = 0,
    late: bool = False,
    list_at: datetime | None = None,
) -> Claim:
    """Write down what a till claims, as if its signature had been believed; `drift` is in steps."""
    last = select(Entry.seq).where(Entry.till_id == till.id).order_by(Entry.seq.desc())
    seq = (session.scalar(last.limit(1)) or 0) + 1
    where = {"till_id": till.id, "shop_id": till.shop_id, "staff_id": staff_id, "pass_id": pass_.id}
    name = f"{till.id[:8]}-0000-4000-8000-{seq:04x}{pass_.id[:8]}"
    hashes = {"prev": "", "hash": f"{seq:064x}", "is_linked": True, "raw": json.dumps({"of": ""})}
    said = {"act": "redeem", "status": "stored", "reason": "ok", "at": at, "received_at": received_at}
    session.add(Entry(claim_id=name, seq=seq, **where, **hashes, **said))
    session.flush()
    is_live = kind == "live"
    made = Claim(
        id=name, **where, kind=kind, gen=gen, quantity=quantity, at=at, received_at=received_at, list_epoch=0,
        step=millis(at) // 30_000 + drift if is_live else None, text=DIGITS if is_live else "ABCDEFGHJKMN",
        list_at=list_at, is_confirmed=False, is_late=late, is_suspect=False, standing="lost",
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def quarrel(
    session: Session, tills: Sequence[Till], pass_: Pass, now: datetime, *, drift: int = 0
) -> list[Conflict]:
    """Have two tills take one pass ten minutes apart, a while before now; return its conflicts, the winner's first.

    With a `drift` beyond any clock's error both are doubted, and the first is held.
    """
    for till, minutes in zip(tills, (30, 20), strict=True):
        given = {"pass_": pass_, "staff_id": till.asked_by, "at": now - timedelta(minutes=minutes)}
        make_claim(session, till, received_at=now, drift=drift, **given)
    refold(session, pass_id=pass_.id, now=now)
    rules.reconcile(session, pass_id=pass_.id, now=now)
    rows = session.scalars(select(Conflict).where(Conflict.pass_id == pass_.id)).all()
    return sorted(rows, key=lambda row: row.against is not None)


def annul(counter: Counter, of: str, *, seconds: int) -> None:
    """Let the till that took a use undo it."""
    taken = counter.session.get_one(Entry, of)
    counter.session.add(
        Entry(
            claim_id="9" * 8 + of[8:], till_id=taken.till_id, shop_id=taken.shop_id, seq=900, staff_id=taken.staff_id,
            act="annul", pass_id=taken.pass_id, status="stored", reason="ok", prev="", hash="0" * 64, is_linked=True,
            raw=f'{{"of": "{of}"}}', at=taken.at + timedelta(seconds=seconds), received_at=LATER,
        )
    )  # fmt: skip
    counter.session.flush()


def whole(session: Session) -> list[str]:
    """Run the checks that conflicts may break."""
    return [line for code in ("I1", "I2", "I3", "I6", "I19") for line in CHECKS[code][1](session)]


def kinds(session: Session, account_id: int) -> list[str]:
    """List what somebody was told of conflicts and strikes."""
    rows = select(Message.kind).where(Message.account_id == account_id).order_by(Message.id)
    return [kind for kind in session.scalars(rows) if kind.startswith(("conflict", "strike"))]


def plain(rows: list[Conflict]) -> list[tuple[Any, ...]]:
    """Give what of conflicts must not depend on the order in which tills reported."""
    return [
        (row.claim_id, row.against, row.cause, row.bears, row.amount, row.state)
        for row in rows
        if row.state != "gone"
    ]
