"""The designer: what the panel says, what is kept, and the second tap under cost."""

import gzip
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.designer.models import Plan
from o2o.kernel.db import begin_write, db
from o2o.offers.models import Offer, Terms
from o2o.shops.models import Shop
from tests.counting import counting
from tests.designer.test_sales import sell
from tests.factories import make_paid_order, make_role, make_shop, make_terms
from tests.offer_changes.desk import CANARY, UNDER, found_shop, rows, send
from tests.offer_changes.test_console import GOOD
from tests.visitor import Visitor


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel("2026-03-02T04:00:00Z", tick=False):
        yield


@pytest.fixture
def shop(client: FlaskClient) -> int:
    return found_shop(client)


def worth(client: FlaskClient, shop: int, **change: Any) -> str:
    answer = client.post(
        f"/console/{shop}/offers/worth", data={**GOOD, **change}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


SAID = [
    ({"cost": "26"}, "Every voucher leaves you ¥12.", "ok"),
    ({"cost": "26", "total_cap": "100"}, "If all 100 are sold: +¥1,200.", "ok"),
    ({"cost": "38"}, "Every voucher leaves you nothing.", "wait"),
    ({"cost": "40"}, "Every voucher costs you ¥2 more than it brings.", "no"),
    ({"cost": "40"}, "No limit: without a cap there is no bottom. Each one costs you ¥2.", "no"),
    ({"cost": "40", "day_cap": "20"}, "Up to −¥40 a day, and no limit to the days.", "no"),
    ({"cost": "40", "total_cap": "1"}, "If the only one is sold: −¥2.", "no"),
    ({"cost": "26", "fixed": "200"}, "17 sold vouchers cover the fixed cost of ¥200.", "wait"),
    ({"cost": "26", "fixed": "200", "total_cap": "10"}, "If all 10 are sold: −¥80.", "no"),
    ({"cost": "38", "fixed": "200"}, "The fixed cost of ¥200 is never covered at this price.", "no"),
    (
        {"cost": "26", "total_cap": "100"},
        "If 30% of 100 would have come anyway: they pay you ¥360 less, and against no deal it comes to +¥480.",
        "ok",
    ),
    ({"cost": "26"}, "You break even at ¥33.20 a voucher.", "ok"),
    ({"cost": "26"}, "It pays as long as at most 50.0% would have come anyway.", "ok"),
    ({"cost": "26", "regulars": "60"}, "You break even at ¥40.40 a voucher.", "wait"),
    ({"cost": "40"}, "A guest who comes back once at full price earns one voucher back.", "no"),
]


@pytest.mark.parametrize(("change", "words", "kind"), SAID)
def test_the_panel_says_it_in_words(
    client: FlaskClient, shop: int, change: dict[str, str], words: str, kind: str
) -> None:
    body = worth(client, shop, **change)
    assert words in body
    overall = {"ok": "Looks good", "wait": "Look closely", "no": "Loses money"}[kind]
    assert overall in body
    assert "<h1" not in body
    assert rows() == []


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({}, "what serving one voucher costs you"),
        ({"cost": "26", "price": ""}, "the price"),
        ({"cost": "x"}, "what serving one voucher costs you"),
        ({"cost": "26", "fixed": "-"}, "the fixed cost as an amount"),
        ({"cost": "26", "contents-0-alone": ""}, "what each thing costs alone"),
    ],
)
def test_no_figure_is_invented(client: FlaskClient, shop: int, change: dict[str, str], missing: str) -> None:
    body = worth(client, shop, **change)
    assert f"Still missing: {missing}." in body
    assert "¥" not in body


@pytest.mark.parametrize("text", ["9" * 30, "-5", "1.5", "٣", "<b>", "\x00", "9" * 5000])
def test_the_panel_bears_whatever_is_typed(client: FlaskClient, shop: int, text: str) -> None:
    for name in ("cost", "fixed", "regulars", "price", "total_cap", "day_cap", "contents-0-quantity"):
        worth(client, shop, **{"cost": "26", name: text})
    worth(client, shop, cost="26", validity="dates", valid_until=text, day_cap="3")


def test_without_a_script_the_panel_comes_with_the_preview(client: FlaskClient, shop: int) -> None:
    whole = client.post(f"/console/{shop}/offers/worth", data={**GOOD, "cost": "26"}).get_data(as_text=True)
    preview = send(client, shop, cost="26", do="preview").get_data(as_text=True)
    for body in (whole, preview):
        assert "Every voucher leaves you ¥12." in body
        assert '<details class="fold" open>' in body
    assert "What guests will see" in preview
    empty = client.get(f"/console/{shop}/offers/new").get_data(as_text=True)
    assert '<details class="fold">' in empty


def test_a_plan_is_kept_with_every_version(client: FlaskClient, shop: int) -> None:
    assert send(client, shop, **CANARY).status_code == 303
    offer = rows()[0].id
    form = client.get(f"/console/{shop}/offers/{offer}").get_data(as_text=True)
    assert 'value="26.31"' in form
    assert (
        client.post(
            f"/console/{shop}/offers/{offer}", data={**GOOD, "cost": "20", "idempotency_key": "k2"}
        ).status_code
        == 303
    )
    assert (
        client.post(f"/console/{shop}/offers/{offer}", data={**GOOD, "idempotency_key": "k3"}).status_code
        == 303
    )
    kept = [(plan.cost, plan.fixed, plan.regulars, plan.loss_seen) for plan in rows(Plan)]
    assert kept == [(2631, 77713, 37, None), (2000, 0, 30, None)]
    assert len(rows(Terms)) == 3


def test_a_plan_is_nobody_elses_business(client: FlaskClient, shop: int, app: Any) -> None:
    send(client, shop, **CANARY)
    offer = rows()[0].id
    begin_write()
    make_role(db.session, make_shop(db.session, "别家"), "other_owner", "owner")
    make_role(db.session, db.session.get_one(Shop, shop), "cook", "staff")
    db.session.commit()
    for handle in ("guest", "other_owner", "cook", None):
        visitor = Visitor(app, app.response_class)
        if handle:
            visitor.sign_in(handle)
        for path in ("/", f"/shops/{shop}", f"/offers/{offer}", "/shops", f"/shops/{shop}/reviews"):
            body = visitor.get(path).get_data(as_text=True)
            assert "26.31" not in body
            assert "777.13" not in body
        for path in (f"/console/{shop}/offers", f"/console/{shop}/offers/{offer}"):
            assert visitor.get(path).status_code in (404, 303)


def test_under_cost_needs_a_second_tap_with_the_figure(client: FlaskClient, shop: int) -> None:
    asked = send(client, shop, **UNDER)
    body = asked.get_data(as_text=True)
    assert asked.status_code == 422
    assert "At worst this deal comes to −¥300." in body
    assert "I know: up to −¥300. Publish anyway" in body
    assert 'value="all:30000"' in body
    assert 'value="手冲咖啡"' in body
    assert rows() == []
    changed = send(client, shop, **{**UNDER, "total_cap": "60"}, known="all:30000")
    assert changed.status_code == 422  # another figure: asked again
    assert 'value="all:36000"' in changed.get_data(as_text=True)
    for wrong in ("1", "all:30001", "day:30000", "all:30000 "):
        assert send(client, shop, **UNDER, known=wrong).status_code == 422
    assert rows() == []
    assert send(client, shop, **UNDER, known="all:30000", do="publish").status_code == 303
    assert [plan.loss_seen for plan in rows(Plan)] == [30000]


@pytest.mark.parametrize(
    ("change", "figure", "words"),
    [
        ({"total_cap": ""}, "each:600", "I know: −¥6 each, no limit. Publish anyway"),
        ({"total_cap": "", "day_cap": "20"}, "day:12000", "I know: up to −¥120 a day. Publish anyway"),
        ({"price": "38", "fixed": "800"}, "all:80000", "At worst this deal comes to −¥800."),
    ],
)
def test_every_kind_of_worst_case_is_asked(
    client: FlaskClient, shop: int, change: dict[str, str], figure: str, words: str
) -> None:
    body = send(client, shop, **{**UNDER, **change}).get_data(as_text=True)
    assert words in body
    assert f'value="{figure}"' in body
    assert send(client, shop, **{**UNDER, **change}, known=figure).status_code == 303


def test_a_revision_under_cost_is_asked_too(client: FlaskClient, shop: int) -> None:
    send(client, shop)
    offer = rows()[0].id
    path = f"/console/{shop}/offers/{offer}"
    again = {**GOOD, **UNDER, "idempotency_key": "k2"}
    assert client.post(path, data=again).status_code == 422
    assert len(rows(Terms)) == 1
    assert client.post(path, data={**again, "known": "all:30000"}).status_code == 303
    assert len(rows(Terms)) == 2


def test_the_question_says_how_what_is_sold_counts(client: FlaskClient, shop: int) -> None:
    send(client, shop, **UNDER, known="all:30000")
    offer = rows()[0]
    begin_write()
    make_paid_order(db.session, db.session.get_one(Terms, offer.terms_id), quantity=2)
    db.session.commit()
    again = {**GOOD, **UNDER, "price": "22", "idempotency_key": "k2"}
    body = client.post(f"/console/{shop}/offers/{offer.id}", data=again).get_data(as_text=True)
    assert "At worst this deal comes to −¥204." in body  # 48 × −4.00 + 2 × −6.00
    assert "2 are sold already: they count by their own terms, as far as they are not redeemed yet." in body
    assert 'value="all:20400"' in body


def test_without_a_cost_publishing_works_and_keeps_no_plan(client: FlaskClient, shop: int) -> None:
    assert send(client, shop, price="0", regulars="90").status_code == 303
    assert rows(Plan) == []


def test_the_list_and_the_form_stay_light(client: FlaskClient, shop: int) -> None:
    counts = []
    for wanted in (1, 50):
        for number in range(len(rows()), wanted):
            do = "save" if number % 2 else "publish"
            assert send(client, shop, **CANARY, do=do, idempotency_key=f"n{number}").status_code == 303
        with counting() as statements:
            page = client.get(f"/console/{shop}/offers")
        counts.append(len(statements))
        assert len(re.findall(r'id="offer-\d+"', page.get_data(as_text=True))) == wanted
        assert len(gzip.compress(page.data)) <= 12 * 1024
    assert counts[0] == counts[1] <= 15
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Plan)) == 50
    with counting() as statements:
        form = client.get(f"/console/{shop}/offers/{rows()[0].id}")
    assert len(gzip.compress(form.data)) <= 12 * 1024
    assert len(statements) <= 15


def test_the_panel_of_an_offer_that_sold_counts_as_the_question_does(client: FlaskClient, shop: int) -> None:
    """12 not redeemed × (20.00 − 26.00) and 30 unsold × (22.00 − 26.00): −192.00, not 50 × −4.00 = −200.00."""
    send(client, shop, **UNDER, known="all:30000")
    begin_write()
    (offer,) = db.session.scalars(select(Offer))
    sell(db.session, offer, 10, used=8)
    sell(db.session, offer, 10)
    path = f"/console/{shop}/offers/{offer.id}"
    db.session.commit()
    assert f"/offers/worth?offer={path.rsplit('/', 1)[1]}" in client.get(path).get_data(as_text=True)
    body = client.post(
        f"/console/{shop}/offers/worth?offer={path.rsplit('/', 1)[1]}",
        data={**GOOD, **UNDER, "price": "22"},
        headers={"HX-Request": "true"},
    ).get_data(as_text=True)
    worst = "At worst this deal comes to −¥192. 20 are sold already: they count by their own terms"
    assert worst in body
    assert "If the other 30 are sold too and all are redeemed: −¥192." in body
    assert "If all" not in body
    question = client.post(path, data={**GOOD, **UNDER, "price": "22", "idempotency_key": "k2"})
    assert question.status_code == 422
    assert 'value="all:19200"' in question.get_data(as_text=True)
    with counting() as statements:
        client.get(path)
    assert len(statements) <= 15


def test_the_panel_counts_no_offer_of_another_shop(client: FlaskClient, shop: int) -> None:
    begin_write()
    other = make_terms(db.session, make_shop(db.session, "隔壁")).offer_id
    db.session.commit()
    for number, status in ((other, 404), (987_654, 404), (0, 200), (10**30, 200), ("x", 200)):
        answer = client.post(f"/console/{shop}/offers/worth?offer={number}", data={**GOOD, "cost": "26"})
        assert answer.status_code == status, number
