"""The owner's words fill the form's week, to be looked at; nothing is stored by it."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from o2o.kernel.db import begin_write, db
from o2o.shops.models import Shop
from tests.counting import counting
from tests.factories import make_role, make_shop
from tests.shops.test_console import GOOD

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def shop(client: FlaskClient) -> int:
    begin_write()
    row = make_shop(db.session)
    for who in ("owner", "manager", "staff", "claimant"):
        make_role(db.session, row, who, who)
    shop_id = row.id
    db.session.commit()
    client.sign_in("owner")  # type: ignore[attr-defined]
    return shop_id


def fields(body: str) -> dict[str, str]:
    """Collect the hours that the page's form holds, and how they are said."""
    found = dict(re.findall(r'name="(day\d-\w+\d)"[^>]*value="([^"]*)"', body))
    found |= dict.fromkeys(re.findall(r'<input checked[^>]*name="(day\d-closed)"', body), "y")
    kinds = re.findall(r'<input checked[^>]*name="hours_kind"[^>]*value="(\w+)"', body)
    return {name: value for name, value in found.items() if value} | {"hours_kind": "".join(kinds)}


def hear(client: FlaskClient, shop: int, text: str, status: int = 200, **more: Any) -> str:
    answer = client.post(f"/console/{shop}/shop/hours", data={**GOOD, "said": text, **more})
    assert answer.status_code == status, answer.text
    return str(answer.text)


def test_it_fills_the_week_and_stores_nothing(client: FlaskClient, shop: int) -> None:
    typed = {"about": "Typed, not saved", "day6-from1": "11:00", "day6-to1": "12:00"}
    body = hear(client, shop, "周一到周五早上九点到晚上十点，周六11点半到2点、17:00-24:00", **typed)
    week = {
        f"day{n}-{name}1": value for n in range(5) for name, value in (("from", "09:00"), ("to", "22:00"))
    }
    saturday = {"day5-from1": "11:30", "day5-to1": "14:00", "day5-from2": "17:00", "day5-to2": "00:00"}
    sunday = {name: value for name, value in typed.items() if name != "about"}
    assert fields(body) == {**week, **saturday, **sunday, "hours_kind": "week"}
    assert "Typed, not saved" in body
    assert 'value="Xiaoman"' in body
    for sentence in (
        "Filled in below, not saved yet.",
        "“11点半到2点” is taken as 11:30–14:00.",
        "Nothing is said of Sun: what stands below stays.",
    ):
        assert sentence in body
    db.session.rollback()
    row = db.session.get_one(Shop, shop)
    assert (row.version, row.hours) == (1, None)
    kept = {**GOOD, "said": "whatever", **fields(body), **typed}
    assert client.post(f"/console/{shop}/shop", data=kept).status_code == 303
    db.session.rollback()
    wanted = "Mo-Fr 09:00-22:00; Sa 11:30-14:00,17:00-24:00; Su 11:00-12:00"
    assert db.session.get_one(Shop, shop).hours == wanted


def test_a_fragment_is_the_hours_alone(client: FlaskClient, shop: int) -> None:
    address = f"/console/{shop}/shop/hours"
    answer = client.post(address, data={"said": "每天10点到22点"}, headers=FRAGMENT)
    assert answer.text.strip().startswith('<section class="sheet" id="hours">')
    assert "<html" not in answer.text
    assert fields(answer.text)["day6-to1"] == "22:00"
    page = client.get(f"/console/{shop}/shop").text
    assert f'formaction="{address}"' in page
    # Enter presses the first button of a form: that one saves.
    assert page.index("Save the shop") < page.index("formaction")


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("24小时营业", "always", "Every day"),
        ("每天 7:00-10:00 11:00-14:00 17:00-21:00", "text", "Mo-Su 07:00-10:00,11:00-14:00,17:00-21:00"),
        ("周一 7:00-10:00 11:00-14:00 17:00-21:00", "week", "Two spans a day fit below: Mon has more."),
        ("daily 7 till late", "week", "“7 till late”: it opens at 07:00, and when does it close?"),
        ("每天休息", "week", "Closed"),
        ("每天9:00-21:00，最后点单20:30", "week", "“最后点单 20:30”"),
        ("早九晚五", "week", "“早九晚五” names no days: it is taken for every day."),
        ("每天9-12，周一14点到18点", "week", "More than one thing is said of Mon."),
        ("closed Mon, Tue, Wed-Sun 10am-6pm", "week", "can be read in two ways"),
        ("周末及节假日10:00-23:00", "week", "Holidays are kept on a page of their own"),
        ("周一 9:00-18:00。13:00-20:00", "week", "The hours of Mon overlap."),
        ("每天 9:00-9:00 <b>", "week", "“b”"),
    ],
)
def test_every_answer_has_its_words(client: FlaskClient, shop: int, text: str, kind: str, words: str) -> None:
    body = hear(client, shop, text)
    assert fields(body)["hours_kind"] == kind
    assert words in body
    assert "<b>" not in body.split('id="hours"')[1].split("<textarea")[1].split("</textarea")[0]


def test_an_open_end_cannot_be_saved_by_accident(client: FlaskClient, shop: int) -> None:
    body = hear(client, shop, "daily 7 till late")
    answer = client.post(f"/console/{shop}/shop", data={**GOOD, **fields(body)})
    assert answer.status_code == 422
    assert "Each opening time needs a different closing time." in answer.text


@pytest.mark.parametrize("text", ["", "   ", "hello", "好" * 1001, "今天下雨"])
def test_what_says_nothing_changes_nothing(client: FlaskClient, shop: int, text: str) -> None:
    typed = {"hours_kind": "week", "day0-from1": "09:00", "day0-to1": "17:00"}
    body = hear(client, shop, text, status=422, **typed)
    assert fields(body) == typed
    assert ("within 1000 characters" if len(text) > 1000 else "No opening hours were found") in body


def test_who_may(client: FlaskClient, shop: int) -> None:
    for who, status in (("manager", 200), ("claimant", 200), ("staff", 404), ("guest", 404)):
        client.sign_in(who)  # type: ignore[attr-defined]
        hear(client, shop, "每天9:00-21:00", status=status)


def test_it_costs_no_statement_more_than_the_page(client: FlaskClient, shop: int) -> None:
    counts = []
    client.get(f"/console/{shop}/shop")
    for text in ("每天9:00-21:00", "周一9点到18点，" * 60):
        with counting() as statements:
            hear(client, shop, text)
        counts.append(len(statements))
        assert not any(
            statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE")) for statement in statements
        )
    assert counts[0] == counts[1] <= 15
