"""Bad input of those who photograph a paper menu and type its lines."""

from collections.abc import Iterator

from tests.house.bad_input import DAMAGED, HOSTILE, LANG, LONG, MISSING, Bad, Form

WRITE = "POST /console/{shop}/menu/write"
PAGES = "POST /console/{shop}/menu/pages"
GOOD: dict[str, Form] = {
    WRITE: {"text": "宫保鸡丁 38", "mode": "add"},
    f"{PAGES}/drop": {"photo": "f" * 16},
}


def rows() -> Iterator[Bad]:
    """Yield texts that are none, photos that are none, and pages of others."""
    empty = ("Please write it here.", "请填写这一项")
    for text in ("", " \n\t "):
        yield Bad("owner", WRITE, {"text": text}, 422, *empty)
    yield Bad("owner", WRITE, {"text": "长" * 20_001}, 422, LONG % 20_000, LANG % 20_000, kept=True)
    yield Bad("owner", WRITE, {"mode": "burn"}, 400, *DAMAGED)
    yield Bad("other_owner", WRITE, {}, 404, *MISSING)
    yield Bad("staff", WRITE, {}, 404, *MISSING)
    none = ("Choose at least one photo.", "至少选一张照片")
    yield Bad("owner", PAGES, {}, 422, *none)
    yield Bad("owner", PAGES, {"photos": HOSTILE}, 422, *none)
    yield Bad("owner", PAGES, {"idempotency_key": "k" * 65}, 400, *DAMAGED)
    yield Bad("other_owner", PAGES, {}, 404, *MISSING)
    for photo in ("", "x", "f" * 16, "{photo_id}", HOSTILE):
        yield Bad("owner", f"{PAGES}/drop", {"photo": photo}, 404, *MISSING)
    yield Bad("other_owner", f"{PAGES}/drop", {}, 404, *MISSING)
    yield Bad("owner", "GET /console/{shop}/menu/write?from=nobody", {}, 404, *MISSING)
