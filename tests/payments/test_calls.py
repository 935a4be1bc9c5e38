"""The postman over real HTTP: taken, refused, nobody there."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from o2o.payments.calls import by_http
from o2o.payments.sandbox import HEADER


class Town(BaseHTTPRequestHandler):
    """Answer with the status the body asks for, and remember what came."""

    seen: list[tuple[str, str, bytes]] = []  # noqa: RUF012

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.seen.append((self.path, self.headers[HEADER], body))
        self.send_response(int(body))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Stay quiet."""


@pytest.fixture
def address() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Town)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_call_is_posted_with_its_signature(address: str) -> None:
    Town.seen.clear()
    send = by_http(address)
    assert [send(status, "t=1,v1=x") for status in (b"204", b"200", b"400", b"503")] == [
        True,
        True,
        False,
        False,
    ]
    assert Town.seen[0] == ("/webhooks/sandbox", "t=1,v1=x", b"204")


def test_nobody_there_is_no_disaster() -> None:
    assert not by_http("http://127.0.0.1:9")(b"204", "t=1,v1=x")
