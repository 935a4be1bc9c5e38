"""The doorman: repeats, in front of Flask, an answer that everybody gets until something changes.

Only for the list and its page, only for visitors without a session and without a position. The view marks an
answer as common (`keep`); the doorman stores it as it left the house, headers and compression included, for as
long as the data version and the minute stay, and answers If-None-Match by the content.
"""

import hashlib
from collections.abc import Callable, Iterable
from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from flask import Flask, request

from o2o.discovery import kept
from o2o.kernel import actor, clock
from o2o.kernel.db import db
from o2o.kernel.locales import COOKIE as LANGUAGE
from o2o.kernel.shelf import Shelf

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATHS = ("/", "/shops")
MARK = "o2o.common"
ASKED = (
    "PATH_INFO", "QUERY_STRING", "HTTP_HX_REQUEST", "HTTP_HX_TARGET", "HTTP_HX_BOOSTED", "HTTP_ACCEPT",
    "HTTP_HX_HISTORY_RESTORE_REQUEST", "HTTP_ACCEPT_LANGUAGE", "HTTP_COOKIE", "wsgi.url_scheme",
)  # fmt: skip
LONGEST = 500  # characters of an address worth keeping
ON_304 = ("ETag", "Cache-Control", "Vary", "X-O2O-Cache", "X-Content-Type-Options")
Start = Callable[..., Any]


class Answer(NamedTuple):
    """What left the house, and the moment it belongs to."""

    moment: kept.Moment
    etag: str
    headers: list[tuple[str, str]]
    body: bytes


class Doorman:
    """A WSGI application before the app's own."""

    def __init__(self, app: Flask, inner: "WSGIApplication") -> None:
        self.app = app
        self.inner = inner
        self.answers: Shelf[Answer] = Shelf(256)

    def __call__(self, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Answer from the shelf, or let the app answer and look whether that can be kept."""
        key = self.key(environ)
        if key is None:
            return self.inner(environ, start)
        found: Any = self.answers.get(key)
        if found is None or found.moment != self.moment():
            found = self.ask(key, environ, start)
        if isinstance(found, Answer):
            return self.repeat(found, environ, start)
        return cast("Iterable[bytes]", found)

    def key(self, environ: "WSGIEnvironment") -> tuple[str, ...] | None:
        """Name what was asked, None when the answer may be somebody's own."""
        query = environ.get("QUERY_STRING", "")
        if environ["REQUEST_METHOD"] != "GET" or environ.get("PATH_INFO") not in PATHS:
            return None
        if (
            len(query) > LONGEST
            or "lat" in query
            or "lng" in query
            or not is_nobody(environ.get("HTTP_COOKIE", ""))
        ):
            return None
        takes = environ.get("HTTP_ACCEPT_ENCODING", "")
        coding = "zstd" if "zstd" in takes else "gzip" if "gzip" in takes else ""
        return (coding, *(environ.get(name, "") for name in ASKED))

    def moment(self) -> kept.Moment:
        """Ask what the town's state is; once a second at most, that costs a look-up."""
        now = clock.now()
        with self.app.app_context():
            return kept.moment(db.session, now)

    def ask(self, key: Any, environ: "WSGIEnvironment", start: "StartResponse") -> Answer | Iterable[bytes]:
        """Let the app answer; keep the answer when the view said that it is common."""
        said: list[Any] = []

        def listen(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Start:
            said[:] = [status, headers]
            return start(status, headers, exc_info) if exc_info else _unused

        body = self.inner(environ, listen)
        if MARK not in environ or not said or said[0] != "200 OK":
            start(*said)
            return body
        try:
            whole = b"".join(body)
        finally:
            if hasattr(body, "close"):
                body.close()
        etag = hashlib.blake2s(whole, digest_size=12).hexdigest()
        headers = [pair for pair in said[1] if pair[0] not in ("X-Request-ID", "ETag")]
        headers.append(("ETag", f'W/"{etag}"'))
        return self.answers.put(key, Answer(environ[MARK], etag, headers, whole))

    def repeat(self, found: Answer, environ: "WSGIEnvironment", start: "StartResponse") -> Iterable[bytes]:
        """Give a kept answer, or 304 to who has it already."""
        fresh = ("X-Request-ID", actor.new_request_id())
        if found.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start("304 NOT MODIFIED", [fresh, *(pair for pair in found.headers if pair[0] in ON_304)])
            return []
        start("200 OK", [fresh, *found.headers])
        return [found.body]


def keep(moment: kept.Moment) -> None:
    """Say that this request's answer is the same for everybody at a moment."""
    request.environ[MARK] = moment


def is_nobody(cookies: str) -> bool:
    """Tell whether a visitor sends no cookie but the language's."""
    if not cookies:
        return True
    try:
        return set(SimpleCookie(cookies)) <= {LANGUAGE}
    except CookieError:
        return False


def _unused(_data: bytes) -> None:
    """Stand for WSGI's old write(), which nobody calls."""
