"""Requests are taken in whole before a thread is spent on them: who sends slowly keeps nobody waiting.

The server hands over what came as it comes. Bodies are gathered here, with no thread and no database connection
held, and the app then runs in one of a few threads as under any WSGI server.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from werkzeug.exceptions import BadRequest, HTTPException, LengthRequired, RequestTimeout, ServiceUnavailable

THREADS = 8
SMALL = 256 * 1024  # bytes: every form without files
MOST = 40 * 1024 * 1024  # bytes: more than any view takes; what announces more is refused by the app unread
LARGE_AT_ONCE = 24
SILENCE = 10.0  # seconds without a byte
FORM_TIME = 30.0  # seconds for a small body
FILE_TIME = 600.0  # seconds for a large one: a photo of 6 MB at 80 kbit/s
WHOLE = 1024 * 1024  # bytes of an answer that are handed over in one piece

Environ = dict[str, Any]
Start = Callable[..., Any]
Wsgi = Callable[[Environ, Start], Iterable[bytes]]


class Refused(BytesIO):
    """A body that did not come as announced: whoever reads it hears why, in the visitor's language."""

    def __init__(self, why: type[HTTPException]) -> None:
        super().__init__()
        self.why = why

    def read(self, size: int | None = -1) -> bytes:
        """Raise what became of the body."""
        raise self.why

    def readinto(self, buffer: Any) -> int:
        """Raise what became of the body."""
        raise self.why


class Intake:
    """The door between an asynchronous server (RSGI) and the app (WSGI)."""

    def __init__(self, app: Wsgi, threads: int = THREADS) -> None:
        self.app = app
        self.pool = ThreadPoolExecutor(threads, "o2o")
        self.large = 0

    async def __rsgi__(self, scope: Any, proto: Any) -> None:
        """Gather the body, run the app in a thread, send what it answers."""
        loop = asyncio.get_running_loop()
        body = await self.gather(scope.headers, proto)
        status, headers, chunks = await loop.run_in_executor(self.pool, self.run, environ(scope, body))
        if isinstance(chunks, bytes):
            proto.response_bytes(status, headers, chunks)
            return
        line = proto.response_stream(status, headers)
        try:
            while (chunk := await loop.run_in_executor(self.pool, next, chunks, None)) is not None:
                await line.send_bytes(chunk)
        finally:
            await loop.run_in_executor(self.pool, close, chunks)

    async def gather(self, headers: Any, proto: Any) -> IO[bytes]:
        """Return the whole body at its start, or one that says what is wrong with it."""
        announced = headers.get("content-length")
        if announced is None:
            return Refused(LengthRequired) if headers.get("transfer-encoding") else BytesIO()
        length = int(announced) if announced.isascii() and announced.isdigit() else -1
        if length < 0:
            return Refused(BadRequest)
        if length == 0 or length > MOST:
            return BytesIO()
        if length > SMALL and self.large >= LARGE_AT_ONCE:
            return Refused(ServiceUnavailable)
        self.large += length > SMALL
        try:
            async with asyncio.timeout(FORM_TIME if length <= SMALL else FILE_TIME):
                return await keep(proto, length)
        except TimeoutError:
            return Refused(RequestTimeout)
        except OSError:
            return Refused(ServiceUnavailable)
        finally:
            self.large -= length > SMALL

    def run(self, given: Environ) -> tuple[int, list[tuple[str, str]], bytes | Iterator[bytes]]:
        """Run the app; return status, headers, and the body: small ones whole, large ones as an iterator."""
        said: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], problem: Any = None) -> None:
            said[:] = [int(status[:3]), [(name.lower(), value) for name, value in headers]]

        chunks = self.app(given, start)
        status, headers = said
        length = dict(headers).get("content-length", "0")
        if isinstance(chunks, list | tuple) or int(length) <= WHOLE:
            try:
                return status, headers, b"".join(chunks)
            finally:
                close(chunks)
        return status, headers, Chunks(chunks)


class Chunks(Iterator[bytes]):
    """The pieces of a long answer, and its end."""

    def __init__(self, source: Iterable[bytes]) -> None:
        self.source = source
        self.pieces = iter(source)

    def __next__(self) -> bytes:
        return next(self.pieces)

    def close(self) -> None:
        """Let go of what the answer was made from."""
        close(self.source)


def close(chunks: Any) -> None:
    """Tell the app that its answer was sent, or will not be."""
    if hasattr(chunks, "close"):
        chunks.close()


async def keep(proto: Any, length: int) -> IO[bytes]:
    """Keep what comes until the announced length is there; raise TimeoutError after a long silence."""
    body = SpooledTemporaryFile(SMALL + 1)  # noqa: SIM115 the app reads it, and its end closes it
    source = aiter(proto)
    while body.tell() < length:
        try:
            # With a default, anext() would stand between the timeout and the server's future, which it cannot end.
            async with asyncio.timeout(SILENCE):
                chunk = await anext(source)
        except StopAsyncIteration:
            break
        body.write(chunk)
    whole = body.tell() == length
    body.seek(0)
    return body if whole else Refused(BadRequest)  # type: ignore[return-value]


def environ(scope: Any, body: IO[bytes]) -> Environ:
    """Say the request in WSGI's words (PEP 3333)."""
    client, _, port = scope.client.rpartition(":")
    server, _, server_port = scope.server.rpartition(":")
    given: Environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "REMOTE_ADDR": client,
        "REMOTE_PORT": port,
        "SERVER_NAME": server or "localhost",
        "SERVER_PORT": server_port or "80",
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    if scope.authority:
        given["HTTP_HOST"] = scope.authority
    for name, value in scope.headers.items():
        if "_" not in name:  # which would pass for a proxy's own header with hyphens
            key = f"HTTP_{name.upper().replace('-', '_')}"
            given[key] = f"{given[key]}{'; ' if name == 'cookie' else ','}{value}" if key in given else value
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if f"HTTP_{key}" in given:
            given[key] = given.pop(f"HTTP_{key}")
    given.pop("HTTP_TRANSFER_ENCODING", None)
    if isinstance(body, Refused):
        given["CONTENT_LENGTH"] = "1"  # without one nobody would read, and so hear
    return given


def make() -> Intake:
    """Build the town's app behind the door; the server calls this in each of its processes."""
    from o2o import create_app

    return Intake(create_app())
