"""Device keys: one row per key, remembered per login, and nothing but points of P-256."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.accounts import queries as accounts
from o2o.accounts import rules as account_rules
from o2o.accounts.models import Login
from o2o.holders import queries, rules
from o2o.holders.models import DeviceKey, DeviceLogin
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import BadInput, RuleBroken
from tests.factories import make_account
from tests.passes.phone import HolderPhone
from tests.racers import race

PHONE, OTHER = HolderPhone(1), HolderPhone(2)


def login(session: Session, handle: str = "guest") -> tuple[int, str]:
    """Sign somebody in; return the account and the login's public id."""
    account = make_account(session, handle)
    token = account_rules.start_login(session, account_id=account.id, device="Phone")
    row = accounts.live_login(session, token)
    assert row is not None
    return account.id, row.public_id


def put(session: Session, who: tuple[int, str], phone: HolderPhone = PHONE) -> DeviceKey:
    given = {"x": phone.x.hex(), "y": phone.y.hex(), "now": clock.now()}
    return rules.register(session, account_id=who[0], public_id=who[1], **given)


def count(session: Session, table: type) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_key_is_one_row_however_often_it_comes(session: Session) -> None:
    who = login(session)
    first = put(session, who)
    assert (first.x, first.y) == (PHONE.x.hex(), PHONE.y.hex())
    assert put(session, who).id == first.id
    assert count(session, DeviceKey) == count(session, DeviceLogin) == 1
    found = queries.of_login(session, who[1])
    assert found is not None
    assert found.id == first.id
    assert queries.device(session, first.id) is first


def test_a_login_has_the_key_it_told_last(session: Session) -> None:
    who = login(session)
    first, second = put(session, who), put(session, who, OTHER)
    assert first.id != second.id
    assert queries.of_login(session, who[1]) is second
    assert count(session, DeviceLogin) == 1


def test_a_key_outlives_its_login(session: Session) -> None:
    first = put(session, login(session))
    again = login(session)
    assert queries.of_login(session, again[1]) is None
    assert put(session, again).id == first.id


def test_two_people_on_one_phone_have_two_keys(session: Session) -> None:
    assert put(session, login(session)).id != put(session, login(session, "stranger")).id


def test_nobody_has_no_key(session: Session) -> None:
    assert queries.of_login(session, "f" * 16) is None
    assert queries.device(session, None) is None


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (None, None),
        (1, 2),
        ("", ""),
        (PHONE.x.hex(), ""),
        (PHONE.x.hex().upper(), PHONE.y.hex()),
        (PHONE.x.hex()[:-1], PHONE.y.hex()),
        (PHONE.x.hex() + "0", PHONE.y.hex()),
        (PHONE.x.hex() + "\n", PHONE.y.hex()),
        (PHONE.x.hex(), OTHER.y.hex()),
        (PHONE.y.hex(), PHONE.x.hex()),
        ("0" * 64, "0" * 64),
        ("f" * 64, "f" * 64),
        ([PHONE.x.hex()], {"y": PHONE.y.hex()}),
        ("１" * 64, "１" * 64),
    ],
)
def test_only_a_point_of_the_curve_is_a_key(session: Session, x: object, y: object) -> None:
    who = login(session)
    with pytest.raises(BadInput) as refused:
        rules.register(session, account_id=who[0], public_id=who[1], x=x, y=y, now=clock.now())
    assert (refused.value.code, refused.value.status) == ("bad_key", 422)
    assert count(session, DeviceKey) == 0


def test_an_account_has_not_endless_phones(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST", 2)
    who = login(session)
    put(session, who)
    put(session, who, OTHER)
    with pytest.raises(RuleBroken) as refused:
        put(session, who, HolderPhone(3))
    assert refused.value.code == "too_many_devices"
    put(session, who)


def test_two_tabs_at_once_make_one_row(app: Flask) -> None:
    begin_write()
    who = login(db.session)
    db.session.commit()

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        put(session, who)
        session.commit()

    assert race(app, attempt, times=16) == {"ok": 16}
    assert count(db.session, DeviceKey) == count(db.session, DeviceLogin) == 1


def test_a_forgotten_login_takes_its_note_along(session: Session) -> None:
    who = login(session)
    device = put(session, who)
    session.get_one(Login, session.scalars(select(Login.digest)).one()).ended_at = clock.now() - timedelta(40)
    session.flush()
    account_rules.forget_stale(session)
    assert count(session, DeviceLogin) == 0
    assert queries.device(session, device.id) is device
