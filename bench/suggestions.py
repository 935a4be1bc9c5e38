"""Suggestions at 26,000 shops with Chinese and Latin names: processor time of whole requests; prints JSON.

    python -m bench.suggestions [SHOPS]

Half of what is typed are beginnings of names, as written, by sound or by initials; the rest has a slip, so that
nothing begins so and what was meant is looked for. Processor time, because small machines are shared.
"""

import json
import os
import random
import shutil
import sys
import tempfile
import time
from statistics import median, quantiles
from typing import Any

SHOPS = 26_000
FRONT = "老张王李海天福金永和真味小大四川湘江南北重庆西安长沙兰州东来顺香满园鼎泰丰聚德"
TAIL = (
    "肉夹馍",
    "火锅",
    "牛肉面",
    "咖啡",
    "烤鸭店",
    "便利店",
    "药房",
    "理发店",
    "小吃",
    "奶茶",
    "餐厅",
    "超市",
)
FIRST = ("Golden", "Lucky", "River", "Corner", "Happy", "Central", "Old", "New", "Blue", "Star", "Moon")
LAST = ("Cafe", "Kitchen", "Bar", "Bakery", "Kahvila", "Ravintola", "Books", "House", "Market")


def name(dice: random.Random, number: int) -> str:
    """Make a name: two of three Chinese, one of nine with its branch."""
    branch = f"({''.join(dice.choices(FRONT, k=2))}店)" if number % 9 == 0 else ""
    if number % 3:
        return "".join(dice.choices(FRONT, k=dice.randint(2, 4))) + dice.choice(TAIL) + branch
    return f"{dice.choice(FIRST)} {dice.choice(FIRST)} {dice.choice(LAST)}{branch}"


def fill(count: int) -> dict[str, Any]:
    """Fill the database with shops and index them."""
    from sqlalchemy import insert

    from o2o.kernel import clock
    from o2o.kernel.db import begin_write, db
    from o2o.kernel.geo import zkey
    from o2o.places import categories
    from o2o.shops.models import Shop, Town
    from o2o.vocabulary import rules

    dice, now = random.Random(7), clock.now()
    keys = [kind.key for kind in categories.all_categories()][:60]
    rows = []
    for number in range(1, count + 1):
        lat, lng = 39.99 + dice.gauss(0, 0.03), 116.33 + dice.gauss(0, 0.04)
        row = {"id": number, "name": name(dice, number), "category": dice.choice(keys), "status": "unclaimed"}
        row |= {"lat": lat, "lng": lng, "zkey": zkey(lat, lng), "created_at": now, "updated_at": now}
        rows.append(row)
    begin_write()
    town = {
        "name_zh": "万店",
        "name_en": "Many",
        "timezone": "Asia/Shanghai",
        "country": "CN",
        "currency": "CNY",
    }
    db.session.add(Town(id=1, lat=39.99, lng=116.33, **town))
    for first in range(0, count, 1000):
        db.session.execute(insert(Shop), rows[first : first + 1000])
    begin = time.process_time()
    rules.reindex(db.session, shop_ids=range(1, count + 1))
    db.session.commit()
    return {"index, s": round(time.process_time() - begin, 1), "names": [row["name"] for row in rows]}


def typed(names: list[str]) -> dict[str, list[str]]:
    """Make what people type: beginnings, and slips."""
    from o2o.vocabulary.queries import pieces_of

    dice = random.Random(3)
    begun, slips = [], []
    for one in dice.sample(names, 600):
        sounds = [piece.sound for piece in pieces_of(one)]
        text = dice.choice([one, "".join(sounds), "".join(sound[0] for sound in sounds)])
        begun.append(text[: dice.randint(1, 8)])
        text = dice.choice([one, "".join(sounds)])
        i = dice.randrange(len(text))
        slips.append(text[:i] + ("q" if text.isascii() else "莫") + text[i + 1 :])
    return {"beginnings": begun, "slips": slips}


def run(count: int = SHOPS) -> dict[str, Any]:
    """Measure everything in one run."""
    folder = tempfile.mkdtemp()
    os.environ["O2O_DATA_DIR"] = folder
    from o2o import create_app
    from o2o.kernel.db import Base, db

    app = create_app()
    with app.app_context():
        Base.metadata.create_all(db.engine)
        found = fill(count)
        db.session.rollback()
    client, results = app.test_client(), {"shops": count, "index, s": found["index, s"]}
    for what, texts in typed(found["names"]).items():
        taken, sizes = [], []
        for text in [*texts[:20], *texts]:
            begin = time.process_time()
            answer = client.get("/suggest", query_string={"q": text}, headers={"HX-Request": "true"})
            taken.append((time.process_time() - begin) * 1000)
            sizes.append(len(answer.data))
        parts = quantiles(taken[20:], n=100)
        results[what] = {
            "p50 ms": round(median(taken[20:]), 1),
            "p95 ms": round(parts[94], 1),
            "bytes": max(sizes),
        }
    shutil.rmtree(folder)
    return results


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]) if len(sys.argv) > 1 else SHOPS), indent=1))
