"""Bad input at a shop's list of guests, in its notes, at the log of acts, and at the guest's own page."""

from collections.abc import Iterator

from tests.house.bad_input import DAMAGED, HOSTILE, LANG, LONG, MISSING, PRESSED, Bad, Form

GOOD: dict[str, Form] = {
    "POST /console/{shop}/guests/{guest}/notes": {"text": "By the window"},
    "POST /me/shops/{shop_id}/touch": {"on": "1", "contact": "138 0000 0000"},
}
NO_INPUT = {
    "POST /console/{shop}/guests/{guest}/notes/{note}/drop": PRESSED,
    "POST /me/shops/{shop_id}/notes/{note}/drop": PRESSED,
    "POST /me/shops/{shop_id}/forget": PRESSED,
}
EMPTY = ("Write something first.", "请先写点什么。")
PAGE = ("There is no such page.", "没有这一页")
DAY = ("Give a date such as 2026-12-31.", "请填日期")
SHORTER = ("Search for a shorter text, please.", "搜索词太长了")


def rows() -> Iterator[Bad]:
    """Yield what is wrong with notes, contacts and searches."""
    notes = "POST /console/{shop}/guests/{guest}/notes"
    for text in ("", "   ", "\x00"):
        yield Bad("owner", notes, {"text": text}, 422, *EMPTY)
    yield Bad("owner", notes, {"text": "长" * 501}, 422, LONG % 500, LANG % 500, kept=True)
    yield Bad("owner", notes, {"text": HOSTILE * 20}, 422, LONG % 500, LANG % 500)
    yield Bad("owner", notes, {"idempotency_key": "k" * 65}, 400, *DAMAGED)
    yield Bad("owner", notes, b"\x00" * 500, 422, *EMPTY)
    yield Bad("owner", "POST /console/{shop}/guests/" + "f" * 16 + "/notes", {"text": "x"}, 404, *MISSING)
    touch = "POST /me/shops/{shop_id}/touch"
    for answer in ("", "2", HOSTILE):
        yield Bad("guest", touch, {"on": answer}, 400, *DAMAGED)
    yield Bad("guest", touch, {"contact": "长" * 121}, 422, LONG % 120, LANG % 120, kept=True)
    yield Bad("guest", touch, {"contact": HOSTILE * 4}, 422, LONG % 120, LANG % 120)
    yield Bad("staff", touch, {}, 404, *MISSING)
    for page in ("0", "-1", "x", "99999", "２"):
        yield Bad("guest", f"GET /me/shops?page={page}", {}, 400, *PAGE)
        yield Bad("owner", f"GET /console/{{shop}}/guests?page={page}", {}, 400, *PAGE)
    sort = ("The list cannot be sorted like that.", "名单不能这样排序")
    yield from (
        Bad("owner", f"GET /console/{{shop}}/guests?sort={text}", {}, 400, *sort) for text in ("name", "")
    )
    yield Bad("owner", "GET /console/{shop}/guests?q=" + "a" * 61, {}, 400, *SHORTER)
    yield from log("owner", "GET /console/{shop}/acts")
    yield from log("operator", "GET /operator/acts")


def log(role: str, address: str) -> Iterator[Bad]:
    """Yield searches of a log that make no sense."""
    for number in ("0", "-1", "x", "9" * 30, "２"):
        yield Bad(role, f"{address}?before={number}", {}, 400, *PAGE)
    for day in ("since=x", "until=2026-02-30", "since=0001-01-01", "until=9999-12-31"):
        yield Bad(role, f"{address}?{day}", {}, 400, *DAY)
    for field in ("who", "what"):
        yield Bad(role, f"{address}?{field}=" + "a" * 61, {}, 400, *SHORTER)
