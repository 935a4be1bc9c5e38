"""The operator's desk of claims: the evidence of each, and one decision each, whoever presses how often."""

import gzip
import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from o2o.acts.models import Act
from o2o.admission import review
from o2o.kernel import clock
from o2o.kernel.db import Base, begin_write, db
from o2o.notifications.models import Message
from o2o.onboarding.models import Claim
from o2o.papers import queries as answers
from o2o.papers import rules as papers
from o2o.papers.models import Submission
from o2o.shops import queries as shops
from o2o.shops.models import Shop
from tests.factories import make_account
from tests.onboarding.town import accept_all, answer, make_admitted, make_claim, make_listing, make_ready
from tests.racers import race

Make = Callable[..., Claim]


@pytest.fixture
def claim(client: FlaskClient) -> int:
    return made(client, make_ready)


def made(client: FlaskClient, make: Make, handle: str = "wang") -> int:
    """Make a claim and sign the operator in."""
    begin_write()
    claim_id = make(db.session, make_listing(db.session), handle).id
    db.session.commit()
    client.sign_in("operator")
    return claim_id


def body(client: FlaskClient, claim: int) -> str:
    answer = client.get(f"/operator/claims/{claim}")
    assert answer.status_code == 200
    return html.unescape(answer.get_data(as_text=True))


def seen(client: FlaskClient, claim: int, key: str = "") -> str:
    """Read what the page says that it showed of a line, or of the claim."""
    place = f"/lines/{key}" if key else "/decide"
    form = re.search(
        rf'action="/operator/claims/{claim}{place}".*?name="seen" value="([^"]*)"', body(client, claim), re.S
    )
    assert form, f"no form for {place}"
    return form[1]


def settle(
    client: FlaskClient, claim: int, key: str, do: str, reason: str = "", mark: str = ""
) -> TestResponse:
    data = {"do": do, "reason": reason, "seen": mark or seen(client, claim, key)}
    return client.post(f"/operator/claims/{claim}/lines/{key}", data=data)


def decide(client: FlaskClient, claim: int, do: str, reason: str = "", mark: str = "") -> TestResponse:
    data = {"do": do, "reason": reason, "seen": mark or seen(client, claim)}
    return client.post(f"/operator/claims/{claim}/{'approve' if do == 'approve' else 'decide'}", data=data)


def stored(claim: int) -> Claim:
    db.session.rollback()
    return db.session.get_one(Claim, claim)


def states(claim: int) -> dict[str, str]:
    lines = answers.checklist(db.session, stored(claim), clock.now())
    return {line.requirement.key: line.state for line in lines}


def count(table: type[Base]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def test_moments_stand_in_the_towns_time(client: FlaskClient) -> None:
    """After 16:00 UTC it is tomorrow in Shanghai, on the claim and on each of its lines."""
    with time_machine.travel("2026-11-22T18:22:08Z", tick=False):
        claim = made(client, make_ready)
        page = body(client, claim)
    assert "Nov 23, 2026, 2:22:08" in page
    assert "6:22:08" not in page


def test_the_page_shows_shop_evidence_and_what_is_open(client: FlaskClient, claim: int) -> None:
    page = body(client, claim)
    for text in (
        "老王面馆",
        "wang",
        "成府路 28 号",
        "geo:39.992000,116.338000",
        "王小明 010-12345",
        "Valid until",
    ):
        assert text in page
    assert re.search(r'<img src="/photos/[0-9a-f]{16}-s.webp"', page)
    assert "Before it can be approved: Business licence, A short call" in page
    assert f"/operator/claims/{claim}/approve" not in page


def test_the_whole_way_to_an_owner(client: FlaskClient, claim: int) -> None:
    for key in ("licence", "phone_call"):
        assert settle(client, claim, key, "accept").location == f"/operator/claims/{claim}#line-{key}"
    assert decide(client, claim, "approve").location == f"/operator/claims/{claim}"
    row = stored(claim)
    assert (row.state, row.decided_by) == ("approved", make_account(db.session, "operator").id)
    assert shops.roles_of(db.session, row.account_id or 0, row.shop_id) == {"owner"}
    verbs = select(Act.verb, Act.shop_id).order_by(Act.id)
    assert db.session.execute(verbs).all() == [
        ("admission_operator.settle", row.shop_id),
        ("admission_operator.settle", row.shop_id),
        ("admission_operator.approve", row.shop_id),
    ]


def test_approving_with_open_lines_changes_nothing_and_says_which(client: FlaskClient, claim: int) -> None:
    answered = decide(client, claim, "approve")
    page = html.unescape(answered.get_data(as_text=True))
    assert (answered.status_code, stored(claim).state) == (409, "ready_for_review")
    assert "Some lines are not settled yet." in page
    assert "Before it can be approved: Business licence, A short call" in page


def test_a_waived_line_is_settled_with_its_reason(client: FlaskClient, claim: int) -> None:
    missing = settle(client, claim, "phone_call", "waive")
    assert missing.status_code == 422
    assert "Give a reason the owner can act on." in missing.get_data(as_text=True)
    assert settle(client, claim, "phone_call", "waive", "Met in person").status_code == 303
    assert states(claim)["phone_call"] == "waived"
    page = body(client, claim)
    assert "Waived: Met in person" in page
    assert "1 older answer" in page


def test_refused_lines_go_back_with_their_reasons(client: FlaskClient, claim: int) -> None:
    assert settle(client, claim, "licence", "refuse").status_code == 422
    kept = settle(client, claim, "licence", "refuse", "x" * 301)
    assert (kept.status_code, "x" * 301 in kept.get_data(as_text=True)) == (422, True)
    assert settle(client, claim, "licence", "refuse", "The number is blurred").status_code == 303
    assert decide(client, claim, "return").status_code == 303
    assert (stored(claim).state, states(claim)["licence"]) == ("onboarding", "rejected")
    assert db.session.scalar(select(Message.kind).where(Message.kind == "claim.returned"))


def test_returning_nothing_in_particular_needs_a_reason(client: FlaskClient, claim: int) -> None:
    missing = decide(client, claim, "return")
    assert (missing.status_code, stored(claim).state) == (422, "ready_for_review")
    assert decide(client, claim, "return", "Please add the second page").status_code == 303
    assert "Please add the second page" in body(client, claim)


def test_turned_down_with_a_reason_and_the_next_one_is_looked_at(client: FlaskClient, claim: int) -> None:
    begin_write()
    shop = db.session.get_one(Shop, db.session.get_one(Claim, claim).shop_id)
    rival = make_claim(db.session, shop, "zhao").id
    db.session.commit()
    assert "zhao · Waiting" in body(client, claim)
    assert decide(client, claim, "reject").status_code == 422
    assert decide(client, claim, "reject", "Not the owner").status_code == 303
    assert (stored(claim).state, stored(rival).state) == ("rejected", "onboarding")


@pytest.mark.parametrize("do", ["approve", "return", "reject"])
def test_a_double_click_decides_once(client: FlaskClient, claim: int, do: str) -> None:
    for key in ("licence", "phone_call"):
        settle(client, claim, key, "accept")
    mark, acts = seen(client, claim), count(Act)
    first, second = [decide(client, claim, do, "Because", mark) for _ in range(2)]
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert count(Act) == acts + 1


@pytest.mark.parametrize(("key", "do"), [("licence", "accept"), ("licence", "refuse"), ("licence", "waive")])
def test_a_double_click_on_a_line_settles_once(client: FlaskClient, claim: int, key: str, do: str) -> None:
    mark = seen(client, claim, key)
    answers = [settle(client, claim, key, do, "Because", mark) for _ in range(2)]
    before = 4 + (do == "waive")
    assert [answer.status_code for answer in answers] == [303, 303]
    assert (count(Submission), count(Act)) == (before, 1)


def test_the_second_operator_is_told(app: Flask, client: FlaskClient, claim: int) -> None:
    line, whole = seen(client, claim, "licence"), seen(client, claim)
    client.sign_in("operator-two")
    settle(client, claim, "licence", "refuse", "Blurred")
    decide(client, claim, "return")
    client.sign_in("operator")
    late = settle(client, claim, "licence", "accept", mark=line)
    assert late.status_code == 409
    assert "Somebody decided this line meanwhile" in late.get_data(as_text=True)
    late = decide(client, claim, "reject", "No", mark=whole)
    assert late.status_code == 409
    assert "This claim was decided or changed meanwhile" in late.get_data(as_text=True)
    assert (stored(claim).state, states(claim)["licence"]) == ("onboarding", "rejected")


def test_what_was_answered_anew_is_not_decided_unseen(client: FlaskClient, claim: int) -> None:
    line = seen(client, claim, "licence")
    begin_write()
    papers.take_back(db.session, claim_id=claim, now=clock.now())
    answer(db.session, db.session.get_one(Claim, claim), "licence")
    db.session.commit()
    assert settle(client, claim, "licence", "accept", mark=line).status_code == 409
    assert states(claim)["licence"] == "pending"


def test_two_operators_at_once(app: Flask, client: FlaskClient, claim: int) -> None:
    mark = seen(client, claim)
    begin_write()
    judges = [make_account(db.session, f"judge-{number}").id for number in range(4)]
    accept_all(db.session, db.session.get_one(Claim, claim))
    db.session.commit()

    def attempt(session, number: int) -> None:  # type: ignore[no-untyped-def]
        begin_write(session)
        do = ("approve", "return", "reject", "approve")[number]
        given = {"do": do, "seen": mark, "reason": "Because", "by": judges[number], "now": clock.now()}
        review.settle_claim(session, claim_id=claim, **given)
        session.commit()

    assert race(app, attempt, times=4, threads=4) == {"ok": 1, "decided_meanwhile": 3}


def test_nobody_decides_their_own_claim(client: FlaskClient) -> None:
    client.sign_in("operator-two")
    claim = made(client, make_ready, "operator-two")
    mark, line = seen(client, claim), seen(client, claim, "licence")
    client.sign_in("operator-two")
    page = body(client, claim)
    assert "This is your own claim." in page
    assert "/decide" not in page
    assert "/lines/" not in page
    for answered in (
        decide(client, claim, "reject", "x", mark),
        settle(client, claim, "licence", "accept", mark=line),
    ):
        assert (answered.status_code, "This is your own claim." in answered.get_data(as_text=True)) == (
            409,
            True,
        )
    assert (stored(claim).state, states(claim)["licence"]) == ("ready_for_review", "pending")


def test_a_renewed_paper_of_an_admitted_shop(client: FlaskClient) -> None:
    claim = made(client, make_admitted)
    begin_write()
    until = db.session.get_one(Shop, db.session.get_one(Claim, claim).shop_id).sells_until
    answer(db.session, db.session.get_one(Claim, claim), "licence", days=800)
    db.session.commit()
    assert settle(client, claim, "licence", "accept").status_code == 303
    later = db.session.get_one(Shop, stored(claim).shop_id).sells_until
    assert until is not None
    assert later == until + timedelta(days=400)
    # What the shop relies on is not refused by a slip of the hand: there is no button, and no way around it.
    newest = answers.trail(db.session, claim)[0]
    late = settle(client, claim, "licence", "refuse", "No", mark=review.line_mark(newest))
    assert late.status_code == 409
    assert states(claim)["licence"] == "complete"


@pytest.mark.parametrize("wrong", [{"do": ""}, {"do": "delete"}, {"do": "approve"}, {}])
def test_an_unknown_button(client: FlaskClient, claim: int, wrong: dict[str, str]) -> None:
    for place in ("decide", "lines/licence"):
        answered = client.post(f"/operator/claims/{claim}/{place}", data=wrong)
        assert answered.status_code == 422
        assert "Choose one of the buttons." in answered.get_data(as_text=True)


def test_what_is_not_there(client: FlaskClient, claim: int) -> None:
    assert client.get("/operator/claims/987654").status_code == 404
    assert client.post("/operator/claims/987654/approve").status_code == 404
    unknown = client.post(f"/operator/claims/{claim}/lines/nothing", data={"do": "accept"})
    assert unknown.status_code == 404
    client.sign_in("wang")
    assert client.get(f"/operator/claims/{claim}").status_code == 404
    assert client.post(f"/operator/claims/{claim}/approve").status_code == 404
    assert stored(claim).state == "ready_for_review"


def test_the_page_is_small(client: FlaskClient, claim: int) -> None:
    assert len(gzip.compress(client.get(f"/operator/claims/{claim}").data)) < 12 * 1024
