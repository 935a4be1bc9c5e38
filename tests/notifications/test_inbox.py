"""The inbox: told once, worded for the reader, read by a POST."""

import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.accounts.queries import account_by_handle
from o2o.accounts.rules import create_account
from o2o.kernel import journal
from o2o.kernel.db import begin_write, db
from o2o.notifications import queries
from o2o.notifications.models import Message
from o2o.notifications.rules import News, mark_read, tell, tell_all
from o2o.notifications.sentences import KINDS, kind_of, worded
from tests import factories
from tests.accounts.doors import statements

VALUES = {
    "title": "双人手冲 & more",
    "amount": 3850,
    "currency": "CNY",
    "quantity": 2,
    "left": 1,
    "shop": "Xiaoman",
    "shop_zh": "小满咖啡",
    "shop_en": "Xiaoman Coffee",
}


def fill(handle: str, number: int, kind: str = "order.paid") -> int:
    begin_write()
    account = account_by_handle(db.session, handle)
    assert account
    for place in range(number):
        tell(
            db.session, account_id=account.id, key=f"{handle}:{place}", kind=kind, link="/orders/x", **VALUES
        )
    db.session.commit()
    return account.id


def test_an_event_is_told_once(session: Session) -> None:
    mine = create_account(session).id
    assert tell(session, account_id=mine, key="order:1", kind="order.paid", link="/", title="a")
    assert not tell(session, account_id=mine, key="order:1", kind="order.paid", link="/", title="b")
    assert session.scalars(select(Message.values)).one() == {"title": "a"}


def test_many_events_are_told_once_each_to_those_who_agreed(session: Session) -> None:
    mine, other = create_account(session).id, create_account(session).id
    assert tell(session, account_id=mine, key="order:1", kind="order.paid", link="/", title="a")
    purpose = next(name for name, kind in KINDS.items() if kind.purpose)
    news = [
        News(mine, "order:1", "order.paid", "/", {"title": "b"}),
        News(other, "order:2", "order.paid", "/", {"title": "b"}),
        News(other, "asked:2", purpose, "/", {}),
        News(mine, "order:3", "order.paid", "/", {"title": "c"}),
    ]
    assert tell_all(session, news=news) == 2
    assert tell_all(session, news=news) == 0
    assert tell_all(session, news=[]) == 0
    told = session.execute(select(Message.account_id, Message.key).order_by(Message.key)).all()
    assert [tuple(row) for row in told] == [(mine, "order:1"), (other, "order:2"), (mine, "order:3")]


@pytest.mark.parametrize("locale", ["en", "zh_Hans"])
@pytest.mark.parametrize("kind", [*KINDS, "from.the.future"])
def test_every_kind_is_worded(kind: str, locale: str) -> None:
    for values in (VALUES, {}):
        words = worded(values, locale)
        assert "%(" not in kind_of(kind).title % words + kind_of(kind).text % words
    words = worded(VALUES, locale)
    assert words["amount"] == "¥38.50"
    assert words["shop"] == ("Xiaoman Coffee" if locale == "en" else "小满咖啡")


def test_every_kind_that_is_told_has_its_sentence() -> None:
    """Read the kinds from the calls in the code."""
    told = set()
    for path in Path("o2o").rglob("*.py"):
        told |= set(
            re.findall(r"_?tell\([^)]*?\"((?:order|pass|refund|role)\.[a-z]+)\"", path.read_text(), re.S)
        )
    assert told <= set(KINDS)


def test_the_newest_come_first_by_twenty(client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    assert "Nothing here yet" in client.get("/inbox").get_data(as_text=True)
    fill("guest", 45)
    pages = [client.get(f"/inbox?page={number}").get_data(as_text=True) for number in (1, 2, 3)]
    assert [page.count('class="is-new"') for page in pages] == [20, 20, 5]
    assert 'href="/inbox?page=2"' in pages[0]
    assert 'rel="next"' not in pages[2]
    assert "2 × bought, ¥38.50 in all" in pages[0]
    assert "双人手冲 &amp; more" in pages[0]
    for number in ("0", "-1", "x", "9" * 30, ""):
        assert client.get(f"/inbox?page={number}").status_code == 200
    more = client.get("/inbox?page=2", headers={"HX-Request": "true"}).get_data(as_text=True)
    assert "<html" not in more
    assert more.count('class="is-new"') == 20


def test_a_page_costs_the_same_however_long(client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    fill("guest", 1)
    client.get("/inbox")
    with statements() as short:
        client.get("/inbox")
    fill("guest", 20)
    with statements() as full:
        client.get("/inbox")
    assert len(short) == len(full) <= 6


def test_reading_is_a_post_and_leaves_what_came_since(client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    mine = fill("guest", 3)
    assert "New: 3" in client.get("/me").get_data(as_text=True)
    client.get("/inbox")
    assert queries.unread(db.session, account_id=mine) == 3
    db.session.rollback()
    newest = db.session.scalar(select(func.max(Message.id)))
    fill("guest", 4)
    for _tap in range(2):
        assert client.post("/inbox/read", data={"up_to": newest}).status_code == 303
    db.session.rollback()
    assert queries.unread(db.session, account_id=mine) == 1
    for bad in ("", "x", "-1", str(2**63), "9" * 30):
        assert client.post("/inbox/read", data={"up_to": bad}).status_code == 400


def test_an_inbox_is_ones_own(app: Flask, client: FlaskClient) -> None:
    client.sign_in("guest")  # type: ignore[attr-defined]
    client.sign_in("guest2")  # type: ignore[attr-defined]
    theirs = fill("guest", 2)
    assert "Nothing here yet" in client.get("/inbox").get_data(as_text=True)
    client.post("/inbox/read", data={"up_to": 10**9})
    db.session.rollback()
    assert queries.unread(db.session, account_id=theirs) == 2


def test_a_new_role_is_told(session: Session) -> None:
    shop = factories.make_shop(session, name_en="Xiaoman Coffee")
    role = factories.make_role(session, shop, "staff")
    journal.record(session, "role.given", shop_id=shop.id, account_id=role.account_id)
    session.commit()
    journal.deliver(session)
    message = session.scalars(select(Message)).one()
    assert (message.kind, message.link, message.account_id) == ("role.staff", "/till", role.account_id)
    assert worded(message.values, "en")["shop"] == "Xiaoman Coffee"
    session.rollback()
    begin_write(session)
    mark_read(session, account_id=message.account_id, up_to=message.id)
    session.rollback()
