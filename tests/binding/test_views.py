"""Binding and printing as the guest's browser does them."""

import re

import pytest
from sqlalchemy import select

from o2o.accounts import recovery
from o2o.binding import rules
from o2o.holders.models import DeviceKey
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.passes.models import Pass
from tests import factories
from tests.passes.phone import HolderPhone
from tests.visitor import Visitor

CODE = "7K2MQ8X40W3VZ9AB"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def guest(client: Visitor) -> Visitor:
    client.sign_in("guest")
    return client


@pytest.fixture
def pass_id(guest: Visitor) -> str:
    begin_write()
    shop = factories.make_shop(db.session, address="五道口东街 7 号")
    made = factories.make_pass(db.session, factories.make_terms(db.session, shop)).id
    db.session.commit()
    return made


def form(number: int, key: str = "press", **more: str) -> dict[str, str]:
    phone = HolderPhone(number)
    return {"key": key, "x": phone.x.hex(), "y": phone.y.hex(), **more}


def held(pass_id: str) -> Pass:
    db.session.rollback()
    return db.session.get_one(Pass, pass_id)


def test_two_taps_bind_a_pass(guest: Visitor, pass_id: str) -> None:
    page = guest.get(f"/passes/{pass_id}").text
    assert "Bind it to this phone" in page
    assert "data-token" not in page
    answer = guest.post(f"/passes/{pass_id}/bind", data=form(1))
    assert (answer.status_code, answer.location) == (303, f"/passes/{pass_id}")
    assert held(pass_id).form == "bound"
    page = guest.get(f"/passes/{pass_id}").text
    assert f'data-token="{held(pass_id).token.hex()}"' in page
    assert f'data-device="{HolderPhone(1).x.hex()}"' in page
    assert 'data-gen="1"' in page
    assert "3 moves left." in page


def test_htmx_follows_to_the_new_ticket(guest: Visitor, pass_id: str) -> None:
    answer = guest.post(f"/passes/{pass_id}/bind", data=form(1), headers=HTMX)
    assert (answer.status_code, answer.location) == (303, f"/passes/{pass_id}")
    assert "HX-Redirect" not in answer.headers
    assert guest.get(answer.location, headers=HTMX).text.lstrip().startswith("<article")


def test_the_code_of_a_bound_pass_is_not_in_the_page(guest: Visitor, pass_id: str) -> None:
    """Nothing in the page can be shown at a till: the phone draws, and only with its key."""
    guest.post(f"/passes/{pass_id}/bind", data=form(1))
    page = guest.get(f"/passes/{pass_id}").text
    assert 'id="live-code" fill="#000"/>' in page
    assert re.search(r"[0-9]{200}", re.sub(r'data-token="\w+"', "", page)) is None


def exhaust(guest: Visitor, pass_id: str) -> None:
    for number in range(rules.FREE_MOVES + 1):
        assert guest.post(f"/passes/{pass_id}/bind", data=form(number, f"press-{number}")).status_code == 303


def test_the_fourth_move_asks_for_a_code(guest: Visitor, pass_id: str) -> None:
    exhaust(guest, pass_id)
    assert "The next move takes one of your recovery codes." in guest.get(f"/passes/{pass_id}").text
    answer = guest.post(f"/passes/{pass_id}/bind", data=form(9), headers=HTMX)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (422, "#move")
    assert "you have none" in answer.text
    assert 'href="/me/recovery"' in answer.text
    account_id = held(pass_id).account_id
    begin_write()
    recovery.replace_codes(db.session, account_id=account_id, codes=[CODE])
    db.session.commit()
    answer = guest.post(f"/passes/{pass_id}/bind", data=form(9), headers=HTMX)
    assert 'name="recovery"' in answer.text
    assert 'hx-target="#pass"' in answer.text
    answer = guest.post(f"/passes/{pass_id}/bind", data=form(9, recovery="wrong"))
    assert answer.status_code == 422
    assert "none of your recovery codes" in answer.text
    assert "hx-target" not in answer.text
    assert held(pass_id).gen == 4
    known = select(DeviceKey.id).where(DeviceKey.x == HolderPhone(9).x.hex())
    assert db.session.scalars(known).all() == []
    assert guest.post(f"/passes/{pass_id}/bind", data=form(9, recovery=CODE)).status_code == 303
    assert (held(pass_id).gen, held(pass_id).rebinds) == (5, 4)


def test_a_machine_reads_why(guest: Visitor, pass_id: str) -> None:
    exhaust(guest, pass_id)
    machine = {"Accept": "application/json"}
    answer = guest.post(f"/passes/{pass_id}/bind", data=form(9), headers=machine)
    assert (answer.status_code, answer.json["code"]) == (422, "no_codes")


def test_codes_are_not_guessed(guest: Visitor, pass_id: str) -> None:
    exhaust(guest, pass_id)
    tries = [guest.post(f"/passes/{pass_id}/bind", data=form(9, recovery="0" * 16)) for _number in range(11)]
    assert [answer.status_code for answer in tries] == [422] * 10 + [429]


def test_the_paper_is_the_pass(guest: Visitor, pass_id: str) -> None:
    guest.post(f"/passes/{pass_id}/bind", data=form(1))
    before = held(pass_id).short_code
    answer = guest.post(f"/passes/{pass_id}/print", data={"key": "print"})
    assert (answer.status_code, answer.location) == (303, f"/passes/{pass_id}/paper")
    sheet = guest.get(answer.location)
    assert sheet.headers["X-O2O-Cache"] == "none"
    assert "Printed pass: whoever holds this paper can use it." in sheet.text
    assert "五道口东街 7 号" in sheet.text
    assert held(pass_id).short_code != before
    assert " ".join(re.findall("....", held(pass_id).short_code)) in sheet.text
    page = guest.get(f"/passes/{pass_id}").text
    assert "Printed on" in page
    for group in re.findall("....", held(pass_id).short_code):
        assert not re.search(rf"\b{group}\b", page)
    assert "data-token" not in page


def test_paper_has_more_correction_than_a_screen(guest: Visitor, pass_id: str) -> None:
    """Level Q of a bearer's 234 digits is version 8, 49 modules; M would be 41."""
    guest.post(f"/passes/{pass_id}/print", data={"key": "print"})
    assert 'viewBox="0 0 57 57"' in guest.get(f"/passes/{pass_id}/paper").text


def test_the_sheet_of_a_pass_that_is_not_on_paper_is_its_page(guest: Visitor, pass_id: str) -> None:
    assert guest.get(f"/passes/{pass_id}/paper").location == f"/passes/{pass_id}"
    guest.post(f"/passes/{pass_id}/print", data={"key": "print"})
    begin_write()
    held_pass = db.session.get_one(Pass, pass_id)
    held_pass.state = "refunding"
    db.session.commit()
    assert guest.get(f"/passes/{pass_id}/paper").location == f"/passes/{pass_id}"


@pytest.mark.parametrize("state", ["used", "expired", "refunding"])
def test_a_pass_that_is_over_changes_nothing_any_more(guest: Visitor, pass_id: str, state: str) -> None:
    guest.post(f"/passes/{pass_id}/bind", data=form(1))
    begin_write()
    db.session.get_one(Pass, pass_id).state = state
    db.session.commit()
    page = guest.get(f"/passes/{pass_id}").text
    assert "data-token" not in page
    assert "/print" not in page
    assert "/bind" not in page


def test_the_servers_time_comes_along(guest: Visitor, pass_id: str) -> None:
    seen = re.search(r"seen=([\w-]+)", guest.get(f"/passes/{pass_id}").text)
    assert seen
    for path, status in (
        (f"/passes/{pass_id}", 200),
        (f"/passes/{pass_id}/state", 200),
        (f"/passes/{pass_id}/state?seen={seen[1]}", 204),
        ("/me/offline.json", 200),
    ):
        answer = guest.get(path)
        assert answer.status_code == status
        assert abs(int(answer.headers["X-O2O-Now"]) - clock.millis(clock.now())) < 5000
