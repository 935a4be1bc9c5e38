"""The queue: who waits longest stands first, every filter, the same cost at any length; invitations."""

import gzip
import html
import re
from datetime import timedelta

import pytest
import time_machine
from flask.testing import FlaskClient

from o2o.admission import rules as admission
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.onboarding import rules as onboarding
from o2o.papers import rules as papers
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
                papers.submit(db.session, claim_id=claim.id, now=clock.now())
                accept_all(db.session, claim)
                admission.approve(
                    db.session, claim_id=claim.id, by=make_operator(db.session), now=clock.now()
                )
                continue
            claim = maker(db.session, shop, name)
            given = {"claim_id": claim.id, "now": clock.now()}
            if name == "turned":
                admission.reject(db.session, reason="No", by=make_operator(db.session), **given)
            if name == "gone":
                onboarding.withdraw(db.session, **given)
            if name == "renewed":
                answer(db.session, claim, "licence", days=800)
            time.shift(timedelta(hours=-1) if name == "late" else timedelta(hours=1))
        waiting = make_listing(db.session, "invited")
        row = onboarding.prepare(db.session, shop_id=waiting.id, now=clock.now())
        onboarding.invite(db.session, claim_id=row.id, now=clock.now())
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
