"""What tests of buying do again and again."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write, db
from o2o.orders.models import Order
from o2o.payments import calls, rules
from o2o.payments.sandbox import HEADER, Sandbox
from tests.factories import make_shop, make_terms


def sell(**values: object) -> int:
    begin_write()
    offer_id = make_terms(db.session, make_shop(db.session), **values).offer_id
    db.session.commit()
    return offer_id


def order(guest: FlaskClient, offer_id: int, **form: object) -> str:
    answer = guest.post(f"/offers/{offer_id}/orders", data={"quantity": 1, "idempotency_key": "k", **form})
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.location


def to_bank(guest: FlaskClient, url: str) -> str:
    answer = guest.post(f"{url}/pay")
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert answer.location.startswith("/sandbox/")
    return answer.location


def post_bank_calls(app: Flask, client: FlaskClient) -> int:
    """Be the worker: post due calls to the webhook's address as a stranger without cookies would."""
    stranger = app.test_client()

    def send(body: bytes, signature: str) -> bool:
        headers = {HEADER: signature, "Sec-Fetch-Site": "cross-site"}
        return stranger.post("/webhooks/sandbox", data=body, headers=headers).status_code == 204

    bank = rules.provider(app.config["O2O"])
    assert isinstance(bank, Sandbox)
    return calls.send_due(db.session, bank, send=send, now=clock.now())


def state(url: str) -> str:
    db.session.rollback()
    assert checks.broken(db.session) == []
    found = db.session.scalars(select(Order.state).where(Order.id == url.rsplit("/", 1)[1])).one()
    db.session.rollback()
    return found


def count(table: type) -> int:
    found = db.session.scalar(select(func.count()).select_from(table)) or 0
    db.session.rollback()
    return found
