"""The browser's QR writer draws what segno draws on the server, module for module."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import pytest
import segno
from playwright.sync_api import Page

from o2o.passes.qr import qr_svg
from tests.browser.conftest import Phone, Town, served
from tests.browser.frames import digits

pytestmark = pytest.mark.browser
VECTORS, LONGEST = 240, 700
WEIGHT = 3584
BEARER, BOUND, LIVE = (0xA1, 96), (0xA2, 128), (0xA3, 196)
DRAW = """async ([address, vectors]) => {
  const { matrix, path } = await import(address);
  const say = (work) => {
    try {
      return work();
    } catch (error) {
      return error.name;
    }
  };
  return vectors.map(([text, level]) => say(() => {
    const { size, rows } = matrix(text, level);
    return { size, rows: rows.map((row) => Array.from(row, Number).join("")), ...path(text, level) };
  }));
}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("qr")) as running:
        yield running


@pytest.fixture
def page(town: Town, phone: Callable[..., Phone]) -> Page:
    visitor = phone(town, "en")
    visitor.page.goto("/scan")
    return visitor.page


def drawn(page: Page, town: Town, vectors: list[Any]) -> list[Any]:
    """Let the page draw codes: (text, level) each; an error comes back as its name."""
    return page.evaluate(DRAW, [f"/static/{town.app.config['BUILD']}/js/qr.js", vectors])


def expected(text: str, level: str) -> list[str]:
    code = segno.make(text, mode="numeric", error=level, boost_error=False, micro=False)
    return ["".join(map(str, row)) for row in code.matrix]


def test_every_module_is_segnos(page: Page, town: Town) -> None:
    rng = Random(4)
    lengths = [1, 2, 3, 4, *(rng.randint(1, LONGEST) for _ in range(VECTORS - 4))]
    vectors = [("".join(rng.choices("0123456789", k=length)), rng.choice("LMQH")) for length in lengths]
    vectors += [("0" * 90, "M"), ("9" * 90, "Q"), ("1" * LONGEST, "H")]
    vectors += [(digits(rng, *kind), level) for kind in (BEARER, BOUND, LIVE) for level in "LMQH"]
    for (text, level), answer in zip(vectors, drawn(page, town, vectors), strict=True):
        assert answer["rows"] == expected(text, level), (text, level)


def version(length: int, level: str) -> int:
    text = "7" * length
    code = segno.make(text, mode="numeric", error=level, boost_error=False, micro=False, mask=0)
    return int(code.version)


def test_lengths_at_the_edges_of_versions_are_segnos(page: Page, town: Town) -> None:
    vectors = []
    for level in "LMQH":
        last = version(LONGEST, level)
        lengths = range(LONGEST + 1)
        edges = [
            bisect_left(lengths, each, 1, key=lambda n: version(n, level)) for each in range(2, last + 1)
        ]
        vectors += [(("1234567890" * 71)[: edge + more], level) for edge in edges for more in (-2, -1, 0)]
    assert len(vectors) > 100
    for (text, level), answer in zip(vectors, drawn(page, town, vectors), strict=True):
        assert answer["rows"] == expected(text, level), (len(text), level)


def test_the_writer_is_light(town: Town) -> None:
    path = f"/static/{town.app.config['BUILD']}/js/qr.js"
    answer = town.app.test_client().get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert len(answer.data) <= WEIGHT


def test_a_pass_has_the_size_that_was_designed(page: Page, town: Town) -> None:
    rng = Random(5)
    vectors = [(digits(rng, *LIVE), "M"), (digits(rng, *BEARER), "M"), (digits(rng, *BEARER), "Q")]
    assert [answer["size"] for answer in drawn(page, town, vectors)] == [57, 41, 49]


def test_the_path_is_the_servers(page: Page, town: Town) -> None:
    rng = Random(6)
    vectors = [(digits(rng, *kind), level) for kind in (BEARER, BOUND, LIVE) for level in "MQ"]
    for (text, level), answer in zip(vectors, drawn(page, town, vectors), strict=True):
        svg = qr_svg(text, error=level.lower(), label="")
        assert f'd="{answer["d"]}"' in svg
        assert f'viewBox="0 0 {answer["side"]} {answer["side"]}"' in svg


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("", "M"),
        ("12a", "M"),
        (" 12", "M"),
        ("-1", "M"),
        ("1\n", "M"),
        ("١٢٣", "M"),
        ("1" * 5000, "L"),
        ("1", "X"),
        ("1", "toString"),
    ],
    ids=["empty", "letter", "space", "sign", "line", "arabic", "long", "level", "name"],
)
def test_what_is_no_code_is_refused(page: Page, town: Town, text: str, level: str) -> None:
    assert drawn(page, town, [(text, level)]) == ["RangeError"]
