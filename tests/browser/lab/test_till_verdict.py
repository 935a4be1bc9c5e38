"""What the till says of a code with no network: every check in its order, keys and terms."""

from collections.abc import Callable
from itertools import combinations

import pytest
from playwright.sync_api import Page

from tests.browser.till_lab import (
    CODE,
    DAY,
    HOUR,
    MINUTE,
    NOW,
    PASS,
    SHOP,
    STEP,
    TERMS,
    Scan,
    judge,
    key_line,
    known,
    lists,
    reasons,
    terms,
)
from tests.passes.phone import HolderPhone

pytestmark = pytest.mark.browser


def _bend(scan: Scan) -> None:
    scan.bent = lambda text: f"0{text}"


def _forget_key(scan: Scan) -> None:
    assert scan.lists is not None
    scan.lists["keys"] = {"2": key_line(2)}


def _no_day(scan: Scan) -> None:
    assert scan.lists is not None
    scan.lists["terms"] = {str(TERMS): terms(weekdays=1 << 2)}


def _turned(scan: Scan) -> None:
    scan.clock = {"offset": 0, "at": 0, "seen": 0}
    scan.step = STEP - 21


# The fixed order of pass.md ("Till: order of checks"); those of one number exclude each other.
CHECKS: list[tuple[int, str, Callable[[Scan], None]]] = [
    (1, "format", _bend),
    (2, "unknown_key", _forget_key),
    (3, "signature", lambda scan: setattr(scan, "signer", 2)),
    (4, "wrong_shop", lambda scan: scan.token.update(scope_id=SHOP + 1)),
    (5, "too_early", lambda scan: scan.token.update(not_before=NOW // MINUTE + 11)),
    (5, "expired", lambda scan: scan.token.update(not_before=1, expires=NOW // MINUTE - 10)),
    (6, "wrong_time", _no_day),
    (7, "revoked", lambda scan: scan.lists["revoked"].update({PASS: ""})),  # type: ignore[index]
    (8, "superseded", lambda scan: scan.lists["superseded"].update({PASS: 1})),  # type: ignore[index]
    (9, "already_used_here", lambda scan: scan.passes.update({PASS: known(1)})),
    (10, "already_used_elsewhere", lambda scan: scan.lists["used"].update({PASS: [1, 1]})),  # type: ignore[index]
    (11, "copy", lambda scan: setattr(scan, "form", "bound")),
    (11, "signature", lambda scan: setattr(scan, "holder", HolderPhone(2))),
    (12, "stale_code", lambda scan: setattr(scan, "step", STEP - 4)),
    (12, "clock", _turned),
]


def test_a_good_code_is_good(page: Page) -> None:
    [answer] = judge(page, Scan())
    assert (answer["reason"], answer["bar"], answer["warn"], answer["drift"], answer["left"]) == (
        "ok",
        "",
        [],
        0,
        1,
    )
    assert answer["code"]["token"]["passId"] == PASS
    assert answer["terms"]["title"] == "Tea for two"


def test_every_reason_stands_alone(page: Page) -> None:
    for _, reason, spoil in CHECKS:
        scan = Scan()
        spoil(scan)
        assert reasons(page, scan) == [reason]


def test_of_two_failures_the_earlier_check_wins(page: Page) -> None:
    scans, wanted = [], []
    for (place, reason, first), (other, _, second) in combinations(CHECKS, 2):
        if place == other:
            continue
        scan = Scan()
        first(scan)
        second(scan)
        scans.append(scan)
        wanted.append(reason)
    assert len(scans) > 90
    assert reasons(page, *scans) == wanted


def test_whatever_fails_comes_before_lists_and_budget(page: Page) -> None:
    for _, reason, spoil in CHECKS[3:]:
        scan = Scan(claims=50, value=200_000)
        spoil(scan)
        scan.lists = {**(scan.lists or {}), "at": NOW - 80 * HOUR}
        assert reasons(page, scan) == [reason]
    spent = Scan(claims=50)
    old = Scan(claims=50, lists=lists(at=NOW - 80 * HOUR))
    assert [(answer["reason"], answer["bar"]) for answer in judge(page, spent, old)] == [
        ("ok", "budget"),
        ("ok", "online_required"),
    ]


def test_nothing_of_the_payload_is_told_before_the_issuers_signature_holds(page: Page) -> None:
    for _, reason, spoil in CHECKS[:3]:
        scan = Scan()
        spoil(scan)
        assert judge(page, scan) == [{"reason": reason}]
    for bit in (0, 5, 513, 800, 1100):
        forged = Scan(bent=lambda text, bit=bit: str(int(text) ^ 1 << bit))  # type: ignore[misc]
        [answer] = judge(page, forged)
        if answer["reason"] in ("format", "unknown_key"):
            assert answer == {"reason": answer["reason"]}
        else:
            assert answer == {"reason": "signature"} or answer["variant"] == "proof"


def test_a_reason_why_it_is_revoked(page: Page) -> None:
    [answer] = judge(page, Scan(lists=lists(revoked={PASS: "refund"})))
    assert (answer["reason"], answer["variant"]) == ("revoked", "refund")


def test_keys_unknown_and_withdrawn(page: Page) -> None:
    withdrawn = lists(keys={"1": key_line(1, "withdrawn")})
    assert reasons(page, Scan(lists=withdrawn), Scan(lists=lists(keys={}))) == ["unknown_key", "unknown_key"]
    for state in ("signing", "verifying", "published"):
        assert reasons(page, Scan(lists=lists(keys={"1": key_line(1, state)}))) == ["ok"]


def test_a_key_that_was_published_before_the_till_lost_its_network(page: Page) -> None:
    kept = lists(at=NOW - 6 * DAY, keys={"1": key_line(1), "2": key_line(2, "published")})
    clock = {"offset": 0, "at": NOW - 6 * DAY, "seen": NOW}
    new = Scan(signer=2, token={"kid": 2}, lists=kept, clock=clock)
    free = Scan(signer=2, token={"kid": 2, "value": 0}, lists=kept, clock=clock)
    told = [(answer["reason"], answer["warn"], answer["bar"]) for answer in judge(page, new, free)]
    assert told == [("ok", ["lists"], "online_required"), ("ok", ["lists"], "")]


def test_a_till_that_was_never_told_anything_vouches_for_nothing(page: Page) -> None:
    told_keys_only = lists(rules=None)
    scans = [Scan(lists=None), Scan(lists=told_keys_only), Scan(lists=None, typed=CODE)]
    assert reasons(page, *scans) == ["unknown_key", "unknown_key", "format"]


def test_terms_that_the_till_does_not_know_are_said(page: Page) -> None:
    [answer] = judge(page, Scan(lists=lists(terms={})))
    assert (answer["reason"], answer["terms"], answer["warn"]) == ("ok", None, ["terms"])


def test_a_group_of_shops_is_another_shop(page: Page) -> None:
    [answer] = judge(page, Scan(token={"scope_id": 2**31 + SHOP}))
    assert (answer["reason"], answer["isGroup"]) == ("wrong_shop", True)
