"""F4: what was cut on the way changes nothing; an answer that got lost is given again to the same key."""

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import select

from o2o.kernel import checks
from o2o.kernel.db import db
from o2o.orders.models import Order
from tests.faults.serving import PATIENCE, Caller, Server, serving, until
from tests.orders.buying import count, sell


@pytest.fixture
def server(app: Flask, tmp_path: Path) -> Iterator[Server]:
    with serving(app, tmp_path) as running:
        yield running


@pytest.fixture
def guest(server: Server) -> Caller:
    caller = Caller(server.port)
    caller.sign_in("guest")
    return caller


def test_a_cut_form_is_refused_and_nothing_is_bought(guest: Caller) -> None:
    """Twelve cups, of which the connection swallowed the second digit, are not one cup."""
    address = f"/offers/{sell()}/orders"
    whole = urlencode({"idempotency_key": "cut", "quantity": 12}).encode()
    line = guest.raw("POST", address, whole[:-1], len(whole))
    line.shutdown(socket.SHUT_WR)
    answer = line.recv(100)
    line.close()
    assert answer.startswith(b"HTTP/1.1 400 "), answer
    assert count(Order) == 0
    assert guest.post(address, idempotency_key="cut", quantity=1).status == 303
    assert count(Order) == 1
    assert checks.broken(db.session) == []


def test_an_answer_lost_after_the_commit_is_given_again(guest: Caller) -> None:
    address, form = f"/offers/{sell()}/orders", {"idempotency_key": "lost", "quantity": 1}
    body = urlencode(form).encode()
    line = guest.raw("POST", address, body, len(body))
    until(lambda: count(Order) == 1, "the order whose answer nobody reads")
    line.close()
    again = guest.post(address, **form)
    assert (again.status, count(Order)) == (303, 1)
    assert guest.get(again.location).status == 200
    assert guest.post(address, **form).location == again.location
    assert guest.post(address, **{**form, "quantity": 2}).status == 409
    assert checks.broken(db.session) == []


def chunked(guest: Caller, address: str, *pieces: bytes, is_cut: bool = False) -> bytes:
    """Send a form as a proxy does that does not wait for its end; return how the answer begins."""
    head = "\r\n".join(f"{name}: {value}" for name, value in guest.headers("text/html", True).items())
    line = socket.create_connection(("127.0.0.1", guest.port), timeout=PATIENCE)
    line.sendall(f"POST {address} HTTP/1.1\r\nTransfer-Encoding: chunked\r\n{head}\r\n\r\n".encode())
    for piece in pieces:
        line.sendall(piece)
    if is_cut:
        line.shutdown(socket.SHUT_WR)
    answer = line.recv(100)
    line.close()
    return answer[:13]


def test_a_form_in_chunks_counts_once_and_a_cut_one_not_at_all(guest: Caller) -> None:
    """The server ends its stream alike, cut or whole; what a cut adds to it is measured here, on the real door."""
    address, form = f"/offers/{sell()}/orders", b"idempotency_key=chunks&quantity=12"
    chunk, end = b"%x\r\n%s\r\n" % (len(form), form), b"0\r\n\r\n"
    for cut in (b"", chunk[:-3], chunk, chunk + end[:3]):
        assert chunked(guest, address, cut, is_cut=True) == b"HTTP/1.1 400 ", cut
    assert chunked(guest, address, chunk, b"no size\r\n\r\n") == b"HTTP/1.1 400 "
    assert count(Order) == 0
    for _twice in range(2):
        assert chunked(guest, address, chunk, end) == b"HTTP/1.1 303 "
        assert db.session.scalars(select(Order.quantity)).all() == [12]
        db.session.rollback()
    assert checks.broken(db.session) == []
