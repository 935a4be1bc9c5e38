"""What a till may take with no network: old lists, the budget, the uses that are left."""

from typing import Any

import pytest
from playwright.sync_api import Page

from o2o.kernel.tokens import code_hash
from tests.browser.till_lab import (
    CODE,
    HOUR,
    NOW,
    PASS,
    RULES,
    STEP,
    Scan,
    append,
    judge,
    known,
    lists,
    make_till,
    reasons,
    typed_row,
)

pytestmark = pytest.mark.browser
TALLY = """async (annulled) => {
    const sums = await window.ledger.tally(annulled ?? undefined);
    const passes = [...sums.passes].map(([id, known]) => [id, { ...known, steps: [...known.steps] }]);
    return { ...sums, all: [], undone: [], passes: Object.fromEntries(passes) };
}"""
MARK = "([seqs, verdict]) => window.store.mark(seqs.map((seq) => ({ seq, fate: { verdict } })))"


def test_old_lists(page: Page) -> None:
    def aged(hours: int, **rules: Any) -> Scan:
        return Scan(lists=lists(at=NOW - hours * HOUR, rules=RULES | rules))

    scans = [
        aged(23),
        aged(24),
        aged(25),
        aged(71),
        aged(72),
        aged(73),
        aged(73, floor=1250),
        aged(73, floor=1249),
    ]
    told = [(answer["warn"], answer["bar"]) for answer in judge(page, *scans)]
    amber = ["lists"]
    assert told == [
        ([], ""), ([], ""), (amber, ""), (amber, ""), (amber, ""),
        (amber, "online_required"), (amber, ""), (amber, "online_required"),
    ]  # fmt: skip


def test_the_offline_budget(page: Page) -> None:
    cases = [
        (Scan(claims=49), ""),
        (Scan(claims=50), "budget"),
        (Scan(claims=48, form="bearer"), ""),
        (Scan(claims=49, form="bearer"), "budget"),
        (Scan(token={"value": 20_000}), ""),
        (Scan(token={"value": 20_001}), "budget"),
        # Of five uses for 60,000 each is worth 12,000.
        (Scan(token={"value": 60_000, "uses": 5}), ""),
        (Scan(token={"value": 60_000, "uses": 5}, quantity=2), "budget"),
        (Scan(token={"value": 60_000, "uses": 5}, passes={PASS: known(1, unsent=1)}), "budget"),
        (Scan(token={"value": 60_000, "uses": 5}, passes={PASS: known(1)}), ""),
        (Scan(value=200_000 - 1250), ""),
        (Scan(value=200_000 - 1249), "budget"),
        (Scan(value=200_000 - 2500, form="bearer"), ""),
        (Scan(value=200_000 - 2499, form="bearer"), "budget"),
    ]
    rows = {code_hash(CODE): typed_row()}
    cases += [
        (Scan(typed=CODE, lists=lists(codes=rows), claims=48, value=197_500), ""),
        (Scan(typed=CODE, lists=lists(codes=rows), claims=49), "budget"),
        (Scan(typed=CODE, lists=lists(codes=rows), value=197_501), "budget"),
    ]
    answers = judge(page, *[scan for scan, _ in cases])
    assert [answer["reason"] for answer in answers] == ["ok"] * len(cases)
    assert [answer["bar"] for answer in answers] == [bar for _, bar in cases]


def test_what_may_never_be_taken_offline(page: Page) -> None:
    no_bearer = RULES | {"bearer_offline": False}
    flagged = {code_hash(CODE): typed_row(flags=4)}
    plain = {code_hash(CODE): typed_row()}
    scans = [
        Scan(token={"online_only": True}),
        Scan(form="bearer", lists=lists(rules=no_bearer)),
        Scan(typed=CODE, lists=lists(rules=no_bearer, codes=plain)),
        Scan(typed=CODE, lists=lists(codes=flagged)),
        Scan(lists=lists(rules=no_bearer)),
    ]
    told = [(answer["reason"], answer["bar"]) for answer in judge(page, *scans)]
    assert told == [("ok", "online_required")] * 4 + [("ok", "")]


def test_what_waits_counts_until_it_is_sent(page: Page) -> None:
    make_till(page)
    live = append(page, 2)
    printed = append(page, 1, {"kind": "bearer"}, **{"pass": "0" * 15 + "1"})
    append(page, 1, {"kind": "typed"}, **{"pass": "0" * 15 + "2"})
    append(page, 1, act="refuse", verdict="refused", quantity=0)
    sums = page.evaluate(TALLY)
    assert (sums["claims"], sums["value"], sums["unsent"]) == (2 + 2 + 2, 6 * 1250, 5)
    assert sums["passes"][PASS]["used"] == sums["passes"][PASS]["unsent"] == 2
    page.evaluate(MARK, [[live[0]["seq"]], "stored"])
    sums = page.evaluate(TALLY)
    assert (sums["claims"], sums["value"], sums["unsent"]) == (5, 5 * 1250, 4)
    assert (sums["passes"][PASS]["used"], sums["passes"][PASS]["unsent"]) == (2, 1)
    append(page, act="annul", verdict="ok", quantity=0, text="", of=printed[0]["claim_id"])
    sums = page.evaluate(TALLY)
    assert (sums["claims"], sums["value"]) == (3, 3 * 1250)
    assert "0" * 15 + "1" not in sums["passes"]


def test_what_another_won_or_the_server_undid_took_no_use_here(page: Page) -> None:
    make_till(page)
    rows = append(page, 4)
    page.evaluate(MARK, [[1], "conflict"])
    page.evaluate(MARK, [[2], "rejected"])
    # Nobody can read it, and it was handed over: it counts and waits.
    page.evaluate(MARK, [[3], "quarantined"])
    sums = page.evaluate(TALLY)
    assert (sums["passes"][PASS]["used"], sums["claims"], sums["unsent"], sums["stuck"]) == (2, 2, 1, 1)
    # The first word stands.
    page.evaluate(MARK, [[1], "stored"])
    assert page.evaluate(TALLY) == sums
    sums = page.evaluate(TALLY, {rows[3]["claim_id"]: True})
    assert (sums["passes"][PASS]["used"], sums["claims"]) == (1, 1)


def test_an_annul_that_was_refused_undoes_nothing(page: Page) -> None:
    make_till(page)
    [taken] = append(page)
    [undone] = append(page, act="annul", verdict="ok", quantity=0, text="", of=taken["claim_id"])
    assert page.evaluate(TALLY)["claims"] == 0
    page.evaluate(MARK, [[undone["seq"]], "rejected"])
    assert page.evaluate(TALLY)["claims"] == 1


def test_a_pass_of_several_uses(page: Page) -> None:
    five = {"uses": 5}

    def case(here: int, unsent: int, told: int, quantity: int = 1) -> Scan:
        used = lists(used={PASS: [told, 5]})
        return Scan(
            token=five,
            lists=used,
            quantity=quantity,
            passes={PASS: known(here, unsent=unsent)} if here else {},
        )

    cases = [
        (case(0, 0, 0, 5), "ok", 5),
        (case(2, 2, 0), "ok", 3),
        (case(2, 2, 0, 3), "ok", 3),
        (case(2, 2, 0, 4), "not_enough_uses", 3),
        # Two here, which the server has heard of, and two elsewhere.
        (case(2, 0, 4), "ok", 1),
        # Two here, which it has not heard of, and two elsewhere.
        (case(2, 2, 2), "ok", 1),
        (case(2, 2, 3), "already_used_elsewhere", 0),
        (case(2, 2, 5), "already_used_elsewhere", -2),
        (case(0, 0, 5), "already_used_elsewhere", 0),
        (case(5, 5, 0), "already_used_here", 0),
        (case(5, 0, 5), "already_used_here", 0),
        # What lists do not say yet this till knows itself.
        (case(2, 0, 0), "ok", 3),
    ]
    answers = judge(page, *[scan for scan, _, _ in cases])
    assert [(answer["reason"], answer["left"]) for answer in answers] == [
        (reason, left) for _, reason, left in cases
    ]


def test_one_showing_scanned_twice_is_one_use(page: Page) -> None:
    make_till(page)
    for step in (STEP - 2, STEP - 1):
        append(page, 1, {"step": step})
    passes = page.evaluate(TALLY)["passes"]
    steps = [STEP - 2, STEP - 1, STEP]
    scans = [Scan(token={"uses": 5}, step=step, passes=passes) for step in steps]
    assert reasons(page, *scans) == ["already_used_here", "already_used_here", "ok"]
