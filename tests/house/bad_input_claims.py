"""Bad input at the address where tills hand over what they took: machines read it, staff see its words."""

import json
from collections.abc import Iterator
from typing import Any

from tests.house.bad_input import MISSING, TOO_LARGE, Bad

DAMAGED = ("This till's message is damaged.", "收银机发来的数据有误")
MANY = ("A till sends at most 200 entries at once.", "一次最多上传 200 条记录")
JSON = (("Content-Type", "application/json"), ("Accept", "application/json"))
EMPTY: dict[str, Any] = {
    "till": "f" * 16,
    "shop": 987_654,
    "cursor": 0,
    "head": 0,
    "entries": [],
    "now": 0,
    "app": "bad-input",
}
WRONG: tuple[dict[str, Any], ...] = (
    {"till": None},
    {"till": "x" * 17},
    {"shop": "1"},
    {"shop": True},
    {"cursor": -1},
    {"head": 2**31},
    {"now": 0.5},
    {"app": "\u202e"},
    {"entries": None},
    {"entries": "x"},
    {"extra": 1},
)


def message(**wrong: Any) -> bytes:
    """Write a message; without `wrong` a sound one of a till that is not there."""
    return json.dumps({**EMPTY, **wrong}).encode()


def rows() -> Iterator[Bad]:
    """Yield the table."""
    sync = "POST /till/sync"
    for body in (b"", b"{", b"null", b"[]", b"{}", b"\xff", b"[" * 50_000, b"NaN", b'{"till": "\\ud800"}'):
        yield Bad("staff", sync, body, 400, *DAMAGED, headers=JSON)
    yield from (Bad("staff", sync, message(**wrong), 400, *DAMAGED, headers=JSON) for wrong in WRONG)
    yield Bad("staff", sync, message(entries=[0] * 201), 413, *MANY, headers=JSON)
    yield Bad("staff", sync, b" " * 1_000_001, 413, *TOO_LARGE, headers=JSON)
    yield Bad("staff", sync, {"till": "f" * 16}, 415, *DAMAGED, headers=JSON[1:])
    for role in ("staff", "owner", "guest", "stranger", "operator"):
        yield Bad(role, sync, message(), 404, *MISSING, headers=JSON)
