"""The server's door that a till syncs at, which answers as it is told; and what a till and its door have kept."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from playwright.sync_api import BrowserContext, Page, Route

from tests.browser.conftest import Phone, Town
from tests.browser.till_lab import DAY, NOW, RULES, key_line, lists, open_lab

SYNC = """async (patience) => {
    const { state, error, lists } = await window.sync.sync({ app: "lab", patience: patience ?? undefined });
    return { state, wait: error?.wait ?? 0, status: error?.status ?? null, cursor: lists?.cursor ?? null };
}"""
ROWS = "async () => window.store.rows()"
GET = "async (key) => (await window.store.get(key)) ?? null"
FIELDS = (
    "claim_id", "seq", "prev", "till", "shop", "staff", "act", "pass", "gen", "quantity", "text", "verdict", "reason",
    "at", "offset", "drift", "list", "list_age", "mode", "of", "note", "app",
)  # fmt: skip
Body = dict[str, Any]


@dataclass
class Answer:
    """What the server's door answers: a status, a body, headers."""

    status: int
    body: str
    kind: str = "application/problem+json"
    headers: dict[str, str] = field(default_factory=dict)


def problem(status: int, code: str, **headers: str) -> Answer:
    """Refuse as the site refuses machines."""
    return Answer(status, json.dumps({"status": status, "code": code, "title": "No."}), headers=headers)


PAGE = Answer(503, "<h1>Bad gateway</h1>", "text/html")


@dataclass
class Door:
    """A server of one call: keeps every claim once; `next` says what befalls the coming calls, `rule` all of them."""

    posts: list[Body] = field(default_factory=list)
    kept: dict[str, Body] = field(default_factory=dict)
    next: list[Answer | str] = field(default_factory=list)
    rule: Callable[[Body], Answer | str | None] = lambda body: None
    verdicts: dict[str, Body] = field(default_factory=dict)
    pages: list[tuple[Body, int, bool]] = field(default_factory=list)
    given: list[list[Body]] = field(default_factory=list)

    def open(self, context: BrowserContext) -> None:
        context.route("**/till/sync", self.answer)

    def answer(self, route: Route) -> None:
        body = json.loads(route.request.post_data or "")
        self.posts.append(body)
        act = self.next.pop(0) if self.next else self.rule(body)
        if act == "cut":
            route.abort("connectionreset")
            return
        if isinstance(act, Answer):
            route.fulfill(
                status=act.status, body=act.body, content_type=act.kind, headers=act.headers or None
            )
            return
        said = self.take(body)
        if act == "cut after the commit":
            route.abort("connectionreset")
        else:
            route.fulfill(status=200, body=json.dumps(said), content_type="application/json")

    def take(self, body: Body) -> Body:
        """Keep what is new, and tell the next page of news."""
        verdicts = [self.judge(entry) for entry in body["entries"]]
        self.given.append(verdicts)
        news, cursor, more = self.pages.pop(0) if self.pages else ({}, max(1, body["cursor"]), False)
        return {
            "now": NOW,
            "cursor": cursor,
            "more": more,
            "verdicts": verdicts,
            "delta": {"keys": [key_line(1)], "rules": RULES, "first": False, **news},
            "session": {"staff": 7, "name": "Ana", "until": NOW + DAY},
            "till": {"name": "Bar", "state": "active"},
        }

    def judge(self, entry: Body) -> Body:
        name = entry["claim_id"]
        planned = self.verdicts.get(name)
        if planned and planned["verdict"] not in ("conflict", "rejected"):
            return {"claim_id": name, "reason": "failed", **planned}
        if name in self.kept:
            assert self.kept[name] == entry
            return {"claim_id": name, "verdict": "duplicate", "reason": ""}
        self.kept[name] = entry
        return {"claim_id": name, "verdict": "stored", "reason": "", **(planned or {})}

    @property
    def batches(self) -> list[int]:
        return [len(body["entries"]) for body in self.posts]


def open_till(phone: Callable[..., Phone], town: Town, door: Door) -> Page:
    """Open the till's modules before this door, with lists that know of nothing bad."""
    page = open_lab(phone, town)
    door.open(page.context)
    page.evaluate("(lists) => window.store.put('lists', lists)", lists())
    return page


def sync(page: Page, patience: int | None = None) -> Body:
    told: Body = page.evaluate(SYNC, patience)
    return told


def rows(page: Page) -> list[Body]:
    found: list[Body] = page.evaluate(ROWS)
    return found


def fates(page: Page) -> list[str | None]:
    return [row["fate"]["verdict"] if row["fate"] else None for row in rows(page)]


def nothing_lost(page: Page, door: Door, names: list[Body]) -> None:
    """Hold every claim that was ever written against the phone and the server; what has no word is on the phone."""
    here = {row["claim_id"]: row["fate"] for row in rows(page)}
    for name in (row["claim_id"] for row in names):
        assert name in here or name in door.kept, f"{name} is lost"
        fate = here.get(name)
        if fate and fate["verdict"] != "quarantined":
            assert name in door.kept, f"{name} passes for sent"


def whole(found: list[Body], key: ec.EllipticCurvePublicKey) -> None:
    """Verify a chain of entries: every hash, every link, every signature, no number twice, none missing."""
    before = ""
    for number, entry in enumerate(sorted(found, key=lambda one: one["seq"]), 1):
        fields = json.dumps([entry[name] for name in FIELDS], separators=(",", ":"), ensure_ascii=False)
        digest = hashlib.sha256(fields.encode()).digest()
        assert (entry["seq"], entry["prev"], entry["hash"]) == (number, before, digest.hex())
        raw = bytes.fromhex(entry["signature"])
        signature = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        key.verify(signature, b"o2o.entry.v1\0" + digest, ec.ECDSA(SHA256()))
        before = entry["hash"]
    assert len({entry["claim_id"] for entry in found}) == len(found)
