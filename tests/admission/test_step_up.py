"""A shop is given away by somebody who has just shown who they are; returning and turning down ask for nothing."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.acts.models import Act
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.onboarding.models import Claim
from o2o.shops import queries as shops
from tests.onboarding.town import accept_all, make_listing, make_ready

LATER = timedelta(minutes=6)
CONFIRM = "To approve it, first confirm that it is you"


@pytest.fixture
def settled(client: FlaskClient) -> int:
    """A claim whose every line is settled, and an operator who has just signed in."""
    client.sign_in("operator")
    begin_write()
    claim = make_ready(db.session, make_listing(db.session))
    accept_all(db.session, claim)
    number = claim.id
    db.session.commit()
    return number


def mark(client: FlaskClient, claim: int) -> str:
    page = client.get(f"/operator/claims/{claim}").get_data(as_text=True)
    found = re.search(r'name="seen" value="(ready_for_review-[0-9]+)"', page)
    assert found
    return found[1]


def approve(client: FlaskClient, claim: int) -> str:
    data, page = {"seen": mark(client, claim)}, f"http://localhost/operator/claims/{claim}"
    answered = client.post(f"/operator/claims/{claim}/approve", data=data, headers={"Referer": page})
    assert answered.status_code == 303
    return str(answered.location)


def state(claim: int) -> str:
    db.session.rollback()
    return db.session.get_one(Claim, claim).state


def acts() -> int:
    return db.session.scalar(select(func.count()).select_from(Act)) or 0


def test_an_old_sign_in_approves_nothing_and_leads_back(client: FlaskClient, settled: int) -> None:
    with time_machine.travel(clock.now() + LATER, tick=False):
        assert approve(client, settled) == f"/sign-in?next=/operator/claims/{settled}&fresh=1&asked=1"
        assert (state(settled), acts()) == ("ready_for_review", 0)
        client.sign_in("operator")
        assert approve(client, settled) == f"/operator/claims/{settled}"
        assert (state(settled), acts()) == ("approved", 1)
        claim = db.session.get_one(Claim, settled)
        assert shops.roles_of(db.session, claim.account_id or 0, claim.shop_id) == {"owner"}


def test_the_page_asks_who_it_is_before_it_offers_the_button(client: FlaskClient, settled: int) -> None:
    page = client.get(f"/operator/claims/{settled}").get_data(as_text=True)
    assert f'action="/operator/claims/{settled}/approve"' in page
    assert CONFIRM not in page
    with time_machine.travel(clock.now() + LATER, tick=False):
        page = client.get(f"/operator/claims/{settled}").get_data(as_text=True)
    assert f'action="/operator/claims/{settled}/approve"' not in page
    assert CONFIRM in page
    assert f"/sign-in?fresh=1&amp;next=/operator/claims/{settled}" in page


@pytest.mark.parametrize(("do", "becomes"), [("return", "onboarding"), ("reject", "rejected")])
def test_an_old_sign_in_returns_and_turns_down(
    client: FlaskClient, settled: int, do: str, becomes: str
) -> None:
    data = {"do": do, "seen": mark(client, settled), "reason": "The licence is another shop's"}
    with time_machine.travel(clock.now() + LATER, tick=False):
        assert client.post(f"/operator/claims/{settled}/decide", data=data).status_code == 303
    assert state(settled) == becomes


def test_the_other_address_approves_nothing(client: FlaskClient, settled: int) -> None:
    data = {"do": "approve", "seen": mark(client, settled)}
    for later in (timedelta(0), LATER):
        with time_machine.travel(clock.now() + later, tick=False):
            assert client.post(f"/operator/claims/{settled}/decide", data=data).status_code == 422
    assert state(settled) == "ready_for_review"
