"""What an offer brought: every number equals its rows and the oracle, on both databases; nobody else sees it."""

import gzip
import re
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine
from flask.testing import FlaskClient
from sqlalchemy import update

from o2o.kernel.db import begin_write, db
from o2o.kernel.money import format_money
from o2o.offers import rules as offers
from o2o.offers.rules import Draft
from o2o.results.console import NAMES
from o2o.shops.models import Role, Shop
from tests.counting import counting
from tests.factories import make_account, make_role, make_shop, make_terms
from tests.results.histories import NOW, PART, Told, money, oracle, tell

NUMBER = r'href="[^"]*\?rows={}#rows"[^>]*><b class="num">(\d+)</b>'


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def made(client: FlaskClient, seed: int, guests: int) -> tuple[Told, str]:
    client.sign_in("owner")
    begin_write()
    told = tell(db.session, seed, guests)
    db.session.commit()
    return told, f"/console/{told.shop}/offers/{told.offer}/results"


def body(client: FlaskClient, path: str, **headers: str) -> str:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200
    assert len(gzip.compress(answer.data)) <= 12 * 1024
    return answer.get_data(as_text=True)


def numbers(page: str) -> dict[str, int]:
    return {name: int(re.findall(NUMBER.format(name), page)[0]) for name in NAMES}


def rows(client: FlaskClient, path: str, name: str) -> list[str]:
    """Walk through all pages of rows."""
    found: list[str] = []
    address: str | None = f"{path}?rows={name}"
    while address:
        page = body(client, address)
        found += re.findall(r"<li class=\"line\" data-row>(.*?)</li>", page, re.S)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&").split("#")[0] if following else None
    return found


@pytest.mark.parametrize(("seed", "guests"), [(1, 3), (2, 12), (3, 25), (4, 40), (5, 40), (6, 90)])
def test_every_number_is_its_rows(client: FlaskClient, seed: int, guests: int) -> None:
    told, path = made(client, seed, guests)
    page = body(client, path)
    wanted = oracle(told)
    assert numbers(page) == wanted
    assert {name: len(rows(client, path, name)) for name in NAMES} == wanted
    assert wanted["new"] + wanted["known"] <= wanted["redeemed"]
    if seed > 2:
        assert all(wanted.values()), f"this history tries too little: {wanted}"


@pytest.mark.parametrize("seed", [3, 6])
def test_the_money_is_the_sum_of_its_rows(client: FlaskClient, seed: int) -> None:
    told, path = made(client, seed, 40)
    page = body(client, path)
    wanted = money(told)
    for name in ("sold", "redeemed", "refunded"):
        line = re.search(NUMBER.format(name) + r".*?</li>", page, re.S)
        assert line is not None
        assert format_money(wanted[name], "CNY", "en") in line[0]
        values = [re.findall(r"¥([\d,.]+)", row)[0].replace(",", "") for row in rows(client, path, name)]
        fen = sum(
            int(whole) * 100 + int((part or "0").ljust(2, "0")) for whole, _, part in map(_split, values)
        )
        assert fen == wanted[name]
    sign = "−" if wanted["result"] < 0 else "+"
    assert sign + format_money(abs(wanted["result"]), "CNY", "en") in page
    assert "sold without a plan" in page
    assert "You reckoned with 30%" in page


def _split(value: str) -> tuple[str, str, str]:
    return value.partition(".")


def test_rows_name_guests_as_this_shop_knows_them(client: FlaskClient, app: Any) -> None:
    _, path = made(client, 4, 12)
    found = rows(client, path, "sold")
    assert all(re.search(r"[A-Z][a-z]+ \d{3}", row) for row in found)
    assert not any(re.search(r"\bg\d+\b", row) for row in found)
    page = body(client, f"{path}?rows=back", **{"Accept-Language": "zh-CN"})
    assert "data-row" in page


def test_without_a_plan_nothing_is_reckoned(client: FlaskClient) -> None:
    client.sign_in("owner")
    begin_write()
    shop = make_shop(db.session)
    make_role(db.session, shop, "owner", "owner")
    terms = make_terms(db.session, shop)
    path = f"/console/{shop.id}/offers/{terms.offer_id}/results"
    db.session.commit()
    page = body(client, path)
    assert "No cost was given" in page
    assert set(numbers(page).values()) == {0}
    assert "Nothing here." in body(client, f"{path}?rows=back")


@pytest.mark.parametrize("wrong", ["rows=all", "rows=sold'", "rows=%00"])
def test_unknown_rows_are_missing(client: FlaskClient, wrong: str) -> None:
    _, path = made(client, 1, 2)
    assert client.get(f"{path}?{wrong}").status_code == 404
    for number in ("0", "-1", "x", "２", "99999"):
        assert client.get(f"{path}?rows=sold&page={number}").status_code == 400
    assert client.get(f"{path}?rows=sold&page=9999").status_code == 200


def test_nobody_else_sees_it(client: FlaskClient) -> None:
    told, path = made(client, 2, 5)
    begin_write()
    shop = db.session.get_one(Shop, told.shop)
    for handle, kind in (("cook", "staff"), ("boss", "manager"), ("asker", "claimant")):
        make_role(db.session, shop, handle, kind)
    make_role(db.session, make_shop(db.session, "别家"), "other_owner", "owner")
    db.session.commit()
    for handle, status in (
        ("cook", 404),
        ("asker", 404),
        ("other_owner", 404),
        ("guest", 404),
        ("boss", 200),
    ):
        client.sign_in(handle)
        assert client.get(path).status_code == status, handle
    begin_write()
    boss = make_account(db.session, "boss").id
    db.session.execute(update(Role).where(Role.account_id == boss).values(kind="staff"))
    db.session.commit()
    client.sign_in("boss")
    assert client.get(path).status_code == 404


def test_another_shops_offer_and_a_draft_are_missing(client: FlaskClient) -> None:
    told, _ = made(client, 1, 2)
    begin_write()
    shop = make_shop(db.session, "别家")
    make_role(db.session, shop, "owner", "owner")
    other = shop.id
    draft = offers.prepare(
        db.session, shop_id=told.shop, draft=Draft(title="早餐", contents=(PART,), price=900, valid_days=9)
    )
    db.session.commit()
    assert client.get(f"/console/{told.shop}/offers/{draft.id}/results").status_code == 404
    assert client.get(f"/console/{other}/offers/{told.offer}/results").status_code == 404
    assert client.get(f"/console/{told.shop}/offers/987654/results").status_code == 404


def test_one_row_and_fifty_cost_the_same(client: FlaskClient) -> None:
    counts = []
    for guests in (1, 90):
        told, path = made(client, 6, guests)
        shown = {name: number for name, number in oracle(told).items() if number}
        with counting() as statements:
            body(client, f"{path}?rows=sold")
        counts.append(len(statements))
    assert shown["sold"] > 50
    assert counts[0] == counts[1] <= 15
