"""The designer: what the panel says, the second tap under cost, drafts, and who may do which."""

import gzip
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from o2o.kernel.db import begin_write, db
from o2o.offers.models import Offer, Plan, Terms
from o2o.shops.models import Role, Shop
from tests.counting import counting
from tests.factories import make_account, make_role, make_shop
from tests.offers.test_console import GOOD
from tests.visitor import Visitor

CANARY = {"cost": "26.31", "fixed": "777.13", "regulars": "37"}
UNDER = {"price": "20", "cost": "26", "total_cap": "50"}  # 50 × −6.00 = −300.00


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel("2026-03-02T04:00:00Z", tick=False):
        yield


@pytest.fixture
def shop(client: FlaskClient) -> int:
    client.sign_in("owner")
    begin_write()
    shop = make_shop(db.session)
    for handle in ("owner", "manager"):
        make_role(db.session, shop, handle, handle)
    shop_id = shop.id
    db.session.commit()
    return shop_id


def worth(client: FlaskClient, shop: int, **change: Any) -> str:
    answer = client.post(
        f"/console/{shop}/offers/worth", data={**GOOD, **change}, headers={"HX-Request": "true"}
    )
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def send(client: FlaskClient, shop: int, **change: Any) -> Any:
    return client.post(f"/console/{shop}/offers", data={**GOOD, **change})


def rows(model: Any = Offer) -> list[Any]:
    db.session.rollback()
    return list(db.session.scalars(select(model).order_by(*model.__table__.primary_key)))


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


def test_without_a_cost_publishing_works_and_keeps_no_plan(client: FlaskClient, shop: int) -> None:
    assert send(client, shop, price="0", regulars="90").status_code == 303
    assert rows(Plan) == []


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
    db.session.execute(
        update(Role).where(Role.shop_id == shop_id).values(ended_at=Role.created_at, kind="owner")
    )
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
