"""Many editors at once, and the end of a menu: one writes, and what is wiped is gone."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.menu_changes import rules as menu_changes
from o2o.menu_lines import lines
from o2o.menu_lines.lines import Kept, Line
from o2o.menus import queries, rules
from o2o.menus.models import MenuLine
from o2o.shops.models import Shop
from tests.menus.town import open_shop
from tests.racers import race


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop()


def test_two_editors_of_one_version(app: Flask, shop: Shop) -> None:
    """Of many who saw the same menu one changes it; without the guard (control) all would."""
    shop_id = shop.id
    seen = queries.version(db.session, shop_id)
    db.session.rollback()

    def guarded(session: Any, number: int) -> None:
        begin_write(session)
        rules.add(session, shop_id=shop_id, version=seen, line=Line("", f"a{number}"))
        session.commit()

    def unguarded(session: Any, number: int) -> None:
        begin_write(session)
        version = rules.locked(session, shop_id=shop_id).version
        rules.add(session, shop_id=shop_id, version=version, line=Line("", f"b{number}"))
        session.commit()

    assert race(app, guarded, times=6, threads=3) == {"ok": 1, "edited": 5}
    assert race(app, unguarded, times=6, threads=3) == {"ok": 6}


def test_a_menu_has_an_end(app: Flask, shop: Shop) -> None:
    begin_write()
    menu = rules.locked(db.session, shop_id=shop.id)
    many = [Kept(None, Line("", f"n{number}")) for number in range(lines.MOST_LINES + 1)]
    with pytest.raises(RuleBroken, match="full"):
        rules.write(db.session, menu=menu, kept=many)
    db.session.rollback()
    begin_write()
    menu_changes.clear(db.session, shop_id=shop.id)
    db.session.commit()
    assert db.session.scalar(select(func.count()).select_from(MenuLine)) == 0
    assert not queries.has(db.session, shop.id)
