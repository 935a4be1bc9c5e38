"""Bad input of hours in the owner's own words: the form that they fill keeps whatever else was typed."""

from collections.abc import Iterator

from tests.house.bad_input import GOOD as SHOP
from tests.house.bad_input import HOSTILE, LANG, LONG, MISSING, Bad, Form

ADDRESS = "POST /console/{shop}/shop/hours"
GOOD: dict[str, Form] = {ADDRESS: {**SHOP["POST /console/{shop}/shop"], "said": "Mon-Fri 9:00-21:00"}}
NOTHING = ("No opening hours were found in this.", "没看出营业时间")


def rows() -> Iterator[Bad]:
    """Yield texts in which there are no hours."""
    for text in ("", "hello", "今天下雨", HOSTILE, "99:99-77:77", "24小时热线"):
        yield Bad("owner", ADDRESS, {"said": text}, 422, *NOTHING, kept=True)
    yield Bad("owner", ADDRESS, {"said": "长" * 1001}, 422, LONG % 1000, LANG % 1000, kept=True)
    yield Bad("other_owner", ADDRESS, {}, 404, *MISSING)
