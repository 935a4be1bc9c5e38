"""The owner's desk: everything said about the shop, a reply in public, and no way to remove a word."""

from typing import Any

import pytest
from flask import Flask

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db, new_id
from o2o.reviews import rules
from tests.factories import make_account
from tests.reviews.town import Corner


@pytest.fixture
def desk(app: Flask, client: Any) -> tuple[str, int]:
    """Give the desk's address and a review's id; the client is its owner."""
    begin_write()
    town = Corner(db.session)
    town.role("keeper").kind = "owner"
    town.role("helper")
    row = town.redeemed()
    review = town.write(row, text="public words")
    town.write(town.visited("second", confirmed=False), "second", text="unconfirmed words")
    town.answer(row, is_kept=False, missing="one cup, not two")
    guest = {"account_id": make_account(db.session, "guest").id, "redemption_id": row.id, "key": new_id()}
    rules.say(db.session, text="the door sticks", now=clock.now(), **guest)
    address, number = f"/console/{town.shop.id}/reviews", review.id
    db.session.commit()
    client.sign_in("keeper")
    return address, number


def test_four_lists(desk: tuple[str, int], client: Any) -> None:
    address, number = desk
    words = {
        "all": {"public words", "unconfirmed words"},
        "apart": {"unconfirmed words"},
        "no": {"one cup, not two"},
        "lines": {"the door sticks"},
    }
    everything = set.union(*words.values())
    for show, said in words.items():
        body = client.get(f"{address}?show={show}").text
        assert {one for one in everything if one in body} == said, show
    body = client.get(address).text
    shop = address.split("/")[2]
    assert f'href="/reports/new?shop={shop}&amp;review={number}"' in body
    assert "delete" not in body.lower()
    assert "/hide" not in body
    assert f'href="{address}"' in client.get(f"/console/{shop}").text


def test_a_reply_stands_under_the_review(desk: tuple[str, int], client: Any) -> None:
    address, number = desk
    target = f"{address}/{number}/reply"
    empty = client.post(target, data={"text": "  "})
    assert (empty.status_code, "Write something first." in empty.text) == (422, True)
    long = client.post(target, data={"text": "y" * 1001})
    assert (long.status_code, "y" * 1001 in long.text) == (422, True)
    for text in ("Come again", "Do come again"):
        assert client.post(target, data={"text": text}).location == f"{address}#review-{number}"
    public = client.get(f"/shops/{address.split('/')[2]}/reviews").text
    assert "The shop replies" in public
    assert "Do come again" in public
    assert client.post(f"{address}/987654/reply", data={"text": "x"}).status_code == 404


def test_owners_only(desk: tuple[str, int], client: Any) -> None:
    address, number = desk
    for handle in ("helper", "guest", "second"):
        client.sign_in(handle)
        assert client.get(address).status_code == 404
        assert client.post(f"{address}/{number}/reply", data={"text": "x"}).status_code == 404


def test_another_shops_owner_cannot_reply(desk: tuple[str, int], client: Any) -> None:
    _, number = desk
    begin_write()
    other = Corner(db.session, "另一家")
    other.role("rival").kind = "owner"
    other_id = other.shop.id
    db.session.commit()
    client.sign_in("rival")
    assert client.post(f"/console/{other_id}/reviews/{number}/reply", data={"text": "x"}).status_code == 404
