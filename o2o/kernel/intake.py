"""Requests are taken in whole before a thread is spent on them: who sends slowly keeps nobody waiting.

The server hands over what came as it comes. Bodies are gathered here, with no thread and no database connection
held, and the app then runs in one of a few threads as under any WSGI server.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import SEEK_END, BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    RequestEntityTooLarge,
    RequestTimeout,
    ServiceUnavailable,
)

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
        length = announced(headers)
        if length is not None and length < 0:
            return Refused(BadRequest)
        if length == 0 or (length or 0) > MOST:
            return BytesIO()
        arriving = Arriving(proto, length)
        try:
            if length is None or length <= SMALL:
                async with asyncio.timeout(FORM_TIME):
                    await arriving.until(SMALL + 1)
            if arriving.is_over:
                return arriving.whole()
            if self.large >= LARGE_AT_ONCE:
                return Refused(ServiceUnavailable)
            return await self.gather_large(arriving)
        except TimeoutError:
            return Refused(RequestTimeout)
        except OSError:
            return Refused(ServiceUnavailable)

    async def gather_large(self, arriving: "Arriving") -> IO[bytes]:
        """Gather a large body, or the rest of one that turned out to be large."""
        self.large += 1
        try:
            async with asyncio.timeout(FILE_TIME):
                await arriving.until(MOST + 1)
            return arriving.whole()
        finally:
            self.large -= 1

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


def announced(headers: Any) -> int | None:
    """Return how long the body is to be, None when it comes in chunks and says only at its end, -1 for nonsense."""
    if headers.get("transfer-encoding"):
        return None
    told = headers.get("content-length", "0")
    return int(told) if told.isascii() and told.isdigit() else -1


class Arriving:
    """A body on its way in: `length` bytes, or as many as come where that is None."""

    def __init__(self, proto: Any, length: int | None) -> None:
        self.source = aiter(proto)
        self.length = length
        self.body = SpooledTemporaryFile(SMALL + 1)  # noqa: SIM115 the app reads it, and its end closes it
        self.blanks = 0
        self.is_over = False

    async def until(self, size: int) -> None:
        """Take what comes until there are `size` bytes, or all; raise TimeoutError after a long silence."""
        most = size if self.length is None else self.length
        while not self.is_over and self.body.tell() < most:
            try:
                # With a default, anext() would stand between the timeout and the server's future.
                async with asyncio.timeout(SILENCE):
                    chunk = await anext(self.source)
            except StopAsyncIteration:
                self.is_over = True
                break
            self.blanks += not chunk
            self.body.write(chunk)
        self.is_over = self.is_over or self.body.tell() == self.length

    def whole(self) -> IO[bytes]:
        """Return the body at its start, or one that says that it was cut or too large."""
        size = self.body.tell()
        self.body.seek(0)
        if self.length is None and size > MOST:
            return Refused(RequestEntityTooLarge)
        # The server's stream ends with one empty piece. A line that was cut, or chunks that are none, bring one more,
        # and that is all it says of them (trailers do as well; nobody sends any).
        is_whole = self.blanks == 1 if self.length is None else size == self.length
        return self.body if is_whole else Refused(BadRequest)  # type: ignore[return-value]


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
    if given.pop("HTTP_TRANSFER_ENCODING", None) is not None:
        given["CONTENT_LENGTH"] = str(body.seek(0, SEEK_END))
        body.seek(0)
    if isinstance(body, Refused):
        given["CONTENT_LENGTH"] = "1"  # without one nobody would read, and so hear
    return given


def make() -> Intake:
    """Build the town's app behind the door; the server calls this in each of its processes."""
    from o2o import create_app

    return Intake(create_app())
