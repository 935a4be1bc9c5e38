"""The till's ledger and its sync, against a server that answers as it is told: nothing is ever lost."""

import gzip
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from playwright.sync_api import BrowserContext, Error, Page, Route

from o2o.kernel.static import squeezed_script
from tests.browser.conftest import Phone, Town, served
from tests.browser.till_lab import (
    DAY,
    NOW,
    PASS,
    RULES,
    another_tab,
    append,
    key_line,
    lists,
    load,
    make_till,
    open_lab,
)

pytestmark = pytest.mark.browser
JS = Path(__file__).parents[2] / "static" / "js"
SYNC = """async (patience) => {
    const { state, error, lists } = await window.sync.sync({ app: "lab", patience: patience ?? undefined });
    return { state, wait: error?.wait ?? 0, status: error?.status ?? null, cursor: lists?.cursor ?? null };
}"""
ROWS = "async () => window.store.rows()"
GET = "async (key) => (await window.store.get(key)) ?? null"
APPLIED = "([before, said]) => window.sync.applied(before, said)"
FIELDS = (
    "claim_id", "seq", "prev", "till", "shop", "staff", "act", "pass", "gen", "quantity", "text", "verdict", "reason",
    "at", "offset", "drift", "list", "list_age", "mode", "of", "note", "app",
)  # fmt: skip
Body = dict[str, Any]
# A tab does not wait for the other's work, so that both run at once.
BEGIN = """([count, draft, own]) => {
    const append = async () => {
        for (let number = 0; number < count; number++) {
            await window.ledger.append(draft, own);
            if (number % 5 === 0) await window.sync.sync({ app: "lab" });
        }
    };
    window.work = append();
}"""
NO_LOCKS = "Object.defineProperty(Navigator.prototype, 'locks', { value: undefined });"
HOLD = """() => new Promise((held) => {
    navigator.locks.request("till-sync", () => {
        held();
        return new Promise((done) => { window.letGo = done; });
    });
})"""
FULL_ONCE = """(how) => {
    const add = IDBObjectStore.prototype.add;
    IDBObjectStore.prototype.add = function (...given) {
        IDBObjectStore.prototype.add = add;
        if (how === "thrown") throw new DOMException("full", "QuotaExceededError");
        const request = add.apply(this, given);
        this.transaction.abort();
        return request;
    };
}"""
PUT_FULL_ONCE = """() => {
    const put = IDBObjectStore.prototype.put;
    IDBObjectStore.prototype.put = function (...given) {
        IDBObjectStore.prototype.put = put;
        const request = put.apply(this, given);
        this.transaction.abort();
        return request;
    };
}"""


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


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("till-sync")) as running:
        yield running


@pytest.fixture
def door() -> Door:
    return Door()


@pytest.fixture
def page(town: Town, phone: Callable[..., Phone], door: Door) -> Page:
    page = open_lab(phone, town)
    door.open(page.context)
    page.evaluate("(lists) => window.store.put('lists', lists)", lists())
    return page


@pytest.fixture
def key(page: Page) -> ec.EllipticCurvePublicKey:
    return make_till(page)


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


def test_entries_are_chained_and_signed(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    append(page, 2)
    append(page, 1, act="refuse", verdict="refused", reason="stale_code", drift=-7, quantity=0)
    # Every letter that the two JSON writers might spell apart, and one that is written in two ways.
    append(page, 1, act="annul", text="", note='"\\/\b\f\n\r\t\x00\x1f\x7f\u2028\u2029é\u0065\u0301🍵<茶>')
    append(page, 1, act="annul", text="", note="茶" * 600)
    assert sync(page)["state"] == "done"
    entries = door.posts[0]["entries"]
    whole(entries, key)
    assert [set(entry) for entry in entries] == [{*FIELDS, "hash", "signature"}] * 5
    assert entries[3]["note"].endswith("éé🍵<茶>")
    assert len(entries[4]["note"]) == 500
    assert door.posts[0] | {"entries": [], "now": 0} == {
        "till": "aabbccddeeff0011", "shop": 42, "cursor": 1, "head": 5, "entries": [], "now": 0, "app": "lab",
    }  # fmt: skip
    assert fates(page) == ["stored"] * 5


def test_the_key_of_a_till_cannot_be_taken_out(page: Page, key: ec.EllipticCurvePublicKey) -> None:
    taking = "async () => crypto.subtle.exportKey('jwk', (await window.store.get('till')).pair.privateKey)"
    with pytest.raises(Error, match=r"not extractable"):
        page.evaluate(taking)


def test_an_answer_sets_the_clock(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    page.evaluate("(seen) => window.store.put('seen', seen)", NOW + 3 * DAY)
    begin = page.evaluate("Date.now()")
    sync(page)
    end = page.evaluate("Date.now()")
    clock = page.evaluate(GET, "clock")
    assert clock["at"] == NOW
    assert NOW - end <= clock["offset"] <= NOW - begin
    # A clock that ran ahead for a while does not make the till doubt the server for days.
    assert page.evaluate(GET, "seen") == NOW
    assert page.evaluate(GET, "session") == {"staff": 7, "name": "Ana", "until": NOW + DAY, "at": NOW}


@pytest.mark.parametrize("answer", [problem(500, "broken"), PAGE, Answer(200, "<form>", "text/html")])
def test_the_news_come_when_the_upload_fails(
    page: Page, door: Door, key: ec.EllipticCurvePublicKey, answer: Answer
) -> None:
    names = append(page, 3)
    door.rule = lambda body: answer if body["entries"] else None
    door.pages = [({"revoked": [[PASS, "refund"]]}, 9, False)]
    told = sync(page)
    assert (told["state"], told["cursor"]) == ("later", 9)
    assert page.evaluate(GET, "lists")["revoked"] == {PASS: "refund"}
    assert fates(page) == [None] * 3
    assert door.batches == [3, 0]
    nothing_lost(page, door, names)
    door.rule = lambda body: None
    assert sync(page)["state"] == "done"
    assert fates(page) == ["stored"] * 3


def test_a_page_in_between_never_puts_an_entry_aside(
    page: Page, door: Door, key: ec.EllipticCurvePublicKey
) -> None:
    append(page, 2)
    for status in (400, 401, 403, 404, 405, 409, 422, 451, 511):
        door.next = [Answer(status, "<h1>Welcome to the hotel</h1>", "text/html")]
        assert sync(page)["state"] == "later"
        assert fates(page) == [None, None]
    # Somebody else's JSON is no answer either, whatever it says.
    door.next = [Answer(200, '{"ok": true}', "application/json"), Answer(200, "{", "application/json")]
    sync(page)
    assert fates(page) == [None, None]
    assert page.evaluate(GET, "lists")["cursor"] == 1


def test_a_cut_before_the_server_heard(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    names = append(page, 3)
    door.next = ["cut"]
    assert sync(page)["state"] == "offline"
    nothing_lost(page, door, names)
    assert sync(page)["state"] == "done"
    assert [verdict["verdict"] for verdict in door.given[-1]] == ["stored"] * 3


def test_a_cut_after_the_server_kept_it(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    names = append(page, 3)
    door.next = ["cut after the commit"]
    assert sync(page)["state"] == "offline"
    assert (len(door.kept), fates(page)) == (3, [None] * 3)
    assert sync(page)["state"] == "done"
    # The same claims under the same names: none is doubled.
    assert door.posts[0]["entries"] == door.posts[1]["entries"]
    assert fates(page) == ["duplicate"] * 3
    assert len(door.kept) == 3
    nothing_lost(page, door, names)


def test_a_silent_server(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    names = append(page, 1)
    page.context.unroute("**/till/sync")
    page.context.route("**/till/sync", lambda route: None)
    told = sync(page, 400)
    assert told["state"] == "offline"
    nothing_lost(page, door, names)


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [(401, "sign_in", "signed_out"), (403, "not_staff", "refused"), (404, "missing", "refused"),
     (409, "till_waiting", "refused")],
)  # fmt: skip
def test_a_closed_door(
    page: Page, door: Door, key: ec.EllipticCurvePublicKey, status: int, code: str, state: str
) -> None:
    names = append(page, 3)
    door.next = [problem(status, code)]
    told = sync(page)
    assert (told["state"], told["status"]) == (state, status)
    assert fates(page) == [None] * 3
    nothing_lost(page, door, names)
    assert sync(page)["state"] == "done"


@pytest.mark.parametrize("kind", ["application/problem+json", "text/html"])
def test_what_is_too_large_goes_in_halves(
    page: Page, door: Door, key: ec.EllipticCurvePublicKey, kind: str
) -> None:
    names = append(page, 7)
    giant = names[4]["claim_id"]

    def small_door(body: Body) -> Answer | None:
        size = sum(9 if entry["claim_id"] == giant else 1 for entry in body["entries"])
        body_text = json.dumps({"code": "too_large"}) if "json" in kind else "<h1>413</h1>"
        return Answer(413, body_text, kind) if size > 3 else None

    door.rule = small_door
    assert sync(page)["state"] == "done"
    assert fates(page) == [*["stored"] * 4, "quarantined", *["stored"] * 2]
    # Halved down to one, and once with none: the door was open.
    assert door.batches[:3] == [7, 4, 2]
    assert 0 in door.batches
    assert giant not in door.kept
    nothing_lost(page, door, names)
    assert "quarantined" in [row["fate"]["verdict"] for row in rows(page) if row["claim_id"] == giant]
    assert sync(page)["state"] == "done"
    assert door.batches[-1] == 0


@pytest.mark.parametrize(("status", "code"), [(400, "bad_batch"), (422, "unreadable")])
@pytest.mark.parametrize("place", [0, 5, 9])
def test_one_poison_entry(
    page: Page, door: Door, key: ec.EllipticCurvePublicKey, status: int, code: str, place: int
) -> None:
    names = append(page, 10)
    poison = names[place]["claim_id"]
    door.rule = lambda body: (
        problem(status, code) if poison in [entry["claim_id"] for entry in body["entries"]] else None
    )
    assert sync(page)["state"] == "done"
    wanted: list[str | None] = ["stored"] * 10
    wanted[place] = "quarantined"
    assert fates(page) == wanted
    assert rows(page)[place]["fate"]["reason"] == code
    nothing_lost(page, door, names)


def test_a_door_that_takes_nothing_puts_no_entry_aside(
    page: Page, door: Door, key: ec.EllipticCurvePublicKey
) -> None:
    names = append(page, 5)
    door.rule = lambda body: problem(400, "bad_batch")
    assert sync(page)["state"] == "later"
    assert fates(page) == [None] * 5
    nothing_lost(page, door, names)
    door.rule = lambda body: None
    assert sync(page)["state"] == "done"
    assert fates(page) == ["stored"] * 5


def test_too_many_calls_are_not_made_more(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    names = append(page, 3)
    door.next = [problem(429, "too_many", **{"Retry-After": "7"})]
    told = sync(page)
    # The till's timer waits as long as the answer says (till.js, reach).
    assert (told["state"], told["wait"], len(door.posts)) == ("later", 7000, 1)
    nothing_lost(page, door, names)
    assert sync(page)["state"] == "done"


def test_the_servers_wait_is_heard_in_a_failure_too(
    page: Page, door: Door, key: ec.EllipticCurvePublicKey
) -> None:
    door.next = [problem(503, "busy", **{"Retry-After": "5"})]
    assert sync(page)["wait"] == 5000


def test_what_must_be_sent_again_does_not_hold_the_others_up(
    page: Page, door: Door, key: ec.EllipticCurvePublicKey
) -> None:
    names = append(page, 205)
    sick = [row["claim_id"] for row in (*names[:3], names[150])]
    door.verdicts = {name: {"verdict": "retry"} for name in sick}
    assert sync(page)["state"] == "later"
    assert len(door.posts) == 2
    assert [row["claim_id"] for row in rows(page) if not row["fate"]] == sick
    door.verdicts = {}
    assert sync(page)["state"] == "done"
    assert door.batches == [200, 5, 4]
    nothing_lost(page, door, names)
    whole(list(door.kept.values()), key)


def test_no_word_is_no_receipt(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    names = append(page, 4)
    # A word nobody knows, a word for somebody else, no word at all: all of them stay, and no call goes round and round.
    door.verdicts = {names[0]["claim_id"]: {"verdict": "fine"}, names[1]["claim_id"]: {"verdict": None}}
    door.verdicts[names[2]["claim_id"]] = {"verdict": "stored", "claim_id": None}
    assert sync(page)["state"] == "later"
    assert fates(page) == [None, None, None, "stored"]
    assert len(door.posts) == 1
    nothing_lost(page, door, names)


def test_every_verdict_is_kept_with_its_reason(
    page: Page, door: Door, key: ec.EllipticCurvePublicKey
) -> None:
    names = append(page, 2)
    lost = {"verdict": "conflict", "cause": "presented_twice", "won_at": NOW - 1000, "won_till": "Door"}
    door.verdicts = {
        names[0]["claim_id"]: lost,
        names[1]["claim_id"]: {"verdict": "rejected", "reason": "not_staff"},
    }
    assert sync(page)["state"] == "done"
    found = [row["fate"] for row in rows(page)]
    assert found[0].items() >= lost.items()
    assert (found[1]["verdict"], found[1]["reason"]) == ("rejected", "not_staff")


def test_more_than_a_batch(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    append(page, 401)
    assert sync(page)["state"] == "done"
    assert door.batches == [200, 200, 1]
    assert [body["head"] for body in door.posts] == [401] * 3
    whole(list(door.kept.values()), key)


def test_news_in_pages(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    other = "f" * 16
    door.pages = [
        ({"revoked": [[PASS, ""]]}, 2000, True),
        ({"revoked": [[other, ""]]}, 4000, True),
        ({"live": [PASS]}, 4100, False),
    ]
    assert sync(page)["cursor"] == 4100
    assert [body["cursor"] for body in door.posts] == [1, 2000, 4000]
    assert page.evaluate(GET, "lists")["revoked"] == {other: ""}


def test_half_the_news_are_no_fresh_lists(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    page.evaluate("(lists) => window.store.put('lists', lists)", lists(at=NOW - 3 * DAY))
    door.pages = [({}, 2000, True)]
    door.next = ["", "cut"]
    assert sync(page)["state"] == "offline"
    kept = page.evaluate(GET, "lists")
    assert (kept["at"], kept["cursor"]) == (NOW - 3 * DAY, 2000)
    assert sync(page)["state"] == "done"
    kept = page.evaluate(GET, "lists")
    assert (kept["at"], kept["cursor"]) == (NOW, 2000)


def test_a_server_that_never_ends_is_left(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    append(page, 1)
    door.pages = [({}, 1, True)] * 50
    assert sync(page)["state"] == "done"
    assert len(door.posts) == 1


def test_lists_replaced_and_changed(page: Page) -> None:
    before = lists(
        revoked={"a": "", "b": "refund"},
        superseded={"a": 1},
        used={"a": [1, 2]},
        codes={"h1": ["a", 0], "h2": ["b", 0]},
        conflicts={"c1": {"claim_id": "c1"}, "c2": {"claim_id": "c2"}},
        annulled={"x": True},
        shops={"1": {"name": "One"}},
    )
    change = {
        "rules": RULES | {"floor": 5},
        "keys": [key_line(2)],
        "revoked": [["c", ""]],
        "live": ["a"],
        "superseded": [["a", 3]],
        "used": [["a", 0, 2], ["d", 1, 1]],
        "codes": [["h3", "d", 1]],
        "gone": ["h1"],
        "conflicts": [{"claim_id": "c3"}],
        "settled": ["c1"],
        "annulled": ["y"],
        "roster": [{"staff": 7}],
        "terms": [{"id": 9, "title": "New"}],
        "shops": {"2": {"name": "Two"}},
    }
    said = {"now": NOW + 5, "cursor": 8, "more": False, "delta": change}
    after = page.evaluate(APPLIED, [before, said])
    assert (after["cursor"], after["at"], after["rules"]["floor"], after["timezone"]) == (
        8,
        NOW + 5,
        5,
        "Europe/Berlin",
    )
    assert after["revoked"] == {"b": "refund", "c": ""}
    assert after["superseded"] == {"a": 3}
    assert after["used"] == {"a": [0, 2], "d": [1, 1]}
    assert after["codes"] == {"h2": ["b", 0], "h3": ["d", 1]}
    assert set(after["conflicts"]) == {"c2", "c3"}
    assert after["annulled"] == {"x": True, "y": True}
    assert set(after["keys"]) == {"2"}
    assert set(after["terms"]) == {"7", "9"}
    assert set(after["shops"]) == {"1", "2"}
    # The same page twice changes nothing more; what was known stays as it was.
    assert page.evaluate(APPLIED, [after, said]) == after
    first = page.evaluate(APPLIED, [before, {**said, "delta": {**change, "first": True}}])
    assert first["revoked"] == {"c": ""}
    assert first["codes"] == {"h3": ["d", 1]}
    assert set(first["terms"]) == {"9"}
    assert set(first["conflicts"]) == {"c3"}
    assert set(first["shops"]) == {"2"}


def test_a_revoked_till_gets_no_younger_lists(page: Page) -> None:
    before = lists(at=NOW - DAY)
    after = page.evaluate(APPLIED, [before, {"now": NOW, "cursor": 1, "more": False, "delta": {"keys": []}}])
    assert (after["at"], after["keys"]) == (NOW - DAY, {})


@pytest.mark.parametrize("how", ["thrown", "aborted"])
def test_a_full_phone_writes_nothing_and_loses_nothing(
    page: Page, door: Door, key: ec.EllipticCurvePublicKey, how: str
) -> None:
    names = append(page, 2)
    page.evaluate(FULL_ONCE, how)
    # The till shows green only after this has resolved; it does not.
    with pytest.raises(Error, match=r"full|abort"):
        append(page, 1)
    names += append(page, 1)
    assert len(rows(page)) == 3
    whole(rows(page), key)
    assert sync(page)["state"] == "done"
    nothing_lost(page, door, names)


def test_a_phone_too_full_for_the_servers_word_sends_again(
    page: Page, door: Door, key: ec.EllipticCurvePublicKey
) -> None:
    names = append(page, 2)
    page.evaluate(PUT_FULL_ONCE)
    with pytest.raises(Error, match=r"full|abort"):
        sync(page)
    assert (len(door.kept), fates(page)) == (2, [None, None])
    assert sync(page)["state"] == "done"
    assert fates(page) == ["duplicate"] * 2
    nothing_lost(page, door, names)


@pytest.mark.parametrize("locks", [True, False], ids=["locks", "no locks"])
def test_two_tabs_at_once(phone: Callable[..., Phone], town: Town, door: Door, locks: bool) -> None:
    visitor = phone(town, service_workers="block")
    if not locks:
        visitor.context.add_init_script(NO_LOCKS)
    door.open(visitor.context)
    one = visitor.page
    load(one, town)
    two = another_tab(visitor.context, town)
    assert one.evaluate("Boolean(navigator.locks)") is locks
    key = make_till(one)
    draft = {
        "act": "redeem", "text": "1", "quantity": 1, "verdict": "ok", "reason": "ok", "mode": "offline", "staff": 7,
        "at": NOW, "offset": 0, "list": 1, "list_age": 1, "app": "lab",
    }  # fmt: skip
    for tab in (one, two):
        tab.evaluate(BEGIN, [25, draft, {"kind": "live", "step": None, "value": 1, "until": NOW}])
    for tab in (one, two):
        tab.evaluate("window.work")
    assert sync(one)["state"] == sync(two)["state"] == "done"
    found = rows(one)
    assert len(found) == 50
    whole(found, key)
    whole(list(door.kept.values()), key)
    assert len(door.kept) == 50
    if locks:
        assert all(verdict["verdict"] == "stored" for given in door.given for verdict in given)


def test_what_another_tab_did_is_seen(
    page: Page, town: Town, door: Door, key: ec.EllipticCurvePublicKey
) -> None:
    """A tab keeps in mind what it has read: never longer than it is true."""
    append(page, 6, {"until": NOW - 31 * DAY})
    other = another_tab(page.context, town)
    assert len(rows(page)) == len(rows(other)) == 6
    door.pages = [({"revoked": [[PASS, ""]]}, 3, False)]
    assert sync(other)["state"] == "done"
    assert fates(page) == ["stored"] * 6
    assert page.evaluate("async () => (await window.store.lists()).revoked") == {PASS: ""}
    door.pages = [({"live": [PASS]}, 4, False)]
    # Sent and over: the second sync prunes all but the last.
    sync(other)
    assert [row["seq"] for row in rows(page)] == [6]
    assert page.evaluate("async () => (await window.store.lists()).revoked") == {}
    append(other, 2)
    assert [row["seq"] for row in rows(page)] == [6, 7, 8]
    assert sync(other)["state"] == "done"
    assert fates(page) == ["stored"] * 2
    # The phone becomes another till: its book begins anew.
    other.evaluate(
        "async () => { for (const { seq } of await window.store.rows()) await window.store.forget(seq); }"
    )
    append(other, 3)
    assert rows(page) == rows(other)
    assert [row["seq"] for row in rows(page)] == [1, 2, 3]
    other.evaluate("async () => { for (const key of ['lists', 'listed']) await window.store.remove(key); }")
    assert page.evaluate("async () => (await window.store.lists()) ?? null") is None


def test_nobody_waits_long_for_another_tab(
    page: Page, town: Town, door: Door, key: ec.EllipticCurvePublicKey
) -> None:
    names = append(page, 1)
    other = another_tab(page.context, town)
    other.evaluate(HOLD)
    told = sync(page, 300)
    assert (told["state"], door.posts) == ("later", [])
    nothing_lost(page, door, names)
    other.close()
    assert sync(page)["state"] == "done"


def test_it_tries_for_ever(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    names = append(page, 3)
    faults: list[Answer | str] = [
        problem(500, "broken"),
        PAGE,
        "cut",
        problem(429, "too_many"),
        problem(401, "sign_in"),
    ]
    for number in range(30):
        fault = faults[number % len(faults)]
        door.rule = lambda body, fault=fault: fault  # type: ignore[misc]
        assert sync(page)["state"] != "done"
        assert fates(page) == [None] * 3
    door.rule = lambda body: None
    assert sync(page)["state"] == "done"
    nothing_lost(page, door, names)
    whole(rows(page), key)


def test_only_what_is_long_over_is_pruned(page: Page, door: Door, key: ec.EllipticCurvePublicKey) -> None:
    over, fresh = {"until": NOW - 31 * DAY}, {"until": NOW - 29 * DAY}
    append(page, 2, over)
    append(page, 1, fresh)
    waiting = append(page, 1, over)
    poison = append(page, 1, over)
    append(page, 1, over)
    door.verdicts = {waiting[0]["claim_id"]: {"verdict": "retry"}}
    door.rule = lambda body: (
        problem(400, "bad")
        if poison[0]["claim_id"] in [entry["claim_id"] for entry in body["entries"]]
        else None
    )
    assert sync(page)["state"] == "later"
    assert sync(page)["state"] == "later"
    # Left: the one not over, the one not sent, the one set aside, and the last, from which the chain goes on.
    assert [row["seq"] for row in rows(page)] == [3, 4, 5, 6]
    [new] = append(page, 1, over)
    assert new["seq"] == 7
    last = rows(page)[-1]
    assert last["prev"] == rows(page)[-2]["hash"]


def test_the_store_forgets_nothing_unsent(page: Page, key: ec.EllipticCurvePublicKey) -> None:
    append(page, 2)
    page.evaluate("window.store.mark([{ seq: 2, fate: { verdict: 'stored' } }])")
    page.evaluate("async () => { for (const seq of [1, 2, 3]) await window.store.forget(seq); }")
    assert [row["seq"] for row in rows(page)] == [1]


def test_the_ledger_only_grows(page: Page, key: ec.EllipticCurvePublicKey) -> None:
    append(page, 1)
    before = rows(page)
    with pytest.raises(Error, match=r"ConstraintError|already exists"):
        page.evaluate("async () => window.store.add({ ...(await window.store.row(1)), text: 'other' })")
    assert rows(page) == before


DELETE = """else {
    const base = await new Promise((done) => {
        indexedDB.open("till").onsuccess = ({ target }) => done(target.result);
    });
    const change = base.transaction("ledger", "readwrite");
    change.objectStore("ledger").delete(batch[0].seq);
    await new Promise((done) => { change.oncomplete = done; });
    base.close();
}
if (0) suspect = {"""
MUTANTS = {
    "deletes on 400": ("else suspect = {", DELETE),
    "takes any word for a receipt": ("WORDS.includes(verdict)", "true"),
}


@pytest.mark.parametrize("name", [*MUTANTS, ""])
def test_a_till_that_loses_entries_is_caught(
    page: Page, town: Town, door: Door, key: ec.EllipticCurvePublicKey, name: str
) -> None:
    good, bad = MUTANTS.get(name, ("else suspect = {", "else suspect = {"))
    source = (JS / "till-sync.js").read_text()
    assert source.count(good) == 1
    script = source.replace(good, bad)
    page.context.route(
        "**/js/till-sync.js", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    load(page, town)
    names = append(page, 3)
    poison, sick = names[1]["claim_id"], names[2]["claim_id"]
    door.rule = lambda body: (
        problem(400, "bad_batch") if poison in [entry["claim_id"] for entry in body["entries"]] else None
    )
    door.verdicts = {sick: {"verdict": "retry"}}
    sync(page)
    if not name:
        nothing_lost(page, door, names)
        return
    with pytest.raises(AssertionError):
        nothing_lost(page, door, names)


def test_the_till_is_small() -> None:
    """Weigh what the till's page loads of its own, squeezed and packed as served: 16 KB."""
    lazy = {"till-register.js", "till-desk.js"}
    names = [path for path in sorted(JS.glob("till*.js")) if path.name not in lazy]
    assert len(names) == 6
    scripts = [squeezed_script(path.read_text()).encode() for path in (*names, JS / "pass-code.js")]
    assert sum(len(gzip.compress(script, 9, mtime=0)) for script in scripts) <= 16_384
