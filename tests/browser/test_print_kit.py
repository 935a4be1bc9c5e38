"""What the print kit puts on paper: every code read by a camera's reader, every card whole, as many sheets as said."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image

from o2o.kernel.db import begin_write, db
from tests import factories
from tests.browser.conftest import Phone, Town, served, shot, sign_in
from tests.browser.frames import HEIGHT, WIDTH, picture, read_all

pytestmark = pytest.mark.browser
LONG = "一家名字特别特别长的陕西肉夹馍凉皮油泼面馆（五道口店）"
TABLES = 9
LINE = "part => [getComputedStyle(part).borderTopColor, getComputedStyle(part).borderRadius].join()"
RULES = {"weekdays": 0b001_1111, "from_minute": 660, "to_minute": 1500, "per_person": 2}


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("print-kit")) as running:
        yield running


def open_shop(town: Town, name: str) -> tuple[int, int]:
    with town.app.app_context():
        begin_write()
        shop = factories.make_shop(db.session, name)
        db.session.get_one(factories.Town, 1).has_osm = True
        factories.make_role(db.session, shop, "owner", "owner")
        offer = factories.make_terms(db.session, shop, title=f"双人套餐：{name}"[:80], **RULES).offer_id
        factories.make_poster(db.session, shop)
        found = shop.id, offer
        db.session.commit()
        factories.forget_town()
    return found


def framed(code: Image.Image) -> Image.Image:
    """Hold a code before the camera: in the middle of a frame of its size."""
    grey = code.convert("L").resize((HEIGHT - 40, HEIGHT - 40), Image.Resampling.BICUBIC)
    frame = Image.new("L", (WIDTH, HEIGHT), 200)
    frame.paste(grey, ((WIDTH - grey.width) // 2, 20))
    return frame


def read(owner: Phone, town: Town) -> list[str]:
    """Read every code on the page, the upside-down ones too."""
    codes = owner.page.locator(".poster-qr")
    frames = [framed(picture(one.screenshot())) for one in codes.all()]
    owner.page.goto("/scan")
    answers = read_all(owner.page, town.app.config["BUILD"], frames)
    return [answer.text or "" for answer in answers]


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
@pytest.mark.parametrize("name", ["小满咖啡", LONG], ids=["short", "long"])
def test_every_printed_code_leads_to_this_town(
    town: Town, phone: Callable[..., Phone], name: str, locale: str
) -> None:
    shop, offer = open_shop(town, name)
    owner = phone(town, locale)
    sign_in(owner, town, "owner")
    page = owner.page
    page.goto(f"/console/{shop}/print")
    page.locator("#count").fill(str(TABLES))
    page.locator('form[action$="/print/tables"] button').click()
    page.wait_for_url("**/print#tables")
    shot(owner, f"print-kit-{locale}-{len(name)}")
    page.set_viewport_size({"width": 900, "height": 1200})
    sheets = {
        "tables": (2, 2 * TABLES),
        f"offers/{offer}": (1, 2),
        f"offers/{offer}/cards": (1, 8),
        "shop": (1, 2),
    }
    lines = set()
    for path, (count, wanted) in sheets.items():
        page.goto(f"/console/{shop}/print/{path}")
        shot(owner, f"print-{path.replace(f'/{offer}', '').replace('/', '-')}-{locale}-{len(name)}")
        assert_whole(page)
        lines |= {part.evaluate(LINE) for part in page.locator(".tents > .tent, .cut").all()}
        pdf = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == count
        texts = read(owner, town)
        assert len(texts) == wanted
        assert len(set(texts)) == (TABLES if path == "tables" else 1)
        if path.startswith("offers"):
            assert set(texts) == {f"{town.url}/offers/{offer}"}
        for text in set(texts):
            assert text.startswith(f"{town.url}/{'c/' if path == 'tables' else path.split('/')[0]}"), text
            assert page.request.get(urlsplit(text).path).status == 200
    # Scissors follow one kind of line, wherever they are asked to.
    assert len(lines) == 1, lines


def assert_whole(page: Any) -> None:
    """Nothing on a card is cut off."""
    for part in page.locator(".face, .cut").all():
        over = part.evaluate(
            "part => [part.scrollWidth - part.clientWidth, part.scrollHeight - part.clientHeight]"
        )
        assert max(over) <= 1, (part.inner_text(), over)
