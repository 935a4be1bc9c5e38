"""Choosing photos on a phone: shown, taken back, made small before they leave it"""

from collections.abc import Callable, Iterator
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sqlalchemy import select

from o2o.kernel.db import begin_write, db
from o2o.photos import folder
from o2o.photos.models import Photo
from o2o.reports.models import Report
from tests import factories
from tests.browser.conftest import Phone, Town, served, sign_in, under
from tests.photos.pictures import CANARY, with_place, written

pytestmark = pytest.mark.browser
# Reads the chosen files as the form would send them.
CHOSEN = """async (input) => Promise.all([...input.files].map(async (file) =>
  [file.name, file.type, Array.from(new Uint8Array(await file.arrayBuffer()))]))"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("photos")) as running:
        yield running


@pytest.fixture
def shop(town: Town) -> int:
    with town.app.app_context():
        begin_write()
        number = factories.make_shop(db.session, "雕刻时光咖啡馆").id
        db.session.commit()
    return number


def choose(page: Page, *pictures: bytes) -> list[tuple[str, str, bytes]]:
    """Choose files in the form's field, and give what the form would send."""
    field = page.locator("input[type=file]")
    field.set_input_files(
        [
            {"name": f"IMG_{at}.jpg", "mimeType": "image/jpeg", "buffer": one}
            for at, one in enumerate(pictures)
        ]
    )
    expect(page.locator("[data-behaviour=photos]")).to_have_attribute("aria-busy", "false", timeout=20_000)
    return [(name, kind, bytes(content)) for name, kind, content in field.evaluate(CHOSEN)]


def test_a_photo_is_small_and_placeless_before_it_leaves(
    town: Town, shop: int, phone: Callable[..., Phone]
) -> None:
    guest = phone(town)
    sign_in(guest, town, "guest")
    guest.page.goto(f"/reports/new?shop={shop}")
    sent = with_place("JPEG", orientation=6, size=(3000, 2000))
    ((name, kind, content),) = choose(guest.page, sent)
    assert (name, kind) == ("photo.jpg", "image/jpeg")
    found = Image.open(BytesIO(content))
    assert found.size == (1365, 2048)
    assert dict(found.getexif()) == {}
    assert CANARY not in content
    assert guest.page.locator("[data-shots] img").count() == 1
    guest.page.locator("#reason-4").check()
    guest.page.locator("form.sheet button[type=submit]").click()
    guest.page.wait_for_url(under("/me/reports"))
    with town.app.app_context():
        kept = db.session.scalars(select(Report.photo_id).where(Report.shop_id == shop)).one()
        photo = db.session.get_one(Photo, kept)
        assert (photo.width, photo.height) == (1066, 1600)
        assert folder.whole(folder.home(db.session), kept)


def test_six_at_most_and_each_can_be_taken_back(town: Town, shop: int, phone: Callable[..., Phone]) -> None:
    guest = phone(town)
    sign_in(guest, town, "guest2")
    with town.app.app_context():
        begin_write()
        visit = factories.make_visit(
            db.session, factories.make_poster(db.session, db.session.get_one(factories.Shop, shop)), "guest2"
        ).id
        db.session.commit()
    guest.page.goto(f"/reviews/new?visit={visit}")
    pictures = [written(Image.new("RGB", (80, 60), (36 * at, 0, 0)), "JPEG") for at in range(7)]
    assert len(choose(guest.page, *pictures[:2])) == 2
    assert len(choose(guest.page, *pictures[2:])) == 6
    expect(guest.page.locator("#toasts")).to_contain_text("6")
    buttons = guest.page.locator("[data-shots] button")
    expect(buttons).to_have_count(6)
    buttons.first.click()
    expect(guest.page.locator("[data-add]")).to_be_focused()
    assert guest.page.locator("input[type=file]").evaluate("(input) => input.files.length") == 5
    for left in (4, 3, 2, 1, 0):
        buttons.first.click()
        expect(buttons).to_have_count(left)
    expect(guest.page.locator("[data-shots]")).to_be_hidden()


def test_what_the_phone_cannot_read_is_for_the_server_to_refuse(
    town: Town, shop: int, phone: Callable[..., Phone]
) -> None:
    guest = phone(town)
    sign_in(guest, town, "guest3")
    guest.page.goto(f"/reports/new?shop={shop}")
    ((_, _, content),) = choose(guest.page, b"\0\0\0\x18ftypheic" + b"\0" * 99)
    assert content.startswith(b"\0\0\0\x18ftypheic")
    guest.page.locator("#reason-2").check()
    guest.page.locator("textarea").fill("营业时间不对")
    guest.page.locator("form.sheet button[type=submit]").click()
    expect(guest.page.locator("#photos-error")).to_contain_text("HEIC")
    expect(guest.page.locator("textarea")).to_have_value("营业时间不对")
    expect(guest.page.locator("#reason-2")).to_be_checked()
