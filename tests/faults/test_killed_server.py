"""F1: the server is killed while people buy and redeem; what it acknowledged is there, once."""

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from o2o.kernel import checks
from o2o.kernel.db import begin_write, db
from o2o.ledger.models import Posting
from o2o.offers.rules import Part
from o2o.orders.models import Order
from o2o.passes.models import Pass
from o2o.passes.queries import digits
from o2o.redemption.models import Redemption
from tests.factories import make_paid_order, make_role, make_shop, make_terms
from tests.faults.serving import PATIENCE, Caller, Server, serving

GUESTS = 3
USES = 20  # of the one pass that the staff redeem
KILL_AFTER = 10  # acknowledgements
KINDS = ("order", "pay", "approve", "redeem")


class Work:
    """Requests with their keys, what was acknowledged, and when it is time for the fault."""

    def __init__(self) -> None:
        self.sent: list[tuple[Caller, str, str, dict[str, Any]]] = []
        self.acknowledged: dict[int, str] = {}
        self.enough = threading.Event()
        self.kinds: Counter[str] = Counter()
        self.lock = threading.Lock()

    def send(self, who: Caller, kind: str, path: str, **form: Any) -> str | None:
        """Send a request and note its answer's place; None when no answer came."""
        with self.lock:
            self.sent.append((who, kind, path, form))
            number = len(self.sent) - 1
        try:
            answer = who.post(path, **form)
        except OSError:
            return None
        if answer.status != 303:
            return None
        with self.lock:
            self.acknowledged[number] = answer.location
            self.kinds[kind] += 1
            if len(self.acknowledged) >= KILL_AFTER and all(self.kinds[name] for name in KINDS):
                self.enough.set()
        return answer.location

    def buy(self, who: Caller, offer_id: int) -> None:
        """Buy again and again, until an answer fails to come."""
        for number in range(200):
            key = f"buy-{number}"
            order = self.send(who, "order", f"/offers/{offer_id}/orders", quantity=1, idempotency_key=key)
            bank = order and self.send(who, "pay", f"{order}/pay")
            if not bank or not self.send(who, "approve", bank, answer="approve"):
                return

    def redeem(self, who: Caller, shop_id: int, code: str) -> None:
        """Redeem again and again, until an answer fails to come."""
        for number in range(USES):
            form = {"shop": shop_id, "code": code, "quantity": 1, "nonce": f"nonce-{number}"}
            if not self.send(who, "redeem", "/till/redemptions", **form):
                return

    def repeat(self) -> None:
        """Send everything once more, as people do who saw no answer, and some who saw one."""
        for number, (who, kind, path, form) in enumerate(list(self.sent)):
            answer = who.post(path, **form)
            assert answer.status == 303, (kind, answer.status, answer.text)
            if kind == "redeem" or answer.location.startswith("/orders/"):
                assert answer.location == self.acknowledged.get(number, answer.location)


@pytest.fixture
def shop(app: Flask) -> tuple[int, int, str]:
    """Give a shop, its offer, and the code of a pass with many uses."""
    begin_write()
    made = make_shop(db.session)
    make_role(db.session, made, "staff")
    terms = make_terms(db.session, made, uses=USES, price=6000, contents=(Part("美式咖啡", USES, 2000),))
    make_paid_order(db.session, terms, "regular")
    code = digits(db.session.scalars(select(Pass)).one())
    ids = made.id, make_terms(db.session, made).offer_id, code
    db.session.commit()
    return ids


def kill_amid(server: Server, work: Work, people: list[threading.Thread]) -> None:
    for person in people:
        person.start()
    assert work.enough.wait(PATIENCE), work.kinds
    server.kill()
    for person in people:
        person.join(PATIENCE)
        assert not person.is_alive()


def test_what_was_acknowledged_outlives_the_server(
    app: Flask, shop: tuple[int, int, str], tmp_path: Path
) -> None:
    shop_id, offer_id, code = shop
    work = Work()
    with serving(app, tmp_path) as server:
        guests = [Caller(server.port) for _ in range(GUESTS)]
        for number, guest in enumerate(guests):
            guest.sign_in(f"guest-{number}")
        staff = Caller(server.port)
        staff.sign_in("staff")
        people = [threading.Thread(target=work.buy, args=(guest, offer_id)) for guest in guests]
        people.append(threading.Thread(target=work.redeem, args=(staff, shop_id, code)))
        kill_amid(server, work, people)
        assert checks.broken(db.session) == []
        db.session.rollback()
        server.start()
        work.repeat()
        assert staff.get("/healthz").status == 200
    everything_once(work)


def everything_once(work: Work) -> None:
    """Compare what was sent with what there is: each key one row, each acknowledgement its row."""
    db.session.rollback()
    assert checks.broken(db.session) == []
    sent = Counter(kind for _, kind, _, _ in work.sent)
    orders = {order.id: order.state for order in db.session.scalars(select(Order))}
    assert len(orders) == sent["order"] + 1  # and the regular's
    nonces = db.session.scalars(select(Redemption.nonce)).all()
    assert sorted(nonces) == sorted(form["nonce"] for _, kind, _, form in work.sent if kind == "redeem")
    kept = set(nonces) | set(orders)
    for number, place in work.acknowledged.items():
        _, kind, path, form = work.sent[number]
        if kind == "approve":
            assert orders[place.rsplit("/", 1)[1]] == "paid"
        else:
            assert {
                "redeem": form.get("nonce"),
                "order": place.rsplit("/", 1)[-1],
                "pay": path.split("/")[2],
            }[kind] in kept
    sold = db.session.scalars(select(Posting.key).where(Posting.kind == "sale")).all()
    assert sorted(sold) == sorted(f"sale:{order}" for order, state in orders.items() if state == "paid")
    db.session.rollback()
