"""Bad input at the posters' doors, the scanner, the till's arrivals and the owner's posters."""

from collections.abc import Iterator

from tests.house.bad_input import DAMAGED, HOSTILE, LANG, LONG, MISSING, PRESSED, Bad, Form

GOOD: dict[str, Form] = {
    "POST /c/{code}": {"key": "bad-input", "bucket": "none"},
    "POST /scan": {"code": "7k2m-q8x4-0w3vz"},
    "POST /console/{shop}/posters": {"label": "Door"},
}
NO_INPUT = {
    "POST /console/{shop}/posters/{poster}/rotate": PRESSED,
    "POST /console/{shop}/posters/{poster}/end": PRESSED,
    "POST /till/arrivals/{arrival_id}/confirm": PRESSED,
}
CODE = "7k2mq8x40w3vz"
FOREIGN = (
    f"https://evil.example/c/{CODE}",
    f"http://localhost@evil.example/c/{CODE}",
    f"http://localhost.evil.example/c/{CODE}",
    f"http://localhost:81/c/{CODE}",
    f"http://l\u043ecalhost/c/{CODE}",
    f"http://localhost/c/{CODE}?next=//evil.example",
    f"javascript:location.assign('/c/{CODE}')",
    "http://localhost/sign-out",
    "//evil.example",
    "9" * 234,
    HOSTILE,
    CODE,  # of the right form, and nobody's
)


def rows() -> Iterator[Bad]:
    """Yield the table."""
    arrive = "POST /c/{code}"
    yield from (Bad("guest", arrive, {"key": key}, 400, *DAMAGED) for key in ("", "   ", "k" * 65, "é"))
    yield Bad("guest", "POST /c/7k2mq8x40w3vz", {"key": "bad-input"}, 404, *MISSING)
    scan = "POST /scan"
    yield Bad(
        "anonymous", scan, {"code": ""}, 422, "Scan a poster, or type its code.", "请扫海报，或输入上面的码。"
    )
    foreign = ("That is not a check-in code of this town.", "这不是本镇的打卡码。")
    yield from (Bad("anonymous", scan, {"code": text}, 422, *foreign, kept=True) for text in FOREIGN)
    yield Bad("anonymous", scan, {"code": "x" * 301}, 422, *foreign, kept=True)
    hang = "POST /console/{shop}/posters"
    where = ("Say where it will hang.", "请写明挂在哪里。")
    yield from (Bad("owner", hang, {"label": text}, 422, *where) for text in ("", "   "))
    yield Bad("owner", hang, {"label": "长" * 41}, 422, LONG % 40, LANG % 40, kept=True)
    yield Bad("owner", hang, {"idempotency_key": "k" * 65}, 400, *DAMAGED)
