"""The page of the payout account: who may see it, what it shows, and where the number never is."""

import gzip
import html
import logging
import re
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.acts.models import Act
from o2o.kernel import clock
from o2o.kernel.db import Base, begin_write, db
from o2o.notifications.models import Message
from o2o.payouts import rules
from o2o.payouts.models import Payout
from tests.counting import counting
from tests.factories import make_account, make_role, make_shop

CARD = "6222021234567890128"
GOOD = {"kind": "card", "holder": "Lin Xiaoman", "bank": "ICBC", "number": "6222 0212 3456 7890 128"}
SECRETS = (CARD, "Lin Xiaoman")


@pytest.fixture
def shop(client: FlaskClient) -> int:
    begin_write()
    row = make_shop(db.session)
    for handle in ("owner", "partner"):
        make_role(db.session, row, handle, "owner")
    for kind in ("manager", "staff"):
        make_role(db.session, row, kind, kind)
    shop_id = row.id
    db.session.commit()
    client.sign_in("owner")
    return shop_id


def rows(count: type = Payout) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(count)) or 0


def body(client: FlaskClient, path: str) -> str:
    return html.unescape(client.get(path).get_data(as_text=True))


def test_entered_shown_by_its_end_and_whole_when_asked(client: FlaskClient, shop: int) -> None:
    here = f"/console/{shop}/payout"
    assert "Enter the account" in body(client, here)
    for _ in range(2):
        assert client.post(here, data=GOOD).location == here
    assert rows() == 1
    page = body(client, here)
    assert "•••• 0128" in page
    assert not any(secret in page for secret in SECRETS)
    answer = client.get(f"{here}?show=1")
    assert all(secret in answer.get_data(as_text=True) for secret in SECRETS)
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("wrong", "english"),
    [
        ({"number": "6222021234567890129"}, "One digit of this card number is wrong."),
        ({"number": ""}, "12 to 19 digits"),
        ({"kind": "iban", "number": "DE88370400440532013000"}, "One character of this IBAN"),
        ({"holder": ""}, "Write the holder's name"),
        ({"kind": "cash"}, "Choose a card, an account, an IBAN or a wallet."),
    ],
    ids=["digit", "empty", "iban", "holder", "kind"],
)
def test_a_refusal_keeps_what_was_typed(
    client: FlaskClient, shop: int, wrong: dict[str, str], english: str
) -> None:
    form = {**GOOD, **wrong}
    answer = client.post(f"/console/{shop}/payout", data=form)
    page = html.unescape(answer.get_data(as_text=True))
    assert (answer.status_code, english in page, rows()) == (422, True, 0)
    for name in ("holder", "bank", "number"):
        assert not form[name] or f'value="{form[name]}"' in page


def test_all_owners_are_told_each_time(client: FlaskClient, shop: int) -> None:
    here = f"/console/{shop}/payout"
    client.post(here, data=GOOD)
    client.post(here, data={**GOOD, "number": "4111111111111111"})
    db.session.rollback()
    told = select(Message.account_id, func.count()).where(Message.kind == "payout.changed")
    found = db.session.execute(told.group_by(Message.account_id)).all()
    assert len(found) == 2
    assert {count for _account_id, count in found} == {2}
    client.sign_in("partner")
    assert "The payout account of 小满咖啡 was changed" in body(client, "/inbox")
    assert rows() == 2


def test_it_is_an_act_without_the_number(client: FlaskClient, shop: int) -> None:
    client.post(f"/console/{shop}/payout", data=GOOD)
    db.session.rollback()
    act = db.session.scalars(select(Act).where(Act.verb == "payouts_console.save")).one()
    assert (act.shop_id, act.role) == (shop, "owner")
    assert not any(secret in repr((act.subject, act.detail)) for secret in SECRETS)


def test_the_number_is_nowhere_in_the_clear(
    app: Flask, client: FlaskClient, shop: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    client.post(f"/console/{shop}/payout", data=GOOD)
    client.post(f"/console/{shop}/payout", data={**GOOD, "number": "6222021234567890129"})
    client.get(f"/console/{shop}/payout?show=1")
    db.session.rollback()
    dump = "".join(repr(db.session.execute(select(table)).all()) for table in Base.metadata.sorted_tables)
    assert "0128" in dump  # the control: what is looked for would be found
    db.session.rollback()
    folder: Path = app.config["O2O"].data_dir
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for secret in SECRETS:
        assert secret not in dump
        assert secret not in caplog.text
        assert secret.encode() not in files


def test_others_exports_do_not_hold_it(client: FlaskClient, shop: int) -> None:
    client.post(f"/console/{shop}/payout", data=GOOD)
    for handle in ("owner", "partner", "manager"):
        client.sign_in(handle)
        export = client.get("/me/export").get_data()
        assert not any(secret.encode() in export for secret in SECRETS)
        assert (b'"0128"' in export) == (handle == "owner")


@pytest.mark.parametrize("handle", ["manager", "staff", "stranger"])
def test_nobody_else_sees_or_changes_it(client: FlaskClient, shop: int, handle: str) -> None:
    client.post(f"/console/{shop}/payout", data=GOOD)
    client.sign_in(handle)
    for answer in (
        client.get(f"/console/{shop}/payout?show=1"),
        client.post(f"/console/{shop}/payout", data={**GOOD, "number": "4111111111111111"}),
    ):
        assert answer.status_code == 404
        assert not re.search(r"(?<![0-9a-f])0128(?![0-9a-f])", answer.get_data(as_text=True))
    assert rows() == 1


def test_a_claimant_enters_it_until_somebody_owns_the_shop(client: FlaskClient, shop: int) -> None:
    begin_write()
    listing = make_shop(db.session, "老李面馆", status="unclaimed")
    make_role(db.session, listing, "claimant", "claimant")
    make_role(db.session, db.session.get_one(type(listing), shop), "rival", "claimant")
    listing_id = listing.id
    db.session.commit()
    client.sign_in("claimant")
    answer = client.post(f"/console/{listing_id}/payout", data=GOOD)
    assert answer.location == f"/console/{listing_id}/admission"
    assert "was changed" in body(client, "/inbox")
    client.sign_in("rival")
    assert client.get(f"/console/{shop}/payout").status_code == 404
    assert client.post(f"/console/{shop}/payout", data=GOOD).status_code == 404


def test_an_old_sign_in_is_asked_again(client: FlaskClient, shop: int) -> None:
    client.post(f"/console/{shop}/payout", data=GOOD)
    with time_machine.travel(clock.now() + timedelta(minutes=6), tick=False):
        for answer in (
            client.get(f"/console/{shop}/payout?show=1"),
            client.post(f"/console/{shop}/payout", data={**GOOD, "number": "4111111111111111"}),
        ):
            assert answer.status_code == 303
            assert re.match(r"/sign-in\?next=.*fresh=1", answer.location)
    assert rows() == 1


def test_the_page_costs_the_same_with_fifty_old_accounts(client: FlaskClient, shop: int) -> None:
    costs = []
    for count in (1, 50):
        begin_write()
        account_id = make_account(db.session, "owner").id
        for number in range(count):
            wallet = {"kind": "wallet", "bank": "Alipay", "number": f"wallet-{count}-{number}"}
            given = {**GOOD, **wallet, "account_id": account_id, "now": clock.now()}
            rules.set(db.session, shop_id=shop, **given)
        db.session.commit()
        client.get(f"/console/{shop}/payout")
        with counting() as statements:
            answer = client.get(f"/console/{shop}/payout")
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 15
    assert len(gzip.compress(answer.data)) < 12 * 1024
