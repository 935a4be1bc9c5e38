"""Buying through the pages: what is said, refused, kept."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from time_machine import Traveller

from o2o.kernel.db import db
from o2o.orders import chores
from o2o.orders.models import Order
from o2o.payments import sandbox
from o2o.payments.models import SandboxPayment
from tests.orders.buying import count, order, sell, state, to_bank


def test_one_voucher_leads_to_its_pass(guest: FlaskClient) -> None:
    url = order(guest, sell())
    guest.post(to_bank(guest, url), data={"answer": "approve"})
    assert re.fullmatch(r"/passes/[0-9a-f]{16}", guest.get(url).location)
    fragment = guest.get(f"{url}?face=paying", headers={"HX-Request": "true"})
    assert (fragment.status_code, fragment.headers["HX-Redirect"]) == (204, guest.get(url).location)


def test_a_free_coupon_is_one_tap(guest: FlaskClient) -> None:
    answer = guest.post(f"/offers/{sell(price=0)}/orders", data={"idempotency_key": "k"})
    assert answer.location.startswith("/passes/")
    assert count(SandboxPayment) == 0


def test_declined_then_paid(guest: FlaskClient) -> None:
    url = order(guest, sell())
    guest.post(to_bank(guest, url), data={"answer": "decline"})
    page = guest.get(url).get_data(as_text=True)
    assert "The bank said no" in page
    assert "Nothing was charged" in page
    guest.post(to_bank(guest, url), data={"answer": "approve"})
    assert state(url) == "paid"
    assert count(SandboxPayment) == 2


def test_sold_out_is_said_at_once_with_a_way_back(guest: FlaskClient) -> None:
    offer_id = sell(total_cap=1)
    order(guest, offer_id)
    for headers in ({}, {"HX-Request": "true"}):
        answer = guest.post(
            f"/offers/{offer_id}/orders", data={"idempotency_key": "k2", "quantity": 1}, headers=headers
        )
        assert answer.status_code == 409
        text = answer.get_data(as_text=True)
        assert "This is sold out" in text
        assert f'href="/offers/{offer_id}"' in text
    assert count(Order) == 1


@pytest.mark.parametrize("quantity", ["0", "21", "-1", "x", "", "1e3", "9" * 30])
def test_a_bad_quantity_is_explained(guest: FlaskClient, quantity: str) -> None:
    answer = guest.post(f"/offers/{sell()}/orders", data={"quantity": quantity, "idempotency_key": "k"})
    assert answer.status_code == 422
    assert count(Order) == 0


def test_a_damaged_key_is_refused(guest: FlaskClient) -> None:
    offer_id = sell()
    for key in ("x" * 65, "ü", "a\x00b"):
        answer = guest.post(f"/offers/{offer_id}/orders", data={"quantity": 1, "idempotency_key": key})
        assert answer.status_code == 400


def test_the_same_form_twice_is_one_order(guest: FlaskClient) -> None:
    offer_id = sell()
    assert order(guest, offer_id) == order(guest, offer_id)
    answer = guest.post(f"/offers/{offer_id}/orders", data={"quantity": 2, "idempotency_key": "k"})
    assert answer.status_code == 409


def test_cancelling_gives_the_place_back(guest: FlaskClient) -> None:
    offer_id = sell(total_cap=1)
    url = order(guest, offer_id)
    assert guest.post(f"{url}/cancel").location == url
    assert "Order cancelled" in guest.get(url).get_data(as_text=True)
    assert order(guest, offer_id, idempotency_key="k2") != url
    assert guest.post(f"{url}/pay").status_code == 409


def test_time_runs_out(guest: FlaskClient, now: Traveller) -> None:
    url = order(guest, sell())
    now.shift(timedelta(minutes=10))
    assert "Time ran out" in guest.get(url).get_data(as_text=True)
    answer = guest.post(f"{url}/pay")
    assert answer.status_code == 409
    assert "ten minutes are over" in answer.get_data(as_text=True)
    assert chores.expire(db.session) == 1
    assert chores.expire(db.session) == 0


def test_an_order_is_shown_to_its_owner_only(app: Flask, guest: FlaskClient) -> None:
    url = order(guest, sell())
    guest.post("/sign-out")
    assert guest.get(url).status_code == 303
    guest.sign_in("guest2")
    for answer in (guest.get(url), guest.post(f"{url}/pay"), guest.post(f"{url}/cancel")):
        assert answer.status_code == 404
    assert guest.get("/orders/0000000000000000").status_code == 404


def test_without_payments_only_coupons(
    app: Flask, guest: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = order(guest, sell())
    bank = to_bank(guest, url)
    monkeypatch.setattr("o2o.payments.rules.takes_money", lambda settings: False)
    monkeypatch.setattr(sandbox, "takes_money", lambda settings: False)
    answer = guest.post(f"/offers/{sell()}/orders", data={"quantity": 1, "idempotency_key": "k2"})
    assert answer.status_code == 409
    assert "does not take payments" in answer.get_data(as_text=True)
    assert guest.post(f"{url}/pay").status_code == 409
    assert guest.get(bank).status_code == 404
    assert guest.post("/webhooks/sandbox", data=b"{}").status_code == 404
    free = guest.post(f"/offers/{sell(price=0)}/orders", data={"quantity": 1, "idempotency_key": "k3"})
    assert free.status_code == 303
