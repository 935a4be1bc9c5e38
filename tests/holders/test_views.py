"""The address where a phone registers its key: JSON in, JSON out, the same again writes nothing."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from o2o.accounts.models import Login
from o2o.holders import queries
from o2o.holders.models import DeviceKey
from o2o.kernel.db import db
from tests.passes.phone import HolderPhone
from tests.visitor import Visitor

PHONE = HolderPhone(1)
KEY = {"x": PHONE.x.hex(), "y": PHONE.y.hex()}
JSON = {"Accept": "application/json"}


def put(client: FlaskClient, body: Any = KEY) -> Any:
    return client.post("/me/device", json=body, headers=JSON)


def test_a_phone_registers(client: Visitor) -> None:
    client.sign_in("guest")
    answer = put(client)
    assert answer.status_code == 200
    assert answer.json == {"device": db.session.scalars(select(DeviceKey.id)).one()}
    assert answer.headers["X-O2O-Cache"] == "none"
    login = db.session.scalars(select(Login.public_id)).one()
    device = queries.of_login(db.session, login)
    assert device is not None
    assert device.x == PHONE.x.hex()


def test_the_same_again_writes_nothing(client: Visitor) -> None:
    client.sign_in("guest")
    first = put(client).json
    written: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        written.extend([statement] if statement.lstrip()[:6] in ("INSERT", "UPDATE", "DELETE") else [])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert put(client).json == first
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert [one for one in written if "device" in one] == []


@pytest.mark.parametrize(
    "body", [None, [], "x", 7, {}, {"x": KEY["x"]}, {"x": KEY["y"], "y": KEY["x"]}, {**KEY, "y": 1}]
)
def test_garbage_is_refused(client: Visitor, body: Any) -> None:
    client.sign_in("guest")
    answer = put(client, body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "bad_key"


def test_what_is_no_json_is_refused(client: Visitor) -> None:
    client.sign_in("guest")
    assert client.post("/me/device", data=b"\xff{", content_type="application/json").status_code == 422
    assert client.post("/me/device", data=KEY).status_code == 422


def test_only_who_is_signed_in_has_a_phone(client: Visitor) -> None:
    assert put(client).status_code == 401
