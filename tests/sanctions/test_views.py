"""The pages of sanctions: the operator's, the shop's, the public one; and what guests see of it."""

import re
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from o2o.acts.models import Act
from o2o.conduct.models import Sanction
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db, new_id
from o2o.offers.models import Offer
from o2o.sanctions import rules
from o2o.shops.models import Shop
from tests.counting import counting
from tests.factories import make_shop
from tests.redemption.counter import make_till
from tests.sanctions.town import Street, appealed, buy, climb, impose, open_street
from tests.visitor import visitor

NOW = datetime(2026, 6, 3, 4, tzinfo=UTC)


@pytest.fixture
def street(app: Flask) -> Street:
    begin_write()
    made = open_street(db.session, refund_before_use=False, refund_at_expiry=False)
    for number in range(2):
        buy(db.session, made, key=f"order-{number}")
    db.session.commit()
    return made


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == status, path
    return re.sub(r"\s+", " ", answer.get_data(as_text=True)).replace("&#39;", "'")


def stepped(street: Street, step: str) -> int:
    begin_write()
    street.shop = db.session.get_one(Shop, street.shop_id)
    made = climb(db.session, street, step).id
    db.session.commit()
    return made


def test_from_the_step_to_the_decision(app: Flask, street: Street) -> None:
    desk = f"/operator/shops/{street.shop_id}/sanctions"
    operator, second = visitor(app, "operator"), visitor(app, "second")
    page = text_of(operator, desk)
    for words in (
        "1 offer stays on sale", "1 offer stops selling", "2 open passes may be given back: up to ¥76",
        "2 open passes are paid back: ¥76", "Honour what you sold", "The owner may object for 14 days.",
    ):  # fmt: skip
        assert words in page, words
    form = {"rule": "R1", "step": "warn", "evidence": "Turned away on 3 June", "link": "/operator/reports/5"}
    form["idempotency_key"] = new_id()
    where = operator.post(desk, data=form).location
    assert operator.post(desk, data=form).location == where
    sanction_id = int(where.rsplit("/", 1)[1])
    page = text_of(operator, where)
    for words in (
        "Warning",
        "In force",
        "Turned away on 3 June",
        'href="/operator/reports/5"',
        "R1 · Honour",
    ):
        assert words in page, words
    mine = f"/console/{street.shop_id}/sanctions"
    owner, manager = visitor(app, "owner"), visitor(app, "manager")
    assert "got a warning" in text_of(owner, "/inbox")
    page = text_of(manager, mine)
    assert "Turned away on 3 June" in page
    assert "An owner of the shop can object." in page
    assert "This is wrong" not in page
    assert "/operator/" not in page, "what only the operator may open is no evidence"
    assert manager.post(f"{mine}/{sanction_id}/appeal", data={"words": "No"}).status_code == 404
    sent = owner.post(f"{mine}/{sanction_id}/appeal", data={"words": "100% a power cut"})
    assert sent.location == f"{mine}#sanction-{sanction_id}"
    assert "else lifted by itself" in text_of(owner, mine)
    assert "1 objection waits for you." in text_of(operator, "/operator/sanctions?show=appealed")
    assert "somebody else who runs this town decides" in text_of(operator, where)
    refused = operator.post(f"{where}/decide", data={"state": "upheld", "words": "It stays"})
    assert refused.status_code == 409
    assert "100% a power cut" in text_of(second, where)
    said = {"state": "lifted", "words": "50% sure is not enough"}
    assert second.post(f"{where}/decide", data=said).location == where
    assert "50% sure is not enough" in text_of(owner, mine)
    assert "a sanction is lifted" in text_of(owner, "/inbox")
    ladder = text_of(operator, "/about/conduct").split("Warning</h3>", 1)[1].split("</article>", 1)[0]
    assert re.findall(r"<dd>(\d+)</dd>", ladder) == ["0", "1", "1"]
    acts = db.session.execute(select(Act.verb, Act.shop_id).order_by(Act.id)).all()
    assert [tuple(one) for one in acts] == [
        (f"sanctions_{verb}", street.shop_id)
        for verb in ("operator.impose", "console.appeal", "operator.decide")
    ]


def test_what_was_refused_keeps_what_was_written(app: Flask, street: Street) -> None:
    desk = f"/operator/shops/{street.shop_id}/sanctions"
    operator = visitor(app, "operator")
    form = {"rule": "R1", "step": "delist", "evidence": "Kept words"}
    answer = operator.post(desk, data=form, headers={"Accept-Language": "en"})
    assert answer.status_code == 409
    body = answer.get_data(as_text=True)
    assert "Kept words" in body
    assert "Take the step below first" in body
    sanction_id = stepped(street, "warn")
    where = f"/operator/sanctions/{sanction_id}"
    answer = operator.post(f"{where}/lift", data={"words": "w" * 241}, headers={"Accept-Language": "en"})
    assert answer.status_code == 422
    assert operator.post(f"{where}/lift", data={"words": "A mistake"}).location == where
    assert operator.post(f"{where}/lift", data={"words": "A mistake"}).status_code == 303


def test_a_shop_that_nobody_runs_has_no_form(app: Flask, street: Street) -> None:
    begin_write()
    listing = make_shop(db.session, "没人的店", status="unclaimed").id
    db.session.commit()
    page = text_of(visitor(app, "operator"), f"/operator/shops/{listing}/sanctions")
    assert "nobody to hold to the rules" in page
    assert "Take this step" not in page


def test_only_the_shops_own_people_read_it(app: Flask, street: Street) -> None:
    sanction_id = stepped(street, "warn")
    mine = f"/console/{street.shop_id}/sanctions"
    for handle in ("guest", "staff"):
        client = visitor(app, handle)
        assert client.get(mine).status_code == 404
        for path in ("/operator/sanctions", f"/operator/sanctions/{sanction_id}"):
            assert client.get(path).status_code == 404
        assert client.post(f"{mine}/{sanction_id}/appeal", data={"words": "x"}).status_code == 404


def test_a_suspended_shop_says_so_and_gives_back(app: Flask, client: FlaskClient, street: Street) -> None:
    stepped(street, "suspend")
    begin_write()
    make_till(db.session, db.session.get_one(Shop, street.shop_id))
    db.session.commit()
    shop, guest = f"/shops/{street.shop_id}", visitor(app, "guest")
    page = text_of(client, shop)
    assert "This shop sells nothing at the moment." in page
    assert "双人手冲咖啡" not in page
    offer = db.session.scalars(select(Offer).where(Offer.shop_id == street.shop_id)).first()
    assert offer is not None
    # It was the platform, so the offer's page does not say that the shop did it.
    page = text_of(client, f"/offers/{offer.id}")
    assert "This shop sells nothing at the moment." in page
    assert "The shop has paused this offer" not in page
    assert "This shop sells nothing at the moment." in text_of(
        visitor(app, "owner"), f"/console/{street.shop_id}/offers"
    )
    wallet = text_of(guest, "/wallet")
    pass_url = re.findall(r'href="(/passes/\w+)"', wallet)[0]
    page = text_of(guest, pass_url)
    assert "Your pass stays good; you may also give it back." in page
    assert "Refund this pass" in page
    order = re.findall(r'action="(/orders/\w+)/refunds"', page)[0]
    assert guest.post(f"{order}/refunds", data={"pass": pass_url.rsplit("/", 1)[1]}).status_code == 303
    assert "sells nothing at the moment" in text_of(guest, "/inbox")


def test_a_delisted_shop_is_gone_but_for_its_people_and_guests(
    app: Flask, client: FlaskClient, street: Street
) -> None:
    begin_write()
    offer_id = db.session.merge(street.terms).offer_id
    sanction_id = stepped(street, "delist")
    shop = f"/shops/{street.shop_id}"
    assert "This shop is no longer listed here." in text_of(client, shop, 410)
    assert client.get(f"/offers/{offer_id}").status_code == 404
    assert client.get(f"{shop}/reviews").status_code == 404
    assert f'href="{shop}"' not in text_of(client, "/?q=小满咖啡")
    guest, owner = visitor(app, "guest"), visitor(app, "owner")
    pass_url = re.findall(r'href="(/passes/\w+)"', text_of(guest, "/wallet"))[0]
    assert "What you have not used is paid back by itself." in text_of(guest, pass_url)
    assert visitor(app, "staff").get("/till").status_code == 200
    mine = f"/console/{street.shop_id}/sanctions"
    assert "Delisting" in text_of(owner, mine)
    assert owner.post(f"{mine}/{sanction_id}/appeal", data={"words": "Unfair"}).status_code == 303
    assert "open passes are left to pay back" in text_of(
        visitor(app, "operator"), f"/operator/sanctions/{sanction_id}"
    )


@pytest.mark.parametrize("rows", [1, 50])
def test_lists_cost_the_same_however_long(app: Flask, client: FlaskClient, street: Street, rows: int) -> None:
    begin_write()
    shops = [make_shop(db.session, f"店 {number}") for number in range(rows)]
    for shop in shops:
        impose(db.session, street, shop=shop)
    mine = db.session.get_one(Shop, street.shop_id)
    street.shop = mine
    for number in range(rows):
        row = impose(db.session, street, evidence=f"Number {number}")
        rules.lift(db.session, sanction_id=row.id, by=street.operator, words="No.", now=clock.now())
    db.session.commit()
    counted = {}
    for handle, path in (
        ("operator", "/operator/sanctions"),
        ("operator", f"/operator/shops/{mine.id}/sanctions"),
        ("owner", f"/console/{mine.id}/sanctions"),
    ):
        client = visitor(app, handle)
        client.get(path)
        with counting() as statements:
            assert client.get(path).status_code == 200
        counted[path.strip("0123456789")] = len(statements)
    assert list(counted.values()) == [3, 4, 5], counted


def test_pages_turn(app: Flask, street: Street) -> None:
    begin_write()
    for number in range(21):
        street.shop = make_shop(db.session, f"店 {number}")
        impose(db.session, street)
    db.session.commit()
    operator = visitor(app, "operator")
    first = text_of(operator, "/operator/sanctions?show=standing")
    assert first.count("/operator/sanctions/") == 20
    assert "show=standing&amp;page=2" in first
    assert text_of(operator, "/operator/sanctions?show=standing&page=2").count("/operator/sanctions/") == 1
    assert "No sanctions here" in text_of(operator, "/operator/sanctions?show=ended")
    assert "No sanctions here" in text_of(operator, "/operator/sanctions?show=appealed")


def test_the_answer_of_the_clock_is_said(app: Flask, street: Street) -> None:
    begin_write()
    street.shop = db.session.get_one(Shop, street.shop_id)
    row = appealed(db.session, street, impose(db.session, street))
    row.appealed_at = NOW
    row_id = row.id
    db.session.flush()
    rules.pass_time(db.session, sanction_id=row_id, now=clock.now())
    db.session.commit()
    assert db.session.get_one(Sanction, row_id).state == "lifted"
    page = text_of(visitor(app, "owner"), f"/console/{street.shop_id}/sanctions")
    assert "Nobody decided the objection in time" in page
