"""The shop's side: its guests under its own names, a card with rows behind every number, and a line for every look."""

import gzip
import re

import pytest
from flask import Flask
from sqlalchemy import select

from o2o.acts.models import Act
from o2o.guests import rules
from o2o.guests.models import Guest, GuestNote, Look
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.shops import queries as shops
from tests.counting import counting
from tests.factories import make_account
from tests.guests.town import Pair, guest_of, key_of, make_pair, read, undo, use, visit
from tests.visitor import visitor


@pytest.fixture
def pair(app: Flask) -> Pair:
    """Give two shops, each with one guest; the first knows a phone number of theirs."""
    assert app
    made = make_pair()
    use(made.here)
    use(made.there, "stranger", price=4711_00)
    begin_write()
    guest = make_account(db.session, "guest").id
    rules.agree(db.session, account_id=guest, shop_id=made.here, contact="CONTACT-138", now=clock.now())
    owner = make_account(db.session, "owner").id
    key = db.session.scalars(select(Guest.key).where(Guest.shop_id == made.here)).one()
    given = {"shop_id": made.here, "key": key, "staff_id": owner, "now": clock.now()}
    rules.add_note(db.session, text="NOTE-靠窗", **given)
    db.session.commit()
    return made


def looks() -> list[tuple[str, str, str]]:
    db.session.rollback()
    rows = db.session.scalars(select(Look).order_by(Look.id))
    handles = {}
    found = [(row.what, row.staff_id, row.account_id) for row in rows]
    for account_id in {number for row in found for number in row[1:]}:
        handles[account_id] = db.session.get_one(shops.Account, account_id).handle
    return [(what, handles[staff], handles[guest]) for what, staff, guest in found]


@pytest.mark.parametrize("handle", ["owner", "manager"])
def test_who_runs_the_shop_reads_its_guests(app: Flask, pair: Pair, handle: str) -> None:
    desk = visitor(app, handle)
    page = read(desk, f"/console/{pair.here}/guests")
    guest = guest_of(pair.here)
    assert guest is not None
    alias = shops.guest_alias(guest.account_id, pair.here, "en")
    for words in (alias, "¥38", "Stays in touch", "1 guest used a voucher here", f"/guests/{guest.key}"):
        assert words in page
    for foreign in (r"\b4,?711\b", "guest</a>", "CONTACT-138"):
        assert not re.search(foreign, page)
    card = read(desk, f"/console/{pair.here}/guests/{guest.key}")
    for words in (
        alias,
        "CONTACT-138",
        "NOTE-靠窗",
        "王姐",
        "双人手冲咖啡",
        '<a href="#uses">1</a>',
        'id="uses"',
    ):
        assert words in card
    assert re.search(r'href="/till/redemptions/[0-9a-f]{16}"', card)
    assert looks() == [("list", handle, "guest"), ("card", handle, "guest")]


@pytest.mark.parametrize("handle", ["staff", "other_owner", "guest", "operator"])
def test_nobody_else_does_and_no_look_is_written(app: Flask, pair: Pair, handle: str) -> None:
    stranger = visitor(app, handle)
    for path in ("", f"/{key_of(pair.here)}"):
        assert stranger.get(f"/console/{pair.here}/guests{path}").status_code == 404
    key = key_of(pair.here)
    assert stranger.post(f"/console/{pair.here}/guests/{key}/notes", data={"text": "x"}).status_code == 404
    assert looks() == []


def test_what_was_long_ago_says_the_year_and_nothing_leads_nowhere(app: Flask, pair: Pair) -> None:
    begin_write()
    guest = db.session.scalars(select(Guest).where(Guest.shop_id == pair.here)).one()
    guest.first_at = guest.first_at.replace(year=2021, month=3, day=4, hour=4)
    key = guest.key
    db.session.commit()
    card = read(visitor(app, "owner"), f"/console/{pair.here}/guests/{key}")
    assert "Mar 4, 2021" in card
    assert f", {clock.now().year}" not in card
    # One use and no visit: a nought is no link.
    assert '<a href="#uses">1</a>' in card
    assert 'href="#visits"' not in card
    assert "#visits" not in read(visitor(app, "owner"), f"/console/{pair.here}/guests")


def test_another_shops_guest_is_not_there(app: Flask, pair: Pair) -> None:
    other, key = visitor(app, "other_owner"), key_of(pair.here)
    note = note_id()
    for path in (key, "f" * 16):
        answer = other.get(f"/console/{pair.there}/guests/{path}")
        assert answer.status_code == 404
        assert b"NOTE" not in answer.data
        assert other.post(f"/console/{pair.there}/guests/{path}/notes", data={"text": "x"}).status_code == 404
        assert other.post(f"/console/{pair.there}/guests/{path}/notes/{note}/drop").status_code == 404
    mine = key_of(pair.there, "stranger")
    # Whether that note exists is not told: a note that is gone answers the same.
    for number in (note, 987_654):
        assert other.post(f"/console/{pair.there}/guests/{mine}/notes/{number}/drop").status_code == 303
    assert note_id() == note
    assert "NOTE" not in read(other, f"/console/{pair.there}/guests")


def note_id() -> int:
    db.session.rollback()
    return db.session.scalars(select(GuestNote.id)).one()


def test_notes_come_and_go(app: Flask, pair: Pair) -> None:
    manager, key = visitor(app, "manager"), key_of(pair.here)
    here = f"/console/{pair.here}/guests/{key}"
    form = {"text": "爱喝手冲", "idempotency_key": "once"}
    for _ in range(2):
        assert manager.post(f"{here}/notes", data=form).status_code == 303
    page = read(manager, here)
    assert page.count("爱喝手冲") == 1
    assert "阿强" in page
    for text in ("", "长" * 501):
        refused = manager.post(f"{here}/notes", data={"text": text})
        assert refused.status_code == 422
        assert text in refused.get_data(as_text=True)
    db.session.rollback()
    for note in db.session.scalars(select(GuestNote.id)).all():
        assert [manager.post(f"{here}/notes/{note}/drop").status_code for _ in range(2)] == [303, 303]
    assert "爱喝手冲" not in read(manager, here)
    verbs = list(db.session.scalars(select(Act.verb).order_by(Act.id)))
    assert verbs == ["guests_console.add_note", "guests_console.drop_note", "guests_console.drop_note"]
    assert all(
        "爱喝手冲" not in repr(row.detail) + repr(row.subject) for row in db.session.scalars(select(Act))
    )


def test_a_list_read_twice_in_an_hour_is_one_look(app: Flask, pair: Pair) -> None:
    owner = visitor(app, "owner")
    for query in ("", "?sort=spent", "?q=nobody"):
        read(owner, f"/console/{pair.here}/guests{query}")
    assert looks() == [("list", "owner", "guest")]


def test_a_search_says_what_it_looked_through(
    app: Flask, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    from o2o.guests import queries

    use(pair.here, "another")
    owner, guest = visitor(app, "owner"), guest_of(pair.here)
    assert guest is not None
    alias = shops.guest_alias(guest.account_id, pair.here, "en")
    page = read(owner, f"/console/{pair.here}/guests?q={alias}")
    assert page.count(f'/guests/{guest.key}"') == 1
    assert "very many guests" not in page
    nobody = read(owner, f"/console/{pair.here}/guests?q=Nobody+999")
    assert "Nobody is called so" in nobody
    assert alias not in nobody
    monkeypatch.setattr(queries, "MOST_CALLED", 0)
    assert "very many guests" in read(owner, f"/console/{pair.here}/guests?q={alias}")


def test_what_cannot_be_written_down_is_not_shown(
    app: Flask, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    from o2o.guests import console
    from o2o.kernel.errors import Busy

    def busy() -> None:
        raise Busy

    owner, key = visitor(app, "owner"), key_of(pair.here)
    monkeypatch.setattr(console, "begin_write", busy)
    for path in ("", f"/{key}"):
        answer = owner.get(f"/console/{pair.here}/guests{path}")
        assert answer.status_code == 503
        assert b"NOTE" not in answer.data


def test_numbers_and_rows_agree(app: Flask, pair: Pair) -> None:
    second, _third = use(pair.here), use(pair.here)
    visit(pair.here)
    undo(pair.here, second)
    owner = visitor(app, "owner")
    page = read(owner, f"/console/{pair.here}/guests/{key_of(pair.here)}")
    assert '<a href="#uses">2</a>' in page
    assert '<a href="#visits">1</a>' in page
    assert page.count('href="/till/redemptions/') == 3
    assert page.count("Undone") == 1
    assert "¥76" in page


@pytest.mark.parametrize("query", ["sort=name", "page=0", "page=x", "page=99999", "q=" + "x" * 61])
def test_what_there_is_none_of_is_told(app: Flask, pair: Pair, query: str) -> None:
    assert visitor(app, "owner").get(f"/console/{pair.here}/guests?{query}").status_code == 400


@pytest.mark.sqlite_only("statements are counted once")
def test_lists_and_cards_cost_the_same_however_long(app: Flask, pair: Pair) -> None:
    owner, key = visitor(app, "owner"), key_of(pair.here)
    costs: dict[str, list[int]] = {"": [], f"/{key}": []}
    for rows in (1, 50):
        for number in range(rows - 1):
            use(pair.here, f"more-{number}", price=0)
            use(pair.here, price=0)
        for path, counts in costs.items():
            read(owner, f"/console/{pair.here}/guests{path}")
            with counting() as statements:
                read(owner, f"/console/{pair.here}/guests{path}")
            counts.append(len(statements))
    for path, counts in costs.items():
        assert counts[0] == counts[1] <= 15, costs
        assert len(gzip.compress(read(owner, f"/console/{pair.here}/guests{path}").encode())) <= 12_288
