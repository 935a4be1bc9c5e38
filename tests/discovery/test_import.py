"""A real town comes in whole, twice without a change, and a bad file not at all."""

import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from o2o.basemap.models import Feature
from o2o.kernel.db import Base, begin_write, db
from o2o.shops.models import Shop, Town
from o2o.vocabulary.models import ShopTerm
from tests.factories import make_town
from tests.osm.test_real_towns import listed_tags, metres, named_in_pbf, named_in_xml

CAFE = {"amenity": "cafe", "name": "小满咖啡"}


def collection(*places: tuple[str, float, float, dict[str, str]]) -> str:
    """Write places as the GeoJSON that tools export."""
    features = [
        {
            "type": "Feature",
            "id": osm_id,
            "properties": tags,
            "geometry": {"type": "Point", "coordinates": [lng, lat]},
        }
        for osm_id, lat, lng, tags in places
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


def run(app: Flask, *arguments: object) -> Any:
    """Run the command as a person would."""
    db.session.rollback()
    result = app.test_cli_runner().invoke(args=["import-osm", *map(str, arguments)])
    db.session.rollback()
    return result


def everything() -> dict[str, list[Any]]:
    """Copy every row of every table."""
    with db.engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in Base.metadata.sorted_tables
            # That it was imported again is an act, and changes nothing.
            if table.name != "act"
        }


@pytest.fixture
def town(app: Flask, tmp_path: Path) -> Path:
    """Import three shops and give their file."""
    path = tmp_path / "corner.geojson"
    path.write_text(
        collection(
            ("node/1", 39.99, 116.33, CAFE),
            (
                "node/2",
                39.991,
                116.331,
                {"shop": "books", "name": "晨光书店", "opening_hours": "Mo-Su 09:00-21:00"},
            ),
            ("node/3", 39.992, 116.332, {"amenity": "bank", "name": "Bank"}),
        )
    )
    result = run(app, path)
    assert result.exit_code == 0, result.output
    return path


@pytest.mark.parametrize("name", ["wudaokou.osm.gz", "xizhimen.osm.gz", "helsinki.osm.pbf"])
def test_a_real_town_comes_in_whole(app: Flask, client: Any, shared: Path, name: str) -> None:
    path = shared / "osm" / name
    first = run(app, path)
    assert first.exit_code == 0, first.output
    answer = client.get("/shops.geojson").get_json()
    assert "OpenStreetMap contributors" in answer["attribution"]
    here = [
        (f["properties"]["name"], f["properties"]["category"], f["geometry"]["coordinates"][::-1])
        for f in answer["features"]
    ]
    wanted = (named_in_pbf if name.endswith("pbf") else named_in_xml)(path)
    missing = []
    for tags, middle in wanted.values():
        kinds = {*listed_tags(tags), *(tag.split("/")[0] for tag in listed_tags(tags))}
        names = {tags[key] for key in tags if key == "name" or key.startswith("name:")}
        if not any(n in names and kind in kinds and metres(spot, middle) <= 40 for n, kind, spot in here):
            missing.append(tags)
    assert len(missing) <= 0.02 * len(wanted), missing
    before = everything()
    second = run(app, path)
    assert second.exit_code == 0, second.output
    assert everything() == before
    assert "0  added" in second.output


@pytest.mark.parametrize(
    ("name", "searches"),
    [
        ("wudaokou.osm.gz", {"咖啡": "amenity/cafe", "麦当": "amenity/fast_food", "cafe": "amenity/cafe"}),
        ("helsinki.osm.pbf", {"kahvila": "amenity/cafe", "cafe": "amenity/cafe", "咖啡": "amenity/cafe"}),
    ],
)
def test_words_find_what_they_should(
    app: Flask, client: Any, shared: Path, name: str, searches: dict[str, str]
) -> None:
    assert run(app, shared / "osm" / name).exit_code == 0
    for word, category in searches.items():
        answer = client.get("/shops.geojson", query_string={"q": word}).get_json()
        kinds = [feature["properties"]["category"] for feature in answer["features"]]
        every = client.get("/shops.geojson", query_string={"category": category}).get_json()["features"]
        assert kinds.count(category) >= (1 if word == "麦当" else 0.95 * len(every)), word


def test_zone_country_and_money_come_from_the_place(app: Flask, town: Path) -> None:
    row = db.session.get_one(Town, 1)
    assert (row.timezone, row.country, row.currency, row.name_en) == ("Asia/Shanghai", "CN", "CNY", "Corner")
    assert (row.lat, row.lng) == (39.991, 116.331)
    assert row.has_osm


def test_options_stand_above_the_place(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "a.geojson"
    path.write_text(collection(("node/1", 39.99, 116.33, CAFE)))
    options = ("--timezone", "Asia/Urumqi", "--country", "HK", "--currency", "HKD", "--centre", "39.9,116.3")
    assert run(app, path, "--name-zh", "五道口", *options).exit_code == 0
    row = db.session.get_one(Town, 1)
    assert (row.timezone, row.country, row.currency, row.name_zh) == ("Asia/Urumqi", "HK", "HKD", "五道口")
    assert (row.lat, row.lng) == (39.9, 116.3)
    assert "stays" in run(app, path, "--currency", "CNY").output


def test_a_new_file_adds_updates_and_takes_away(app: Flask, town: Path) -> None:
    begin_write()
    kept = db.session.scalars(select(Shop).where(Shop.osm_id == "node/2")).one()
    kept.status, kept.phone = "claimed", "010 1234"
    db.session.commit()
    town.write_text(
        collection(
            ("node/1", 39.99, 116.33, {**CAFE, "name": "大满咖啡"}),
            ("node/2", 39.991, 116.331, {"shop": "books", "name": "Other", "phone": "999"}),
            ("node/4", 39.9925, 116.3325, {"shop": "bakery", "name": "面包"}),
            ("node/5", 39.98, 116.32, {"shop": "bakery", "name": "西街面包"}),
        )
    )
    said = run(app, town).output
    for line in ("2  added", "1  updated", "1  kept as their owners have them", "1  gone"):
        assert line in said, said
    shops = {row.osm_id: row for row in db.session.scalars(select(Shop))}
    assert shops["node/1"].name == "大满咖啡"
    assert (shops["node/2"].name, shops["node/2"].phone) == ("晨光书店", "010 1234")
    assert shops["node/3"].status == "gone"
    terms = select(func.count()).select_from(ShopTerm)
    assert db.session.scalar(terms.where(ShopTerm.shop_id == shops["node/3"].id)) == 0
    assert (
        db.session.scalar(terms.where(ShopTerm.shop_id == shops["node/1"].id, ShopTerm.term == "大满")) == 1
    )
    assert "0  added" in run(app, town).output


def test_what_comes_back_is_there_again(app: Flask, town: Path) -> None:
    whole = town.read_text()
    far = ("node/9", 39.994, 116.334, {"shop": "tea", "name": "茶"})
    town.write_text(collection(("node/1", 39.99, 116.33, CAFE), far))
    run(app, town)
    town.write_text(whole)
    run(app, town)
    rows = db.session.execute(select(Shop.osm_id, Shop.status)).all()
    assert {row.osm_id for row in rows if row.status == "unclaimed"} >= {"node/1", "node/2", "node/3"}


def test_streets_follow_the_file(app: Flask, shared: Path, tmp_path: Path) -> None:
    path = tmp_path / "town.osm"
    text = gzip.decompress((shared / "osm/wudaokou.osm.gz").read_bytes()).decode()
    path.write_text(text)
    run(app, path)
    streets = db.session.scalar(select(func.count()).select_from(Feature).where(~Feature.kind.contains("@")))
    version = db.session.get_one(Town, 1).map_version
    path.write_text(text.replace('k="highway" v="primary"', 'k="highway" v="residential"'))
    assert "drawn anew" in run(app, path).output
    now = db.session.scalar(select(func.count()).select_from(Feature).where(~Feature.kind.contains("@")))
    assert now == streets
    assert db.session.get_one(Town, 1).map_version > version


BAD = {
    "missing.osm": (None, "cannot be opened"),
    "empty.osm": (b"", "is empty"),
    "page.osm": (b"<html></html>", "not an OpenStreetMap file"),
    "cut.osm": (b"<?xml version='1.0'?><osm version='0.6'><node id='1'", "damaged or cut short"),
    "cut.osm.gz": (gzip.compress(b"<osm>" * 500)[:30], "damaged or cut short"),
    "noise.osm.pbf": (b"\x00\x01\x02\x03" * 50, "not an OpenStreetMap file"),
    "list.geojson": (b"[]", "not a FeatureCollection"),
    "photo.png": (b"\x89PNG", "Only .osm"),
    "void.geojson": (b'{"type":"FeatureCollection","features":[]}', "no shop and no street"),
    "mars.geojson": (collection(("node/1", 139.0, 500.0, CAFE)).encode(), "not on Earth"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_changes_nothing(app: Flask, town: Path, tmp_path: Path, name: str) -> None:
    content, sentence = BAD[name]
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    before = everything()
    result = run(app, town, path)
    assert result.exit_code == 1
    assert sentence in result.output
    assert "Nothing was changed" in result.output
    assert "Traceback" not in result.output
    assert everything() == before


def test_another_towns_file_is_refused(app: Flask, town: Path, tmp_path: Path) -> None:
    path = tmp_path / "far.geojson"
    path.write_text(collection(("node/1", 60.17, 24.94, CAFE)))
    before = everything()
    result = run(app, path)
    assert result.exit_code == 1
    assert "another place" in result.output
    assert everything() == before


def test_a_demo_town_is_refused(app: Flask, tmp_path: Path) -> None:
    begin_write()
    make_town(db.session, is_demo=True)
    db.session.commit()
    path = tmp_path / "a.geojson"
    path.write_text(collection(("node/1", 39.99, 116.33, CAFE)))
    before = everything()
    result = run(app, path)
    assert result.exit_code == 1
    assert "demo town" in result.output
    assert everything() == before


def test_a_failure_while_writing_changes_nothing(
    app: Flask, town: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from o2o.discovery import rules

    def fail(*_args: object, **_more: object) -> None:
        raise OSError("no space left on device")

    shutil.copy(town, town.with_name("more.geojson"))
    town.write_text(collection(("node/7", 39.99, 116.33, CAFE)))
    before = everything()
    monkeypatch.setattr(rules, "reindex", fail)
    assert run(app, town).exit_code == 1
    assert everything() == before
