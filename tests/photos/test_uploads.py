"""The way in: who may send files, how much, and that nothing of a refused one stays."""

import os
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from o2o.kernel import uploads
from o2o.kernel.db import begin_write, db
from o2o.photos import header
from o2o.photos.models import Photo
from o2o.reports.models import Report
from tests import factories
from tests.photos import pictures
from tests.photos.pictures import scene, written
from tests.visitor import Visitor

MEGABYTE = 1024 * 1024
JPEG = written(scene())


@pytest.fixture
def shop(app: Flask) -> int:
    begin_write()
    number = factories.make_shop(db.session).id
    db.session.commit()
    return number


@pytest.fixture
def guest(client: FlaskClient) -> Visitor:
    assert isinstance(client, Visitor)
    client.sign_in("guest")
    return client


@pytest.fixture(autouse=True)
def own_temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def files(app: Flask, temp: Path) -> set[str]:
    """List every file of the data folder (but for the database's own) and of the temporary one."""
    found = [*app.config["O2O"].data_dir.rglob("*"), *temp.rglob("*")]
    return {str(path) for path in found if path.is_file() and not path.name.startswith("o2o.db")}


def send(visitor: Visitor, shop: int, *photos: tuple[bytes, str], **more: Any) -> Any:
    data = {"shop": shop, "key": "k", "reason": "bribe", "text": "They asked for five stars", **more}
    data["photos"] = [(BytesIO(content), name) for content, name in photos]
    return visitor.post("/reports", data=data, content_type="multipart/form-data")


REFUSED = {
    "gif": (pictures.GIF, 415, header.GIF),
    "svg": (pictures.SVG, 415, header.SVG),
    "heic": (pictures.HEIC, 415, "This is a HEIC photo, which not everybody can see."),
    "html called jpg": (b"<script>alert(1)</script>", 415, header.KINDS),
    "empty": (b"", 422, header.EMPTY),
    "bomb": (pictures.png_bomb(), 422, "more than 24 million pixels"),
    "truncated": (JPEG[: len(JPEG) // 2], 422, header.BROKEN),
    "seven megabytes": (JPEG + b"\0" * 7 * MEGABYTE, 413, "larger than 6 MB"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_nothing_of_a_refused_file_stays(
    app: Flask, guest: Visitor, shop: int, own_temp: Path, name: str
) -> None:
    content, status, sentence = REFUSED[name]
    before = files(app, own_temp)
    answer = send(guest, shop, (content, "photo.jpg"))
    body = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert sentence in body
    assert "They asked for five stars" in body
    assert files(app, own_temp) == before
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 0
    assert db.session.scalar(select(func.count()).select_from(Report)) == 0


def test_the_name_and_the_declared_type_mean_nothing(guest: Visitor, shop: int) -> None:
    sent = written(scene(), "PNG")
    assert send(guest, shop, (sent, "../../../evil.html")).status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Photo)) == 1


def test_too_many(guest: Visitor, shop: int) -> None:
    answer = send(guest, shop, (JPEG, "a.jpg"), (JPEG, "b.jpg"))
    body = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Send at most 1 photo" in body
    assert "They asked for five stars" in body


def test_no_photo_is_fine(guest: Visitor, shop: int) -> None:
    assert send(guest, shop, (b"", "")).status_code == 303


class Watched(BytesIO):
    """A body that notes how much of it is read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.taken = 0

    def read(self, size: int | None = -1) -> bytes:
        content = super().read(size)
        self.taken += len(content)
        return content

    def readinto(self, buffer: Any) -> int:
        count = super().readinto(buffer)
        self.taken += count
        return count


def body_of(content: bytes, shop: int) -> tuple[bytes, str]:
    lines = [
        b"--x\r\nContent-Disposition: form-data; name=shop\r\n\r\n" + str(shop).encode(),
        b"--x\r\nContent-Disposition: form-data; name=key\r\n\r\nk",
        b"--x\r\nContent-Disposition: form-data; name=photos; filename=a.jpg\r\nContent-Type: image/jpeg\r\n\r\n"
        + content,
        b"--x--\r\n",
    ]
    return b"\r\n".join(lines), "multipart/form-data; boundary=x"


def post(visitor: Visitor, body: Watched, kind: str, length: int | None) -> Any:
    return visitor.post("/reports", input_stream=body, content_type=kind, content_length=length)


def test_forty_megabytes_are_refused_unread(app: Flask, guest: Visitor, shop: int, own_temp: Path) -> None:
    content, kind = body_of(b"\xff\xd8\xff" + b"\0" * 40 * MEGABYTE, shop)
    before, body = files(app, own_temp), Watched(content)
    for language, sentence in (("en", "That is too large to send."), ("zh-CN", "内容太大，无法提交。")):
        answer = guest.post(
            "/reports", input_stream=body, content_type=kind, content_length=len(content),
            headers={"Accept-Language": language},
        )  # fmt: skip
        assert answer.status_code == 413
        assert sentence in answer.get_data(as_text=True)
    assert body.taken == 0
    assert files(app, own_temp) == before


def test_who_is_not_signed_in_is_not_read(client: FlaskClient, shop: int) -> None:
    for content in (b"\0" * 40 * MEGABYTE, JPEG):
        whole, kind = body_of(content, shop)
        body = Watched(whole)
        answer = post(client, body, kind, len(whole))
        assert answer.location.startswith("/sign-in")
        assert body.taken == 0


def test_elsewhere_files_stay_as_small_as_forms(guest: Visitor, shop: int) -> None:
    content, kind = body_of(JPEG + b"\0" * MEGABYTE, shop)
    body = Watched(content)
    answer = guest.post("/me/erase", input_stream=body, content_type=kind, content_length=len(content))
    assert answer.status_code == 413
    assert body.taken == 0


@pytest.mark.parametrize(
    "content",
    [
        b"no multipart at all",
        b"--x\r\nContent-Disposition: form-data; name=shop\r\n\r\n1",
        b"--x\r\n\r\n",
        b"",
    ],
)
def test_a_damaged_form_is_said_to_be_one(guest: Visitor, content: bytes) -> None:
    for kind in ("multipart/form-data; boundary=x", "multipart/form-data"):
        answer = guest.post(
            "/reports", input_stream=BytesIO(content), content_type=kind, content_length=len(content)
        )
        assert answer.status_code in (400, 404), answer.status_code


def test_a_body_that_stops_is_refused(guest: Visitor, shop: int) -> None:
    content, kind = body_of(JPEG, shop)
    answer = post(guest, Watched(content[:-200]), kind, len(content))
    assert answer.status_code == 400


def test_a_large_part_is_dropped_while_it_comes() -> None:
    part = uploads.Part(MEGABYTE)
    for _ in range(40):
        part.write(b"\0" * MEGABYTE)
    assert part.is_too_large
    assert part.seek(0, os.SEEK_END) == 0


def test_a_full_disk_on_the_way_in_is_busy(
    guest: Visitor, shop: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Any, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "write", full)
    answer = send(guest, shop, (JPEG, "a.jpg"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


@pytest.fixture(autouse=True)
def nothing_open(app: Flask) -> Iterator[None]:
    yield
    db.session.rollback()
