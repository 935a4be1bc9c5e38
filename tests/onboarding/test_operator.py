"""The operator opens a claim for somebody to come, and invites them."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.onboarding.models import Claim
from o2o.shops.models import Invite, Shop
from tests.admission.test_queue import QUEUE, listed
from tests.onboarding.town import (
    make_claim,
    make_listing,
)


@pytest.fixture
def operator(client: FlaskClient) -> FlaskClient:
    client.sign_in("operator")
    return client


def test_an_owner_is_invited_with_the_checklist_first(operator: FlaskClient) -> None:
    begin_write()
    shop = make_listing(db.session).id
    db.session.commit()
    answered = operator.post(
        f"/operator/listings/{shop}/owners", data={"checklist": "y", "idempotency_key": "k"}
    )
    assert answered.status_code == 307
    for _ in range(2):
        data = {"checklist": "y", "idempotency_key": "k"}
        answered = operator.post(
            answered.location if answered.status_code == 307 else f"/operator/listings/{shop}/claim",
            data=data,
        )
        assert re.fullmatch(r"/operator/claims/\d+", answered.location)
    page = operator.get(answered.location).get_data(as_text=True)
    link = re.findall(r'value="http://localhost(/invites/[\w-]+)"', page)[0]
    assert link not in operator.get(answered.location).get_data(as_text=True)
    db.session.rollback()
    assert db.session.scalars(select(Invite.kind)).all() == ["claimant"]
    claim = db.session.scalars(select(Claim)).one()
    assert (claim.state, claim.way, claim.account_id) == ("invited", "invite", None)
    operator.sign_in("wang")
    operator.post(link)
    db.session.rollback()
    claim = db.session.scalars(select(Claim)).one()
    assert (claim.state, db.session.get_one(Shop, shop).status) == ("onboarding", "unclaimed")


def test_as_before_without_the_tick(operator: FlaskClient) -> None:
    begin_write()
    shop = make_listing(db.session).id
    db.session.commit()
    assert operator.post(f"/operator/listings/{shop}/owners").location == f"/operator/listings/{shop}"
    db.session.rollback()
    assert db.session.scalars(select(Invite.kind)).all() == ["owner"]
    assert db.session.scalars(select(Claim)).all() == []


def test_a_checklist_goes_with_a_link_only(operator: FlaskClient) -> None:
    begin_write()
    shop = make_listing(db.session).id
    db.session.commit()
    data = {"checklist": "y", "handle": "lao-li"}
    answered = operator.post(f"/operator/listings/{shop}/owners", data=data)
    page = answered.get_data(as_text=True)
    assert (answered.status_code, "The checklist goes with a link" in page, 'value="lao-li"' in page) == (
        422,
        True,
        True,
    )


def test_a_claim_is_opened_now_and_invited_to_later(operator: FlaskClient) -> None:
    begin_write()
    shop = make_listing(db.session).id
    db.session.commit()
    for _ in range(2):
        answered = operator.post(f"/operator/listings/{shop}/claim", data={"do": "prepare"})
    where = answered.location
    assert listed(operator, "?show=way") == ["老王面馆"]
    assert "Invite the owner" in operator.get(where).get_data(as_text=True)
    for _ in range(2):
        assert operator.post(f"{where}/invite", data={"idempotency_key": "once"}).location == where
    assert "Make another link" in operator.get(where).get_data(as_text=True)
    db.session.rollback()
    assert len(db.session.scalars(select(Invite)).all()) == 1
    for _ in range(2):
        assert operator.post(f"{where}/end").status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(Claim.state)).all() == ["withdrawn"]
    assert db.session.scalars(select(Invite)).one().withdrawn_at is not None


def test_a_shop_that_is_looked_at_already_is_not_given_twice(operator: FlaskClient) -> None:
    begin_write()
    shop = make_listing(db.session)
    claim = make_claim(db.session, shop).id
    shop_id = shop.id
    db.session.commit()
    answered = operator.post(f"/operator/listings/{shop_id}/claim")
    assert answered.status_code == 409
    assert "Somebody else&#39;s claim is being looked at." in answered.get_data(as_text=True)
    answered = operator.post(f"{QUEUE}/{claim}/invite")
    assert answered.status_code == 409
    assert "This has moved on meanwhile." in answered.get_data(as_text=True)
    assert operator.post(f"{QUEUE}/{claim}/end").status_code == 409
    db.session.rollback()
    assert db.session.scalars(select(Invite)).all() == []


def test_an_old_sign_in_invites_nobody(operator: FlaskClient) -> None:
    begin_write()
    shop = make_listing(db.session).id
    db.session.commit()
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        answered = operator.post(f"/operator/listings/{shop}/claim")
    assert answered.location.startswith("/sign-in?")
    db.session.rollback()
    assert db.session.scalars(select(Claim)).all() == []
