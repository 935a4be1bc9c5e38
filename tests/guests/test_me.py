"""The guest's side: who knows them, what was noted, staying in touch, and every look."""

import gzip

import pytest
from flask import Flask
from sqlalchemy import select

from o2o.accounts import registry
from o2o.guests import rules
from o2o.guests.models import Guest, GuestNote
from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write, db
from tests.counting import counting
from tests.factories import make_account, make_shop
from tests.guests.town import Pair, guest_of, key_of, make_pair, read, use
from tests.visitor import visitor


@pytest.fixture
def pair(app: Flask) -> Pair:
    """Give two shops; both know the guest, the first noted something, the second knows a stranger too."""
    assert app
    made = make_pair()
    use(made.here)
    use(made.there)
    use(made.there, "stranger")
    note(made.here, "guest", "NOTE-靠窗")
    note(made.there, "stranger", "CANARY-NOTE")
    return made


def note(shop_id: int, handle: str, text: str) -> int:
    key = key_of(shop_id, handle)
    begin_write()
    staff = make_account(db.session, "owner").id
    given = {"shop_id": shop_id, "key": key, "staff_id": staff, "now": clock.now()}
    made = rules.add_note(db.session, text=text, **given).id
    db.session.commit()
    return made


def test_the_guest_reads_who_knows_them(app: Flask, pair: Pair) -> None:
    guest = visitor(app, "guest")
    page = read(guest, "/me/shops")
    for words in ("小满咖啡", "隔壁面馆", "NOTE-靠窗", "¥38", "Stay in touch"):
        assert words in page
    assert "CANARY" not in page
    assert key_of(pair.here) not in page
    me = read(guest, "/me")
    assert 'href="/me/shops"' in me
    assert 'href="/me/looks"' in me
    assert "No shop knows you yet" in read(visitor(app, "nobody"), "/me/shops")


def test_staying_in_touch_is_theirs_to_begin_and_to_end(app: Flask, pair: Pair) -> None:
    guest, owner = visitor(app, "guest"), visitor(app, "owner")
    here = f"/me/shops/{pair.here}/touch"
    card = f"/console/{pair.here}/guests/{key_of(pair.here)}"
    assert guest.post(here, data={"on": "1", "contact": "CONTACT-138"}).status_code == 303
    assert "CONTACT-138" in read(guest, "/me/shops")
    assert "CONTACT-138" in read(owner, card)
    other = visitor(app, "other_owner")
    assert "CONTACT" not in read(other, f"/console/{pair.there}/guests/{key_of(pair.there)}")
    assert guest.post(here, data={"on": "0", "contact": "CONTACT-138"}).status_code == 303
    for page in (read(guest, "/me/shops"), read(owner, card)):
        assert "CONTACT-138" not in page
        assert "Stays in touch" not in page


def test_a_contact_that_is_too_long_stays_in_its_field(app: Flask, pair: Pair) -> None:
    guest, contact = visitor(app, "guest"), "长" * 121
    answer = guest.post(f"/me/shops/{pair.here}/touch", data={"on": "1", "contact": contact})
    assert answer.status_code == 422
    assert answer.get_data(as_text=True).count(contact) == 1
    assert guest.post(f"/me/shops/{pair.here}/touch", data={"contact": "x"}).status_code == 400
    assert guest_of(pair.here).agreed_at is None  # type: ignore[union-attr]


def test_nobody_touches_what_is_not_theirs(app: Flask, pair: Pair) -> None:
    theirs = note(pair.here, "guest", "mine")
    nobody, stranger = visitor(app, "nobody"), visitor(app, "stranger")
    for client in (nobody, stranger):
        for path in ("touch", "forget", f"notes/{theirs}/drop"):
            assert client.post(f"/me/shops/{pair.here}/{path}", data={"on": "1"}).status_code == 404
    assert stranger.post(f"/me/shops/{pair.there}/notes/{theirs}/drop").status_code == 303
    db.session.rollback()
    assert db.session.get(GuestNote, theirs) is not None


def test_a_note_can_be_deleted_and_all_forgotten(app: Flask, pair: Pair) -> None:
    guest = visitor(app, "guest")
    first = note(pair.here, "guest", "FIRST")
    for _ in range(2):
        assert guest.post(f"/me/shops/{pair.here}/notes/{first}/drop").status_code == 303
    page = read(guest, "/me/shops")
    assert "FIRST" not in page
    assert "NOTE-靠窗" in page
    guest.post(f"/me/shops/{pair.here}/touch", data={"on": "1", "contact": "138"})
    assert guest.post(f"/me/shops/{pair.here}/forget").status_code == 303
    page = read(guest, "/me/shops")
    assert "NOTE-靠窗" not in page
    assert "小满咖啡" in page
    kept = guest_of(pair.here)
    assert kept is not None
    assert (kept.contact, kept.agreed_at) == ("", None)
    db.session.rollback()
    assert db.session.scalars(select(GuestNote.text)).all() == ["CANARY-NOTE"]


def test_every_look_stands_on_the_guests_page(app: Flask, pair: Pair) -> None:
    manager, guest = visitor(app, "manager"), visitor(app, "guest")
    read(manager, f"/console/{pair.here}/guests")
    read(manager, f"/console/{pair.here}/guests/{key_of(pair.here)}")
    begin_write()
    ids = {handle: make_account(db.session, handle).id for handle in ("guest", "owner")}
    given = {"shop_id": pair.here, "staff_id": ids["owner"], "account_ids": [ids["guest"]]}
    rules.look(db.session, what="export", now=clock.now(), **given)
    db.session.commit()
    page = read(guest, "/me/looks")
    for words in (
        "Your card at a shop",
        "list of guests",
        "copy of its guests",
        "小满咖啡",
        "Manager",
        "Owner",
    ):
        assert words in page
    # Scans of both passes stand there as before; who looked is a role, not a name.
    assert page.count("Redeemed") == 2
    assert "阿强" not in page
    assert page.count("<li><a") == 5
    assert "card at a shop" not in read(visitor(app, "stranger"), "/me/looks")


@pytest.mark.sqlite_only("statements are counted once")
def test_the_pages_cost_the_same_however_long(app: Flask, pair: Pair) -> None:
    guest = visitor(app, "guest")
    costs: dict[str, list[int]] = {"/me/shops": [], "/me/looks": []}
    for rows in (1, 48):
        for number in range(rows):
            begin_write()
            shop_id = make_shop(db.session, f"店 {rows} {number}").id
            db.session.commit()
            use(shop_id, price=0)
        for path, counts in costs.items():
            read(guest, path)
            with counting() as statements:
                read(guest, path)
            counts.append(len(statements))
    for path, counts in costs.items():
        assert counts[0] == counts[1] <= 15, costs
        assert len(gzip.compress(read(guest, path).encode())) <= 12_288
    assert 'rel="next"' in read(guest, "/me/shops")
    assert read(guest, "/me/shops?page=2").count("<article") == 1


def test_what_is_known_goes_along_and_is_erased(app: Flask, pair: Pair) -> None:
    guest = visitor(app, "guest")
    guest.post(f"/me/shops/{pair.here}/touch", data={"on": "1", "contact": "CONTACT-138"})
    key = key_of(pair.here)
    took = guest.get("/me/export").get_data(as_text=True)
    assert "NOTE-靠窗" in took
    assert "CONTACT-138" in took
    for hidden in ("CANARY", key):
        assert hidden not in took
    begin_write()
    registry.erase(db.session, account_id=make_account(db.session, "guest").id)
    db.session.commit()
    journal.deliver(db.session)
    owner = visitor(app, "owner")
    page = read(owner, f"/console/{pair.here}/guests")
    assert "Nobody here" in page
    assert owner.get(f"/console/{pair.here}/guests/{key}").status_code == 404
    db.session.rollback()
    assert {row.shop_id for row in db.session.scalars(select(Guest))} == {pair.there}
    assert db.session.scalars(select(GuestNote.text)).all() == ["CANARY-NOTE"]
