"""Two phones, or two presses, at the same moment: one form each, in order; and what happens without the lock."""

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.accounts import recovery
from o2o.binding import rules
from o2o.holders.models import DeviceKey
from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.passes import queries as passes
from o2o.passes.models import Pass, PassForm
from tests.binding.acts import CODES, bind, held, phone
from tests.racers import race


def start(numbers: int) -> tuple[str, list[int]]:
    """Commit a pass bound to no phone, and the guest's phones."""
    begin_write()
    pass_ = held(db.session)
    devices = [phone(db.session, number).id for number in range(numbers)]
    pass_id = pass_.id
    db.session.commit()
    return pass_id, devices


def test_phones_that_bind_at_once_have_one_form_each_in_order(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "FREE_MOVES", 100)
    pass_id, devices = start(8)

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        device = session.get_one(DeviceKey, devices[number // 2])
        given = {"account_id": device.account_id, "now": clock.now(), "recovery": None}
        # Each press arrives twice.
        rules.bind(session, pass_id=pass_id, device=device, key=f"press {number // 2}", **given)
        session.commit()

    assert race(app, attempt, times=16) == {"ok": 16}
    pass_ = db.session.get_one(Pass, pass_id)
    rows = db.session.scalars(
        select(PassForm).where(PassForm.pass_id == pass_id).order_by(PassForm.gen)
    ).all()
    assert [row.gen for row in rows] == list(range(9))
    assert sorted(row.device_id or 0 for row in rows[1:]) == sorted(devices)
    assert (pass_.gen, pass_.device_id, pass_.rebinds) == (8, rows[-1].device_id, 7)
    assert passes.pass_by_code(db.session, pass_.short_code) is pass_


def test_one_code_pays_one_of_two_moves_at_once(app: Flask) -> None:
    pass_id, devices = start(12)
    begin_write()
    pass_ = db.session.get_one(Pass, pass_id)
    for number in devices[:4]:
        bind(db.session, pass_, db.session.get_one(DeviceKey, number))
    recovery.replace_codes(db.session, account_id=pass_.account_id, codes=CODES)
    db.session.commit()

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        device = session.get_one(DeviceKey, devices[4 + number])
        given = {"account_id": device.account_id, "now": clock.now(), "recovery": CODES[0]}
        rules.bind(session, pass_id=pass_id, device=device, key=f"press {number}", **given)
        session.commit()

    assert race(app, attempt, times=8) == {"ok": 1, "wrong_code": 7}
    assert db.session.get_one(Pass, pass_id).rebinds == 4


@pytest.fixture
def unlocked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the locks away: reads hold nothing, and nobody takes turns."""
    real = Session.get

    def get(self: Session, entity: object, ident: object, **options: object) -> object:
        options.pop("with_for_update", None)
        return real(self, entity, ident, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "get", get)


def test_without_the_lock_the_race_is_lost(
    app: Flask, database: str, unlocked: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the same race trips where nobody waits for the row. SQLite has one writer, whatever we lock."""
    if database == "sqlite":
        assert race_of_eight(app, monkeypatch) == {"ok": 8}
        return
    assert race_of_eight(app, monkeypatch)["ok"] < 8


def race_of_eight(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    monkeypatch.setattr(rules, "FREE_MOVES", 100)
    pass_id, devices = start(8)

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        device = session.get_one(DeviceKey, devices[number])
        given = {"account_id": device.account_id, "now": clock.now(), "recovery": None}
        rules.bind(session, pass_id=pass_id, device=device, key=f"press {number}", **given)
        session.commit()

    return dict(race(app, attempt, times=8))
