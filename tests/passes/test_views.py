"""The wallet and the pass as their holder sees them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.offers.models import Terms
from o2o.offers.rules import Part
from o2o.passes import queries, rules
from o2o.passes.models import Pass
from tests.factories import make_account, make_pass, make_shop, make_terms
from tests.visitor import Visitor


@pytest.fixture
def guest(client: Visitor) -> Visitor:
    client.sign_in("guest")
    return client


@pytest.fixture
def terms(app: Flask) -> Terms:
    begin_write()
    made = make_terms(db.session, make_shop(db.session, name_en="Grain Rain Coffee"), price=3800)
    db.session.commit()
    return made


def give(terms: Terms, state: str = "valid", handle: str = "guest") -> Pass:
    begin_write()
    pass_ = make_pass(db.session, db.session.get_one(Terms, terms.id), handle)
    pass_id = pass_.id
    if state == "used":
        rules.spend(db.session, pass_id=pass_id, quantity=1, now=clock.now())
    if state in ("refunding", "refunded"):
        rules.begin_refund(db.session, pass_id=pass_id, cause="guest")
    if state == "refunded":
        rules.finish_refund(db.session, pass_id=pass_id)
    db.session.commit()
    return db.session.get_one(Pass, pass_id)


@contextmanager
def statements() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def test_an_empty_wallet_says_what_to_do(guest: Visitor) -> None:
    page = guest.get("/wallet")
    assert page.headers["X-O2O-Cache"] == "private"
    assert "Your wallet is empty" in page.text
    assert 'href="/?offer=1"' in page.text


def test_the_wallet_shows_every_state_the_usable_ones_first(guest: Visitor, terms: Terms) -> None:
    for state in ("used", "refunded", "valid", "refunding"):
        give(terms, state)
    text = guest.get("/wallet").text
    order = [text.index(f'id="{state}"') for state in ("valid", "refunding", "used", "refunded")]
    assert order == sorted(order)
    assert "Grain Rain Coffee" in text


def test_the_soonest_to_expire_stands_first(guest: Visitor, terms: Terms) -> None:
    begin_write()
    late = make_pass(db.session, terms)
    soon = make_pass(db.session, terms, issued_at=clock.now() - timedelta(days=20))
    late_id, soon_id = late.id, soon.id
    db.session.commit()
    text = guest.get("/wallet").text
    assert text.index(soon_id) < text.index(late_id)


def test_the_wallet_asks_the_same_number_of_questions_for_three(guest: Visitor, terms: Terms) -> None:
    counts = []
    for _ in range(2):
        give(terms)
        guest.get("/wallet")
        with statements() as seen:
            guest.get("/wallet")
        counts.append(len(seen))
        give(terms, "used")
    assert counts[0] == counts[1] <= 6, counts


def test_a_pass_is_a_ticket_with_code_terms_and_shop(guest: Visitor, terms: Terms) -> None:
    pass_ = give(terms)
    page = guest.get(f"/passes/{pass_.id}")
    assert page.headers["X-O2O-Cache"] == "private"
    text = page.text
    assert "<svg" in text
    assert 'viewBox="0 0 49 49"' in text
    assert queries.short_groups(pass_).replace("-", " ") in text
    assert f'href="/shops/{terms.shop_id}"' in text
    assert "Valid" in text
    assert "style=" not in text


def test_chinese_says_it_in_chinese(guest: Visitor, terms: Terms) -> None:
    text = guest.get(f"/passes/{give(terms).id}", headers={"Accept-Language": "zh-CN"}).text
    assert 'lang="zh-Hans"' in text
    assert "小满咖啡" in text


@pytest.mark.parametrize("state", ["refunding", "refunded"])
def test_a_void_pass_shows_no_code(guest: Visitor, terms: Terms, state: str) -> None:
    text = guest.get(f"/passes/{give(terms, state).id}").text
    assert "qr-code" not in text


def test_the_open_page_learns_that_the_pass_was_used(guest: Visitor, terms: Terms) -> None:
    pass_id = give(terms).id
    page = guest.get(f"/passes/{pass_id}").text
    found = re.search(r'hx-get="([^"]+)"', page)
    assert found
    unchanged = guest.get(found[1], headers={"HX-Request": "true"})
    assert (unchanged.status_code, unchanged.data) == (204, b"")
    begin_write()
    rules.spend(db.session, pass_id=pass_id, quantity=1, now=clock.now() + timedelta(milliseconds=1))
    db.session.commit()
    changed = guest.get(found[1], headers={"HX-Request": "true"})
    assert changed.status_code == 200
    assert changed.text.lstrip().startswith("<article")
    assert "Used" in changed.text
    assert changed.headers["X-O2O-Cache"] == "none"


def test_a_cheap_question_every_three_seconds(guest: Visitor, terms: Terms) -> None:
    pass_id = give(terms).id
    found = re.search(r'hx-get="([^"]+)"', guest.get(f"/passes/{pass_id}").text)
    assert found
    with statements() as seen:
        guest.get(found[1])
    assert len([text for text in seen if text.startswith("SELECT")]) <= 2, seen


def test_time_alone_changes_the_state(guest: Visitor, terms: Terms) -> None:
    pass_ = give(terms)
    found = re.search(r'hx-get="([^"]+)"', guest.get(f"/passes/{pass_.id}").text)
    assert found
    with time_machine.travel(pass_.expires + timedelta(seconds=1), tick=False):
        guest.sign_in("guest")
        changed = guest.get(found[1])
    assert changed.status_code == 200
    assert "Expired" in changed.text


def test_the_phone_is_told_which_pages_to_keep(guest: Visitor, terms: Terms) -> None:
    mine = [give(terms).id, give(terms, "used").id]
    give(terms, handle="somebody")
    answer = guest.get("/me/offline.json", headers={"Accept": "application/json"})
    assert answer.headers["Cache-Control"] == "no-store, private"
    opaque = make_account(db.session, "guest").opaque
    assert answer.json == {"owner": opaque, "pages": ["/wallet", *(f"/passes/{one}" for one in mine)]}


@pytest.mark.parametrize("path", ["/passes/{}", "/passes/{}/state"])
def test_a_strangers_pass_looks_missing(guest: Visitor, terms: Terms, path: str) -> None:
    theirs = give(terms, handle="somebody")
    answers = [guest.get(path.format(one)) for one in (theirs.id, "0" * 16, "x")]
    assert {answer.status_code for answer in answers} == {404}
    assert theirs.short_code not in answers[0].text


def test_nobody_sees_a_wallet_unasked(client: Visitor, session: Session) -> None:
    for path in ("/wallet", "/passes/0000000000000000", "/me/offline.json"):
        assert client.get(path).status_code == 303


def test_a_part_used_pass_in_refund_names_the_unused_part(guest: Visitor, terms: Terms) -> None:
    begin_write()
    cups = (Part("美式咖啡", 4, 2000),)
    pass_ = make_pass(
        db.session, make_terms(db.session, make_shop(db.session), uses=4, contents=cups, price=7600)
    )
    pass_id = pass_.id
    rules.spend(db.session, pass_id=pass_id, quantity=1, now=clock.now())
    rules.begin_refund(db.session, pass_id=pass_id, cause="guest")
    db.session.commit()
    assert "¥57 is on its way back to you." in guest.get(f"/passes/{pass_id}").text
