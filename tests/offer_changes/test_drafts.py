"""Drafts: kept, asked about, published, thrown away; who claims a shop, who runs it, and how few taps it takes."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import update

from o2o.designer.models import Plan
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.offers.models import Offer, Terms
from o2o.shops.models import Role, Shop
from tests.factories import make_account, make_role, make_shop
from tests.offer_changes.desk import CANARY, UNDER, found_shop, rows, send
from tests.offer_changes.test_console import GOOD


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel("2026-03-02T04:00:00Z", tick=False):
        yield


@pytest.fixture
def shop(client: FlaskClient) -> int:
    return found_shop(client)


def test_a_draft_waits_until_one_tap_publishes_it(client: FlaskClient, shop: int) -> None:
    assert send(client, shop, do="save").status_code == 303
    offer = rows()[0]
    assert offer.state == "draft"
    assert client.get(f"/offers/{offer.id}").status_code == 404
    page = client.get(f"/console/{shop}/offers").get_data(as_text=True)
    assert "Draft" in page
    assert f'action="/console/{shop}/offers/{offer.id}/publish"' in page
    assert client.post(f"/console/{shop}/offers/{offer.id}/resume").status_code == 409
    assert client.post(f"/console/{shop}/offers/{offer.id}/pause").status_code == 409
    for _ in range(2):
        assert client.post(f"/console/{shop}/offers/{offer.id}/publish").status_code == 303
    assert rows()[0].state == "on_sale"
    again = client.post(
        f"/console/{shop}/offers/{offer.id}", data={**GOOD, "do": "save", "idempotency_key": "k2"}
    )
    assert again.status_code == 409
    assert "This offer was published before." in again.get_data(as_text=True)


def test_a_draft_under_cost_is_asked_in_the_list(client: FlaskClient, shop: int) -> None:
    assert send(client, shop, **UNDER, do="save").status_code == 303
    path = f"/console/{shop}/offers/{rows()[0].id}/publish"
    asked = client.post(path)
    assert asked.status_code == 422
    assert 'value="all:30000"' in asked.get_data(as_text=True)
    assert client.post(path, data={"known": "all:29999"}).status_code == 422
    assert rows()[0].state == "draft"
    assert client.post(path, data={"known": "all:30000"}).status_code == 303
    assert [plan.loss_seen for plan in rows(Plan)] == [30000]


def test_a_paused_offer_under_cost_is_asked_about_before_it_sells_again(
    client: FlaskClient, shop: int
) -> None:
    assert send(client, shop, **UNDER, known="all:30000").status_code == 303
    here = f"/console/{shop}/offers/{rows()[0].id}"
    assert client.post(f"{here}/pause").status_code == 303
    asked = client.post(f"{here}/resume")
    body = asked.get_data(as_text=True)
    assert asked.status_code == 422
    assert "At worst this deal comes to −¥300." in body
    assert f'action="{here}/resume"' in body
    assert 'value="all:30000"' in body
    for wrong in ("", "all:29999", "1"):
        assert client.post(f"{here}/resume", data={"known": wrong}).status_code == 422
    assert rows()[0].state == "paused"
    assert client.post(f"{here}/resume", data={"known": "all:30000"}).status_code == 303
    assert rows()[0].state == "on_sale"
    assert client.post(f"{here}/resume").status_code == 303  # it sells already: nothing to ask


def test_a_paused_offer_that_pays_sells_again_at_one_press(client: FlaskClient, shop: int) -> None:
    assert send(client, shop, **CANARY).status_code == 303
    here = f"/console/{shop}/offers/{rows()[0].id}"
    client.post(f"{here}/pause")
    assert client.post(f"{here}/resume").status_code == 303
    assert rows()[0].state == "on_sale"


def test_a_draft_is_written_again_and_published_from_its_form(client: FlaskClient, shop: int) -> None:
    send(client, shop, do="save")
    path = f"/console/{shop}/offers/{rows()[0].id}"
    assert (
        client.post(path, data={**GOOD, "price": "30", "do": "save", "idempotency_key": "k2"}).status_code
        == 303
    )
    assert rows()[0].state == "draft"
    asked = client.post(path, data={**GOOD, **UNDER, "idempotency_key": "k3"})
    assert asked.status_code == 422
    assert len(rows(Terms)) == 2  # the question wrote nothing
    known = {**GOOD, **UNDER, "idempotency_key": "k3", "known": "all:30000"}
    assert client.post(path, data=known).status_code == 303
    assert (rows()[0].state, len(rows(Terms))) == ("on_sale", 3)


def test_a_draft_thrown_away_is_seen_by_nobody(client: FlaskClient, shop: int) -> None:
    send(client, shop, do="save")
    offer = rows()[0].id
    assert client.post(f"/console/{shop}/offers/{offer}/end").status_code == 303
    assert client.get(f"/offers/{offer}").status_code == 404
    assert client.get(f"/console/{shop}/offers/{offer}").status_code == 404
    assert "双人手冲" not in client.get(f"/console/{shop}/offers").get_data(as_text=True)


def test_a_new_offer_can_begin_like_another(client: FlaskClient, shop: int) -> None:
    send(client, shop, **CANARY, validity="dates", valid_days="", valid_until="2027-06-30")
    offer = rows()[0].id
    body = client.get(f"/console/{shop}/offers/new?like={offer}").get_data(as_text=True)
    for value in ("双人手冲", "手冲咖啡", "26.31"):
        assert f'value="{value}"' in body
    assert "2027-06-30" not in body
    assert f'action="/console/{shop}/offers"' in body
    for like in ("987654", "x", "-1", "9" * 40):
        status = client.get(f"/console/{shop}/offers/new?like={like}").status_code
        assert status == (200 if like == "x" else 404)


@pytest.fixture
def claimed_for(client: FlaskClient, shop: int) -> int:
    """Make a shop that nobody owns, claimed for by somebody; a former owner left a draft and an offer there."""
    begin_write()
    row = make_shop(db.session, "待认领", status="claimed")
    make_role(db.session, row, "owner", "owner")
    shop_id = row.id
    db.session.commit()
    send(client, shop_id, title="前任草稿", do="save", idempotency_key="a")
    send(client, shop_id, title="前任套餐", idempotency_key="b")
    begin_write()
    row = db.session.get_one(Shop, shop_id)
    before = clock.now() - timedelta(minutes=1)
    db.session.execute(update(Role).where(Role.shop_id == shop_id).values(ended_at=before))
    db.session.execute(update(Offer).where(Offer.shop_id == shop_id).values(created_at=before))
    row.status = "unclaimed"
    make_role(db.session, row, "claimant", "claimant")
    db.session.commit()
    return shop_id


def test_a_claimant_saves_drafts_and_sees_why_no_more(client: FlaskClient, claimed_for: int) -> None:
    client.sign_in("claimant")
    form = client.get(f"/console/{claimed_for}/offers/new").get_data(as_text=True)
    assert "once the shop is yours" in form
    assert "Publish the offer" not in form
    refused = send(client, claimed_for)
    assert refused.status_code == 409
    assert "Save the offer for later" in refused.get_data(as_text=True)
    assert send(client, claimed_for, do="save", title="我的草稿").status_code == 303
    page = client.get(f"/console/{claimed_for}/offers").get_data(as_text=True)
    assert "我的草稿" in page
    assert "前任" not in page
    assert "/publish" not in page
    mine = max(offer.id for offer in rows())
    assert client.get(f"/console/{claimed_for}/offers/{mine}").status_code == 200
    for verb in ("publish", "pause", "resume"):
        assert client.post(f"/console/{claimed_for}/offers/{mine}/{verb}").status_code == 404
    others = [offer.id for offer in rows() if offer.shop_id == claimed_for and offer.id != mine]
    for offer in others:
        assert client.get(f"/console/{claimed_for}/offers/{offer}").status_code == 404
        assert client.get(f"/console/{claimed_for}/offers/new?like={offer}").status_code == 404
        for verb in ("", "/end"):
            assert client.post(f"/console/{claimed_for}/offers/{offer}{verb}", data=GOOD).status_code == 404
    assert client.post(f"/console/{claimed_for}/offers/{mine}/end").status_code == 303


def test_a_manager_runs_offers_and_loses_it_at_once(client: FlaskClient, shop: int) -> None:
    client.sign_in("manager")
    assert send(client, shop, **CANARY).status_code == 303
    offer = rows()[0].id
    assert client.post(f"/console/{shop}/offers/{offer}/pause").status_code == 303
    begin_write()
    account = make_account(db.session, "manager").id
    db.session.execute(update(Role).where(Role.account_id == account).values(kind="staff"))
    db.session.commit()
    for path in ("offers", "offers/new", f"offers/{offer}"):
        assert client.get(f"/console/{shop}/{path}").status_code == 404
    for path in (
        "offers",
        "offers/worth",
        f"offers/{offer}",
        f"offers/{offer}/resume",
        f"offers/{offer}/publish",
    ):
        answer = client.post(f"/console/{shop}/{path}", data=GOOD)
        assert answer.status_code == 404
        assert "26.31" not in answer.get_data(as_text=True)
    assert rows()[0].state == "paused"


def test_a_first_offer_takes_few_taps(client: FlaskClient, shop: int) -> None:
    body = client.get(f"/console/{shop}/offers/new").get_data(as_text=True)
    fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', body))
    assert (fields["valid_days"], fields["uses"], fields["regulars"]) == ("30", "1", "30")
    typed = {"title": "Two coffees", "contents-0-text": "Coffee", "contents-0-alone": "50", "price": "38"}
    answer = client.post(
        f"/console/{shop}/offers",
        data={
            "idempotency_key": "k", "uses": "1", "validity": "days", "valid_days": "30",
            "weekdays": [str(day) for day in range(7)], "refund_before_use": "y", "refund_at_expiry": "y",
            **typed, "do": "publish",
        },
    )  # fmt: skip
    assert answer.status_code == 303
    assert len(typed) + 1 == 5  # four fields and the button
