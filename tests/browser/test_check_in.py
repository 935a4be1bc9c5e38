"""From a printed code to a confirmed visit: taps counted, a camera that opens nothing else, paper of one page."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Playwright, expect
from sqlalchemy import func, select

from o2o.checkin import codes
from o2o.checkin.models import Visit
from o2o.kernel.db import begin_write, db
from tests import factories
from tests.browser.camera import film
from tests.browser.conftest import Phone, Town, launch, served, shot, sign_in, under
from tests.browser.test_journey import authenticator

pytestmark = pytest.mark.browser
LOCALES = ("zh-CN", "en")
GO = "#arrive button[type=submit]"


@dataclass
class Place:
    """A shop with a poster."""

    shop: int
    poster: int
    code: str

    @property
    def door(self) -> str:
        return f"/c/{self.code}"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("check-in")) as running:
        yield running


@pytest.fixture
def place(town: Town) -> Place:
    return hang(town, "雕刻时光咖啡馆")


def hang(town: Town, name: str, *, has_osm: bool = True) -> Place:
    with town.app.app_context():
        begin_write()
        shop = factories.make_shop(db.session, name, lat=factories.LAT, lng=factories.LNG)
        db.session.get_one(factories.Town, 1).has_osm = has_osm
        factories.make_role(db.session, shop, "owner", "owner")
        factories.make_role(db.session, shop, "staff")
        poster = factories.make_poster(db.session, shop)
        found = Place(shop.id, poster.id, poster.code)
        db.session.commit()
        factories.forget_town()
    return found


def count(town: Town, place: Place) -> int:
    with town.app.app_context():
        return db.session.scalar(select(func.count()).where(Visit.shop_id == place.shop)) or 0


@contextmanager
def listening(town: Town) -> Iterator[list[str]]:
    """Collect all that reaches the server: addresses, and bodies as they are."""
    answers, sent = town.app.wsgi_app, []

    def listen(environ: Any, start_response: Any) -> Any:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        query, said = environ["QUERY_STRING"], body.decode(errors="replace")
        sent.append(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{query} {said}")
        return answers({**environ, "wsgi.input": BytesIO(body)}, start_response)

    town.app.wsgi_app = listen  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        town.app.wsgi_app = answers  # type: ignore[method-assign]


@pytest.mark.parametrize("locale", LOCALES)
def test_taps_from_the_code_to_done(
    town: Town, phone: Callable[..., Phone], place: Place, locale: str
) -> None:
    guest = phone(town, locale)
    authenticator(guest)
    page = guest.page
    page.goto(place.door)
    taps = 1  # on the link that the camera shows
    shot(guest, f"checkin-door-new-{locale}")
    page.locator("[data-passkey=register]").click()
    taps += 2  # the button, and the phone's own lock
    page.wait_for_url("**/c/*?back=1")
    shot(guest, f"checkin-door-{locale}")
    page.locator(GO).click()
    taps += 1
    page.wait_for_url(under("/visits/"))
    assert taps <= 5
    shot(guest, f"checkin-done-{locale}")
    other = hang(town, "一家名字特别特别长的陕西肉夹馍凉皮油泼面馆（五道口店）")
    page.goto(other.door)
    taps = 1
    page.locator(GO).click()
    taps += 1
    page.wait_for_url(under("/visits/"))
    assert taps <= 3
    page.goto(other.door)
    expect(page.locator(GO)).to_have_count(0)
    shot(guest, f"checkin-door-again-{locale}")
    page.goto("/me/visits")
    expect(page.locator('a[href^="/visits/"]')).to_have_count(2)
    shot(guest, f"checkin-visits-{locale}")


@pytest.mark.parametrize(("north", "bucket"), [(0.0005, "here"), (0.005, "near"), (0.5, "far")])
def test_of_a_position_only_a_word_is_sent(
    town: Town, phone: Callable[..., Phone], place: Place, north: float, bucket: str
) -> None:
    where = {"latitude": factories.LAT + north, "longitude": factories.LNG}
    guest = phone(town, "en", geolocation=where, permissions=["geolocation"])
    sign_in(guest, town, f"guest-{bucket}")
    page = guest.page
    page.goto(place.door)
    button = page.locator("[data-behaviour=bucket]")
    expect(button).to_have_attribute("aria-pressed", "false")
    with listening(town) as sent:
        button.click()
        expect(button).to_have_attribute("aria-pressed", "true")
        shot(guest, f"checkin-bucket-{bucket}")
        page.locator(GO).click()
        page.wait_for_url(under("/visits/"))
    posts = [line for line in sent if line.startswith(f"POST {place.door}")]
    assert len(posts) == 1
    assert re.search(rf"\b{bucket}\b", posts[0])
    assert not [line for line in sent if re.search(r"39\.9|40\.4|116\.3", line)]


def test_a_position_that_is_refused_is_no_hindrance(
    town: Town, phone: Callable[..., Phone], place: Place
) -> None:
    guest = phone(town, "en", permissions=[])
    sign_in(guest, town, "guest-private")
    page = guest.page
    page.goto(place.door)
    page.locator("[data-behaviour=bucket]").click()
    expect(page.locator("[data-behaviour=bucket]")).to_contain_text("keeps the position")
    page.locator(GO).click()
    page.wait_for_url(under("/visits/"))
    with town.app.app_context():
        assert db.session.scalars(select(Visit.bucket).where(Visit.shop_id == place.shop)).one() == "none"


def test_staff_confirm_and_the_guest_sees_it(town: Town, phone: Callable[..., Phone], place: Place) -> None:
    guest, staff = phone(town, "zh-CN"), phone(town, "zh-CN")
    sign_in(guest, town, "guest-seen")
    guest.page.goto(place.door)
    guest.page.locator(GO).click()
    guest.page.wait_for_url(under("/visits/"))
    expect(guest.page.locator("#visit-state .badge-wait")).to_be_visible()
    sign_in(staff, town, "staff")
    page = staff.page
    page.goto(f"/till?shop={place.shop}")
    page.locator(f'button[name=shop][value="{place.shop}"]').click()
    confirm = page.locator('#arrivals button[id^="confirm-"]')
    expect(confirm).to_be_visible()
    shot(staff, "checkin-till-zh-CN")
    confirm.click()
    expect(page.locator("#arrivals .badge-ok")).to_be_visible()
    assert urlsplit(page.url).path == "/till"
    shot(staff, "checkin-till-confirmed-zh-CN")
    expect(guest.page.locator("#visit-state .badge-ok")).to_be_visible(timeout=9000)
    shot(guest, "checkin-confirmed-zh-CN")


def filmed(playwright: Playwright, text: str, folder: Path) -> tuple[str, ...]:
    tape = film(text, folder / "code.y4m")
    return (
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={tape}",
    )


def test_the_camera_opens_a_code_of_this_town(
    playwright: Playwright, town: Town, phone: Callable[..., Phone], place: Place, tmp_path: Path
) -> None:
    flags = filmed(playwright, codes.address(town.url, place.code), tmp_path)
    with closing(launch(playwright, *flags)) as filming:
        guest = phone(town, "en", on=filming, permissions=["camera"])
        sign_in(guest, town, "guest-scans")
        guest.page.goto("/")
        guest.page.locator('.tabs a[href="/scan"]').click()
        guest.page.wait_for_url(under(place.door))
        guest.page.locator(GO).click()
        guest.page.wait_for_url(under("/visits/"))
        guest.context.close()


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example/c/{code}",
        "{url}@evil.example/c/{code}",
        "{url}/sign-out?{code}",
        "javascript:location.assign('/c/{code}')",
        "http://l\u043ecalhost/c/{code}",
    ],
    ids=["foreign", "userinfo", "path", "javascript", "unicode"],
)
def test_the_camera_opens_nothing_else(
    playwright: Playwright, town: Town, phone: Callable[..., Phone], place: Place, tmp_path: Path, text: str
) -> None:
    flags = filmed(playwright, text.format(url=town.url, code=place.code), tmp_path)
    with closing(launch(playwright, *flags)) as filming:
        guest = phone(town, "en", on=filming, permissions=["camera"])
        guest.page.goto("/scan")
        sent: list[str] = []
        guest.page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
        expect(guest.page.locator(".scanner-say")).to_contain_text("We did not open it")
        shot(guest, "checkin-scan-foreign-en")
        guest.page.wait_for_timeout(600)
        assert urlsplit(guest.page.url).path == "/scan"
        assert [line for line in sent if "/c/" in line or line.startswith("POST")] == []
        guest.context.close()


@pytest.mark.parametrize("locale", LOCALES)
def test_a_camera_that_is_refused_leaves_the_field(
    town: Town, phone: Callable[..., Phone], place: Place, locale: str
) -> None:
    guest = phone(town, locale, permissions=[])
    page = guest.page
    page.goto("/scan")
    expect(page.locator(".scanner")).to_have_attribute("data-state", re.compile("sayDenied|sayNone"))
    shot(guest, f"checkin-scan-{locale}")
    page.locator("#code").fill("not a code")
    page.locator("#scan button").click()
    expect(page.locator("#code-error")).to_be_visible()
    page.locator("#code").fill(codes.grouped(place.code).upper())
    page.locator("#scan button").click()
    page.wait_for_url(under(place.door))


@pytest.mark.parametrize("size", ["a4", "sticker"])
@pytest.mark.parametrize("locale", LOCALES)
def test_paper_is_one_page(
    town: Town, phone: Callable[..., Phone], place: Place, locale: str, size: str
) -> None:
    for name in ("雕刻时光咖啡馆", "一家名字特别特别长的陕西肉夹馍凉皮油泼面馆（五道口店）"):
        given = hang(town, name)
        owner = phone(town, locale)
        sign_in(owner, town, "owner")
        page = owner.page
        page.goto(f"/console/{given.shop}/posters/{given.poster}/print?size={size}")
        shot(owner, f"paper-{size}-{locale}-{len(name)}")
        for part in page.locator(".poster-body, .poster-foot, .sticker").all():
            box = part.evaluate(
                "part => [part.scrollWidth - part.clientWidth, part.scrollHeight - part.clientHeight]"
            )
            assert max(box) <= 1, box
        pdf = page.pdf(prefer_css_page_size=True, print_background=True)
        assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


@pytest.mark.parametrize("locale", LOCALES)
def test_the_owner_makes_and_rotates(
    town: Town, phone: Callable[..., Phone], place: Place, locale: str
) -> None:
    owner = phone(town, locale)
    sign_in(owner, town, "owner")
    page = owner.page
    page.goto(f"/console/{place.shop}")
    page.locator('.desk-nav a[href$="/posters"]').click()
    page.locator("#label").fill("3号桌")
    page.locator("form.sheet button").click()
    expect(page.locator("article.sheet")).to_have_count(2)
    shot(owner, f"posters-{locale}")
    card = page.locator(f"#poster-{place.poster}")
    card.locator("details").first.locator("summary").click()
    card.locator('form[action$="/rotate"] button').click()
    expect(page.locator("details.fold")).to_be_visible()
    assert page.goto(place.door).status == 410  # type: ignore[union-attr]
    shot(owner, f"checkin-gone-{locale}")
    assert count(town, place) == 0
