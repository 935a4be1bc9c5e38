"""A file's way: looked at, taken over in one go, put back; nothing half-written, nobody's change lost unseen."""

import gzip
import io
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from o2o.kernel.db import begin_write, db
from o2o.menu_changes import imports
from o2o.menu_changes import rules as menu_changes
from o2o.menu_changes.models import MenuImport
from o2o.menu_lines import lines
from o2o.menu_lines.lines import Line
from o2o.menus import queries, rules
from o2o.shops.models import Shop
from tests.counting import counting
from tests.menus.town import LINES, as_book, open_shop, rows, table
from tests.visitor import Visitor

PRICES = table(
    ("name", "price", "section"),
    ("拿铁", "30", "咖啡"),
    ("美式", "22", ""),
    ("冷萃", "26", "咖啡"),
    ("脏咖啡", "abc", "咖啡"),
    ("布丁", "", "甜点"),
)


@pytest.fixture
def shop(app: Flask) -> Shop:
    return open_shop()


@pytest.fixture
def owner(shop: Shop, client: Visitor) -> Visitor:
    client.sign_in("owner")
    return client


def send(
    client: Visitor, shop: Shop, content: bytes = PRICES, mode: str = "add", name: str = "menu.csv"
) -> str:
    """Send a file; return the address of its look."""
    sent = {"mode": mode, "file": (io.BytesIO(content), name)}
    answer = client.post(f"/console/{shop.id}/menu/import", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def by_order(shop: Shop) -> list[tuple[Any, ...]]:
    return [row[2:] for row in sorted(rows(shop.id), key=lambda row: row[1])]


def test_a_file_is_looked_at_before_anything_changes(owner: Visitor, shop: Shop) -> None:
    before = rows(shop.id)
    where = send(owner, shop, name="prices/菜\u202e单.csv")
    assert rows(shop.id) == before
    body = owner.get(where).text
    assert "<h1>File “菜单.csv”</h1>" in body
    assert "3 good lines · 2 things to mend · 3 stay as they are" in " ".join(body.split())
    assert "<b>Row 5 · price</b> “abc” is no price. Write a number such as 38 or 38.50." in body
    assert "<b>Row 6 · price</b> The price is missing." in body
    assert re.search(r"<s>¥28 / 杯</s> ¥30", body) or "<s>¥28 / 杯</s> ¥30 / 杯" in body
    assert "冷萃" in body
    assert rows(shop.id) == before


def test_taken_over_and_undone_every_row_is_as_before(owner: Visitor, shop: Shop) -> None:
    for mode, names in (
        ("add", ["拿铁", "美式", "冷萃", "今日蛋糕", "白开水"]),
        ("replace", ["拿铁", "冷萃", "美式"]),
    ):
        before = rows(shop.id)
        where = send(owner, shop, mode=mode)
        assert owner.post(f"{where}/apply").status_code == 303
        assert [row[1] for row in by_order(shop)] == names
        applied = rows(shop.id)
        assert owner.post(f"{where}/apply").status_code == 303
        assert rows(shop.id) == applied
        body = owner.get(where).text
        version = re.search(r'name="version" value="(\d+)"', body)[1]
        assert owner.post(f"{where}/undo", data={"version": version}).status_code == 303
        assert rows(shop.id) == before
        assert owner.post(f"{where}/undo", data={"version": version}).status_code == 303
        assert owner.post(f"{where}/apply").status_code == 409
        assert rows(shop.id) == before


def test_adding_keeps_what_the_file_does_not_say(owner: Visitor, shop: Shop) -> None:
    where = send(owner, shop)
    owner.post(f"{where}/apply")
    assert by_order(shop)[:2] == [
        ("咖啡", "拿铁", "Latte", 3000, "杯", "云南小粒"),
        ("咖啡", "美式", "Americano", 2200, "", ""),
    ]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_real_menus_come_and_go(app: Flask, client: Visitor, shared: Path, form: str) -> None:
    shop = open_shop()
    client.sign_in("owner")
    before = rows(shop.id)
    for name in ("delivery_products_zh_en", "instore_products_en"):
        content = (shared / "menus" / f"{name}.csv").read_bytes()
        where = send(
            client, shop, content if form == "csv" else as_book(content), "replace", f"{name}.{form}"
        )
        look = client.get(where)
        assert len(gzip.compress(look.data)) <= 12_000
        assert client.post(f"{where}/apply").status_code == 303
        assert len(rows(shop.id)) == len(db.session.get_one(MenuImport, where.rsplit("/", 1)[1]).lines) > 750
        for page in (f"/console/{shop.id}/menu", f"/shops/{shop.id}/menu", where, f"{where}?show=faults"):
            assert len(gzip.compress(client.get(page).data)) <= 12_000
        version = str(queries.version(db.session, shop.id))
        assert client.post(f"{where}/undo", data={"version": version}).status_code == 303
        assert rows(shop.id) == before


def test_a_menu_changed_since_the_look_is_looked_at_again(owner: Visitor, shop: Shop) -> None:
    where = send(owner, shop)
    begin_write()
    version = queries.version(db.session, shop.id)
    rules.add(db.session, shop_id=shop.id, version=version, line=Line("咖啡", "冷萃", price=2500))
    db.session.commit()
    before = rows(shop.id)
    answer = owner.post(f"{where}/apply")
    assert answer.status_code == 409
    assert "Somebody changed this menu meanwhile." in answer.text
    assert "<s>¥25</s> ¥26" in answer.text
    assert rows(shop.id) == before
    assert owner.post(f"{where}/apply").status_code == 303
    assert ("咖啡", "冷萃", "", 2600, "", "") in by_order(shop)


def test_undoing_what_was_built_upon_asks_once_more(owner: Visitor, shop: Shop) -> None:
    before = rows(shop.id)
    where = send(owner, shop)
    owner.post(f"{where}/apply")
    seen = re.search(r'name="version" value="(\d+)"', owner.get(where).text)[1]
    begin_write()
    rules.add(db.session, shop_id=shop.id, version=int(seen), line=Line("酒", "黑啤", price=3500))
    db.session.commit()
    changed = rows(shop.id)
    answer = owner.post(f"{where}/undo", data={"version": seen})
    assert answer.status_code == 409
    assert "Undoing takes back those changes too" in answer.text
    assert re.findall(r"<li><div><b>(.*?)</b>", answer.text) == ["黑啤"]
    assert rows(shop.id) == changed
    asked = re.search(r'name="version" value="(\d+)"', answer.text)[1]
    assert int(asked) == int(seen) + 1
    assert owner.post(f"{where}/undo", data={"version": asked}).status_code == 303
    assert rows(shop.id) == before


def test_a_key_taken_by_another_shop_meanwhile(owner: Visitor, shop: Shop) -> None:
    """SQLite gives the keys of deleted rows to others: what comes back then has a new one."""
    before = by_order(shop)
    where = send(owner, shop, table(("name", "price"), ("x", "1")), "replace")
    owner.post(f"{where}/apply")
    open_shop()
    version = str(queries.version(db.session, shop.id))
    assert owner.post(f"{where}/undo", data={"version": version}).status_code == 303
    assert by_order(shop) == before


def test_dropped_and_forgotten(owner: Visitor, shop: Shop) -> None:
    where = send(owner, shop)
    assert owner.post(f"{where}/drop").status_code == 303
    assert owner.post(f"{where}/apply").status_code == 409
    assert owner.post(f"{where}/undo", data={"version": "4"}).status_code == 409
    first, second = send(owner, shop), send(owner, shop)
    assert owner.post(f"{first}/apply").status_code == 409
    for _ in range(menu_changes.KEPT_IMPORTS):
        send(owner, shop)
    assert owner.get(second).status_code == 404
    assert db.session.scalar(select(func.count()).select_from(MenuImport)) == menu_changes.KEPT_IMPORTS
    nothing = send(owner, shop, b"name,price\nTea,x\n")
    assert "No row of this file can be taken over." in owner.get(nothing).text
    assert owner.post(f"{nothing}/apply").status_code == 422


def test_files_of_another_shop_are_nobodys(owner: Visitor, shop: Shop) -> None:
    where = send(owner, shop)
    other = open_shop()
    there = where.replace(f"/console/{shop.id}/", f"/console/{other.id}/")
    assert owner.get(there).status_code == 404
    assert [
        owner.post(f"{there}/{verb}", data={"version": "1"}).status_code for verb in ("apply", "drop", "undo")
    ] == [404] * 3


@pytest.mark.parametrize("broken", ["write", "before", "commit"])
def test_a_crash_in_the_middle_leaves_nothing(
    owner: Visitor, shop: Shop, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    where, before = send(owner, shop), rows(shop.id)
    number = where.rsplit("/", 1)[1]

    def crash(*args: Any, **more: Any) -> None:
        raise OSError("the lights went out")

    begin_write()
    if broken == "write":
        monkeypatch.setattr(lines, "gather", crash)
        monkeypatch.setattr(rules, "gather", crash)
    if broken == "before":
        monkeypatch.setattr(menu_changes, "_move", crash)
    with pytest.raises(OSError, match="lights"):
        take_over(shop.id, number, crash)
    db.session.rollback()
    monkeypatch.undo()
    assert rows(shop.id) == before
    row = db.session.get_one(MenuImport, number)
    assert (row.state, row.before, row.made_version) == ("previewed", None, None)
    assert owner.post(f"{where}/apply").status_code == 303


def take_over(shop_id: int, number: str, crash: Any) -> None:
    menu_changes.apply(db.session, shop_id=shop_id, import_id=number)
    crash()


def test_a_file_is_read_with_no_transaction_open(
    owner: Visitor, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def watch(content: bytes) -> Any:
        seen.append(db.session.in_transaction())
        return imports_read(content)

    imports_read = imports.read
    monkeypatch.setattr(imports, "read", watch)
    send(owner, shop)
    assert seen == [False]


REFUSED = [
    (b"", "menu.csv", 422, "The file is empty."),
    (b"name,price\n" + b"x" * (2 * 1024 * 1024), "menu.csv", 413, "The file is larger than 2 MB."),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "menu.xls", 415, "This is an old Excel file (.xls)."),
]


@pytest.mark.parametrize("number", range(len(REFUSED)), ids=["empty", "large", "xls"])
def test_a_refused_file_is_named_beside_its_field(owner: Visitor, shop: Shop, number: int) -> None:
    content, name, status, sentence = REFUSED[number]
    sent = {"mode": "replace", "file": (io.BytesIO(content), name)}
    answer = owner.post(f"/console/{shop.id}/menu/import", data=sent, content_type="multipart/form-data")
    assert answer.status_code == status
    assert re.search(r'id="file-error">.*?' + re.escape(sentence), answer.text, re.DOTALL)
    assert re.search(r'<input checked[^>]*value="replace"', answer.text)
    assert db.session.scalar(select(func.count()).select_from(MenuImport)) == 0


def test_the_look_costs_the_same_for_one_row_and_fifty(owner: Visitor, shop: Shop) -> None:
    costs = []
    for size in (1, 50):
        where = send(
            owner, shop, table(("name", "price"), *((f"Dish {number}", number) for number in range(size)))
        )
        owner.get(where)
        with counting() as statements:
            assert owner.get(where).status_code == 200
        costs.append(len(statements))
    assert costs[0] == costs[1] <= 15


def test_the_menu_of_the_fixture_is_what_it_says(shop: Shop) -> None:
    assert by_order(shop) == [tuple(line) for line in LINES]
