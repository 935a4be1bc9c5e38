"""How long a till's whole day offline takes to come in: 500 claims in three batches, over HTTP in process; prints JSON.

    python -m bench.sync [CLAIMS]

The promise is 2 s for 500 claims on SQLite with full syncs: every signature verified (till, issuer, phone), the fold,
uses, money, inboxes and facts, and the news that each answer carries. The first delta of a till with 5,000 open
passes is measured beside it: 300 ms, 350 kB.
"""

import json
import sys
import tempfile
import time
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

CLAIMS = 500
OPEN = 5000
BATCH = 200
PROMISE_S = 2.0
DELTA_MS = 300.0
DELTA_BYTES = 350_000
ORIGIN = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}


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


def post(client: FlaskClient, till: Any, entries: list[Any], cursor: int) -> tuple[float, Any]:
    """Sync once; return milliseconds and the answer."""
    body = {
        "till": till.id,
        "shop": till.shop,
        "cursor": cursor,
        "head": len(till.ledger),
        "entries": entries,
    }
    start = time.perf_counter()
    answer = client.post("/till/sync", json={**body, "now": 0, "app": "bench"}, headers=ORIGIN)
    spent = (time.perf_counter() - start) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{answer.status_code}: {answer.get_data(as_text=True)[:400]}")
    return spent, answer


def main() -> None:
    """Seed, sync, print."""
    from o2o import create_app

    count = int(sys.argv[1]) if len(sys.argv) > 1 else CLAIMS
    with tempfile.TemporaryDirectory() as name:
        app = create_app({"O2O_DATA_DIR": name, "O2O_BASE_URL": "http://localhost"})
        token, till = seed(app, count)
        client = app.test_client()
        client.post(f"/sign-in/{token}", headers=ORIGIN)
        _, first = post(client, till, [], 0)
        cursor = first.get_json()["cursor"]
        spent = []
        for start in range(0, count, BATCH):
            milliseconds, answer = post(client, till, till.ledger[start : start + BATCH], cursor)
            spent.append(milliseconds)
            verdicts = {word["verdict"] for word in answer.get_json()["verdicts"]}
            if verdicts != {"stored"}:
                raise SystemExit(f"verdicts {verdicts}")
        again = sum(
            post(client, till, till.ledger[at : at + BATCH], cursor)[0] for at in range(0, count, BATCH)
        )
        fill(app, till, OPEN)
        deltas = [post(client, till, [], 0) for _ in range(5)]
        fastest = min(milliseconds for milliseconds, _ in deltas)
        size = len(deltas[0][1].get_data())
        row = {
            "claims": count,
            "batches_ms": [round(one) for one in spent],
            "seconds": round(sum(spent) / 1000, 2),
            "promise_s": PROMISE_S,
            "kept": sum(spent) / 1000 <= PROMISE_S,
            "again_seconds": round(again / 1000, 2),
            "first_delta_ms": round(fastest),
            "first_delta_bytes": size,
            "first_delta_kept": fastest <= DELTA_MS and size <= DELTA_BYTES,
        }
    print(json.dumps({"sync": row}))


if __name__ == "__main__":
    main()
