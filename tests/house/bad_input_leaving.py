"""Bad input where a shop takes everything along, or closes."""

from collections.abc import Iterator

from tests.house.bad_input import HOSTILE, PRESSED, Bad, Form

CLOSE = "POST /console/{shop}/close"
GOOD: dict[str, Form] = {CLOSE: {"days": "14", "sure": "y"}}
NO_INPUT = {"POST /console/{shop}/export": PRESSED, "POST /console/{shop}/stay": PRESSED}
DAYS = ("Choose between 1 and 90 days.", "请填 1 到 90 天。")
SURE = ("Please tick the box if you are sure.", "确定的话，请先勾选这里。")


def rows() -> Iterator[Bad]:
    """Yield the table."""
    for text in ("", "0", "91", "-1", "x", "1.5", "9" * 30, HOSTILE):
        yield Bad("owner", CLOSE, {"days": text}, 422, *DAYS)
    yield Bad("owner", CLOSE, {"sure": ""}, 422, *SURE)
