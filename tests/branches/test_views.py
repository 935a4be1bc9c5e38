"""The page of branches: what an owner sees, presses and is refused."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from o2o.designer import rules as designer
from o2o.kernel.db import begin_write, db
from o2o.offers import rules as offers
from o2o.offers.models import Offer
from o2o.shops.models import Shop
from tests.counting import counting
from tests.factories import make_role, make_shop, make_terms


@pytest.fixture
def shops(client: FlaskClient) -> list[int]:
    """Give three shops of the owner's, the first with an offer, and one of somebody else's."""
    client.sign_in("owner")
    begin_write()
    made = []
    for number, name in enumerate(("东店", "西店", "南店", "别家")):
        shop = make_shop(db.session, name)
        make_role(db.session, shop, "owner" if number < 3 else "stranger", "owner")
        made.append(shop.id)
    make_terms(db.session, db.session.get_one(Shop, made[0]))
    db.session.commit()
    return made


def text(client: FlaskClient, shop: int) -> str:
    return client.get(f"/console/{shop}/shared").get_data(as_text=True)


def offer_of(shop: int) -> int:
    db.session.rollback()
    return db.session.scalars(select(Offer.id).where(Offer.shop_id == shop).order_by(Offer.id)).first() or 0


def test_resuming_everywhere_under_cost_takes_a_second_press(client: FlaskClient, shops: list[int]) -> None:
    one, two, *_ = shops
    begin_write()
    draft = offers.Draft(
        title="亏本", contents=(offers.Part("面", 1, 3000),), price=1000, valid_days=9, total_cap=5
    )
    costs = designer.Costs(cost=1200, known="all:1000")
    offer = designer.publish(db.session, shop_id=one, draft=draft, costs=costs).id
    db.session.commit()
    client.post(f"/console/{one}/shared/join", data={"other": two})
    client.post(f"/console/{one}/shared", data={"offer": offer, "branches": [two]})
    (shared_id,) = re.findall(r'id="shared-(\d+)"', text(client, one))
    here = f"/console/{one}/shared/{shared_id}"
    assert client.post(f"{here}/pause").status_code == 303
    asked = client.post(f"{here}/resume")
    assert asked.status_code == 422
    assert "At worst this deal comes to −¥20." in asked.text
    assert 'name="known" value="all:2000"' in asked.text
    assert "Paused" in text(client, two)
    assert client.post(f"{here}/resume", data={"known": "all:2000"}).status_code == 303
    assert "Paused" not in text(client, two)


def test_an_owner_groups_shops_shares_and_moves_an_offer(client: FlaskClient, shops: list[int]) -> None:
    one, two, *_ = shops
    page = text(client, one)
    assert "西店" in page
    assert "别家" not in page
    assert client.post(f"/console/{one}/shared/join", data={"other": two}).status_code == 303
    assert "双人手冲咖啡" in text(client, one)
    shared = {"offer": offer_of(one), "branches": [two]}
    for _ in range(2):
        assert client.post(f"/console/{one}/shared", data=shared).status_code == 303
    page = text(client, two)
    assert page.count("双人手冲咖啡") >= 1
    assert "On sale" in page
    found = f"/console/{two}/shared"
    (shared_id,) = re.findall(r'id="shared-(\d+)"', page)
    client.post(f"{found}/{shared_id}/pause")
    assert "Paused" in text(client, one)
    client.post(f"{found}/{shared_id}/resume")
    client.post(f"{found}/{shared_id}/local")
    assert f'id="shared-{shared_id}"' not in text(client, two)
    client.post(f"/console/{one}/shared/{shared_id}/end")
    db.session.rollback()
    assert db.session.get_one(Offer, offer_of(two)).state == "on_sale"


@pytest.mark.parametrize(
    ("path", "data", "status"),
    [
        ("shared/join", {"other": "x"}, 404),
        ("shared/join", {"other": "99999999999999999999"}, 404),
        ("shared", {"offer": "1"}, 422),
        ("shared", {"offer": "0", "branches": "1"}, 404),
        ("shared/77/pause", {}, 404),
        ("shared/77/carry", {}, 404),
        ("shared/77/dance", {}, 404),
        ("shared/77/local", {}, 404),
    ],
)
def test_what_names_nothing_is_refused_kindly(
    client: FlaskClient, shops: list[int], path: str, data: dict[str, str], status: int
) -> None:
    assert client.post(f"/console/{shops[0]}/{path}", data=data).status_code == status


def test_a_strangers_shop_cannot_be_drawn_in(client: FlaskClient, shops: list[int]) -> None:
    assert client.post(f"/console/{shops[0]}/shared/join", data={"other": shops[3]}).status_code == 404
    client.sign_in("stranger")
    assert client.get(f"/console/{shops[0]}/shared").status_code == 404


def test_the_page_asks_as_often_for_many_as_for_one(client: FlaskClient, shops: list[int]) -> None:
    def bring(number: int) -> None:
        """Add a branch, and an offer that both have."""
        begin_write()
        branch = make_shop(db.session, f"分店{number}")
        make_role(db.session, branch, "owner", "owner")
        terms = make_terms(db.session, db.session.get_one(Shop, shops[0]), title=f"套餐{number}")
        given = {"branches": branch.id, "offer": terms.offer_id}
        db.session.commit()
        client.post(f"/console/{shops[0]}/shared/join", data={"other": given["branches"]})
        assert client.post(f"/console/{shops[0]}/shared", data=given).status_code == 303

    bring(0)
    text(client, shops[0])
    with counting() as few:
        text(client, shops[0])
    for number in range(1, 8):
        bring(number)
    text(client, shops[0])
    with counting() as many:
        text(client, shops[0])
    assert len(many) == len(few)
    assert len(few) <= 15
