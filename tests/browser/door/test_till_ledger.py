"""The till's ledger: chained, signed, and nothing is ever lost of it."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Error, Page

from tests.browser.conftest import Town
from tests.browser.till_door import FIELDS, Door, fates, nothing_lost, problem, rows, sync, whole
from tests.browser.till_lab import DAY, NOW, append, load

pytestmark = pytest.mark.browser
JS = Path(__file__).parents[3] / "static" / "js"
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
