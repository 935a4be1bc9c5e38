"""A shop, its staff and a pass, for tests of the till."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy.orm import Session

from o2o.feed import queries as feed
from o2o.kernel.db import new_id
from o2o.ledger.queries import balances, shop_book
from o2o.ledger.rules import post
from o2o.offers.rules import Part
from o2o.passes import queries as passes
from o2o.passes.models import Pass
from o2o.redemption import rules
from o2o.redemption.answer import Answer
from o2o.redemption.models import Redemption
from o2o.shops.models import Shop
from o2o.tills.models import Till
from tests.factories import make_account, make_pass, make_role, make_shop, make_terms

NOON = datetime(2026, 6, 3, 4, 0, tzinfo=UTC)  # a Wednesday, 12:00 in the town
FIVE = {"uses": 5, "contents": (Part("美式咖啡", 5, 2000),), "price": 7601}


class Counter:
    """A shop with a member of staff and a pass bought an hour ago."""

    def __init__(self, session: Session, **terms: object) -> None:
        self.session = session
        self.shop: Shop = make_shop(session)
        self.staff = make_role(session, self.shop, "staff", name="阿明").account_id
        self.terms = make_terms(session, self.shop, **terms)
        self.pass_: Pass = make_pass(session, self.terms, issued_at=NOON - timedelta(hours=1))
        if self.pass_.paid:
            self.post({"cash": self.pass_.paid, "voucher_liability": -self.pass_.paid})

    def post(self, legs: dict[str, int]) -> None:
        book = shop_book(self.shop.id)
        names = {"key": "opening:1", "kind": "opening", "subject": "test:1", "currency": "CNY"}
        post(self.session, book=book, shop_id=self.shop.id, legs=legs, **names)

    def redeem(
        self, nonce: str = "nonce-01", quantity: int = 1, now: datetime = NOON, **code: object
    ) -> Answer:
        given = code or {"text": passes.digits(self.pass_)}
        return rules.redeem(
            self.session,
            shop_id=self.shop.id,
            staff_id=self.staff,
            quantity=quantity,
            nonce=nonce,
            now=now,
            **given,
        )

    def annul(self, redemption_id: str | None, now: datetime = NOON, reason: str = "mistake") -> Redemption:
        return rules.annul(
            self.session,
            shop_id=self.shop.id,
            redemption_id=str(redemption_id),
            staff_id=self.staff,
            reason=reason,
            now=now,
        )

    def book(self) -> dict[str, int]:
        found = balances(self.session, shop_book(self.shop.id))
        return {account: amount for (account, _), amount in found.items() if amount}


def make_till(session: Session, shop: Shop, name: str = "till 2") -> Till:
    """Let a till in that has been handed its lists once; it has heard nothing since."""
    owner = make_account(session, "keeper").id
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    till = Till(
        id=new_id(),
        shop_id=shop.id,
        name=name,
        x=f"{point.x:064x}",
        y=f"{point.y:064x}",
        state="active",
        asked_by=owner,
        asked_at=NOON,
        active_by=owner,
        active_at=NOON,
        synced_at=NOON,
    )
    session.add(till)
    session.flush()
    return till


def hears(session: Session, till: Till) -> None:
    """Let a till hear all that was committed so far."""
    till.acked = feed.epoch(session, till.shop_id)
    session.flush()


def claim(pass_: Pass, till: Till, staff_id: int, **more: object) -> rules.TakenClaim:
    """Say that a till took a use of a pass at noon, with no network."""
    given = {
        "claim_id": str(uuid4()),
        "pass_id": pass_.id,
        "shop_id": pass_.shop_id,
        "till_id": till.id,
        "staff_id": staff_id,
        "quantity": 1,
        "gen": pass_.gen,
        "step": None,
        "code": passes.digits(pass_),
        "at": NOON,
        "mode": "offline",
        "held": False,
    }
    return rules.TakenClaim(**{**given, **more})
