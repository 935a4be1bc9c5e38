"""What pages weigh on the wire, compressed as the app sends them: counted, so that the numbers are always the same."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from o2o.demo.seed import seed
from o2o.kernel.db import db
from o2o.payments import rules as payments
from tests.browser.conftest import Phone, Town, served
from tests.browser.pages import Place, places
from tests.browser.world import World, furnish
from tests.visitor import Visitor

KB = 1024
GZIP = {"Accept-Encoding": "gzip"}
BASE_JS, OWN_JS, MAP_JS = 22 * KB, 5 * KB, 76 * KB
CSS, PAGE, FRAGMENT, WORKER, TILE = 12 * KB, 12 * KB, 8 * KB, 3584, 10 * KB
FIRST_MAP_VISIT = 130 * KB
TILL, TILL_APP = 60 * KB, {"till", "till-register"}
# Loaded once a page is quiet, or when something waits: it has a budget of its own.
LATER, LATER_JS = ("outbox-send", "outbox-list"), 4 * KB
# What writes a live code, on the page of a pass bound to a phone alone; what keeps a phone's key and clock, where a
# pass is bought or shown. Both beside the budget of a page's own scripts, each with its own.
WRITER, WRITER_JS = ("qr", "live-code", "holder"), 6 * KB
KEYS, KEYS_JS = ("device", "bind", "clock"), 2560
APART = (*LATER, *WRITER, *KEYS)
# Signing out asks a till's ledger what is unsent: only on a phone that is one.
TILL_ONLY = ("till-store", "till-ledger")
IMPORTS = re.compile(r"""(?:from|import\()\s*["'`]\./([\w-]+)\.js""")


@dataclass
class Meter:
    """Stand between the server and the app, and note what goes out: path and bytes of the body."""

    app: Callable[..., Iterable[bytes]]
    sent: list[tuple[str, int]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        answer = self.app(environ, start_response)
        body = b"".join(answer)
        if hasattr(answer, "close"):
            answer.close()
        self.sent.append((environ["PATH_INFO"], len(body)))
        return [body]


class Scripts(HTMLParser):
    """Collect a page's scripts, behaviours and what it loads from elsewhere."""

    def __init__(self, body: str) -> None:
        super().__init__()
        self.files: list[str] = []
        self.names: set[str] = set()
        self.loads: list[str] = []
        self.feed(body)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "script" and "src" in given:
            self.files.append(given["src"])
        self.names |= set(given.get("data-behaviour", "").split())
        is_loaded = tag in ("script", "img", "iframe", "source", "video", "audio", "embed", "object")
        if is_loaded or (tag == "link" and given.get("rel") != "canonical"):
            self.loads += [given[name] for name in ("src", "href", "srcset", "data") if name in given]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, World]]:
    """Give a small town with the longest words."""
    with served(tmp_path_factory.mktemp("budgets")) as town:
        yield town.app, furnish(town)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Serve the demo town: a whole town's map and lists."""
    with served(tmp_path_factory.mktemp("demo")) as town:
        with town.app.app_context():
            seed(db.session, payments.provider(town.app.config["O2O"]))
            db.session.rollback()
        yield town


def visitor_of(app: Flask, role: str) -> Visitor:
    """Sign somebody in."""
    visitor = Visitor(app, app.response_class)
    if role != "anybody":
        visitor.sign_in(role)
    return visitor


def weigh(visitor: Visitor, path: str, **headers: str) -> int:
    """Give the bytes of an answer's body as sent to a browser that takes gzip."""
    answer = visitor.get(path, headers={**GZIP, **headers})
    assert answer.status_code in (200, 404, 410), (path, answer.status_code)
    return len(answer.data)


def scripts_of(visitor: Visitor, body: str, apart: tuple[str, ...] = APART) -> dict[str, int]:
    """Weigh every script that a page runs: its own, its behaviours, and what those import."""
    page = Scripts(body)
    build = visitor.application.config["BUILD"]
    wanted = [*page.files, *(f"/static/{build}/js/{name}.js" for name in page.names - {*apart})]
    found: dict[str, int] = {}
    while wanted:
        path = wanted.pop()
        if path not in found:
            found[path] = weigh(visitor, path)
            if "/js/" in path and "/main.js" not in path:
                text = visitor.get(path).text
                wanted += [
                    f"/static/{build}/js/{name}.js" for name in IMPORTS.findall(text) if name not in apart
                ]
    return found


def heaviest(weights: dict[str, int], most: int) -> dict[str, int]:
    """Return what is too heavy, and print the rest's heaviest for the record."""
    worst = sorted(weights.items(), key=lambda pair: -pair[1])[:3]
    print("heaviest:", ", ".join(f"{name} {weight}" for name, weight in worst), f"of {most}")
    return {name: weight for name, weight in weights.items() if weight > most}


def bodies(app: Flask, world: World) -> Iterator[tuple[Place, str, Visitor]]:
    """Visit every page; give its markup and its visitor."""
    visitors: dict[str, Visitor] = {}
    with app.app_context():
        for place in places(world):
            if place.role not in visitors:
                visitors[place.role] = visitor_of(app, place.role)
            yield place, visitors[place.role].get(place.path).text, visitors[place.role]


def test_pages_are_light(small: tuple[Flask, World]) -> None:
    app, world = small
    weights = {place.name: weigh(visitor, place.path) for place, _body, visitor in bodies(app, world)}
    assert heaviest(weights, PAGE) == {}


def test_scripts_are_light(small: tuple[Flask, World]) -> None:
    app, world = small
    all_own, all_scripts, with_map = {}, {}, {}
    for place, body, visitor in bodies(app, world):
        scripts = scripts_of(visitor, body, (*APART, *TILL_ONLY))
        if TILL_APP & Scripts(body).names:
            continue  # an app of its own, weighed as a whole below
        own = sum(weight for path, weight in scripts.items() if "/js/" in path)
        if "data-map-script" in body:
            scripts |= {path: weigh(visitor, path) for path in map_files(body)}
            with_map[place.name] = sum(scripts.values())
        else:
            all_scripts[place.name], all_own[place.name] = sum(scripts.values()), own
    apart = {name: weigh(visitor, f"/static/{app.config['BUILD']}/js/{name}.js") for name in APART}
    for names, most in ((LATER, LATER_JS), (WRITER, WRITER_JS), (KEYS, KEYS_JS)):
        assert heaviest({"+".join(names): sum(apart[name] for name in names)}, most) == {}
    assert with_map
    assert heaviest(all_own, OWN_JS) == {}
    assert heaviest(all_scripts, BASE_JS) == {}
    assert heaviest(with_map, MAP_JS) == {}


def test_only_the_page_of_a_bound_pass_writes_codes(small: tuple[Flask, World]) -> None:
    app, world = small
    writing = {place.name for place, body, _visitor in bodies(app, world) if "holder" in Scripts(body).names}
    assert writing == {"pass-bound"}


def test_the_till_is_light(small: tuple[Flask, World]) -> None:
    """Everything that the till's page needs, its reader's script too, and only WebAssembly left out."""
    app, world = small
    for place, body, visitor in bodies(app, world):
        found = Scripts(body)
        if "till" not in found.names:
            continue
        weights = scripts_of(visitor, body) | {"page": weigh(visitor, place.path)}
        build = app.config["BUILD"]
        for name in ("css/app.css", "icons/sprite-ui.svg", "vendor/zxing-reader.js"):
            weights[name] = weigh(visitor, f"/static/{build}/{name}")
        assert not any("htmx" in path for path in weights)
        assert heaviest({place.name: sum(weights.values())}, TILL) == {}


def map_files(body: str) -> list[str]:
    """Name the scripts that the map behaviour fetches."""
    return re.findall(r'data-(?:map-script|leaflet)="([^"]+)"', body)


def test_nothing_comes_from_elsewhere(small: tuple[Flask, World]) -> None:
    app, world = small
    for place, body, _visitor in bodies(app, world):
        elsewhere = [one for one in Scripts(body).loads if urlsplit(one).netloc]
        assert elsewhere == [], place.name


def test_style_and_worker_are_light(small: tuple[Flask, World]) -> None:
    app, _world = small
    visitor = visitor_of(app, "anybody")
    weights = {"css": weigh(visitor, f"/static/{app.config['BUILD']}/css/app.css")}
    assert heaviest(weights, CSS) == {}
    assert heaviest({"sw.js": weigh(visitor, "/sw.js")}, WORKER) == {}


def test_a_fragment_of_twenty_cards_is_light(demo: Town) -> None:
    with demo.app.app_context():
        visitor = visitor_of(demo.app, "anybody")
        for search in ("/shops", "/shops?offer=1", "/shops?page=2"):
            htmx = {"HX-Request": "true", "HX-Target": "found"}
            assert visitor.get(search, headers=htmx).text.count('id="shop-') == 20
            assert heaviest({search: weigh(visitor, search, **htmx)}, FRAGMENT) == {}


def test_the_first_visit_to_the_map_is_light(phone: Callable[..., Phone], demo: Town) -> None:
    meter = Meter(demo.app.wsgi_app)
    demo.app.wsgi_app = meter  # type: ignore[method-assign]
    visitor = phone(demo, "zh-CN")
    visitor.page.goto("/")
    expect(visitor.page.locator("#map[data-ready]")).to_be_attached()
    visitor.page.wait_for_load_state("networkidle")
    wait_until_installed(visitor.page)
    demo.app.wsgi_app = meter.app  # type: ignore[method-assign]
    total = sum(weight for _path, weight in meter.sent)
    tiles = {path: weight for path, weight in meter.sent if path.startswith("/tiles/")}
    print(
        f"first map visit: {total} bytes in {len(meter.sent)} answers, {sum(tiles.values())} of {len(tiles)} tiles"
    )
    print(*sorted(meter.sent, key=lambda pair: -pair[1]), sep="\n")
    assert tiles
    assert heaviest(tiles, TILE) == {}
    assert total <= FIRST_MAP_VISIT


def wait_until_installed(page: Page) -> None:
    """Wait until the service worker has stored what it keeps: that is part of a first visit."""
    page.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
