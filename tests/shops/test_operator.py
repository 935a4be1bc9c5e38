"""The operator finds a listing and gives it away."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.kernel.db import begin_write, db
from o2o.shops.models import Invite, Role, Shop
from tests.counting import counting
from tests.factories import make_account, make_shop


@pytest.fixture
def listing(client: FlaskClient) -> int:
    client.sign_in("operator")
    begin_write()
    shop_id = make_shop(db.session, "老李面馆", status="unclaimed").id
    make_account(db.session, "lao-li")
    db.session.commit()
    return shop_id


def test_a_link_for_the_owner_is_shown_once(client: FlaskClient, listing: int) -> None:
    for _ in range(2):
        answer = client.post(f"/operator/listings/{listing}/owners", data={"idempotency_key": "k"})
        assert answer.location == f"/operator/listings/{listing}"
    page = client.get(answer.location).get_data(as_text=True)
    link = re.findall(r'value="http://localhost(/invites/[\w-]+)"', page)[0]
    assert link not in client.get(answer.location).get_data(as_text=True)
    db.session.rollback()
    assert db.session.scalar(select(func.count()).select_from(Invite)) == 1
    client.sign_in("owner")
    assert "Own 老李面馆" in client.get(link).get_data(as_text=True)
    assert client.post(link).location == f"/console/{listing}"
    db.session.rollback()
    assert db.session.get_one(Shop, listing).status == "claimed"
    assert client.get(f"/console/{listing}/offers").status_code == 200


def test_a_known_account_gets_it_at_once(client: FlaskClient, listing: int) -> None:
    for key in ("a", "b"):
        data = {"handle": "lao-li", "idempotency_key": key}
        assert client.post(f"/operator/listings/{listing}/owners", data=data).status_code == 303
    db.session.rollback()
    assert db.session.scalars(select(Role.kind)).all() == ["owner"]


@pytest.mark.parametrize(
    ("handle", "english", "chinese"),
    [
        ("nobody", "Nobody here has that account name.", "没有叫这个名字的账号"),
        ("n" * 41, "within 40", "最多 40 个字"),
    ],
)
def test_bad_input(client: FlaskClient, listing: int, handle: str, english: str, chinese: str) -> None:
    for language, words in (("en", english), ("zh-CN", chinese)):
        page = client.post(
            f"/operator/listings/{listing}/owners",
            data={"handle": handle},
            headers={"Accept-Language": language},
        )
        assert page.status_code == 422
        assert words in page.get_data(as_text=True)


def test_an_invitation_is_withdrawn(client: FlaskClient, listing: int) -> None:
    client.post(f"/operator/listings/{listing}/owners")
    link = re.findall(
        r"/invites/[\w-]{20,}", client.get(f"/operator/listings/{listing}").get_data(as_text=True)
    )[0]
    assert client.post(f"/operator/listings/{listing}/invites/1/withdraw").status_code == 303
    assert client.post(link).status_code == 410


def test_search_pages_and_cost(client: FlaskClient, listing: int) -> None:
    costs = []
    for count in (1, 30):
        begin_write()
        for number in range(count):
            make_shop(db.session, f"Café {count} {number:02d}", status="unclaimed")
        db.session.commit()
        with counting() as statements:
            page = client.get(f"/operator/listings?q=café+{count}+").get_data(as_text=True)
        assert len(re.findall(r'href="/operator/listings/\d+"', page)) == min(count, 25)
        costs.append(len(statements))
    assert costs[0] == costs[1]
    assert "Café 30 29" in client.get("/operator/listings?q=Café+30&page=2").get_data(as_text=True)
    assert "No listing has that name" in client.get("/operator/listings?q=zzz").get_data(as_text=True)
    for page in ("0", "-1", "x", "٣", "99999"):
        assert client.get(f"/operator/listings?page={page}").status_code == 400


def test_only_the_operator(client: FlaskClient, listing: int) -> None:
    client.sign_in("owner")
    assert client.get("/operator/listings").status_code == 404
    assert client.post(f"/operator/listings/{listing}/owners").status_code == 404
