"""Bad input of whoever puts a shop on the map, and of owners at their papers."""

from collections.abc import Iterator

from tests.house.bad_input import DAMAGED, HOSTILE, LANG, LONG, MISSING, PRESSED, Bad, Form

NEW: Form = {"name": "New noodles", "category": "amenity/cafe", "lat": "39.9935", "lng": "116.3395"}
GOOD: dict[str, Form] = {
    "POST /shops/new": NEW,
    "POST /console/{shop}/admission/{line}": {"text": "Wang Xiaoming, owner"},
    "POST /console/{shop}/admission/licence": {"text": "91110108MA", "expires_on": "2099-12-31"},
}
NO_INPUT = {
    "POST /shops/{shop}/claim": PRESSED,
    "POST /shops/{shop}/claim/withdraw": PRESSED,
    "POST /console/{shop}/admission/submit": PRESSED,
    "POST /console/{shop}/admission/take-back": PRESSED,
    "POST /console/{shop}/admission/withdraw": PRESSED,
}
WHERE = ("Tap the map where the door is, or give both numbers.", "点一下地图上店门的位置")
NUMBER = ("Give a number such as 39.9929.", "39.9929")
CATEGORY = ("Choose a category from the list.", "请从列表里选分类。")
WRITE = ("Please write it here.", "请填写这一项")
CHANGED = ("The terms have changed.", "条款有更新")


def rows() -> Iterator[Bad]:
    """Yield the table."""
    new = "POST /shops/new"
    yield Bad("guest", new, {"name": ""}, 422, "A shop needs a name.", "店铺要有名字。")
    yield Bad("guest", new, {"name": "长" * 121}, 422, LONG % 120, LANG % 120)
    yield Bad("guest", new, {"category": "", "name": HOSTILE}, 422, *CATEGORY, kept=True)
    yield Bad("guest", new, {"category": "moon/base"}, 422, *CATEGORY)
    for field in ("lat", "lng"):
        yield Bad("guest", new, {field: ""}, 422, *WHERE)
        yield Bad("guest", new, {field: "north"}, 422, *NUMBER, kept=True)
        yield Bad("guest", new, {field: "nan"}, 422, *WHERE)
        yield Bad("guest", new, {field: "1e9"}, 422, *WHERE)
    yield Bad("guest", new, {"lat": "10.5"}, 422, "That is outside this town.", "不在本城范围", kept=True)
    yield Bad("guest", new, {"idempotency_key": "k" * 65}, 400, *DAMAGED)
    yield from papers()


def papers() -> Iterator[Bad]:
    """Yield answers that are none."""
    line = "POST /console/{shop}/admission/{line}"
    yield Bad("owner", line, {"text": ""}, 422, *WRITE)
    yield Bad("owner", line, {"text": " x "}, 422, *WRITE)
    yield Bad("owner", line, {"text": "长" * 301}, 422, LONG % 300, LANG % 300, kept=True)
    yield Bad("owner", line, {"idempotency_key": "k" * 65}, 400, *DAMAGED)
    yield Bad("owner", "POST /console/{shop}/admission/nothing", {"text": "x"}, 404, *MISSING)
    yield Bad("manager", line, {"text": "I am not the owner"}, 404, *MISSING)
    licence = "POST /console/{shop}/admission/licence"
    yield Bad("owner", licence, {"text": HOSTILE}, 422, "Please add a photo of it.", "请附上照片", kept=True)
    yield Bad(
        "owner", licence, {"expires_on": "2026-02-30"}, 422, "Give a date such as", "请填日期", kept=True
    )
    hours = "POST /console/{shop}/admission/hours"
    yield Bad("owner", hours, {"text": "x"}, 409, "Nothing to hand in here", "这里不用提交")
    terms = "POST /console/{shop}/admission/terms"
    for version in ("", "0", "2", "-1", "9" * 30, HOSTILE):
        yield Bad("owner", terms, {"terms_version": version}, 409, *CHANGED)
