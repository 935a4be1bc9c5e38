"""The owner's one file: all of the shop's own, nothing of others, nobody's name or secret; and small in memory."""

import csv
import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import BigInteger, Integer, func, select
from sqlalchemy.orm import Session

from o2o.accounts import registry
from o2o.guests import rules as guests
from o2o.guests.models import Guest, Look
from o2o.kernel import clock
from o2o.kernel.db import Base, begin_write, db
from o2o.parcel import sheets
from o2o.parcel.carried import CARRIED, LEFT
from o2o.passes.models import Pass
from o2o.redemption import rules as till
from o2o.shops.models import Role
from tests import factories
from tests.house.world import build_world
from tests.leaving.going import NOON

# Columns of these names say who; every one in a carried table is one of the three kinds of people, or hidden.
WHO = ("account_id", "staff_id", "created_by", "asked_by", "active_by", "revoked_by", "used_by", "changed_by")


def unpack(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        assert box.testzip() is None
        return {name: box.read(name) for name in box.namelist()}


def rows(files: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    return list(json.loads(files[f"json/{name}.json"]))


def table(files: dict[str, bytes], name: str) -> list[dict[str, str]]:
    text = files[f"csv/{name}.csv"].decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_every_table_with_a_shop_in_it_is_on_one_list(app: Flask) -> None:
    of_shops = {name for name, table in Base.metadata.tables.items() if "shop_id" in table.c}
    assert CARRIED.keys() & LEFT.keys() == set()
    missing = of_shops - CARRIED.keys() - LEFT.keys()
    assert not missing, f"say whether a shop takes {missing} along"
    assert CARRIED.keys() | LEFT.keys() <= Base.metadata.tables.keys()


def test_every_column_that_names_a_person_is_said_to(app: Flask) -> None:
    for name, carried in CARRIED.items():
        known = {*carried.guest, *carried.voice, *carried.staff, *carried.hidden}
        table = Base.metadata.tables[name]
        who = {key.parent.name for key in table.foreign_keys if key.column.table.name == "account"}
        who |= {column.name for column in table.c if column.name in WHO or column.name.endswith("_by")}
        assert who <= known, f"{name}: {who - known}"
        assert known <= set(table.c.keys()), f"{name} names columns that are not there"


def test_what_the_registry_hides_stays_hidden(app: Flask) -> None:
    for name, carried in CARRIED.items():
        if name in registry.HELD:
            secret = set(registry.HELD[name].hidden) - set(registry.HELD[name].by)
            shown = secret - set(carried.hidden) - set(carried.staff)
            assert shown <= {"key"}, f"{name}: {shown} is a secret"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("=1+1", "'=1+1"),
        ("+86 10", "'+86 10"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("  =cmd|' /C calc'!A0", "'  =cmd|' /C calc'!A0"),
        ("＝1", "'＝1"),
        ("\r\n=1", "'\r\n=1"),
        ("小满咖啡", "小满咖啡"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_no_cell_is_a_formula(text: str, shown: str) -> None:
    assert sheets.safe(text) == shown


def signed_in(client: FlaskClient, role: str = "owner") -> None:
    client.sign_in(role)  # type: ignore[attr-defined]


def fetch(client: FlaskClient, shop: int) -> dict[str, bytes]:
    answer = client.post(f"/console/{shop}/export")
    assert answer.status_code == 200
    assert answer.mimetype == "application/zip"
    assert answer.headers["Cache-Control"] == "no-store"
    return unpack(answer.data)


def test_it_holds_the_shop_and_nothing_of_the_other_one(app: Flask, client: FlaskClient) -> None:
    things = build_world(db.session)
    secrets = {
        "A": hidden_words(db.session, things["A"]["shop"]),
        "B": hidden_words(db.session, things["B"]["shop"]),
    }
    signed_in(client)
    files = fetch(client, things["A"]["shop"])
    whole = b"\0".join(files.values())
    for word in ("STAFF", "INVITE", "MISSING", "LINE", "TILL"):
        assert f"CANARY-{word}-A".encode() in whole, word
        assert f"CANARY-{word}-B".encode() not in whole, word
    for side in "AB":
        for name, words in secrets[side].items():
            for word in words:
                assert word.encode() not in whole, f"{name} of {side}"
    assert {row["id"] for row in rows(files, "shop")} == {things["A"]["shop"]}
    assert b"order:" + str(things["A"]["order_id"]).encode() in whole
    assert str(things["B"]["order_id"]).encode() not in whole


def hidden_words(session: Session, shop_id: int) -> dict[str, list[str]]:
    """List what must never leave: codes, tokens, keys, fingerprints of this shop's rows."""
    found: dict[str, list[str]] = {}
    for name, carried in CARRIED.items():
        table = Base.metadata.tables[name]
        if "shop_id" not in table.c:
            continue
        for column in carried.hidden:
            if isinstance(table.c[column].type, Integer | BigInteger) or column in (
                "prepared",
                "mark",
                "nonce",
            ):
                continue
            wanted = select(table.c[column]).where(table.c.shop_id == shop_id, table.c[column].is_not(None))
            values = [
                value.hex() if isinstance(value, bytes) else str(value) for value in session.scalars(wanted)
            ]
            joins = {"redemption_id", "pass_id", "visit_id", "payback_id"}
            if column not in joins:
                found[f"{name}.{column}"] = [value for value in values if len(value) > 4]
    assert found["pass.short_code"]
    assert found["pass.token"]
    return found


def test_no_guest_is_named_by_their_account(app: Flask, client: FlaskClient) -> None:
    begin_write()
    session = db.session
    for number in range(3):
        factories.make_account(session, f"filler-{number}")
    guest = factories.make_account(session, "stammgast")
    guest.id, guest_id = 7_654_321, 7_654_321
    session.flush()
    shop = factories.make_shop(session)
    factories.make_role(session, shop, "owner", kind="owner", name="林小满")
    terms = factories.make_terms(session, shop)
    order = factories.make_paid_order(session, terms, "stammgast")
    factories.make_visit(session, factories.make_poster(session, shop), "stammgast")
    one = session.scalars(select(Pass)).one()
    owner = session.scalars(select(Role.account_id)).one()
    done = till.redeem(
        session, shop_id=shop.id, staff_id=owner, pass_id=one.id, quantity=1, nonce="n" * 16, now=clock.now()
    )
    factories.make_voice(session, str(done.redemption_id), "stammgast", "X")
    guests.reckon(session, shop_id=shop.id, account_id=guest_id)
    shop_id, order_id = shop.id, order.id
    session.commit()
    signed_in(client)
    files = fetch(client, shop_id)
    whole = b"\0".join(files.values())
    assert str(guest_id).encode() not in whole
    assert b"stammgast" not in whole
    called = {row["account_id"] for name in ("pass", "purchase", "guest") for row in rows(files, name)}
    voices = {row["account_id"] for name in ("review", "line", "answer") for row in rows(files, name)}
    assert len(called) == len(voices) == 1
    assert called.isdisjoint(voices)
    assert {row["staff_id"] for row in rows(files, "redemption")} == {"R1 林小满"}
    assert [row["id"] for row in rows(files, "purchase")] == [order_id]
    assert table(files, "visits_per_day")[0]["arrived"] == "1"
    assert not {"redemption_id", "pass_id", "visit_id"} & rows(files, "review")[0].keys()


def test_who_agreed_comes_along_and_everybody_in_it_can_see_it(app: Flask, client: FlaskClient) -> None:
    begin_write()
    session = db.session
    shop = factories.make_shop(session)
    factories.make_role(session, shop, "owner", kind="owner")
    for handle, agreed in (("keen", NOON), ("shy", None)):
        account = factories.make_account(session, handle)
        row = {"first_at": NOON, "last_at": NOON, "agreed_at": agreed, "contact": f"CANARY-{handle}@example"}
        session.add(Guest(shop_id=shop.id, account_id=account.id, key=f"{account.id:016x}", **row))
    shop_id = shop.id
    session.commit()
    signed_in(client)
    files = fetch(client, shop_id)
    assert sorted(row["contact"] for row in rows(files, "guest")) == ["", "CANARY-keen@example"]
    assert b"CANARY-shy" not in b"".join(files.values())
    looks = select(Look.what, func.count()).group_by(Look.what)
    assert [tuple(row) for row in db.session.execute(looks)] == [("export", 2)]


def test_tables_are_for_people(app: Flask, client: FlaskClient) -> None:
    begin_write()
    shop = factories.make_shop(db.session, name="=HYPERLINK(1)", about='say "hi",\nall')
    factories.make_role(db.session, shop, "owner", kind="owner")
    factories.make_terms(db.session, shop)
    shop_id = shop.id
    db.session.commit()
    signed_in(client)
    files = fetch(client, shop_id)
    assert files["csv/shop.csv"].startswith(b"\xef\xbb\xbf")
    (line,) = table(files, "shop")
    assert line["name"] == "'=HYPERLINK(1)"
    assert line["about"] == 'say "hi",\nall'
    (terms,) = table(files, "terms")
    assert (terms["price"], rows(files, "terms")[0]["price"]) == ("38.00", 3800)
    assert rows(files, "terms")[0]["contents"] == [["手冲咖啡", 2, 2500]]
    for name, carried in CARRIED.items():
        assert f"{name}  {carried.zh} / {carried.en}" in files["README.txt"].decode()


def test_pictures_come_as_files(app: Flask, client: FlaskClient) -> None:
    from o2o.pictures.models import Picture

    begin_write()
    shop = factories.make_shop(db.session)
    factories.make_role(db.session, shop, "owner", kind="owner")
    photo = factories.make_photo(db.session, shop, "owner")
    factories.make_photo(db.session, shop, "guest")
    given = {"caption": "", "position": 0, "created_at": clock.now()}
    db.session.add(Picture(shop_id=shop.id, photo_id=photo.id, **given))
    shop_id, name = shop.id, f"photos/{photo.id}.webp"
    db.session.commit()
    signed_in(client)
    files = fetch(client, shop_id)
    assert [file for file in files if file.startswith("photos/")] == [name]
    assert files[name] == b"large"


def test_only_an_owner_who_has_just_said_who_they_are(app: Flask, client: FlaskClient) -> None:
    things = build_world(db.session)
    shop = things["A"]["shop"]
    for role, status in (("guest", 404), ("staff", 404), ("other_owner", 404)):
        signed_in(client, role)
        assert client.post(f"/console/{shop}/export").status_code == status
    from time_machine import travel

    signed_in(client)
    with travel(clock.now() + timedelta(minutes=6), tick=False):
        assert "fresh=1" in client.post(f"/console/{shop}/export").location


def test_too_many_files_an_hour_are_refused(app: Flask, client: FlaskClient) -> None:
    things = build_world(db.session)
    signed_in(client)
    shop = things["A"]["shop"]
    assert [client.post(f"/console/{shop}/export").status_code for _ in range(7)] == [200] * 6 + [429]
