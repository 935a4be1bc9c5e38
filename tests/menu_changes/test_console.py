"""The owner's menu: lines by hand, the version guard, the saved file, weight and statements."""

import gzip
import re
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask

from o2o.kernel.db import begin_write, db
from o2o.menu_lines.lines import Line
from o2o.menu_lines.reading import read
from o2o.menu_lines.weighing import weigh
from o2o.menus import queries, rules
from o2o.shops.models import Shop
from tests import factories
from tests.counting import counting
from tests.menus.town import LINES, add_lines, open_shop, rows
from tests.visitor import Visitor

FORM = {"name": "Flat white", "price": "¥30", "section": "咖啡", "unit": "杯", "name_en": "", "note": ""}


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop()


@pytest.fixture
def owner(shop: Shop, client: Visitor) -> Visitor:
    client.sign_in("owner")
    return client


def key_of(shop: Shop, name: str) -> int:
    return next(row[0] for row in rows(shop.id) if row[3] == name)


def names(shop: Shop) -> list[str]:
    return [row[3] for row in sorted(rows(shop.id), key=lambda row: row[1])]


def post(client: Visitor, shop: Shop, path: str, **form: Any) -> Any:
    version = str(queries.version(db.session, shop.id))
    db.session.rollback()
    return client.post(f"/console/{shop.id}/menu{path}", data={"version": version, **form})


def test_the_page_shows_the_menu_by_section(owner: Visitor, shop: Shop) -> None:
    body = owner.get(f"/console/{shop.id}/menu").text
    assert [text.strip() for text in re.findall(r"<h2>(.*?)</h2>", body)] == [
        "咖啡",
        "甜点",
        "Without a section",
        "Bring a file",
    ]
    assert "Latte" in body
    assert "¥28 / 杯" in body
    assert "Ask for the price" in body
    assert "Free" in body


def test_a_line_is_written_changed_moved_and_taken_off(owner: Visitor, shop: Shop) -> None:
    assert owner.get(f"/console/{shop.id}/menu/new?section=咖啡").status_code == 200
    answer = post(owner, shop, "", **FORM)
    assert answer.status_code == 303
    assert names(shop) == ["拿铁", "美式", "Flat white", "今日蛋糕", "白开水"]
    line = key_of(shop, "Flat white")
    assert answer.location == f"/console/{shop.id}/menu#line-{line}"
    assert post(owner, shop, f"/lines/{line}/move", to="up").status_code == 303
    assert names(shop)[:3] == ["拿铁", "Flat white", "美式"]
    assert (
        post(owner, shop, f"/lines/{line}", **{**FORM, "price": "３１．５", "section": "甜点"}).status_code
        == 303
    )
    assert names(shop) == ["拿铁", "美式", "今日蛋糕", "Flat white", "白开水"]
    assert next(row for row in rows(shop.id) if row[0] == line)[5] == 3150
    assert post(owner, shop, f"/lines/{line}/remove").status_code == 303
    assert names(shop) == ["拿铁", "美式", "今日蛋糕", "白开水"]
    assert owner.get(f"/console/{shop.id}/menu/lines/{line}").status_code == 404


def test_a_line_sent_twice_is_there_once(owner: Visitor, shop: Shop) -> None:
    version = str(queries.version(db.session, shop.id))
    db.session.rollback()
    sent = {**FORM, "version": version, "idempotency_key": "one-press", "do": "more"}
    answers = [owner.post(f"/console/{shop.id}/menu", data=sent) for _ in range(2)]
    assert {unquote(answer.location) for answer in answers} == {f"/console/{shop.id}/menu/new?section=咖啡"}
    assert names(shop).count("Flat white") == 1


def test_sections_are_renamed_joined_and_moved(owner: Visitor, shop: Shop) -> None:
    assert post(owner, shop, "/sections", section="甜点", do="up").status_code == 303
    assert names(shop)[0] == "今日蛋糕"
    assert post(owner, shop, "/sections", section="咖啡", name="手冲", do="rename").status_code == 303
    assert post(owner, shop, "/sections", section="", name="手冲", do="rename").status_code == 303
    assert [row[2] for row in sorted(rows(shop.id), key=lambda row: row[1])] == [
        "甜点",
        "手冲",
        "手冲",
        "手冲",
    ]
    assert names(shop)[-1] == "白开水"
    assert post(owner, shop, "/sections", section="没有", name="x").status_code == 404


def test_who_changes_first_wins_and_the_other_loses_no_word(owner: Visitor, shop: Shop) -> None:
    """409 with what was typed; pressing again on that page saves it."""
    seen = str(queries.version(db.session, shop.id))
    line = key_of(shop, "拿铁")
    assert (
        post(owner, shop, f"/lines/{key_of(shop, '美式')}", **{**FORM, "name": "冰美式"}).status_code == 303
    )
    before = rows(shop.id)
    for path in ("", f"/lines/{line}"):
        answer = owner.post(
            f"/console/{shop.id}/menu{path}", data={**FORM, "name": "脏咖啡", "version": seen}
        )
        assert answer.status_code == 409
        assert 'value="脏咖啡"' in answer.text
        assert "Somebody changed this menu meanwhile." in answer.text
        assert re.search(r'name="version"[^>]*value="(\d+)"', answer.text)[1] == str(int(seen) + 1)
    for path, form in (
        (f"/lines/{line}/move", {"to": "down"}),
        (f"/lines/{line}/remove", {}),
        ("/sections", {}),
    ):
        answer = owner.post(f"/console/{shop.id}/menu{path}", data={**form, "version": seen})
        assert answer.status_code == 409
    assert rows(shop.id) == before
    gone = owner.post(f"/console/{shop.id}/menu/lines/987654", data={**FORM, "version": seen})
    assert gone.status_code == 409
    assert f'action="/console/{shop.id}/menu"' in gone.text


def test_the_same_thing_stands_on_it_once(owner: Visitor, shop: Shop) -> None:
    answer = post(owner, shop, "", **{**FORM, "name": "拿铁"})
    assert answer.status_code == 422
    assert "This section has one of this name and unit already." in answer.text


def test_a_claimant_prepares_and_strangers_do_not(app: Flask, shop: Shop, client: Visitor) -> None:
    begin_write()
    factories.make_role(db.session, shop, "claimant", kind="claimant")
    factories.make_role(db.session, shop, "staff")
    db.session.commit()
    for handle, status in (("claimant", 200), ("staff", 404), ("stranger", 404)):
        client.sign_in(handle)
        assert client.get(f"/console/{shop.id}/menu").status_code == status
        assert client.get(f"/console/{shop.id}/menu.csv").status_code == status
    other = open_shop()
    client.sign_in("claimant")
    line = key_of(other, "拿铁")
    assert client.get(f"/console/{shop.id}/menu/lines/{line}").status_code == 404
    answer = post(client, shop, f"/lines/{line}", **FORM)
    assert answer.status_code == 404
    assert names(other)[0] == "拿铁"


def test_a_line_of_another_shop_is_out_of_reach_of_the_rules(app: Flask) -> None:
    shop, other = open_shop(), open_shop()
    before = rows(other.id)
    begin_write()
    version = queries.version(db.session, shop.id)
    given = {"shop_id": shop.id, "version": version, "line_id": before[0][0]}
    for write in (
        lambda: rules.remove(db.session, **given),
        lambda: rules.move(db.session, **given, by=1),
        lambda: rules.change(db.session, **given, line=LINES[0]),
    ):
        with pytest.raises(Exception, match="not_found"):
            write()
    db.session.rollback()
    assert rows(other.id) == before


MANY = [
    Line(f"第{number // 10}组", f"菜 {number}", f"Dish number {number}", 100 * number)
    for number in range(500)
]


def test_a_long_menu_is_light(app: Flask, client: Visitor) -> None:
    """The same statements for one line and for fifty; 500 lines page."""
    shop = open_shop(MANY[:1])
    client.sign_in("owner")
    paths = (f"/console/{shop.id}/menu", f"/shops/{shop.id}/menu")
    few = [count(client, path) for path in paths]
    begin_write()
    rules.clear(db.session, shop_id=shop.id)
    add_lines(db.session, shop.id, MANY[:50])
    db.session.commit()
    assert [count(client, path) for path in paths] == few
    assert max(few) <= 15
    begin_write()
    menu = rules.locked(db.session, shop_id=shop.id)
    rules.write(db.session, menu=menu, kept=[rules.Kept(None, line) for line in MANY])
    db.session.commit()
    for path in (*paths, f"{paths[0]}?page=10", f"{paths[1]}?page=10"):
        answer = client.get(path)
        assert len(gzip.compress(answer.data)) <= 12_000
        assert len(re.findall(r"Dish number", answer.text)) == 50
    assert client.get(f"{paths[0]}?page=0").status_code == 400


def count(client: Visitor, path: str) -> int:
    # The first visit in a while reads the town, which is kept for some seconds.
    client.get(path)
    with counting() as statements:
        assert client.get(path).status_code == 200
    return len(statements)


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_saved_file_comes_back_as_the_same_menu(app: Flask, client: Visitor, language: str) -> None:
    hostile = [
        Line("=1+1", "=SUM(A1)", "+1", 1),
        Line("@x", "-白菜", "'=x", 250, "'", 'a,b;c "d"'),
        Line("'", "''", "＝ｘ", None, "-", "“q”"),
    ]
    shop = open_shop([*LINES, *hostile])
    client.sign_in("owner")
    answer = client.get(f"/console/{shop.id}/menu.csv", headers={"Accept-Language": language})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="menu-{shop.id}.csv"'
    weighed = weigh(read(answer.data), "CNY")
    assert weighed.faults == []
    kept = queries.kept(db.session, shop.id)
    assert [one.line for one in weighed.lines] == [one.line for one in kept]
    for cell in re.split(r"[,\r\n]", answer.data.decode("utf-8-sig")):
        assert not cell.strip('"').startswith(("=", "+", "-", "@", "\t"))
