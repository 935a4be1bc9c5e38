"""What a till sends, against a server that answers as it is told: every claim arrives, once."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Page

from tests.browser.till_door import (
    GET,
    PAGE,
    Answer,
    Body,
    Door,
    fates,
    nothing_lost,
    problem,
    rows,
    sync,
    whole,
)
from tests.browser.till_lab import NOW, append

pytestmark = pytest.mark.browser


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
