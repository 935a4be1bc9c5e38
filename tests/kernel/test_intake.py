"""The door between the server and the app: what it says of a request, and how answers leave."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from types import SimpleNamespace
from typing import Any

from flask import Flask
from werkzeug.datastructures import Headers

from o2o.kernel.intake import SMALL, WHOLE, Intake, Refused, environ
from tests.alone import alone


def scope(**more: Any) -> SimpleNamespace:
    given = {"method": "GET", "path": "/", "query_string": "", "scheme": "http", "http_version": "1.1"}
    given |= {"client": "10.0.0.1:4711", "server": "127.0.0.1:8000", "authority": None, "headers": Headers()}
    return SimpleNamespace(**{**given, **more})


class Proto:
    """A connection that notes what is sent."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = pieces
        self.status = 0
        self.headers: dict[str, str] = {}
        self.sent: list[bytes] = []

    async def __aiter__(self) -> Any:
        for piece in self.pieces:
            yield piece

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.sent = status, dict(headers), [body]

    def response_stream(self, status: int, headers: list[tuple[str, str]]) -> "Proto":
        self.status, self.headers = status, dict(headers)
        return self

    async def send_bytes(self, chunk: bytes) -> None:
        self.sent.append(chunk)


def ask(app: Any, proto: Proto, **more: Any) -> Proto:
    alone(Intake(app, threads=2).__rsgi__(scope(**more), proto))
    return proto


def test_a_request_is_said_in_the_words_of_wsgi() -> None:
    sent = Headers(
        [("x-a", "1"), ("x-a", "2"), ("cookie", "a=1"), ("cookie", "b=2"), ("content-type", "text/plain")]
    )
    sent.add("x_forwarded_for", "6.6.6.6")
    given = environ(
        scope(path="/五/a b", query_string="q=%E4", headers=sent, authority="town.example"), Refused
    )  # type: ignore[arg-type]
    assert given["PATH_INFO"].encode("latin-1").decode() == "/五/a b"
    assert (given["HTTP_X_A"], given["HTTP_COOKIE"]) == ("1,2", "a=1; b=2")
    assert (given["CONTENT_TYPE"], given["HTTP_HOST"]) == ("text/plain", "town.example")
    assert (given["REMOTE_ADDR"], given["SERVER_PORT"]) == ("10.0.0.1", "8000")
    assert "HTTP_X_FORWARDED_FOR" not in given


def test_the_app_answers_through_the_door(app: Flask) -> None:
    page = ask(
        app, Proto(), path="/offline", headers=Headers({"host": "localhost", "accept-language": "zh-CN"})
    )
    assert (page.status, page.headers["content-length"]) == (200, str(len(page.sent[0])))
    assert '<html lang="zh-Hans">' in page.sent[0].decode()
    head = ask(app, Proto(), path="/healthz", method="HEAD", headers=Headers({"host": "localhost"}))
    assert (head.status, head.sent) == (200, [b""])


def test_a_form_arrives_and_a_cut_one_is_refused(app: Flask) -> None:
    form = b"locale=en&next=/offline"
    kind = {
        "host": "localhost",
        "sec-fetch-site": "same-origin",
        "content-type": "application/x-www-form-urlencoded",
    }
    whole = Headers({**kind, "content-length": str(len(form))})
    assert ask(app, Proto(form[:5], form[5:]), path="/language", method="POST", headers=whole).status == 303
    assert ask(app, Proto(form[:9]), path="/language", method="POST", headers=whole).status == 400
    chunked = {
        "path": "/language",
        "method": "POST",
        "headers": Headers({**kind, "transfer-encoding": "chunked"}),
    }
    # The server ends a stream with one empty piece, and one more where the line was cut.
    assert ask(app, Proto(form[:5], form[5:], b""), **chunked).status == 303
    assert ask(app, Proto(form[:9], b"", b""), **chunked).status == 400
    assert ask(app, Proto(form), **chunked).status == 400
    # What the app reads is as long as what came, whatever else the request says of it.
    lying = Headers({"transfer-encoding": "chunked", "content-length": "3"})
    assert environ(scope(headers=lying), BytesIO(form))["CONTENT_LENGTH"] == str(len(form))
    assert ask(app, Proto(b"x" * (SMALL + 1), b""), **chunked).status == 413
    large = Headers({**kind, "content-length": str(10**12)})
    assert ask(app, Proto(form), path="/language", method="POST", headers=large).status == 413


class Parcel:
    """A long answer in pieces that must be let go of in the end."""

    def __init__(self) -> None:
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"x" * WHOLE, b"y"])

    def close(self) -> None:
        self.is_closed = True


def test_a_long_answer_leaves_in_pieces() -> None:
    parcel = Parcel()

    def app(given: dict[str, Any], start: Any) -> Iterable[bytes]:
        start("200 OK", [("Content-Length", str(WHOLE + 1))])
        return parcel

    answer = ask(app, Proto())
    assert (answer.status, len(answer.sent), parcel.is_closed) == (200, 2, True)
