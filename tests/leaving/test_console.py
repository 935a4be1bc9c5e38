"""The owner's page: the numbers, the second tap, the way back; nobody else's."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from time_machine import travel

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.leaving.models import Closing
from o2o.offers.models import Terms
from tests.counting import counting
from tests.factories import make_account, make_paid_order
from tests.leaving.going import Leaver, the_closing

SURE = {"days": "14", "sure": "y"}


@pytest.fixture
def shop(client: FlaskClient) -> int:
    client.sign_in("owner")  # type: ignore[attr-defined]
    begin_write()
    shop_id = Leaver(db.session).shop.id
    db.session.commit()
    return shop_id


def test_the_page_says_what_will_happen_in_numbers(client: FlaskClient, shop: int) -> None:
    page = client.get(f"/console/{shop}/leave").get_data(as_text=True)
    for words in (
        "Vouchers that stay good until the day",
        "¥38",
        "Announce the closing",
        "Download everything",
    ):
        assert words in page


def test_it_takes_a_second_tap(client: FlaskClient, shop: int) -> None:
    answer = client.post(f"/console/{shop}/close", data={"days": "14"})
    assert answer.status_code == 422
    assert "Please tick the box if you are sure." in answer.get_data(as_text=True)
    assert db.session.scalar(select(func.count(Closing.id))) == 0


@pytest.mark.parametrize("days", ["0", "91", "-3", "x", "", "1.5", "9" * 30])
def test_days_have_bounds(client: FlaskClient, shop: int, days: str) -> None:
    answer = client.post(f"/console/{shop}/close", data={**SURE, "days": days})
    assert answer.status_code == 422
    assert "Choose between 1 and 90 days." in answer.get_data(as_text=True)


def test_closing_twice_and_staying_twice(client: FlaskClient, shop: int) -> None:
    for _ in range(2):
        assert client.post(f"/console/{shop}/close", data=SURE).location == f"/console/{shop}/leave"
    page = client.get(f"/console/{shop}/leave").get_data(as_text=True)
    assert "It closes on" in page
    assert "Announce the closing" not in page
    for _ in range(2):
        assert client.post(f"/console/{shop}/stay").location == f"/console/{shop}/leave"
    assert the_closing(db.session).taken_back_at is not None
    assert "Announce the closing" in client.get(f"/console/{shop}/leave").get_data(as_text=True)


def test_after_the_hour_it_cannot_be_taken_back(client: FlaskClient, shop: int) -> None:
    client.post(f"/console/{shop}/close", data={**SURE, "days": "1"})
    with travel(clock.now() + timedelta(days=1), tick=False):
        client.sign_in("owner")  # type: ignore[attr-defined]
        assert client.post(f"/console/{shop}/stay").status_code == 409
        assert "The hour has come" in client.get(f"/console/{shop}/leave").get_data(as_text=True)


def test_others_see_nothing(client: FlaskClient, shop: int) -> None:
    for who in ("staff", "guest", "stranger"):
        begin_write()
        make_account(db.session, who)
        db.session.commit()
        client.sign_in(who)  # type: ignore[attr-defined]
        assert client.get(f"/console/{shop}/leave").status_code == 404
        for way in ("export", "close", "stay"):
            assert client.post(f"/console/{shop}/{way}", data=SURE).status_code == 404
    assert db.session.scalar(select(func.count(Closing.id))) == 0


def test_without_a_fresh_sign_in_nothing_closes(client: FlaskClient, shop: int) -> None:
    with travel(clock.now() + timedelta(minutes=6), tick=False):
        page = client.get(f"/console/{shop}/leave").get_data(as_text=True)
        assert "First confirm that it is you." in page
        assert "Announce the closing" not in page
        assert "fresh=1" in client.post(f"/console/{shop}/close", data=SURE).location


def test_the_page_asks_little_of_the_database(app: Flask, client: FlaskClient, shop: int) -> None:
    def queries() -> int:
        with counting() as asked:
            client.get(f"/console/{shop}/leave")
        return sum(one.startswith("SELECT") for one in asked)

    queries()
    one = queries()
    begin_write()
    terms = db.session.scalars(select(Terms)).one()
    for number in range(20):
        make_paid_order(db.session, terms, f"more-{number}", key=f"more-{number}")
    db.session.commit()
    # What the making of orders outlived, such as the copy of the town, is asked for once more.
    queries()
    assert queries() == one <= 15
