"""Many presses at once: one takes the file over."""

from typing import Any

import pytest
from flask import Flask

from o2o.kernel.db import begin_write, db
from o2o.menu_changes import rules
from o2o.menu_lines.cells import Row
from o2o.menu_lines.weighing import weigh
from o2o.menus import queries
from o2o.shops.models import Shop
from tests.menus.town import open_shop, rows
from tests.racers import race


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop()


def test_two_presses_at_once_take_it_over_once(app: Flask, shop: Shop) -> None:
    """Many presses of apply on many connections: one writes; the others find it done."""
    begin_write()
    given = {"shop_id": shop.id, "account_id": 1, "name": "x", "mode": "add"}
    weighed = weigh([Row(1, ["name", "price"]), Row(2, ["新茶", "18"])], "CNY")
    number = rules.keep(db.session, **given, weighed=weighed).id
    db.session.commit()
    shop_id = shop.id
    before = queries.version(db.session, shop_id)
    db.session.rollback()

    def press(session: Any, _number: int) -> None:
        begin_write(session)
        rules.apply(session, shop_id=shop_id, import_id=number)
        session.commit()

    assert race(app, press, times=8, threads=4) == {"ok": 8}
    assert queries.version(db.session, shop.id) == before + 1
    assert [row[3] for row in rows(shop_id)].count("新茶") == 1
