"""Share pictures: what they say, that they never show boxes, what they weigh, and the map's credit."""

import io
import time
from itertools import pairwise
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from o2o.kernel.db import begin_write, db
from o2o.sharing import lettering, outline, picture
from o2o.sharing import views as pictures
from o2o.sharing.picture import CREDIT, HEIGHT, WIDTH, About, draw, scene
from o2o.shops.models import Shop
from tests import factories

CHINESE = {"Accept-Language": "zh-CN"}
NO_FONT = "/nowhere/font.ttf"
ABOUT = About(
    names=("椿记桂花酒酿手作甜品铺（华联店）", "Chun Ji Sweets"),
    kind="甜品店",
    prices=("¥38", "CNY 38"),
    place="五道口",
    site="五道口",
    symbol="sweets",
    group="sweet",
    variant=0,
    has_osm=True,
)
LONG = "Kahvila & Leipomo Kaivopuiston Merenranta-Aurinkoterassi ja Konditoria Helsinki Oy Ab " * 2


def size_of(body: bytes) -> tuple[int, int]:
    image = Image.open(io.BytesIO(body))
    image.load()
    assert image.format == "PNG"
    return image.size


def test_it_says_everything_there_is_to_say() -> None:
    said = "".join(scene(ABOUT).texts)
    for word in ("椿记桂花酒酿手作甜品铺", "甜品店", "¥38", "五道口", CREDIT):
        assert word in said
    assert size_of(draw(scene(ABOUT))) == (WIDTH, HEIGHT) == (1200, 630)


def test_without_a_chinese_font_no_chinese_word_is_drawn() -> None:
    bare = scene(ABOUT, NO_FONT)
    assert bare.texts == ("Chun Ji Sweets", "CNY 38", CREDIT)
    assert all(line.plain or not lettering.faces(NO_FONT) for line in bare.lines)
    assert size_of(draw(bare, NO_FONT)) == (WIDTH, HEIGHT)
    only_chinese = ABOUT._replace(names=("小满咖啡",), prices=())
    assert scene(only_chinese, NO_FONT).texts == (CREDIT,)


@pytest.mark.parametrize("setting", ["", NO_FONT])
@pytest.mark.parametrize(
    "text",
    [
        "小满 😀 Café",
        "ร้านกาแฟ",
        "مقهى",
        "☕",
        "",
        "  ",
        "\uffff",
        "a\u200db",
        "𠮷野家",
        "\U0001f468\u200d\U0001f373",
    ],
)
def test_every_letter_that_is_drawn_has_a_glyph(setting: str, text: str) -> None:
    for line in scene(ABOUT._replace(names=(text,)), setting).lines:
        assert all(lettering.has(setting, letter, plain=line.plain) for letter in line.text), line


def test_a_font_tells_what_it_lacks() -> None:
    assert lettering.has(NO_FONT, "A", plain=False)
    assert not lettering.has(NO_FONT, "咖", plain=False)
    assert lettering.faces("") is not None, "the machine of the tests has fonts-noto-cjk"
    assert lettering.has("", "咖", plain=False)


def test_long_names_end_inside_the_picture() -> None:
    for name in (LONG, "长" * 120, "A" * 120, "A", "长 A" * 40):
        given = scene(
            ABOUT._replace(names=(name,), place="街" * 200, kind="类" * 99, prices=("¥" + "9" * 30,))
        )
        for line in given.lines:
            chosen = lettering.font("", line.size, bold=line.bold, plain=line.plain)
            assert line.x + chosen.getlength(line.text) <= WIDTH - 40, line
            assert 0 <= line.y <= HEIGHT - line.size, line
        for above, below in pairwise(given.lines):
            assert below.y - above.y >= above.size, (above, below)


def test_the_credit_stands_exactly_when_the_data_is_theirs() -> None:
    assert CREDIT in scene(ABOUT).texts
    assert CREDIT in scene(ABOUT, NO_FONT).texts
    assert CREDIT not in scene(ABOUT._replace(has_osm=False)).texts


def test_every_category_has_its_drawing_and_colour(app: Flask) -> None:
    table = pictures.places(app.jinja_env)
    empty = outline.mask("no such symbol", 60).tobytes()
    for symbol, group in set(table.values()):
        assert outline.mask(symbol, 60).tobytes() != empty, symbol
        assert len(set(picture.colours(group))) == 3
    assert len({picture.colours(group) for _symbol, group in table.values()}) > 10


def test_a_hole_in_an_icon_stays_a_hole() -> None:
    ring = "M0 0h15v15H0zM5 5v5h5V5z"
    filled = outline.filled(ring, 2, 30)
    assert [filled.getpixel(spot) for spot in ((2, 2), (15, 15))] == [255, 0]
    overlap = "M0 0h10v15H0zM5 0h10v15H5z"
    assert outline.filled(overlap, 2, 30).getpixel((15, 15)) == 255
    disc = outline.filled("M7.5 0a7.5 7.5 0 117.5 7.5A7.5 7.5 0 017.5 0z", 2, 30)
    assert disc.getpixel((0, 0)) == 0


def test_oklch_is_what_browsers_make_of_it() -> None:
    # The three corners of sRGB as CSS Color 4 gives them.
    assert picture.oklch(0.627955, 0.257683, 29.2339) == "#ff0000"
    assert picture.oklch(1, 0, 0) == "#ffffff"
    assert picture.oklch(0, 0, 0) == "#000000"


def test_shops_and_offers_have_theirs(
    client: FlaskClient, session: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    factories.make_town(session, has_osm=True)
    shop = factories.make_shop(session, name_en="Small Full Coffee")
    offer = factories.make_terms(session, shop).offer_id
    session.commit()
    drawn: list[tuple[str, ...]] = []
    monkeypatch.setattr(pictures, "_drawn", type(pictures._drawn)(16))
    real = pictures.draw
    monkeypatch.setattr(pictures, "draw", lambda given, font: drawn.append(given.texts) or real(given, font))
    for path in (f"/og/shops/{shop.id}.png", f"/og/offers/{offer}.png", "/og/town.png"):
        answer = client.get(path, headers=CHINESE)
        assert (answer.status_code, answer.mimetype) == (200, "image/png")
        assert size_of(answer.data) == (WIDTH, HEIGHT)
        again = client.get(path, headers={**CHINESE, "If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
        client.get(path, headers=CHINESE)
        english = client.get(f"{path}?lang=en", headers=CHINESE)
        assert english.headers["ETag"] != answer.headers["ETag"]
    assert len(drawn) == 6, "drawn once for each language, then taken from the shelf"
    assert all(CREDIT in texts for texts in drawn)
    assert "Small Full Coffee" in drawn[1]
    assert "双人手冲咖啡" in "".join(drawn[2])
    assert "¥38" in drawn[2]


def test_a_guide_has_its_own_and_a_draft_none(client: FlaskClient, session: Any) -> None:
    shop = factories.make_shop(session)
    public, draft = (
        factories.make_guide(session, shop, is_public=is_public).id for is_public in (True, False)
    )
    session.commit()
    assert size_of(client.get(f"/og/guides/{public}.png").data) == (WIDTH, HEIGHT)
    assert client.get(f"/og/guides/{draft}.png").status_code == 404
    body = client.get(f"/guides/{public}").get_data(as_text=True)
    assert f'content="http://localhost/og/guides/{public}.png?lang=en"' in body


def test_a_changed_name_is_a_new_picture(client: FlaskClient, session: Any) -> None:
    shop = factories.make_shop(session)
    session.commit()
    before = client.get(f"/og/shops/{shop.id}.png").headers["ETag"]
    begin_write()
    db.session.get_one(Shop, shop.id).name = "大满咖啡"
    db.session.commit()
    assert client.get(f"/og/shops/{shop.id}.png").headers["ETag"] != before


def test_what_is_not_there_has_no_picture(client: FlaskClient, session: Any) -> None:
    gone = factories.make_shop(session, status="gone")
    session.commit()
    for path in (
        f"/og/shops/{gone.id}.png",
        "/og/shops/987654.png",
        "/og/offers/987654.png",
        "/og/shops/x.png",
    ):
        assert client.get(path).status_code == 404


def test_too_many_at_once_wait_and_are_told(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PATIENCE", 0.01)
    monkeypatch.setattr(pictures, "_drawn", type(pictures._drawn)(4))
    for _drawer in range(pictures.DRAWERS):
        assert pictures._turn.acquire(timeout=1)
    try:
        assert client.get("/og/town.png").status_code == 503
    finally:
        for _drawer in range(pictures.DRAWERS):
            pictures._turn.release()
    assert client.get("/og/town.png").status_code == 200


def test_drawing_is_quick() -> None:
    draw(scene(ABOUT))
    took = []
    for variant in range(4):
        start = time.process_time()
        draw(scene(ABOUT._replace(variant=variant)))
        took.append(time.process_time() - start)
    assert min(took) < 0.08, took
