"""Bad input of the operator's guides."""

from collections.abc import Iterator

from tests.house.bad_input import DAMAGED, HOSTILE, LANG, LONG, MISSING, Bad, Form

TEXTS: Form = {"version": "3", "title_zh": "雨天去处", "title_en": "For a rainy day"}
GOOD: dict[str, Form] = {
    "POST /operator/guides": {**TEXTS, "version": "0"},
    "POST /operator/guides/{guide_id}": TEXTS,
    "POST /operator/guides/{guide_id}/publish": {"version": "3"},
    "POST /operator/guides/{guide_id}/unpublish": {"version": "3"},
    "POST /operator/guides/{guide_id}/shops/{shop_id}/add": {"version": "3"},
    "POST /operator/guides/{guide_id}/shops/{shop_id}": {"version": "3", "note": "Warm", "do": "save"},
}
BOTH = ("Give the guide a title in both languages.", "请填写中英文两个标题。")
EDITED = ("Somebody else changed this guide meanwhile.", "刚才有别人改过这份指南")


def rows() -> Iterator[Bad]:
    """Yield what the operator gets wrong."""
    for address in ("POST /operator/guides", "POST /operator/guides/{guide_id}"):
        yield Bad("operator", address, {"title_zh": ""}, 422, *BOTH)
        yield Bad("operator", address, {"title_en": "   "}, 422, *BOTH)
        yield Bad("operator", address, {"title_zh": "长" * 81}, 422, LONG % 80, LANG % 80, kept=True)
        yield Bad("operator", address, {"about_en": HOSTILE, "title_en": "t" * 81}, 422, LONG % 80, LANG % 80)
        yield Bad("operator", address, {"about_zh": "长" * 1001}, 422, LONG % 1000, LANG % 1000, kept=True)
    yield Bad("operator", "POST /operator/guides", {"idempotency_key": "k" * 65}, 400, *DAMAGED)
    for address in list(GOOD)[1:]:
        yield from (
            Bad("operator", address, {"version": text}, 400, *DAMAGED) for text in ("", "x", "-1", "9" * 30)
        )
        yield Bad("operator", address, {"version": "2"}, 409, *EDITED)
    stop = "POST /operator/guides/{guide_id}/shops/{shop_id}"
    yield Bad("operator", stop, {"do": HOSTILE}, 400, *DAMAGED)
    yield Bad("operator", stop, {"note": "n" * 301}, 422, LONG % 300, LANG % 300, kept=True)
    twice = ("This shop is in the guide already.", "这家店已经在指南里了。")
    yield Bad("operator", f"{stop}/add", {}, 422, *twice)
    last = ("This was the last shop.", "这是最后一家店")
    yield Bad("operator", stop, {"do": "remove"}, 422, *last)
    nobody = "POST /operator/guides/{guide_id}/shops/987654"
    yield Bad("operator", nobody, {"version": "3"}, 404, *MISSING)
