"""The map's addresses: a script kept for ever, tiles of the town."""

import re
from typing import Any

from flask import Flask

from o2o.basemap import rules
from o2o.kernel.db import begin_write, db
from o2o.kernel.geo import tile_of
from tests.factories import LAT, LNG, make_town


def test_a_map_script_is_folium_and_kept_for_ever(app: Flask, client: Any) -> None:
    begin_write()
    make_town(db.session)
    db.session.commit()
    address = re.search(r'data-map-script="([^"]+)"', client.get("/").text)[1]
    answer = client.get(address)
    assert answer.mimetype == "text/javascript"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "L.map(" in answer.text
    assert "L.tileLayer(" in answer.text
    assert "http" not in answer.text.replace("https://www.openstreetmap.org/copyright", "")
    assert client.get("/map/000000000000.js").status_code == 404


def test_tiles_of_the_town(app: Flask, client: Any) -> None:
    begin_write()
    make_town(db.session)
    street = rules.shape("way/1", "primary", "成府路", [[(LAT, LNG - 0.01), (LAT, LNG + 0.01)]])
    rules.draw_map(db.session, plan=rules.plan_map(db.session, shapes=[street], box=None), has_osm=True)
    db.session.commit()
    for z in (12, 15, 19):
        x, y = tile_of(LAT, LNG, z)
        answer = client.get(f"/tiles/{z}/{x}/{y}.svg")
        assert answer.mimetype == "image/svg+xml"
        assert answer.headers["Cache-Control"] == "public, max-age=86400"
        assert b"stroke=" in answer.data
        again = client.get(f"/tiles/{z}/{x}/{y}.svg", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        assert not again.data
    for bad in (
        "9/1/1",
        "20/1/1",
        "15/32768/1",
        "15/1/32768",
        "15/-1/1",
        "15/1/a",
        "99999999999999999999/1/1",
    ):
        assert client.get(f"/tiles/{bad}.svg").status_code == 404, bad
