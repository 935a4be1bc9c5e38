"""The pages of conflicts: the owner's, the holder's, the operator's."""

import re
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from o2o.conflicts import rules
from o2o.kernel.db import begin_write, db
from tests.conflicts.town import DIGITS, LATER, Counter, quarrel
from tests.counting import counting
from tests.visitor import visitor

NOW = LATER + timedelta(minutes=10)


@pytest.fixture
def counter(session: Session) -> Counter:
    made = Counter(session)
    made.twice()
    session.commit()
    return made


def text_of(client: FlaskClient, path: str, status: int = 200) -> str:
    answer = client.get(path, headers={"Accept-Language": "en"})
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.get_data(as_text=True)).replace("&#39;", "'")


@time_machine.travel(NOW, tick=False)
def test_the_owner_reads_what_happened(app: Flask, client: FlaskClient, counter: Counter) -> None:
    shop, row = counter.shop.id, counter.conflicts()[0].id
    db.session.rollback()
    client.sign_in("owner")
    assert "1 new conflict" in text_of(client, f"/console/{shop}")
    listed = text_of(client, f"/console/{shop}/conflicts")
    for words in ("Shown twice, minutes apart", "Bears it: The holder", "¥38", "New", "/about/offline"):
        assert words in listed
    page = text_of(client, f"/console/{shop}/conflicts/{row}")
    for words in (
        "12:00:00", "12:10:00", "前台", "吧台", "阿明", "By the phone's proof", "received", "Counted", "Not counted",
        "The key of one phone signed two codes", DIGITS, "/about/offline", "at the latest after 72 hours",
    ):  # fmt: skip
        assert words in page, words
    assert page.count('<svg class="qr-svg"') == 2
    assert client.post(f"/console/{shop}/conflicts/{row}/seen").status_code == 303
    assert "1 new conflict" not in text_of(client, f"/console/{shop}")
    assert "I have seen it" not in text_of(client, f"/console/{shop}/conflicts/{row}")
    assert "No conflicts" in text_of(client, f"/console/{shop}/conflicts?show=settled")
    assert "Two tills took one pass" in text_of(client, "/inbox")


def test_only_this_shops_owners_see_it(app: Flask, counter: Counter) -> None:
    begin_write()
    other = Counter(db.session, owner="other")
    mine, row, shop = other.shop.id, counter.conflicts()[0].id, counter.shop.id
    db.session.commit()
    for handle in ("other", "owner-staff", "guest"):
        client = visitor(app, handle)
        for path in (f"/console/{shop}/conflicts", f"/console/{shop}/conflicts/{row}"):
            assert client.get(path).status_code == 404
        assert client.post(f"/console/{shop}/conflicts/{row}/seen").status_code == 404
        assert client.get("/operator/strikes").status_code == 404
        assert client.get("/operator/held").status_code == 404
    assert visitor(app, "other").get(f"/console/{mine}/conflicts/{row}").status_code == 404
    begin_write()
    gone = db.session.get_one(rules.Conflict, row)
    gone.state = "gone"
    db.session.commit()
    owner = visitor(app, "owner")
    assert owner.get(f"/console/{shop}/conflicts/{row}").status_code == 404
    assert "No conflicts" in text_of(owner, f"/console/{shop}/conflicts")


@time_machine.travel(NOW, tick=False)
def test_from_the_strike_to_the_decision(app: Flask, client: FlaskClient, counter: Counter) -> None:
    number = counter.strikes()[0].id
    db.session.rollback()
    client.sign_in("guest")
    assert 'href="/me/strikes"' in text_of(client, "/me")
    page = text_of(client, "/me/strikes")
    for words in (
        "12:00:00",
        "12:10:00",
        "吧台",
        "It stands",
        "may still go away by itself",
        "/about/offline",
    ):
        assert words in page.replace("it may still", "may still"), words
    assert "阿明" not in page, "staff's names are the shop's"
    where = f"/me/strikes/{number}/dispute"
    refused = client.post(where, data={"said": "x" * 1001}, headers={"Accept-Language": "en"})
    assert refused.status_code == 422
    assert "Keep this within 1000 characters." in refused.get_data(as_text=True)
    assert client.post(where, data={"said": "100% not me"}).location == f"/me/strikes#strike-{number}"
    assert "100% not me" in text_of(client, "/me/strikes")
    assert client.post(where, data={"said": "And more"}).status_code == 409
    operator = visitor(app, "operator")
    assert "1 disputed strike" in text_of(operator, "/operator")
    page = text_of(operator, "/operator/strikes")
    for words in ("100% not me", "Disputed", "1 strike of this holder", "阿明"):
        assert words in page, words
    where = f"/operator/strikes/{number}/judge"
    refused = operator.post(where, data={"state": "upheld", "why": ""}, headers={"Accept-Language": "en"})
    assert refused.status_code == 422
    assert "Say why: the holder reads this." in refused.get_data(as_text=True)
    said = {"state": "lifted", "why": "50% sure is not enough"}
    assert operator.post(where, data=said).location == "/operator/strikes"
    assert operator.post(where, data={"state": "upheld", "why": "No"}).status_code == 409
    page = text_of(client, "/me/strikes")
    assert "Lifted" in page
    assert "50% sure is not enough" in page
    assert "Your strike is lifted" in text_of(client, "/inbox")


def test_nobody_disputes_for_another(app: Flask, counter: Counter) -> None:
    number = counter.strikes()[0].id
    db.session.rollback()
    client = visitor(app, "stranger")
    assert client.post(f"/me/strikes/{number}/dispute", data={"said": "Me"}).status_code == 404
    assert "No strikes" in text_of(client, "/me/strikes")
    assert 'href="/me/strikes"' not in text_of(client, "/me")


@time_machine.travel(NOW, tick=False)
def test_the_operator_decides_held_uses(app: Flask, session: Session) -> None:
    counter = Counter(session)
    counter.claim(0, 0, drift=30)
    (row,) = counter.fold()
    where, pass_id = f"/operator/held/{row.id}/decide", row.pass_id
    shop, conflict = counter.shop.id, row.id
    session.commit()
    operator = visitor(app, "operator")
    assert "1 use to decide" in text_of(operator, "/operator")
    page = text_of(operator, "/operator/held")
    for words in ("Held: the times disagree", "¥38", "12:15:00", "12:00:00", "Give the use back"):
        assert words in page, words
    assert "Held" in text_of(visitor(app, "owner"), f"/console/{shop}/conflicts/{conflict}")
    guest = visitor(app, "guest")
    assert "a person looks at it" in text_of(guest, f"/passes/{pass_id}")
    assert operator.post(where, data={"decision": "maybe"}).status_code == 422
    assert operator.post(where, data={"decision": "unpaid"}).location == "/operator/held"
    assert operator.post(where, data={"decision": "paid"}).status_code == 409
    assert "Nothing to decide" in text_of(operator, "/operator/held")
    page = text_of(visitor(app, "owner"), f"/console/{shop}/conflicts/{conflict}")
    assert "the use went back to the holder" in page


@time_machine.travel(NOW, tick=False)
def test_the_holder_reads_it_on_the_pass(client: FlaskClient, counter: Counter) -> None:
    pass_id = counter.pass_.id
    db.session.rollback()
    client.sign_in("guest")
    page = text_of(client, f"/passes/{pass_id}")
    for words in (
        "Used 3 Jun 12:00",
        "前台",
        "Another use at 3 Jun 12:10 was not counted",
        "/me/strikes",
    ):
        assert words in page.replace("Jun 3", "3 Jun"), words


@time_machine.travel(NOW, tick=False)
def test_lists_cost_the_same_with_one_and_with_fifty(app: Flask, counter: Counter) -> None:
    begin_write()
    counter.session.add_all([counter.shop, counter.terms])
    shop = counter.shop.id
    for handle in ("owner", "guest", "operator"):
        visitor(app, handle)
    begin_write()
    held = counter.sell()
    quarrel(db.session, counter.tills, held, NOW, drift=30)
    db.session.commit()
    pages = {
        "owner": f"/console/{shop}/conflicts",
        "guest": "/me/strikes",
        "operator": "/operator/strikes",
    }
    people = {handle: visitor(app, handle) for handle in pages}
    asked = [*pages.items(), ("operator", "/operator/held")]

    def costs() -> list[int]:
        found = []
        for handle, path in asked:
            tries = []
            # The reader's own row is held weakly: when it is collected half-way, it is read once more.
            for _ in range(3):
                with counting() as statements:
                    assert people[handle].get(path).status_code == 200
                tries.append(len(statements))
            found.append(min(tries))
        return found

    few = costs()
    begin_write()
    for number in range(49):
        quarrel(db.session, counter.tills, counter.sell(), NOW, drift=30 * (number % 2))
    db.session.commit()
    assert costs() == few
    assert "page=2" in text_of(people["owner"], pages["owner"])
    assert text_of(people["owner"], f"{pages['owner']}?page=2").count("/conflicts/") > 10
