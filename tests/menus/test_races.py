"""Many at once, and any two menus: one writes, nothing stands twice, what comes back is what was there."""

from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.menu_changes import rules as menu_changes
from o2o.menu_lines import lines
from o2o.menu_lines.cells import Row
from o2o.menu_lines.lines import Kept, Line, gather, key, outcome
from o2o.menu_lines.weighing import weigh
from o2o.menus import queries, rules
from o2o.menus.models import MenuLine
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
    number = menu_changes.keep(db.session, **given, weighed=weighed).id
    db.session.commit()
    shop_id = shop.id
    before = queries.version(db.session, shop_id)
    db.session.rollback()

    def press(session: Any, _number: int) -> None:
        begin_write(session)
        menu_changes.apply(session, shop_id=shop_id, import_id=number)
        session.commit()

    assert race(app, press, times=8, threads=4) == {"ok": 8}
    assert queries.version(db.session, shop.id) == before + 1
    assert [row[3] for row in rows(shop_id)].count("新茶") == 1


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


LINE = st.builds(
    Line,
    section=st.sampled_from(["", "A", "B"]),
    name=st.sampled_from(["x", "y", "z", "X"]),
    price=st.sampled_from([None, 0, 100, 200]),
    unit=st.sampled_from(["", "杯"]),
    note=st.sampled_from(["", "n"]),
)
MENU = st.lists(LINE, max_size=10, unique_by=key)


def test_what_is_filled_up_is_nobodys_twin() -> None:
    """A line without a unit is not taken for one that would then stand there twice."""
    current = [Kept(1, Line("", "x", unit="杯")), Kept(2, Line("A", "x", unit="杯"))]
    made = outcome(current, [Line("A", "x"), Line("A", "x", unit="杯")], "add")
    assert [key(one.line) for one in made.kept] == [("", "x", "杯"), ("a", "x", "杯"), ("a", "x", "")]


@given(MENU, MENU, st.sampled_from(["add", "replace"]))
@settings(max_examples=1000, deadline=None)
def test_what_becomes_of_two_menus(now: list[Line], brought: list[Line], mode: str) -> None:
    current = gather(Kept(number, line) for number, line in enumerate(now, 1))
    made = outcome(current, brought, mode)
    keys = [key(one.line) for one in made.kept]
    assert len(set(keys)) == len(keys)
    assert len([one for one in made.kept if one.id]) == len({one.id for one in made.kept if one.id})
    assert len(made.kept) == len(made.added) + len(made.changed) + made.same
    assert made.kept == gather(made.kept)
    if mode == "replace":
        assert [one.line for one in made.kept] == [
            one.line for one in gather(Kept(None, line) for line in brought)
        ]
        assert len(made.removed) + len(made.changed) + made.same == len(now)
    else:
        assert made.removed == []
        assert {one.id for one in current} <= {one.id for one in made.kept}
    again = outcome(made.kept, brought, mode)
    assert (again.added, again.removed) == ([], [])
