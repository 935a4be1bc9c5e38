"""A till that is open in two tabs: one ledger, one sync at a time, and each sees what the other did."""

from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Page

from tests.browser.conftest import Phone, Town
from tests.browser.till_door import Door, fates, nothing_lost, rows, sync, whole
from tests.browser.till_lab import DAY, NOW, PASS, another_tab, append, load, make_till

pytestmark = pytest.mark.browser
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
