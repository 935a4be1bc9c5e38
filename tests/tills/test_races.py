"""Many phones and owners at once: one row per key, never too many tills, and revoked stays revoked."""

import time
from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.kernel import clock
from o2o.kernel.db import begin_write, db
from o2o.shops import queries as shops
from o2o.tills import rules
from o2o.tills.models import Till, TillPin
from tests.factories import make_account, make_role, make_shop
from tests.racers import race
from tests.tills.phones import make_phone, make_till

TIMES = 24


@pytest.fixture
def shop_id(app: Flask) -> int:
    """Give a shop with two owners and a member of staff."""
    begin_write()
    shop = make_shop(db.session)
    for handle, kind in (("owner", "owner"), ("owner2", "owner"), ("staff", "staff")):
        make_role(db.session, shop, handle, kind)
    made = shop.id
    db.session.commit()
    return made


def who(handle: str) -> int:
    found = make_account(db.session, handle).id
    db.session.rollback()
    return found


def tills() -> list[Till]:
    db.session.rollback()
    return list(db.session.scalars(select(Till)))


def test_one_key_is_one_till(app: Flask, shop_id: int) -> None:
    phone, people = make_phone(), [who("staff"), who("owner")]

    def ask(session: Session, number: int) -> None:
        begin_write(session)
        given = {"name": f"{number}", "x": phone.x, "y": phone.y, "now": clock.now()}
        rules.ask(session, shop_id=shop_id, account_id=people[number % 2], **given)
        session.commit()

    assert race(app, ask, times=TIMES) == {"ok": TIMES}
    assert [till.state for till in tills()] == ["active"]


def ask_many(app: Flask, shop_id: int) -> Counter[str]:
    staff, phones = who("staff"), [make_phone() for _ in range(TIMES)]

    def ask(session: Session, number: int) -> None:
        begin_write(session)
        given = {"name": f"{number}", "x": phones[number].x, "y": phones[number].y, "now": clock.now()}
        rules.ask(session, shop_id=shop_id, account_id=staff, **given)
        session.commit()

    return race(app, ask, times=TIMES)


def test_never_too_many_tills(app: Flask, shop_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MOST_TILLS", 5)
    assert ask_many(app, shop_id) == {"ok": 5, "many_tills": TIMES - 5}
    assert len(tills()) == 5


def test_without_the_shops_lock_there_are_too_many(
    app: Flask, shop_id: int, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: a count alone lets too many in where writers run side by side; SQLite has one writer at a time."""
    whole, counted = shops.shop, rules.queries.count_open

    def slowly(session: Session, shop_id: int) -> int:
        found = counted(session, shop_id)
        time.sleep(0.05)
        return found

    monkeypatch.setattr(rules, "MOST_TILLS", 5)
    monkeypatch.setattr(shops, "shop", lambda session, shop_id, **_asked: whole(session, shop_id))
    monkeypatch.setattr(rules.queries, "count_open", slowly)
    ask_many(app, shop_id)
    assert (len(tills()) > 5) == (database == "postgresql")


def test_admit_and_revoke_at_once_end_revoked(app: Flask, shop_id: int) -> None:
    begin_write()
    till_id = make_till(db.session, db.session.get_one(shops.Shop, shop_id), "staff").id
    db.session.commit()
    owners = [who("owner"), who("owner2")]

    def press(session: Session, number: int) -> None:
        begin_write(session)
        verb = rules.revoke if number % 4 == 3 else rules.admit
        edge = {"shop_id": shop_id, "till_id": till_id, "account_id": owners[number % 2]}
        verb(session, **edge, now=clock.now())
        session.commit()

    outcomes = race(app, press, times=TIMES)
    assert set(outcomes) <= {"ok", "till_over"}
    (till,) = tills()
    assert till.state == "revoked"
    assert till.revoked_at is not None


def test_hearing_at_once_keeps_the_greatest(app: Flask, shop_id: int) -> None:
    begin_write()
    till_id = make_till(db.session, db.session.get_one(shops.Shop, shop_id), "owner").id
    db.session.commit()

    def sync(session: Session, number: int) -> None:
        begin_write(session)
        head = (number * 7) % TIMES
        given = {"head": head, "said_head": head, "chain": f"c{head}", "cursor": 0, "app": "b"}
        rules.hear(session, till_id=till_id, **given, now=clock.now())
        session.commit()

    assert race(app, sync, times=TIMES) == {"ok": TIMES}
    (till,) = tills()
    assert (till.head, till.said_head, till.chain) == (TIMES - 1, TIMES - 1, f"c{TIMES - 1}")


def test_one_person_has_one_pin(app: Flask, shop_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    staff, kept = who("staff"), [rules.pins.keep(f"25{number:02d}") for number in range(80, 80 + TIMES // 2)]

    def choose(session: Session, number: int) -> None:
        begin_write(session)
        rules.set_pin(
            session, shop_id=shop_id, account_id=staff, pin=kept[number % len(kept)], now=clock.now()
        )
        session.commit()

    assert race(app, choose, times=TIMES) == {"ok": TIMES}
    assert db.session.scalar(select(func.count()).select_from(TillPin)) == 1
