"""500 malformed requests per route, always the same ones: none is answered by a defect. At the desks it is 150."""

import os
import random
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import Rule

from o2o.kernel.db import db
from tests.house.test_matrix import all_rules, rules_at
from tests.house.world import build_world, clients

REQUESTS = int(os.environ.get("O2O_FUZZ", "500"))
DESK_REQUESTS = int(os.environ.get("O2O_FUZZ", "150"))
WORDS = (
    "", " ", "0", "-1", "1", "2", "7", "21", "1e9", "9" * 40, "NaN", "inf", "null", "true", "[]", "{}", "{{7*7}}",
    "' OR 1=1 --", "<script>alert(1)</script>", "\x00", "\x00a", "\ud7ff", "é", "咖啡", "💣", "\u202eabc", "a" * 5000,
    "../../etc/passwd", "%00", "%s%n", "116.3,39.9,116.4,40.0", "200,100,-200,-100", "1,2,3", "a,b,c,d", "near",
    "price", "rating", "on", "http://evil.example", "//evil.example", "/wallet", "2026-02-30", "25:61", "12:00",
    "１２", "¥12.50", "12,50", "1_000", "+5", "0x10", "١٢", "ABCD-EFGH-JKMN", "amenity/cafe", "food", "zh-Hans",
    "approve",
)  # fmt: skip
FIELDS = (
    "q", "category", "lat", "lng", "bbox", "open", "offer", "sort", "page", "quantity", "idempotency_key", "shop",
    "code", "nonce", "reason", "pass", "locale", "next", "name", "title", "price", "contents", "uses",
    "valid_days", "valid_from", "valid_until", "weekdays", "from_time", "to_time", "per_person", "total_cap",
    "day_cap", "version", "hours", "handle", "key", "answer", "kind", "label", "seen", "asked", "fresh", "all",
    "choose", "text-0", "part-0-text", "parts-0-text", "token",
)  # fmt: skip
TYPES = (
    "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data",
    "application/json", "text/plain", "application/json; charset=utf-16", "image/png", "", "////",
)  # fmt: skip
ROLES = ("anonymous", "guest", "owner", "operator")


def some_headers(dice: random.Random) -> dict[str, str]:
    """Choose headers that browsers, bots and bad tools send."""
    choices = {
        "HX-Request": ("true", "x"),
        "HX-History-Restore-Request": ("true",),
        "Accept": ("text/html", "application/json", "*/*", ";;;q=nan", "image/png", ""),
        "Accept-Language": ("zh-CN", "en", "xx;q=9", ",,,", "a" * 300),
        "Accept-Encoding": ("gzip", "zstd", "br", "gzip;q=0"),
        "If-None-Match": ('"x"', "*", "W/x", '"' * 50),
        "If-Modified-Since": ("yesterday", "Thu, 01 Jan 1970 00:00:00 GMT"),
        "Range": ("bytes=0-1", "bytes=-", "x"),
        "Cookie": ("o2o=.garbage", "o2o_locale=en", "o2o_locale=../../x", "=;;;="),
        "X-Forwarded-For": ("1.2.3.4", "x"),
        "User-Agent": ("", "咖".encode().decode("latin-1") * 100),
        "Sandbox-Signature": ("t=1,v1=0", "t=x", ""),
    }
    return {name: dice.choice(values) for name, values in choices.items() if dice.random() < 0.25}


def some_body(dice: random.Random) -> dict[str, object]:
    """Choose a body: form fields, JSON of the wrong shape, or bytes under a type they are not."""
    shape = dice.random()
    if shape < 0.6:
        return {"data": {name: dice.choice(WORDS) for name in dice.sample(FIELDS, dice.randint(0, 12))}}
    if shape < 0.75:
        text = dice.choice(
            ('{"credential": {}}', '{"credential": {"id": 7, "response": []}}', "[1", "7", '"x"', "[" * 900)
        )
        return {"data": text, "content_type": "application/json"}
    noise = dice.randbytes(dice.choice((0, 3, 200, 3000)))
    return {"data": noise, "content_type": dice.choice(TYPES)}


def some_address(dice: random.Random, rule: Rule, known: dict[str, object]) -> str:
    """Fill the address with its real arguments, or with what does not belong there."""
    path = rule.rule
    for name in rule.arguments:
        value = str(known[name]) if dice.random() < 0.6 else dice.choice(WORDS)
        for form in (f"<int:{name}>", f"<string:{name}>", f"<{name}>"):
            path = path.replace(form, quote(value[:200], safe=""))
    if dice.random() < 0.6:
        query = "&".join(
            f"{name}={quote(dice.choice(WORDS))}" for name in dice.sample(FIELDS, dice.randint(1, 5))
        )
        path += f"?{query}"
    return path


@pytest.mark.sqlite_only("what PostgreSQL refuses besides (NUL in text) is tried by the forms' own tests")
@pytest.mark.parametrize("path", all_rules())
def test_nothing_malformed_is_a_defect(app: Flask, path: str) -> None:
    dice = random.Random(path)
    things = build_world(db.session)
    visitors = clients(app, things)
    for rule in rules_at(app, path):
        methods = sorted(rule.methods - {"OPTIONS"})
        policy = app.extensions["o2o.policies"][rule.endpoint]
        is_desk = policy.shop is not None or policy.kind == "operator"
        for _ in range((DESK_REQUESTS if is_desk else REQUESTS) // len(rules_at(app, path))):
            role, method = dice.choice(ROLES), dice.choice([*methods, "POST"])
            target = some_address(dice, rule, things["A"])
            headers = some_headers(dice)
            body = some_body(dice) if method == "POST" else {}
            answer = visitors[role].open(target, method=method, headers=headers, **body)
            assert answer.status_code < 500, (
                f"{method} {target} as {role} {headers} {body}: {answer.status_code}"
            )
