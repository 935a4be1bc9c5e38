"""A picture's address: its headers, and who is answered."""

from io import BytesIO

import pytest
from flask.testing import FlaskClient
from PIL import Image

from o2o.kernel.db import begin_write, db
from o2o.photos import folder
from tests.reports.town import Place, settle


@pytest.fixture
def place(client: FlaskClient) -> Place:
    return settle()


@pytest.mark.parametrize("size", ["l", "s"])
def test_a_shown_picture(client: FlaskClient, place: Place, size: str) -> None:
    answer = client.get(f"/photos/{place.photo}-{size}.webp")
    assert Image.open(BytesIO(answer.data)).format == "WEBP"
    headers = answer.headers
    assert headers["Content-Type"] == "image/webp"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == f'inline; filename="{place.photo}-{size}.webp"'
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "immutable" in headers["Cache-Control"]
    assert "max-age=31536000" in headers["Cache-Control"]
    again = client.get(answer.request.path, headers={"If-None-Match": headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_what_is_not_there(client: FlaskClient, place: Place) -> None:
    for address in ("0" * 16 + "-l.webp", f"{place.photo}-x.webp", f"{place.photo}.webp", f"{place.photo}-l.jpg",
                    "..%2f..%2fo2o.db-l.webp", f"{place.photo}\x00-l.webp", "é-l.webp"):  # fmt: skip
        assert client.get(f"/photos/{address}").status_code == 404, address
    folder.remove(folder.home(db.session), place.photo)
    assert client.get(f"/photos/{place.photo}-l.webp").status_code == 404


def test_the_files_of_an_erased_person_are_gone(client: FlaskClient, place: Place) -> None:
    client.sign_in("writer")
    assert client.get(f"/photos/{place.photo}-l.webp").status_code == 200
    assert client.post("/me/erase", data={"sure": "y"}).status_code == 303
    assert client.get(f"/photos/{place.photo}-l.webp").status_code == 404
    assert not list(folder.home(db.session).glob(f"*/{place.photo}*"))
    client.sign_in("operator")
    assert client.get(f"/photos/{place.photo}-l.webp").status_code == 404


def test_a_hidden_reviews_picture_is_for_the_operator_until_it_is_shown_again(
    client: FlaskClient, place: Place
) -> None:
    from o2o.reviews import rules as reviews

    address = f"/photos/{place.photo}-l.webp"
    begin_write()
    reviews.hide(db.session, review_id=place.review, why="Names a neighbour")
    db.session.commit()
    assert client.get(address).status_code == 404
    begin_write()
    reviews.show(db.session, review_id=place.review)
    db.session.commit()
    assert client.get(address).status_code == 200
