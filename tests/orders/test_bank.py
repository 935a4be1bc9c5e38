"""Buying with the bank on its good and its bad days."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from time_machine import Traveller

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.ledger.queries import balances, shop_book
from o2o.offers import rules as offers
from o2o.orders import chores
from o2o.passes.models import Pass
from o2o.payments import calls, rules
from o2o.payments.models import Intent, Notice, SandboxCall, SandboxPayment
from o2o.payments.sandbox import HEADER, Sandbox
from tests.factories import make_order
from tests.orders.buying import count, order, post_bank_calls, sell, state, to_bank


def test_buying_with_a_willing_bank(guest: FlaskClient) -> None:
    url = order(guest, sell(total_cap=3), quantity=2)
    page = guest.get(url).get_data(as_text=True)
    for text in ("Check and pay", "双人手冲咖啡", "¥76", "Held for you", "Full refund any time"):
        assert text in page
    bank = to_bank(guest, url)
    assert to_bank(guest, url) == bank
    assert "No money moves" in guest.get(bank).get_data(as_text=True)
    answer = guest.post(bank, data={"answer": "approve"})
    assert (answer.status_code, answer.location) == (303, url)
    assert guest.get(url).location == "/wallet"
    assert state(url) == "paid"
    assert "Receipt" in guest.get(f"{url}?receipt=1").get_data(as_text=True)
    assert guest.post(f"{url}/pay").location == "/wallet"
    assert "answered already" in guest.get(bank).get_data(as_text=True)


def test_a_slow_bank_is_waited_for(app: Flask, guest: FlaskClient, now: Traveller) -> None:
    url = order(guest, sell())
    guest.post(to_bank(guest, url), data={"answer": "slow"})
    page = guest.get(url).get_data(as_text=True)
    assert "Waiting for the bank" in page
    assert f'hx-get="{url}?face=paying"' in page
    waiting = guest.get(f"{url}?face=paying", headers={"HX-Request": "true"})
    assert (waiting.status_code, "HX-Redirect" in waiting.headers) == (204, False)
    assert post_bank_calls(app, guest) == 0
    now.shift(timedelta(seconds=21))
    assert post_bank_calls(app, guest) == 1
    assert state(url) == "paid"


def test_a_lost_answer_loses_nothing(app: Flask, guest: FlaskClient, now: Traveller) -> None:
    url = order(guest, sell())
    answer = guest.post(to_bank(guest, url), data={"answer": "lost"})
    assert answer.status_code == 200
    assert url in answer.get_data(as_text=True)
    assert state(url) == "paying"
    # The webhook never comes either: the worker asks.
    assert chores.ask_the_bank(db.session) == 1
    assert state(url) == "paid"
    now.shift(timedelta(seconds=6))
    assert post_bank_calls(app, guest) == 1
    assert count(Pass) == 1


def test_a_duplicate_counts_once(app: Flask, guest: FlaskClient, now: Traveller) -> None:
    url = order(guest, sell())
    guest.post(to_bank(guest, url), data={"answer": "duplicate"})
    now.shift(timedelta(seconds=6))
    assert post_bank_calls(app, guest) == 1
    assert (state(url), count(Pass), count(Notice), count(SandboxCall)) == ("paid", 1, 1, 3)


@pytest.mark.parametrize("gone", [False, True], ids=["place still there", "place gone"])
def test_a_late_webhook(app: Flask, guest: FlaskClient, now: Traveller, gone: bool) -> None:
    offer_id = sell(total_cap=1)
    url = order(guest, offer_id)
    guest.post(to_bank(guest, url), data={"answer": "late"})
    assert chores.ask_the_bank(db.session) == 0
    now.shift(timedelta(minutes=11))
    assert "Time ran out" in guest.get(url).get_data(as_text=True)
    assert chores.expire(db.session) == 1
    assert state(url) == "expired"
    if gone:
        begin_write()
        make_order(db.session, db.session.get_one(offers.Terms, 1), "guest2")
        db.session.commit()
    now.shift(timedelta(minutes=1, seconds=1))
    assert post_bank_calls(app, guest) == 1
    assert state(url) == ("returned" if gone else "paid")
    if gone:
        assert "Your money goes back" in guest.get(url).get_data(as_text=True)
        assert chores.return_late_money(db.session) == 1
        assert chores.return_late_money(db.session) == 0
        assert db.session.scalars(select(SandboxPayment.refunded)).one() == 3800
        assert set(balances(db.session, shop_book(1)).values()) == {0}


def test_a_webhook_that_is_not_taken_comes_again(app: Flask, guest: FlaskClient, now: Traveller) -> None:
    url = order(guest, sell())
    guest.post(to_bank(guest, url), data={"answer": "slow"})
    now.shift(timedelta(seconds=21))
    bank = rules.provider(app.config["O2O"])
    assert isinstance(bank, Sandbox)
    for tries in range(1, 4):
        assert calls.send_due(db.session, bank, send=lambda *_: False, now=clock.now()) == 0
        call = db.session.scalars(select(SandboxCall)).one()
        assert (call.tries, call.due) == (tries, clock.now() + timedelta(seconds=2**tries))
        db.session.rollback()
        now.shift(timedelta(minutes=1))
    assert post_bank_calls(app, guest) == 1
    assert state(url) == "paid"


def signed(app: Flask, body: bytes, at: timedelta = timedelta(0)) -> dict[str, str]:
    bank = rules.provider(app.config["O2O"])
    assert isinstance(bank, Sandbox)
    return {HEADER: bank.sign(body, clock.now() + at)}


def test_forged_stale_and_damaged_notices_are_refused(app: Flask, guest: FlaskClient) -> None:
    url = order(guest, sell())
    ref = to_bank(guest, url).rsplit("/", 1)[1]
    body = f'{{"id":"evt_1","ref":"{ref}","state":"approved"}}'.encode()
    good = signed(app, body)
    other = {HEADER: good[HEADER][:-1] + ("0" if good[HEADER][-1] != "0" else "1")}
    refused = [
        (body, {}),
        (body, {HEADER: "t=x,v1=y"}),
        (body, {HEADER: "t=1,v1=" + "ü" * 64}),
        (body, other),
        (body + b" ", good),
        (body, signed(app, body, timedelta(minutes=-6))),
        (body, signed(app, body, timedelta(minutes=6))),
        (b"[]", signed(app, b"[]")),
        (b"\xff", signed(app, b"\xff")),
        (b'{"id":1,"ref":2,"state":"maybe"}', signed(app, b'{"id":1,"ref":2,"state":"maybe"}')),
    ]
    for text, headers in refused:
        answer = guest.post("/webhooks/sandbox", data=text, headers=headers)
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), text
    unknown = b'{"id":"evt_2","ref":"nobody","state":"approved"}'
    assert guest.post("/webhooks/sandbox", data=unknown, headers=signed(app, unknown)).status_code == 404
    assert guest.post("/webhooks/other", data=body, headers=good).status_code == 404
    assert guest.post("/webhooks/sandbox", data=b"x" * 9000, headers=good).status_code == 413
    assert (state(url), count(Notice)) == ("paying", 0)
    assert guest.post("/webhooks/sandbox", data=body, headers=good).status_code == 204
    assert state(url) == "paid"


def test_the_bank_takes_one_answer(guest: FlaskClient) -> None:
    url = order(guest, sell())
    bank = to_bank(guest, url)
    assert guest.post(bank, data={"answer": "maybe"}).status_code == 422
    assert guest.post(bank, data={}).status_code == 422
    guest.post(bank, data={"answer": "decline"})
    guest.post(bank, data={"answer": "approve"})
    assert state(url) == "paying"
    assert guest.get("/sandbox/nobody").status_code == 404
    assert guest.post("/sandbox/nobody", data={"answer": "approve"}).status_code == 404


def test_a_bank_that_is_down_charges_nothing(guest: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    url = order(guest, sell())
    real = Sandbox.create

    def down(self: Sandbox, **_ignored: object) -> None:
        raise rules.ProviderDown

    monkeypatch.setattr(Sandbox, "create", down)
    assert guest.post(f"{url}/pay").status_code == 503
    assert state(url) == "paying"
    monkeypatch.setattr(Sandbox, "create", real)
    guest.post(to_bank(guest, url), data={"answer": "approve"})
    assert (state(url), count(Intent)) == ("paid", 1)


def test_a_purchase_cut_between_bank_and_us_goes_on(
    guest: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bank opened the payment and the process died before writing that down."""
    url = order(guest, sell())
    to_bank(guest, url)
    begin_write()
    db.session.execute(update(Intent).values(state="created", provider_ref=None, pay_url=None))
    db.session.commit()
    to_bank(guest, url)
    assert (count(Intent), count(SandboxPayment)) == (1, 1)
