"""What is said to become of each table when a shop closes is what becomes of it."""

from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.accounts.queries import account_by_handle
from o2o.guests.models import Guest
from o2o.kernel import clock
from o2o.kernel.db import Base, begin_write
from o2o.leaving import rules
from o2o.leaving.after import AWAY, OVER, STAYS
from o2o.parcel.carried import CARRIED, LEFT
from o2o.shops.models import Shop
from tests.house.world import build_world
from tests.leaving.going import work

DAY = timedelta(days=1)


def test_every_table_is_on_exactly_one_list(app: Flask) -> None:
    said = [*AWAY, *OVER, *STAYS]
    assert len(said) == len(set(said))
    assert set(said) == CARRIED.keys() | LEFT.keys()


def of(session: Session, name: str, shop_id: int, column: Any = None) -> list[Any]:
    """Read one column of a table's rows of a shop; their number without one."""
    table, carried = Base.metadata.tables[name], CARRIED.get(name)
    where = carried.where(table, shop_id) if carried and carried.where else table.c.shop_id == shop_id
    wanted = func.count() if column is None else column
    return list(session.scalars(select(wanted).select_from(table).where(where)))


def plant(session: Session, shop_id: int, owner: int) -> None:
    """Add what the world of the matrix does not have."""
    now = clock.now()
    theirs = {"shop_id": shop_id, "account_id": owner}
    rows: dict[str, dict[str, Any]] = {
        "payout": {**theirs, "sealed": "s", "tail": "1234", "created_at": now},
        "special_day": {"shop_id": shop_id, "day": now.date() + 9 * DAY, "note": "closed"},
        "till_pin": {**theirs, "salt": "s", "hash": "h", "rounds": 1, "set_at": now},
        "offline_rules": {
            "shop_id": shop_id, "bearer": True, "most_claims": 3, "most_each": 1000, "most_total": 3000,
            "changed_by": owner, "changed_at": now,
        },
    }  # fmt: skip
    for name, row in rows.items():
        if not of(session, name, shop_id)[0]:
            session.execute(insert(Base.metadata.tables[name]).values(**row))
    mine = update(Guest).where(Guest.shop_id == shop_id)
    session.execute(mine.values(agreed_at=now, contact="138 0013 8000"))


def test_what_is_said_of_each_table_is_true(app: Flask, session: Session) -> None:
    """A shop that has something of nearly everything closes; what is said to go is gone, what is over is over."""
    shop_id = build_world(session)["A"]["shop"]
    begin_write(session)
    owner = account_by_handle(session, "owner")
    assert owner is not None
    plant(session, shop_id, owner.id)
    now = clock.now()
    rules.announce(session, shop_id=shop_id, account_id=owner.id, days=1, now=now)
    session.commit()
    before = {
        name: of(session, name, shop_id)[0]
        for name in (*AWAY, *OVER, *STAYS)
        if name in CARRIED or name in AWAY
    }
    assert not [name for name in (*AWAY, *OVER) if not before[name] and name != "refund"]
    session.rollback()
    with travel(now + 5 * DAY, tick=False):
        work(session)
    session.expire_all()
    assert session.get_one(Shop, shop_id).status in ("unclaimed", "gone")
    for name in AWAY:
        assert of(session, name, shop_id) == [0], name
    for name, (column, live) in OVER.items():
        rows = of(session, name, shop_id, Base.metadata.tables[name].c[column])
        assert not set(rows) & set(live), name
        assert len(rows) >= before[name], f"{name} is history and stays"
    for name in STAYS.keys() & CARRIED.keys():
        assert of(session, name, shop_id)[0] >= before[name], name
    known = session.execute(select(Guest.contact, Guest.agreed_at).where(Guest.shop_id == shop_id)).all()
    assert known
    assert set(known) == {("", None)}
