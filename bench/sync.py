"""How long a till's whole day offline takes to come in: 500 claims in three batches, over HTTP in process; prints JSON.

    python -m bench.sync [CLAIMS]

The promise is 2 s for 500 claims on SQLite with full syncs: every signature verified (till, issuer, phone), the fold,
uses, money, inboxes and facts, and the news that each answer carries. CPU seconds of this process and statements per
claim (many rows at once are one) stand beside the wall's: on a busy machine only they say something. The first delta
of a till with 5,000 open passes is measured too: 300 ms, 350 kB.
"""

import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

CLAIMS = 500
OPEN = 5000
BATCH = 200
PROMISE_S = 2.0
CPU_MS = 3.5
DELTA_MS = 300.0
DELTA_BYTES = 350_000
ORIGIN = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}


class Cost(NamedTuple):
    """What a call took: seconds by the wall's clock, of CPU, and statements."""

    wall: float
    cpu: float
    statements: int


def seed(app: Flask, count: int) -> tuple[str, Any]:
    """Sell passes bound to phones and take each with no network; return a sign-in token and the till."""
    from o2o.accounts import rules as accounts
    from o2o.kernel import clock
    from o2o.kernel.db import Base, begin_write, db
    from tests.claims.tillkit import open_counter

    with app.app_context():
        Base.metadata.create_all(db.engine)
        counter = open_counter(price=3800)
        till = counter.till()
        start = clock.now() - timedelta(hours=8)
        for number in range(count):
            till.redeem(counter.sell(f"guest{number % 50}"), start + timedelta(seconds=40 * number))
        begin_write()
        token = accounts.make_sign_in_link(db.session, account_id=counter.staff)
        db.session.commit()
    return token, till


def fill(app: Flask, till: Any, count: int) -> None:
    """Issue passes that nobody used yet."""
    from sqlalchemy import select

    from o2o.kernel.db import begin_write, db
    from o2o.offers.models import Terms
    from tests.factories import make_pass

    with app.app_context():
        begin_write()
        terms = db.session.scalars(select(Terms).where(Terms.shop_id == till.shop)).one()
        for number in range(count):
            make_pass(db.session, terms, f"guest{number % 50}")
        db.session.commit()


def meter(app: Flask) -> Callable[[Callable[[], Any]], tuple[Cost, Any]]:
    """Return what measures a call on this app."""
    from o2o.kernel.db import db

    asked: list[None] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *_: asked.append(None))

    def measure(call: Callable[[], Any]) -> tuple[Cost, Any]:
        before = len(asked)
        wall, cpu = time.perf_counter(), time.process_time()
        answer = call()
        return Cost(time.perf_counter() - wall, time.process_time() - cpu, len(asked) - before), answer

    return measure


def post(client: FlaskClient, till: Any, entries: list[Any], cursor: int) -> Any:
    """Sync once; return the answer."""
    body = {
        "till": till.id,
        "shop": till.shop,
        "cursor": cursor,
        "head": len(till.ledger),
        "entries": entries,
        "now": 0,
        "app": "bench",
    }
    answer = client.post("/till/sync", json=body, headers=ORIGIN)
    if answer.status_code != 200:
        raise SystemExit(f"{answer.status_code}: {answer.get_data(as_text=True)[:400]}")
    return answer


def stored(answer: Any) -> None:
    """Stop where an entry was not simply taken in."""
    verdicts = {word["verdict"] for word in answer.get_json()["verdicts"]}
    if verdicts != {"stored"}:
        raise SystemExit(f"verdicts {verdicts}")


def row(count: int, spent: list[Cost], again: list[Cost], deltas: list[Cost], delta: bytes) -> dict[str, Any]:
    """Say what came out, and which promises were kept."""
    wall, cpu = sum(one.wall for one in spent), sum(one.cpu for one in spent)
    fastest = min(one.wall for one in deltas) * 1000
    return {
        "claims": count,
        "batches_ms": [round(one.wall * 1000) for one in spent],
        "seconds": round(wall, 2),
        "promise_s": PROMISE_S,
        "kept": wall <= PROMISE_S,
        "cpu_seconds": round(cpu, 2),
        "cpu_ms_per_claim": round(cpu * 1000 / count, 2),
        "cpu_kept": cpu * 1000 / count <= CPU_MS,
        "statements": [one.statements for one in spent],
        "statements_per_claim": round(sum(one.statements for one in spent) / count, 2),
        "load": round(os.getloadavg()[0], 1),
        "again_seconds": round(sum(one.wall for one in again), 2),
        "again_cpu_seconds": round(sum(one.cpu for one in again), 2),
        "first_delta_ms": round(fastest),
        "first_delta_cpu_ms": round(min(one.cpu for one in deltas) * 1000),
        "first_delta_bytes": len(delta),
        "first_delta_gzip_bytes": len(gzip.compress(delta, 6)),
        "first_delta_kept": fastest <= DELTA_MS and len(delta) <= DELTA_BYTES,
    }


def main() -> None:
    """Seed, sync, print."""
    from o2o import create_app

    count = int(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS
    with tempfile.TemporaryDirectory() as name:
        app = create_app({"O2O_DATA_DIR": name, "O2O_BASE_URL": "http://localhost"})
        token, till = seed(app, count)
        measure = meter(app)
        client = app.test_client()
        client.post(f"/sign-in/{token}", headers=ORIGIN)
        cursor = post(client, till, [], 0).get_json()["cursor"]
        batches = [till.ledger[start : start + BATCH] for start in range(0, count, BATCH)]
        spent = []
        for batch in batches:
            cost, answer = measure(lambda batch=batch: post(client, till, batch, cursor))
            stored(answer)
            spent.append(cost)
        again = [measure(lambda batch=batch: post(client, till, batch, cursor))[0] for batch in batches]
        fill(app, till, OPEN)
        deltas = [measure(lambda: post(client, till, [], 0)) for _ in range(5)]
        delta = deltas[0][1].get_data()
        print(json.dumps({"sync": row(count, spent, again, [cost for cost, _ in deltas], delta)}))


if __name__ == "__main__":
    main()
