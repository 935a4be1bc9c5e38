"""Server time of a redemption at the till, in process, over a seeded SQLite file with full syncs; prints JSON.

    python -m bench.redeem [REDEMPTIONS]

The promise is p95 <= 25 ms for POST /till/redemptions with a scanned code: signature, guarded update, money,
inbox and facts included, the wire left out. The share of the file's own commit is shown beside it.
"""

import json
import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles

from flask import Flask
from flask.testing import FlaskClient

REDEMPTIONS = 500
FILLING = 2000
PROMISE_MS = 25.0
ORIGIN = {"Sec-Fetch-Site": "same-origin"}


def seed(app: Flask, count: int) -> tuple[str, int, list[str]]:
    """Fill shops and passes through the rules; return a sign-in token, the shop and the codes to scan."""
    from o2o.accounts import rules as accounts
    from o2o.kernel import clock
    from o2o.kernel.db import Base, begin_write, db
    from o2o.passes import queries as passes
    from tests.factories import make_pass, make_role, make_shop, make_terms

    with app.app_context():
        Base.metadata.create_all(db.engine)
        begin_write()
        session = db.session
        shop = make_shop(session)
        role = make_role(session, shop, "staff", name="阿明")
        terms = make_terms(session, shop)
        issued = clock.now() - timedelta(minutes=5)
        made = [make_pass(session, terms, issued_at=issued) for _ in range(count + FILLING)]
        codes = [passes.digits(one) for one in made[:count]]
        token = accounts.make_sign_in_link(session, account_id=role.account_id)
        found = token, shop.id, codes
        session.commit()
    return found


def timed(client: FlaskClient, shop: int, codes: list[str], run: str) -> list[float]:
    """Post every code once; return milliseconds per request."""
    spent = []
    for number, code in enumerate(codes):
        form = {"shop": shop, "code": code, "quantity": 1, "nonce": f"{run}-{number:06d}"}
        start = time.perf_counter()
        answer = client.post("/till/redemptions", data=form, headers=ORIGIN)
        spent.append((time.perf_counter() - start) * 1000)
        if answer.status_code != 303:
            raise SystemExit(f"{answer.status_code}: {answer.get_data(as_text=True)[:400]}")
    return spent


def commit_ms(folder: Path) -> float:
    """Time a bare fsync of one page in the same folder: what no code can save."""
    spent = []
    with (folder / "sync").open("wb") as file:
        for _ in range(50):
            file.write(b"0" * 4096)
            start = time.perf_counter()
            file.flush()
            os.fsync(file.fileno())
            spent.append((time.perf_counter() - start) * 1000)
    return median(spent)


def main() -> None:
    """Seed, warm up, measure, print."""
    from o2o import create_app

    count = int(sys.argv[1]) if len(sys.argv) > 1 else REDEMPTIONS
    with tempfile.TemporaryDirectory() as name:
        app = create_app({"O2O_DATA_DIR": name, "O2O_BASE_URL": "http://localhost"})
        token, shop, codes = seed(app, count + 20)
        client = app.test_client()
        client.post(f"/sign-in/{token}", headers=ORIGIN)
        timed(client, shop, codes[:20], "warm")
        spent = timed(client, shop, codes[20:], "bench")
        cuts = quantiles(spent, n=100)
        row = {
            "redemptions": len(spent),
            "p50_ms": round(median(spent), 2),
            "p95_ms": round(cuts[94], 2),
            "p99_ms": round(cuts[98], 2),
            "fsync_ms": round(commit_ms(Path(name)), 2),
            "promise_ms": PROMISE_MS,
            "kept": cuts[94] <= PROMISE_MS,
        }
    print(json.dumps({"redeem": row}))


if __name__ == "__main__":
    main()
