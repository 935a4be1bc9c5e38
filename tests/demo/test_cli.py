"""`flask up`: what `make run` prints before it serves."""

import socket
from typing import Any

import click
import pytest
from flask import Flask

from o2o.demo import cli
from o2o.demo.people import SHOWN
from o2o.demo.seed import seed
from o2o.kernel.db import begin_write, db
from o2o.payments import rules as payments
from tests import factories


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Note how the server would have been started."""
    calls: list[dict[str, Any]] = []
    monkeypatch.setattr(cli, "serve", click.Command("serve", callback=lambda **given: calls.append(given)))
    monkeypatch.setattr(cli, "start_afresh", lambda: None)
    return calls


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def up(app: Flask, *more: str) -> Any:
    return app.test_cli_runner().invoke(args=["up", *more])


def test_an_empty_database_becomes_the_demo_and_says_how_to_sign_in(
    app: Flask, served: list[dict[str, Any]], client: Any
) -> None:
    port = free_port()
    done = up(app, "--port", str(port))
    assert done.exit_code == 0, done.output
    assert served == [{"host": "127.0.0.1", "port": port, "workers": 1, "with_worker": True}]
    links = [line.split()[-1] for line in done.output.splitlines() if "/sign-in/" in line]
    assert len(links) == len(SHOWN)
    assert all(handle in done.output for handle in ("guest2", "staff2", "sign-in-link"))
    assert client.get(links[0].removeprefix("http://localhost")).status_code == 200
    again = up(app, "--port", str(port))
    assert "drawing" not in again.output


def test_a_real_town_is_served_as_it_is(app: Flask, served: list[dict[str, Any]]) -> None:
    begin_write()
    factories.make_town(db.session)
    db.session.commit()
    done = up(app, "--port", str(free_port()))
    assert done.exit_code == 0, done.output
    assert "sign-in" not in done.output
    assert "五道口" in done.output
    assert len(served) == 1


def test_a_busy_port_is_told_before_anything_is_made(app: Flask, served: list[dict[str, Any]]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = up(app, "--port", str(port))
    assert refused.exit_code == 1
    assert f"port {port} cannot be used" in refused.output
    assert f"PORT={port + 1}" in refused.output
    assert not served


def test_production_refuses_the_demo(
    app: Flask, served: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert seed(db.session, payments.provider(app.config["O2O"]))
    monkeypatch.setattr(type(app.config["O2O"]), "is_production", True)
    refused = up(app, "--port", str(free_port()))
    assert refused.exit_code == 1
    assert "production refuses" in refused.output
    assert not served
