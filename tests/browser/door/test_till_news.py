"""What a till hears when it syncs: the server's clock, the lists and their changes."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Page

from tests.browser.till_door import GET, PAGE, Answer, Door, fates, nothing_lost, problem, sync
from tests.browser.till_lab import DAY, NOW, PASS, RULES, append, key_line, lists

pytestmark = pytest.mark.browser
APPLIED = "([before, said]) => window.sync.applied(before, said)"


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
