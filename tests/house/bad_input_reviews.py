"""Bad input of those who tell how it was, and of the shop that replies."""

from collections.abc import Iterator

from tests.house.bad_input import DAMAGED, HOSTILE, LANG, LONG, MISSING, Bad, Form

GOOD: dict[str, Form] = {
    "POST /reviews": {
        "redemption": "{redemption_id}",
        "key": "bad-input",
        "rating": "4",
        "text": "Good noodles",
    },
    "POST /reviews/{review}/edit": {"key": "bad-input", "rating": "4", "text": "Good noodles"},
    "POST /answers": {"redemption": "{redemption_id}", "kept": "no", "text": "One cup, not two"},
    "POST /lines": {"redemption": "{redemption_id}", "key": "bad-input", "text": "The door sticks"},
    "POST /console/{shop}/reviews/{review}/reply": {"text": "Thank you"},
}
STARS = ("Choose one to five stars.", "请选择 1 到 5 颗星。")
EMPTY = ("Write something first.", "请先写点什么。")
PAGE = ("There is no such page.", "没有这一页")


def rows() -> Iterator[Bad]:
    """Yield what is wrong with reviews, answers, lines and replies."""
    for address in ("POST /reviews", "POST /reviews/{review}/edit"):
        for stars in ("", "0", "6", "x", "4.5", "４"):
            yield Bad("guest", address, {"rating": stars}, 422, *STARS)
        yield Bad("guest", address, {"text": "长" * 2001}, 422, LONG % 2000, LANG % 2000, kept=True)
        yield Bad("guest", address, {"text": HOSTILE, "rating": ""}, 422, *STARS, kept=True)
        for key in ("", "k" * 65, "ü"):
            yield Bad("guest", address, {"key": key}, 400, *DAMAGED)
    yield Bad("guest", "POST /reviews", b"\x00" * 500, 400, *DAMAGED)
    yield Bad("guest", "POST /reviews/{review}/edit", b"\x00" * 500, 422, *STARS)
    yield Bad("guest", "POST /reviews", {"redemption": ""}, 400, *DAMAGED)
    yield Bad("guest", "POST /reviews", {"visit": "{visit_id}"}, 400, *DAMAGED)
    yield Bad("guest", "POST /reviews", {"redemption": HOSTILE}, 404, *MISSING)
    yield Bad("stranger", "POST /reviews", {}, 404, *MISSING)
    yield Bad(
        "guest",
        "POST /reviews",
        {"rating": "1"},
        409,
        "You have written about this visit",
        "你已经评价过这次消费",
    )
    yield Bad("stranger", "POST /reviews/{review}/edit", {}, 404, *MISSING)
    yield from beside_the_pass()
    reply = "POST /console/{shop}/reviews/{review}/reply"
    yield Bad("owner", reply, {"text": " "}, 422, *EMPTY)
    yield Bad("owner", reply, {"text": "长" * 1001}, 422, LONG % 1000, LANG % 1000, kept=True)
    for page in ("page=0", "page=-1", "page=x", "page=99999", "page=２"):
        yield Bad("anonymous", "GET /shops/{shop}/reviews?" + page, {}, 400, *PAGE)
        yield Bad("guest", "GET /me/reviews?" + page, {}, 400, *PAGE)
        yield Bad("owner", "GET /console/{shop}/reviews?" + page, {}, 400, *PAGE)
    yield Bad("anonymous", "GET /shops/{shop}/reviews?show=all", {}, 400, *PAGE)
    yield Bad("anonymous", "GET /shops/{shop}/reviews?stars=6", {}, 400, *PAGE)
    yield Bad("owner", "GET /console/{shop}/reviews?show=x", {}, 400, *PAGE)
    yield Bad("guest", "GET /reviews/new?visit=x", {}, 404, *MISSING)
    yield Bad("guest", "GET /reviews/new?redemption=x&visit=y", {}, 400, *DAMAGED)


def beside_the_pass() -> Iterator[Bad]:
    """Yield what is wrong with answers and lines."""
    for wrong in ({"kept": ""}, {"kept": "maybe"}, {"redemption": ""}):
        yield Bad("guest", "POST /answers", wrong, 400, *DAMAGED)
    missing = ("Say what was missing", "请说说缺了什么")
    yield Bad("guest", "POST /answers", {"text": "  "}, 422, *missing)
    yield Bad("guest", "POST /answers", {"text": "长" * 501}, 422, LONG % 500, LANG % 500, kept=True)
    yield Bad("stranger", "POST /answers", {}, 404, *MISSING)
    answered = ("You have answered this already", "你已经回答过了")
    yield Bad("guest", "POST /answers", {"kept": "yes"}, 409, *answered)
    yield Bad("guest", "POST /lines", {"text": " "}, 422, *EMPTY)
    yield Bad("guest", "POST /lines", {"text": "长" * 501}, 422, LONG % 500, LANG % 500, kept=True)
    yield Bad("guest", "POST /lines", {"key": ""}, 400, *DAMAGED)
    yield Bad("guest", "POST /lines", {"redemption": "", "visit": ""}, 400, *DAMAGED)
    yield Bad("guest", "POST /lines", {"redemption": "f" * 16}, 404, *MISSING)
    yield Bad("stranger", "POST /lines", {}, 404, *MISSING)
