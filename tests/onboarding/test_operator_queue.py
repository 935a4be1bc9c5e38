"""The queue: who waits longest stands first, every filter, the same cost at any length; invitations."""

import gzip
import html
import re
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import select

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.onboarding import rules
from o2o.onboarding.models import Claim
from o2o.shops.models import Invite, Shop
from tests.counting import counting
from tests.onboarding.town import (
    accept_all,
    answer,
    make_admitted,
    make_claim,
    make_listing,
    make_operator,
    make_ready,
)

QUEUE = "/operator/claims"


@pytest.fixture
def operator(client: FlaskClient) -> FlaskClient:
    client.sign_in("operator")
    return client


def listed(client: FlaskClient, query: str = "") -> list[str]:
    page = client.get(f"{QUEUE}{query}")
    assert page.status_code == 200
    return re.findall(
        r'<th><a href="/operator/claims/\d+">([^<]+)<', html.unescape(page.get_data(as_text=True))
    )


def fill() -> None:
    """Make a claim of every kind, each in a shop of its name, an hour apart."""
    start = clock.now()
    with time_machine.travel(start, tick=False) as time:
        begin_write()
        for name in ("late", "early", "way", "turned", "fine", "ending", "renewed", "gone"):
            shop = make_listing(db.session, name)
            maker = {"late": make_ready, "early": make_ready, "turned": make_ready, "way": make_claim,
                     "gone": make_claim}.get(name, make_admitted)  # fmt: skip
            if name in ("ending",):
                claim = make_claim(db.session, shop, name)
                for row in ("identity", "terms", "phone_call"):
                    answer(db.session, claim, row)
                answer(db.session, claim, "licence", days=20)
                rules.submit(db.session, claim_id=claim.id, now=clock.now())
                accept_all(db.session, claim)
                rules.approve(db.session, claim_id=claim.id, by=make_operator(db.session), now=clock.now())
                continue
            claim = maker(db.session, shop, name)
            given = {"claim_id": claim.id, "now": clock.now()}
            if name == "turned":
                rules.reject(db.session, reason="No", by=make_operator(db.session), **given)
            if name == "gone":
                rules.withdraw(db.session, **given)
            if name == "renewed":
                answer(db.session, claim, "licence", days=800)
            time.shift(timedelta(hours=-1) if name == "late" else timedelta(hours=1))
        waiting = make_listing(db.session, "invited")
        row = rules.prepare(db.session, shop_id=waiting.id, now=clock.now())
        rules.invite(db.session, claim_id=row.id, now=clock.now())
        db.session.commit()


def test_what_to_look_at_stands_first(operator: FlaskClient) -> None:
    fill()
    assert listed(operator) == ["early", "late", "renewed", "way", "invited", "ending", "turned"]
    assert "3 claims wait for you." in operator.get(QUEUE).get_data(as_text=True)


@pytest.mark.parametrize(
    ("show", "names"),
    [
        ("wait", ["early", "late", "renewed"]),
        ("way", ["way", "invited"]),
        ("ending", ["ending"]),
        ("rejected", ["turned"]),
        ("rest", ["fine", "gone"]),
    ],
    ids=["wait", "way", "ending", "rejected", "rest"],
)
def test_filters_narrow(operator: FlaskClient, show: str, names: list[str]) -> None:
    fill()
    assert listed(operator, f"?show={show}") == names


@pytest.mark.parametrize("query", ["?show=all", "?show=", "?page=0", "?page=x", "?page=２", "?page=99999"])
def test_a_filter_that_is_none_is_refused(operator: FlaskClient, query: str) -> None:
    assert operator.get(f"{QUEUE}{query}").status_code == 400


def test_pages_and_cost(operator: FlaskClient) -> None:
    costs = []
    for count in (1, 50):
        begin_write()
        for number in range(count):
            make_claim(
                db.session, make_listing(db.session, f"{count}-{number:02d}"), f"guest-{count}-{number}"
            )
        db.session.commit()
        operator.get(QUEUE)
        with counting() as statements:
            page = operator.get(QUEUE)
        costs.append(len(statements))
        assert len(gzip.compress(page.data)) < 12 * 1024
    assert costs[0] == costs[1] <= 15
    assert [len(listed(operator, f"?page={number}")) for number in (1, 2, 3)] == [25, 25, 1]
    assert "No claims here" in operator.get(f"{QUEUE}?show=rejected").get_data(as_text=True)


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
