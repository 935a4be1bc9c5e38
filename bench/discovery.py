"""Discovery at 26,000 clustered shops beside a bare Flask hello on the same server; prints JSON.

    python -m bench.discovery [SHOPS]

Only the ratios count. Needs wrk (Debian: apt-get install wrk).
"""

import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import timedelta
from pathlib import Path
from statistics import median, quantiles
from typing import Any

SHOPS = 26_000
LAT, LNG = 39.99, 116.33
SECONDS = 8
ROOT = Path(__file__).parents[1]
HELLO = """
from flask import Flask
app = Flask("hello")
@app.get("/")
def hello():
    return "hello"
"""
SERVE = """
import sys
from granian import Granian
from granian.constants import Interfaces
Granian(sys.argv[1], port=int(sys.argv[2]), interface=Interfaces.WSGI, workers=1, blocking_threads=1,
        backpressure=256, log_access=False, log_enabled=False).serve()
"""
LUA = """
math.randomseed(os.time())
request = function()
  local lat = {lat} + (math.random() - 0.5) * 0.1
  local lng = {lng} + (math.random() - 0.5) * 0.1
  return wrk.format("GET", string.format("/shops?lat=%.3f&lng=%.3f&offer=" .. math.random(0, 1), lat, lng))
end
"""


def fill(count: int) -> None:
    """Fill the app's database with a clustered town: hours at two of three shops, an offer at one of twelve."""
    from sqlalchemy import insert

    from o2o.discovery import rules
    from o2o.kernel import clock
    from o2o.kernel.db import begin_write, db
    from o2o.kernel.geo import zkey
    from o2o.offers.models import Offer, Terms
    from o2o.shops.models import Shop, Town
    from o2o.shops.queries import categories

    dice = random.Random(7)
    now = clock.now()
    keys = [kind.key for kind in categories.all_categories()]
    centres = [
        (LAT + dice.gauss(0, 0.03), LNG + dice.gauss(0, 0.04), dice.uniform(0.001, 0.01)) for _ in range(60)
    ]
    shops, offers, terms = [], [], []
    for number in range(1, count + 1):
        lat, lng, spread = dice.choice(centres)
        lat, lng = lat + dice.gauss(0, spread), lng + dice.gauss(0, spread)
        start = now + timedelta(hours=dice.uniform(-9, 6))
        has_hours = dice.random() < 0.66
        live = number % 12 == 0
        shops.append({
            "id": number, "name": f"店铺 {number} 号", "name_en": f"Shop number {number}",
            "category": dice.choice(keys[:60]),
            "lat": lat, "lng": lng, "zkey": zkey(lat, lng), "status": "claimed" if live else "unclaimed", "live": live,
            "open_from": start if has_hours else None,
            "open_to": start + timedelta(hours=10) if has_hours else None,
            "version": 1, "words": "", "created_at": now, "updated_at": now,
        })  # fmt: skip
        if live:
            price = dice.randrange(900, 20_000, 100)
            made = {"created_at": now, "created_by": "system"}
            offers.append({"id": number, "shop_id": number, "state": "on_sale", "terms_id": number, **made})
            terms.append({
                "id": number, "offer_id": number, "shop_id": number, "version": 1, "title": "双人套餐", "notes": "",
                "contents": [["套餐", 1, price + 900]], "price": price, "parts_price": price + 900,
                "currency": "CNY", "uses": 1, "valid_days": 30, "weekdays": 127, "refund_before_use": True,
                "refund_at_expiry": True, **made,
            })  # fmt: skip
    begin_write()
    db.session.add(
        Town(
            id=1,
            name_zh="万店",
            name_en="Many",
            timezone="Asia/Shanghai",
            country="CN",
            currency="CNY",
            lat=LAT,
            lng=LNG,
        )
    )
    db.session.flush()
    for table, rows in ((Shop, shops), (Offer, offers), (Terms, terms)):
        for first in range(0, len(rows), 1000):
            db.session.execute(insert(table), rows[first : first + 1000])
    rules.reindex(db.session, shop_ids=range(1, count + 1))
    db.session.commit()


def nearest_times() -> dict[str, float]:
    """Time the nearest 20 with an offer through SQLAlchemy, in milliseconds."""
    from o2o.discovery.queries import Near, nearest
    from o2o.kernel.db import db

    dice = random.Random(8)
    taken = []
    for _ in range(1200):
        at = Near(LAT + dice.gauss(0, 0.03), LNG + dice.gauss(0, 0.04))
        begin = time.perf_counter()
        rows = nearest(db.session, at=at)
        taken.append((time.perf_counter() - begin) * 1000)
        assert len(rows) == 20
    return {"p50": round(median(taken[200:]), 3), "p99": round(quantiles(taken[200:], n=100)[98], 3)}


def serve(target: str, port: int, folder: str) -> subprocess.Popen[bytes]:
    """Start granian with one worker and wait until it answers."""
    env = {**os.environ, "O2O_DATA_DIR": folder, "PYTHONPATH": f"{folder}:{ROOT}"}
    process = subprocess.Popen([sys.executable, "-c", SERVE, target, str(port)], cwd=ROOT, env=env)
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).read()
            return process
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"{target} does not answer")


def rate(address: str, *options: str) -> float:
    """Measure requests a second with wrk; any answer but 200 or 304 fails."""
    command = ["wrk", "-t1", "-c4", f"-d{SECONDS}s", *options, address]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in said:
        raise RuntimeError(said)
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found, said
    return float(found[1])


def etag_of(address: str) -> str:
    """Ask for an answer's ETag as htmx would."""
    asked = urllib.request.Request(address, headers={"HX-Request": "true"})
    return str(urllib.request.urlopen(asked).headers["ETag"])


def run(count: int = SHOPS) -> dict[str, Any]:
    """Measure everything in one run."""
    if not shutil.which("wrk"):
        raise SystemExit("wrk is missing (Debian: apt-get install wrk)")
    folder = tempfile.mkdtemp()
    os.environ["O2O_DATA_DIR"] = folder
    from o2o import create_app
    from o2o.kernel.db import Base, db

    app = create_app()
    with app.app_context():
        Base.metadata.create_all(db.engine)
        fill(count)
        near = nearest_times()
        db.session.rollback()
    (Path(folder) / "hello.py").write_text(HELLO)
    (Path(folder) / "random.lua").write_text(LUA.format(lat=LAT, lng=LNG))
    hello, town = serve("hello:app", 8971, folder), serve("app:app", 8972, folder)
    try:
        htmx = ("-H", "HX-Request: true", "-H", "Accept-Encoding: zstd")
        fragment = "http://127.0.0.1:8972/shops?offer=1"
        rates = {
            "hello": rate("http://127.0.0.1:8971/"),
            "warm up": rate("http://127.0.0.1:8972/", "-s", f"{folder}/random.lua", *htmx),
            "fragment uncached": rate("http://127.0.0.1:8972/", "-s", f"{folder}/random.lua", *htmx),
            "fragment cached": rate(fragment, *htmx),
            "page cached": rate("http://127.0.0.1:8972/", *htmx[2:]),
        }
        etag = etag_of(fragment)
        rates["304"] = rate(fragment, "-H", "HX-Request: true", "-H", f"If-None-Match: {etag}")
        rates["hello again"] = rate("http://127.0.0.1:8971/")
    finally:
        for process in (hello, town):
            process.terminate()
            process.wait(10)
        shutil.rmtree(folder)
    base = (rates["hello"] + rates["hello again"]) / 2
    shares = {name: round(value / base, 3) for name, value in rates.items()}
    assert math.isfinite(base)
    return {"shops": count, "nearest 20, ms": near, "requests/s": rates, "share of hello": shares}


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else SHOPS), indent=1))
