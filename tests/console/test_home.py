"""The merchant's home: the day for everybody, the rest for owners."""

from flask.testing import FlaskClient

from o2o.kernel.db import begin_write, db
from tests.factories import make_role, make_shop, make_terms


def work(client: FlaskClient, handle: str, kind: str, name: str = "小满咖啡") -> int:
    client.sign_in(handle)
    begin_write()
    shop = make_shop(db.session, name)
    make_role(db.session, shop, handle, kind, "林小满")
    make_terms(db.session, shop)
    shop_id = shop.id
    db.session.commit()
    return shop_id


def test_one_shop_needs_no_choice_and_several_do(client: FlaskClient) -> None:
    client.sign_in("owner")
    assert "You do not work at a shop yet" in client.get("/console").get_data(as_text=True)
    first = work(client, "owner", "owner")
    assert client.get("/console").location == f"/console/{first}"
    work(client, "owner", "staff", "别家")
    page = client.get("/console").get_data(as_text=True)
    assert "小满咖啡" in page
    assert "别家" in page


def test_owners_see_offers_people_and_money(client: FlaskClient) -> None:
    shop = work(client, "owner", "owner")
    page = client.get(f"/console/{shop}").get_data(as_text=True)
    for words in (
        "双人手冲咖啡",
        "林小满",
        "Became yours today",
        f"/console/{shop}/staff",
        "Nothing redeemed yet",
    ):
        assert words in page


def test_staff_see_the_day_only(client: FlaskClient) -> None:
    shop = work(client, "staff", "staff")
    page = client.get(f"/console/{shop}").get_data(as_text=True)
    assert "Open the till" in page
    for words in ("双人手冲咖啡", "Became yours today", f"/console/{shop}/staff", f"/console/{shop}/offers"):
        assert words not in page
    client.sign_in("guest")
    assert client.get(f"/console/{shop}").status_code == 404
