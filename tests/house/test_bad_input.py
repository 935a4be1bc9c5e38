"""The table of bad input holds: status, sentence in both languages, what was typed kept, and no row changed."""

import gzip
import html
import re
from collections import defaultdict
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from o2o.kernel.db import db
from o2o.osm.file import REFUSALS
from o2o.shops.models import Shop
from tests.house.bad_input import FULL_WIDTH, HOSTILE, Bad
from tests.house.matrix import changed, fingerprint
from tests.house.test_words import catalogue
from tests.house.world import build_world, clients
from tests.journeys.person import Forms
from tests.visitor import Visitor

# The table grows by files beside this one: bad_input_<topic>.py with rows(), and GOOD and NO_INPUT where needed.
FILES = sorted(Path(__file__).parent.glob("bad_input*.py"))
TOPICS = [import_module(f"tests.house.{path.stem}") for path in FILES]
ROWS: list[Bad] = [row for topic in TOPICS for row in topic.rows()]
GOOD = {address: form for topic in TOPICS for address, form in getattr(topic, "GOOD", {}).items()}
NO_INPUT = {address: why for topic in TOPICS for address, why in getattr(topic, "NO_INPUT", {}).items()}
TABLE: dict[str, list[Bad]] = defaultdict(list)
for row in ROWS:
    TABLE[row.address.split("?")[0]].append(row)


def fill(value: Any, things: dict[str, Any]) -> Any:
    """Put the world's own things in the place of their names."""
    if isinstance(value, list):
        return [fill(one, things) for one in value]
    return re.sub(r"{(\w+)}", lambda found: str(things.get(found[1], found[0])), value)


def send(visitor: Visitor, row: Bad, things: dict[str, Any], language: str) -> TestResponse:
    method, path = fill(row.address, things).split(" ", 1)
    headers = {"Accept-Language": language, **dict(row.headers)}
    if isinstance(row.wrong, bytes):
        return visitor.open(path, method=method, data=row.wrong, headers=headers)
    form = {**GOOD.get(row.address, {}), **row.wrong}
    data = {name: fill(value, things) for name, value in form.items()} if method == "POST" else None
    return visitor.open(path, method=method, data=data, headers=headers)


def said(answer: TestResponse) -> str:
    """Return what people read, or what a machine shows them."""
    return str(answer.json["title"]) if answer.is_json else html.unescape(answer.get_data(as_text=True))


def values(body: str) -> set[str]:
    """Collect what the page's forms hold."""
    return {value.strip() for form in Forms(body).found for held in form.fields.values() for value in held}


def test_every_form_stands_in_the_table(app: Flask) -> None:
    """A new POST route needs rows, or a reason why it reads nothing."""
    posts = [rule.rule for rule in app.url_map.iter_rules() if "POST" in rule.methods]
    routes = {"POST " + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", path) for path in posts}
    assert routes - TABLE.keys() - NO_INPUT.keys() == set()
    assert NO_INPUT.keys() - routes == set()
    assert NO_INPUT.keys() & TABLE.keys() == set()


@pytest.mark.parametrize("address", TABLE)
def test_bad_input(app: Flask, address: str) -> None:
    things = build_world(db.session)
    visitors = clients(app, things)
    for row in TABLE[address]:
        if row.after:
            assert visitors[row.role].post(row.after[0], data=row.after[1]).status_code == 303
    before = fingerprint(db.session)
    for row in TABLE[address]:
        for language, sentence in (("en", row.english), ("zh-CN", row.chinese)):
            answer = send(visitors[row.role], row, things["A"], language)
            body = said(answer)
            assert answer.status_code == row.status, f"{row}: {answer.status_code}"
            assert sentence in body, f"{row}: {sentence!r} is not said"
            assert "<script>alert" not in answer.get_data(as_text=True), row
            if row.kept:
                check_kept(row, answer.get_data(as_text=True))
    assert changed(before) == set()


def check_kept(row: Bad, body: str) -> None:
    """What was typed is still in the form."""
    assert isinstance(row.wrong, dict)
    held = values(body)
    for name, typed in row.wrong.items():
        if name not in ("version", "wheelchair", "category", "hours_kind", "weekdays", "validity"):
            assert not typed or typed in held, f"{row}: {name} lost what was typed"
    for name in ("title", "name", "price"):
        wanted = {**GOOD[row.address], **row.wrong}.get(name)
        assert not wanted or wanted in held, f"{row}: {name} is lost"


FULL = {
    "POST /console/{shop}/offers": (
        "owner",
        {"price": "38", "contents-0-alone": "25", "contents-0-quantity": "2", "valid_days": "30", "uses": "1",
         "total_cap": "100", "per_person": "2"},
    ),
    "POST /console/{shop}/shop": ("owner", {"lat": "39.99", "lng": "116.33"}),
    "POST /offers/{offer_id}/orders": ("guest", {"quantity": "2"}),
    "POST /till/redemptions": ("staff", {"quantity": "1", "code": "{code}"}),
}  # fmt: skip


@pytest.mark.parametrize("address", FULL)
def test_full_width_digits_are_digits(app: Flask, address: str) -> None:
    """A Chinese keyboard types them; they mean the same."""
    things = build_world(db.session)
    visitors = clients(app, things)
    things["A"]["code"] = fresh_code(things["A"])
    role, numbers = FULL[address]
    wrong = {name: fill(text, things["A"]).translate(FULL_WIDTH) for name, text in numbers.items()}
    answer = send(visitors[role], Bad(role, address, wrong, 303, "", ""), things["A"], "zh-CN")
    assert answer.status_code == 303, answer.get_data(as_text=True)


def test_what_nobody_can_see_is_left_out(app: Flask) -> None:
    """Both databases keep the same text of one that holds control characters or turns the reading direction."""
    things = build_world(db.session)
    owner = clients(app, things)["owner"]
    hidden = {"name": "Sh\x00op\u202e \x1bB", "about": "one\r\ntwo 👩‍🍳"}
    row = Bad("owner", "POST /console/{shop}/shop", hidden, 303, "", "")
    assert send(owner, row, things["A"], "en").status_code == 303
    shop = db.session.get_one(Shop, things["A"]["shop"])
    assert (shop.name, shop.about) == ("Shop B", "one\r\ntwo 👩‍🍳")


def fresh_code(things: dict[str, Any]) -> str:
    from o2o.kernel.db import begin_write
    from o2o.offers.models import Terms
    from o2o.orders import queries
    from tests.factories import make_paid_order

    begin_write()
    terms = db.session.query(Terms).filter_by(offer_id=things["offer_id"]).one()
    order = make_paid_order(db.session, terms, "guest", key="one more")
    code = queries.passes_of(db.session, order.id)[0].short_code
    db.session.commit()
    return code


FILES: list[tuple[str, bytes, str]] = [
    ("town.zip", b"x", "extension"),
    ("town.osm", b"", "empty"),
    ("town.osm", b"<html></html>", "not_osm"),
    ("town.osm.pbf", b"\x89PNG\r\n", "not_osm"),
    ("town.osm", b'<osm version="0.6"><node id="1"', "damaged"),
    ("town.osm.gz", gzip.compress(b'<osm version="0.6"></osm>')[:-8], "damaged"),
    ("town.osm", b'<osm version="0.6"></osm>', "nothing"),
    ("town.geojson", b'{"type": "Topology"}', "not_collection"),
    ("town.geojson", b'{"type": "FeatureCollection", "features": [{"type": "Feature", "id": "node/1", '
     b'"properties": {"shop": "bakery"}, "geometry": {"type": "Point", "coordinates": [2776000, 8438000]}}]}',
     "coordinates"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "code"), FILES, ids=[code for _, _, code in FILES])
def test_a_bad_file(app: Flask, tmp_path: Any, name: str, content: bytes, code: str) -> None:
    """The importer names the fault in English on the shell, and changes nothing."""
    before = fingerprint(db.session)
    (tmp_path / name).write_bytes(content)
    refused = app.test_cli_runner().invoke(args=["import-osm", str(tmp_path / name)])
    assert refused.exit_code == 1
    assert f"Error: {REFUSALS[code]} Nothing was changed." in refused.output
    assert changed(before) == set()


def test_missing_and_too_large_files(app: Flask, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    run = app.test_cli_runner().invoke
    assert REFUSALS["unreadable"] in run(args=["import-osm", str(tmp_path / "nowhere.osm")]).output
    (tmp_path / "town.osm").touch()
    with (tmp_path / "town.osm").open("wb") as file:
        file.truncate(300_000_001)
    refused = run(args=["import-osm", str(tmp_path / "town.osm")])
    assert (refused.exit_code, REFUSALS["too_large"] % {"limit": 300} in refused.output) == (1, True)


def test_the_importers_sentences_are_chinese_too() -> None:
    tried = {code for _, _, code in FILES} | {"unreadable", "too_large"}
    assert tried == set(REFUSALS)
    chinese = catalogue("zh_Hans")
    for sentence in REFUSALS.values():
        assert re.search("[一-鿿]", chinese.get(sentence).string), sentence


def test_hostile_text_is_in_the_table() -> None:
    assert sum(HOSTILE in row.wrong.values() for row in ROWS if isinstance(row.wrong, dict)) >= 5
