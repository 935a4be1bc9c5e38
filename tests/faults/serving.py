"""The real server in processes of its own, callers that speak HTTP over real sockets, and what a shop needs."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO
from urllib.parse import urlencode

from flask import Flask

from o2o.accounts import queries, rules
from o2o.kernel.db import begin_write, db
from tests.house.tree import ROOT

PATIENCE = 30.0  # seconds; long enough for a machine that does three things at once
FORM = "application/x-www-form-urlencoded"


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait for something that comes by itself; fail naming it when it does not."""
    last = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < last, f"waited in vain for {what}"
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings_of(app: Flask) -> dict[str, str]:
    """Give the environment in which another process serves this app's town."""
    town = app.config["O2O"]
    given = {"O2O_DATA_DIR": town.data_dir, "O2O_DATABASE_URL": town.database_url}
    given |= {"O2O_KEYS_DIR": town.keys_dir, "O2O_SECRET_KEY": town.secret_key, "O2O_BASE_URL": town.base_url}
    rest = {name: value for name, value in os.environ.items() if not name.startswith("O2O_")}
    return rest | {name: str(value) for name, value in given.items()}


class Server:
    """`flask serve` as its unit file starts it, on a port that it keeps when it is started again."""

    def __init__(self, app: Flask, log: Path) -> None:
        self.app = app
        self.port = free_port()
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start and wait until it answers."""
        command = [sys.executable, "-m", "flask", "serve", "--port", str(self.port)]
        with self.log.open("ab") as said:
            out: IO[bytes] = said
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=settings_of(self.app), stdout=out, stderr=out, start_new_session=True
            )
        until(self._answers, f"the server; it said {self.log.read_text()[-2000:]}")

    def _answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log.read_text()[-2000:]
        try:
            return Caller(self.port).get("/healthz").status == 200
        except OSError:
            return False

    def kill(self) -> None:
        """End every process of it at once, as power or the kernel's memory killer do: nobody can say goodbye."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def workers(self) -> list[int]:
        """Give the processes that answer, children of the one that was started."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]


@contextmanager
def serving(app: Flask, folder: Path) -> Iterator[Server]:
    """Serve the app's town from outside until the end of the block."""
    server = Server(app, folder / "server.log")
    try:
        server.start()
        yield server
    finally:
        server.kill()


@dataclass
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    text: str

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


@dataclass
class Caller:
    """Somebody with a browser's cookies and headers, who opens a connection for every request."""

    port: int
    language: str = "en"
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str, accept: str = "text/html") -> Reply:
        return self.send("GET", path, accept=accept)

    def post(self, path: str, accept: str = "text/html", **form: object) -> Reply:
        """Post a form; raises OSError when no answer came."""
        return self.send("POST", path, urlencode(form, doseq=True).encode(), accept=accept)

    def send(self, method: str, path: str, body: bytes | None = None, accept: str = "text/html") -> Reply:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        try:
            connection.request(method, path, body, self.headers(accept, body is not None))
            answer = connection.getresponse()
            text = answer.read().decode()
        except HTTPException as error:
            raise OSError("the connection was cut") from error
        finally:
            connection.close()
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.partition(";")[0]
        return Reply(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)

    def headers(self, accept: str, has_body: bool) -> dict[str, str]:
        said = {"Host": "localhost", "Accept": accept, "Accept-Language": self.language}
        said |= {"Sec-Fetch-Site": "same-origin", "Connection": "close"}
        if self.cookies:
            said["Cookie"] = "; ".join(f"{key}={value}" for key, value in self.cookies.items())
        return said | ({"Content-Type": FORM} if has_body else {})

    def raw(self, method: str, path: str, body: bytes, length: int) -> socket.socket:
        """Open a connection and send a request that announces `length` bytes and brings only `body`."""
        lines = [f"{method} {path} HTTP/1.1", f"Content-Length: {length}"]
        lines += [f"{name}: {value}" for name, value in self.headers("text/html", True).items()]
        line = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        line.sendall("\r\n".join([*lines, "", ""]).encode() + body)
        return line

    def sign_in(self, handle: str) -> None:
        """Sign in by a one-time link, made as the operator's shell makes it."""
        begin_write()
        account = queries.account_by_handle(db.session, handle)
        if account is None:
            account = rules.create_account(db.session, handle=handle)
        token = rules.make_sign_in_link(db.session, account_id=account.id)
        db.session.commit()
        answer = self.post(f"/sign-in/{token}")
        assert answer.status == 303, answer.text
