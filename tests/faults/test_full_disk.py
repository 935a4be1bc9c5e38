"""F3: a disk that takes nothing more, or fails: pages are read, changes wait, and nothing is half-written."""

import resource
import tempfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from o2o.kernel import checks
from o2o.kernel.db import begin_write, db
from o2o.orders.models import Order
from o2o.photos.models import Photo
from tests.factories import make_shop
from tests.faults.serving import Caller, serving
from tests.orders.buying import count, order, sell, state, to_bank
from tests.photos.pictures import scene, written
from tests.visitor import Visitor

BUSY = {
    "en": "The town is very busy right now. Nothing was lost: please try again in a moment.",
    "zh-CN": "现在太忙了，什么都没有丢，请稍后再试。",
}


@pytest.fixture
def fill(app: Flask) -> Iterator[Callable[[bool], None]]:
    """Give a switch that lets SQLite's file grow no further, as a full disk does."""
    full = [False]

    def connect(connection: Any, record: Any) -> None:
        if full[0]:
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")

    def switch(on: bool) -> None:
        full[0] = on
        db.session.rollback()
        db.engine.dispose()

    event.listen(db.engine, "connect", connect)
    yield switch
    event.remove(db.engine, "connect", connect)
    switch(False)


@pytest.mark.sqlite_only("PostgreSQL's disk is its own server's; its error is of the same class")
@pytest.mark.parametrize("language", BUSY)
def test_a_full_disk_is_said_kindly_and_heals(
    client: Visitor, fill: Callable[[bool], None], language: str
) -> None:
    client.sign_in("guest")
    offer_id = sell()
    first = order(client, offer_id)
    fill(True)
    said = {"Accept-Language": language}
    # Pages that exist have room for some rows more: go on until the file must grow.
    keys, answers = [f"key-{number}" for number in range(200)], []
    for key in keys:
        form = {"quantity": 1, "idempotency_key": key}
        answers.append(client.post(f"/offers/{offer_id}/orders", data=form, headers=said))
        if answers[-1].status_code != 303:
            break
    refused = answers[-1]
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "5")
    assert BUSY[language] in refused.get_data(as_text=True)
    assert count(Order) == len(answers)
    assert client.get(first).status_code == 200
    assert checks.broken(db.session) == []
    fill(False)
    form = {"quantity": 1, "idempotency_key": keys[len(answers) - 1]}
    assert client.post(f"/offers/{offer_id}/orders", data=form).status_code == 303
    assert count(Order) == len(answers) + 1
    client.post(to_bank(client, first), data={"answer": "approve"})
    assert client.get(first).status_code == 303
    assert state(first) == "paid"


@pytest.mark.sqlite_only("PostgreSQL's disk is its own server's; its error is of the same class")
def test_a_disk_that_fails_under_the_server_heals(app: Flask, tmp_path: Path) -> None:
    """EIO: the system refuses every byte that SQLite writes, in the middle of serving."""
    offer_id = sell()
    with serving(app, tmp_path) as server:
        guest = Caller(server.port, "zh-CN")
        guest.sign_in("guest")
        [worker] = server.workers()
        before = resource.prlimit(worker, resource.RLIMIT_FSIZE)
        resource.prlimit(worker, resource.RLIMIT_FSIZE, (0, before[1]))
        form = {"quantity": 1, "idempotency_key": "k"}
        refused = guest.post(f"/offers/{offer_id}/orders", **form)
        assert (refused.status, refused.headers["retry-after"]) == (503, "5")
        assert BUSY["zh-CN"] in refused.text
        assert guest.get(f"/offers/{offer_id}").status == 200
        assert count(Order) == 0
        resource.prlimit(worker, resource.RLIMIT_FSIZE, before)
        assert guest.post(f"/offers/{offer_id}/orders", **form).status == 303
        assert count(Order) == 1
    assert checks.broken(db.session) == []


def test_a_folder_of_photos_that_takes_nothing_refuses_the_photo_only(
    app: Flask, client: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something else stands where the folder should be: root may write everywhere, but not into a file."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    begin_write()
    shop_id = make_shop(db.session).id
    db.session.commit()
    client.sign_in("guest")
    photos = app.config["O2O"].data_dir / "photos"
    aside = photos.with_name("photos.aside")
    if photos.exists():
        photos.rename(aside)
    photos.write_text("no folder")
    form = {"shop": shop_id, "key": "k", "reason": "bribe", "text": "They asked for five stars"}

    def send(key: str, *sent: bytes) -> Any:
        pictures = [(BytesIO(content), "photo.jpg") for content in sent]
        data = {**form, "key": key, "photos": pictures}
        return client.post("/reports", data=data, content_type="multipart/form-data")

    try:
        refused = send("k", written(scene()))
        assert refused.status_code == 503
        assert "There is no room for photos right now." in refused.get_data(as_text=True)
        assert "They asked for five stars" in refused.get_data(as_text=True)
        assert db.session.scalar(select(func.count()).select_from(Photo)) == 0
    finally:
        photos.unlink()
        if aside.exists():
            aside.rename(photos)
    assert send("k", written(scene())).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 1
    assert checks.broken(db.session) == []
