"""F9: two hundred callers that send half a request and wait keep nobody else waiting."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from o2o.kernel import checks, intake
from o2o.kernel.db import db
from o2o.orders.models import Order
from tests.alone import alone
from tests.faults.serving import Caller, serving
from tests.orders.buying import count, sell

SLOW = 200
CHUNKED = "chunked"


def test_two_hundred_half_requests_keep_nobody_waiting(app: Flask, tmp_path: Path) -> None:
    address = f"/offers/{sell()}/orders"
    with serving(app, tmp_path) as server:
        slow, guest = Caller(server.port), Caller(server.port)
        slow.sign_in("slow")
        guest.sign_in("guest")
        half = b"idempotency_key=slow&quant"
        lines = [slow.raw("POST", address, half, 2 * len(half)) for _ in range(SLOW)]
        assert guest.get("/offers/1").status == 200
        assert guest.post(address, idempotency_key="k", quantity=1).status == 303
        assert count(Order) == 1
        late = lines[0].recv(100)
        assert late.startswith(b"HTTP/1.1 408 "), late
        for line in lines:
            line.close()
        assert guest.get("/wallet").status == 200
        assert "Traceback" not in server.log.read_text()
    assert checks.broken(db.session) == []


class Line:
    """A connection that brings these pieces and then is silent."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece
        await asyncio.Event().wait()


def gathered(line: Any, length: str, busy: int = 0) -> bytes:
    """Gather a body of this length, or one in chunks; raise what its reader would hear."""
    door = intake.Intake(lambda environ, start: [])
    door.large = busy
    headers = {"content-length": length} if length != CHUNKED else {"transfer-encoding": CHUNKED}
    body = alone(door.gather(headers, line))
    assert door.large == busy
    return body.read()


def heard(line: Any, length: str, **more: int) -> int:
    with pytest.raises(HTTPException) as refused:
        gathered(line, length, **more)
    return int(refused.value.code or 0)


def test_silence_and_dawdling_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert gathered(Line(b"ab", b"c"), "3") == b"abc"
    monkeypatch.setattr(intake, "SILENCE", 0.01)
    assert heard(Line(b"ab"), "3") == 408
    assert heard(Line(b"ab"), CHUNKED) == 408
    monkeypatch.setattr(intake, "SILENCE", 60.0)
    monkeypatch.setattr(intake, "FORM_TIME", 0.01)
    assert heard(Line(b"ab"), "3") == 408
    assert heard(Line(b"ab"), CHUNKED) == 408
    assert heard(Line(b"ab"), "-3") == 400


def test_files_are_taken_in_by_the_dozen_not_by_the_thousand() -> None:
    size = str(intake.SMALL + 1)
    assert heard(Line(), size, busy=intake.LARGE_AT_ONCE) == 503
    assert gathered(Line(b"x" * intake.SMALL, b"y"), size).endswith(b"xy")
    # More than any view takes is not read: the app says 413 from what was announced.
    assert gathered(Line(), str(intake.MOST + 1)) == b""


class Short(Line):
    """A connection that ends after its pieces."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self.pieces:
            yield piece


def test_what_comes_in_chunks_has_the_same_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    large = (b"x" * intake.SMALL, b"yz")
    assert gathered(Short(*large, b""), CHUNKED).endswith(b"yz")
    assert gathered(Short(b"a", b""), CHUNKED, busy=intake.LARGE_AT_ONCE) == b"a"
    assert heard(Short(*large, b""), CHUNKED, busy=intake.LARGE_AT_ONCE) == 503
    assert heard(Short(*large, b"", b""), CHUNKED) == 400
    monkeypatch.setattr(intake, "MOST", intake.SMALL + 1)
    assert heard(Line(*large), CHUNKED) == 413
    monkeypatch.setattr(intake, "FILE_TIME", 0.01)
    assert heard(Line(large[0], b"y"), CHUNKED) == 408
