"""A live code from our own writer to the till's reader: on a screen, and in frames as a bad camera sees them."""

from collections.abc import Callable, Iterator
from random import Random

import pytest

from tests.browser.conftest import Phone, Town, served
from tests.browser.frames import digits, frame, picture, read_all

pytestmark = pytest.mark.browser
FRAMES, AT_ONCE = 96, 24
READ_RATE = 0.93
SEED = 20_250_601
# As the holder's page draws it: a white square of its own, dark modules as one path.
DRAW = """async ([address, digits, px]) => {
  const { path } = await import(address);
  const { side, d } = path(digits, "M");
  const make = (name, given) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(given)) element.setAttribute(key, value);
    return element;
  };
  const picture = make("svg", { id: "drawn", width: px, height: px, viewBox: `0 0 ${side} ${side}` });
  picture.setAttribute("shape-rendering", "crispEdges");
  picture.append(make("path", { fill: "#fff", d: `M0 0h${side}v${side}H0z` }), make("path", { fill: "#000", d }));
  document.querySelector("main").prepend(picture);
}"""


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("frames")) as running:
        yield running


def test_bad_frames_of_a_live_code_are_read(town: Town, phone: Callable[..., Phone]) -> None:
    page = phone(town, "en", permissions=[]).page
    page.goto("/scan")
    rng = Random(SEED)
    good = 0
    for _ in range(FRAMES // AT_ONCE):
        texts = [digits(rng) for _ in range(AT_ONCE)]
        answers = read_all(page, town.app.config["BUILD"], [frame(text, rng) for text in texts])
        assert all(answer.text in ("", text) for answer, text in zip(answers, texts, strict=True))
        good += sum(1 for answer in answers if answer.text)
    assert good >= FRAMES * READ_RATE, good


@pytest.mark.parametrize("density", [1, 2, 3])
def test_a_drawn_code_is_read_from_the_screen(town: Town, phone: Callable[..., Phone], density: int) -> None:
    page = phone(town, "en", permissions=[], device_scale_factor=density).page
    page.goto("/scan")
    build = town.app.config["BUILD"]
    text = digits(Random(density))
    page.evaluate(DRAW, [f"/static/{build}/js/qr.js", text, 240])
    shown = picture(page.locator("#drawn").screenshot())
    assert shown.width >= 240 * density
    assert [answer.text for answer in read_all(page, build, [shown])] == [text]
