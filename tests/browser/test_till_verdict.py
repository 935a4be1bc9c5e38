"""What the till says of a code with no network: every check in its order, the clock, hours, lists, budgets."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page

from o2o.kernel.tokens import code_hash
from o2o.offers.times import usable_at
from tests.browser.conftest import Phone, Town, served
from tests.browser.till_lab import (
    DAY,
    HOUR,
    MINUTE,
    NOW,
    PASS,
    RULES,
    SHOP,
    STEP,
    TERMS,
    Scan,
    append,
    key_line,
    lists,
    make_till,
    open_lab,
    terms,
)
from tests.passes.phone import HolderPhone
from tests.passes.vectors import VECTORS

pytestmark = pytest.mark.browser
JUDGE = """async (cases) => {
    const answers = [];
    for (const { text, quantity, clock, local, world } of JSON.parse(cases)) {
        const passes = new Map();
        for (const [id, known] of Object.entries(world.passes)) {
            passes.set(id, { ...known, steps: new Map(known.steps) });
        }
        const now = { ...world, passes, clock: window.verdict.clockOf(clock, local) };
        answers.push(await window.verdict.judge(text, quantity, now));
    }
    return JSON.stringify(answers);
}"""
USABLE = "(cases) => cases.map(({ terms, at, zone }) => window.verdict.usableAt(terms, at, zone))"
CLOCK = "(cases) => cases.map(({ kept, local }) => window.verdict.clockOf(kept ?? undefined, local))"
TALLY = """async (annulled) => {
    const sums = await window.ledger.tally(annulled ?? undefined);
    const passes = [...sums.passes].map(([id, known]) => [id, { ...known, steps: [...known.steps] }]);
    return { ...sums, all: [], undone: [], passes: Object.fromEntries(passes) };
}"""
MARK = "([seqs, verdict]) => window.store.mark(seqs.map((seq) => ({ seq, fate: { verdict } })))"
OLD = NOW // MINUTE - 5_000
CODE = "0123456789AB"


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with served(tmp_path_factory.mktemp("till-verdict")) as running:
        yield running


@pytest.fixture
def page(town: Town, phone: Callable[..., Phone]) -> Page:
    return open_lab(phone, town)


def judge(page: Page, *scans: Scan) -> list[dict[str, Any]]:
    """Ask the till about many scans in one go."""
    answers: list[dict[str, Any]] = json.loads(
        page.evaluate(JUDGE, json.dumps([scan.wire() for scan in scans]))
    )
    assert len(answers) == len(scans)
    return answers


def reasons(page: Page, *scans: Scan) -> list[str]:
    return [answer["reason"] for answer in judge(page, *scans)]


def known(used: int, *, unsent: int = 0, steps: tuple[int, ...] = ()) -> dict[str, Any]:
    """Give what the till's own ledger says of a pass."""
    row = {"at": NOW - HOUR, "offset": 0, "staff": 7, "own": {"step": None}}
    return {"used": used, "unsent": unsent, "last": row, "steps": [[step, row] for step in steps]}


def typed_row(**changed: Any) -> list[Any]:
    """Give a live pass's line in the list of codes."""
    line = {
        "pass": PASS, "gen": 0, "terms": TERMS, "from": OLD, "to": NOW // MINUTE + 9_000,
        "uses": 1, "value": 1250, "flags": 0,
    }  # fmt: skip
    return list((line | changed).values())


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


def test_every_drift(page: Page) -> None:
    unproven = {"offset": 0, "at": NOW - DAY - MINUTE, "seen": NOW}
    drifts = range(-25, 26)
    proven = judge(page, *[Scan(step=STEP + drift) for drift in drifts])
    doubtful = judge(page, *[Scan(step=STEP + drift, clock=unproven) for drift in drifts])
    for drift, sure, unsure in zip(drifts, proven, doubtful, strict=True):
        green = -3 <= drift <= 1
        assert sure["reason"] == ("ok" if green else "stale_code")
        assert unsure["reason"] == ("ok" if -20 <= drift <= 20 else "clock")
        assert sure["drift"] == unsure["drift"] == drift
        assert sure.get("warn", []) == []
        assert unsure.get("warn", []) == (["clock"] if not green and unsure["reason"] == "ok" else [])


def test_a_screenshot_of_two_minutes_ago_is_refused(page: Page) -> None:
    shot = Scan(step=STEP, local=NOW + 2 * MINUTE)
    absurd = Scan(step=2**32 - 1)
    assert [(answer["reason"], answer["drift"]) for answer in judge(page, shot, absurd)] == [
        ("stale_code", -4),
        ("stale_code", 2**31 - 1),
    ]


def test_the_tills_clock_turned(page: Page) -> None:
    kept = {"offset": 0, "at": NOW - MINUTE, "seen": NOW}
    hour_back = Scan(clock=kept, local=NOW - HOUR)
    day_forward = Scan(clock=kept, local=NOW + DAY)
    # The phone was an hour late all along: the server's time counts.
    ever_late = Scan(clock={"offset": HOUR, "at": NOW - MINUTE, "seen": NOW}, local=NOW - HOUR)
    assert reasons(page, hour_back, day_forward, ever_late) == ["clock", "clock", "ok"]


def test_a_jump_back_is_marked(page: Page) -> None:
    kept = {"offset": 500, "at": NOW - MINUTE, "seen": NOW}
    cases = [
        {"kept": kept, "local": NOW - 500 + jump} for jump in (0, -2 * MINUTE, -2 * MINUTE - 1, -HOUR, DAY)
    ]
    clocks = page.evaluate(CLOCK, [*cases, {"kept": None, "local": NOW}])
    assert [clock["isSetBack"] for clock in clocks] == [False, False, True, True, False, False]
    assert [clock["isProven"] for clock in clocks] == [True, True, False, False, False, False]
    assert [clock["now"] - NOW for clock in clocks] == [0, -2 * MINUTE, -2 * MINUTE - 1, -HOUR, DAY, 0]
    assert [clock["latest"] - NOW for clock in clocks] == [0, 0, 0, 0, DAY, 0]


def test_a_clock_turned_back_makes_no_list_younger(page: Page) -> None:
    long_ago = NOW - 73 * HOUR
    # A printed pass: no proof says that the time is wrong.
    scan = Scan(
        form="bearer",
        token={"not_before": 1},
        lists=lists(at=long_ago),
        clock={"offset": 0, "at": long_ago, "seen": NOW},
        local=long_ago,
    )
    assert judge(page, scan)[0]["bar"] == "online_required"


def _agree(page: Page, cases: list[dict[str, Any]]) -> int:
    """Compare the browser's hours with Python's; returns how many of them are usable."""
    told = page.evaluate(USABLE, cases)
    wanted = []
    for case in cases:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=case["at"])
        wanted.append(usable_at(SimpleNamespace(**case["terms"]), at, case["zone"]))  # type: ignore[arg-type]
    apart = [(case, ours) for case, ours, theirs in zip(cases, wanted, told, strict=True) if ours != theirs]
    assert apart == []
    return sum(wanted)


def test_weekday_and_hours_are_those_of_the_server(page: Page) -> None:
    rng = Random(4)
    cases = []
    for _ in range(1500):
        start = rng.randrange(0, 1440)
        hours: tuple[int | None, int | None] = (start, rng.randrange(start + 1, start + 1441))
        if rng.random() < 0.15:
            hours = (None, None)
        given = {"weekdays": rng.randrange(1, 128), "from_minute": hours[0], "to_minute": hours[1]}
        zone = rng.choice(["Europe/Berlin", "America/New_York", "Asia/Shanghai", "Asia/Kathmandu", "UTC"])
        cases.append({"terms": given, "at": NOW + rng.randrange(-400 * DAY, 400 * DAY), "zone": zone})
    assert 300 < _agree(page, cases) < 1200


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("Europe/Berlin", "2026-03-29T01:00"),
        ("Europe/Berlin", "2026-10-25T01:00"),
        ("America/New_York", "2026-03-08T07:00"),
        ("America/New_York", "2026-11-01T06:00"),
    ],
)
def test_hours_when_the_clocks_change(page: Page, zone: str, change: str) -> None:
    at = round(datetime.fromisoformat(f"{change}+00:00").timestamp() * 1000)
    cases = [
        {
            "terms": {"weekdays": days, "from_minute": start, "to_minute": end},
            "at": at + minute * MINUTE,
            "zone": zone,
        }
        for minute in range(-300, 300, 5)
        for days in (1 << 5, 1 << 6, 127)
        for start, end in ((60, 180), (120, 121), (150, 210), (1320, 1560), (1380, 1620), (None, None))
    ]
    assert 0 < _agree(page, cases) < len(cases)


def test_the_window_has_ten_minutes_at_both_ends(page: Page) -> None:
    first, last = NOW // MINUTE - 100, NOW // MINUTE + 100
    clock = {"offset": 0, "at": 0, "seen": 0}
    window = {"not_before": first, "expires": last}

    def at(local: int) -> Scan:
        return Scan(form="bearer", token=window, local=local, clock=clock)

    begins, ends = (first - 10) * MINUTE, (last + 10) * MINUTE
    scans = [at(begins - 1), at(begins), at(ends - 1), at(ends)]
    assert reasons(page, *scans) == ["too_early", "ok", "ok", "expired"]


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


def test_the_same_pass_in_another_code_dodges_nothing(page: Page) -> None:
    both = {"1": key_line(1), "2": key_line(2)}
    # Signed anew by another key, bound to another phone, printed, shown in another step: the pass is the same.
    other = HolderPhone(3)
    codes: list[dict[str, Any]] = [
        {"signer": 2, "token": {"kid": 2}},
        {"holder": other, "token": {"device": other.x, "parity": other.parity}},
        {"form": "bearer"},
        {"step": STEP - 1},
    ]
    texts = {Scan(**code).text for code in codes} | {Scan().text}
    assert len(texts) == 5
    for code in codes:
        scans = [
            Scan(**code, lists=lists(keys=both)),
            Scan(**code, lists=lists(keys=both, revoked={PASS: ""})),
            Scan(**code, lists=lists(keys=both, superseded={PASS: 1})),
            Scan(**code, lists=lists(keys=both), passes={PASS: known(1)}),
            Scan(**code, lists=lists(keys=both, used={PASS: [1, 1]})),
        ]
        assert reasons(page, *scans) == [
            "ok",
            "revoked",
            "superseded",
            "already_used_here",
            "already_used_elsewhere",
        ]
    typed = Scan(typed=CODE, lists=lists(codes={code_hash(CODE): typed_row()}), passes={PASS: known(1)})
    assert reasons(page, typed) == ["already_used_here"]


@pytest.mark.parametrize("bend", ["0{}", "+{}", "{}.0", "{}e0", "{}\u200b", "１{}", "{}0", "0x{}", "{} 1"])
def test_another_spelling_is_no_code(page: Page, bend: str) -> None:
    assert reasons(page, Scan(bent=bend.format)) == ["format"]


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


def test_short_codes_in_every_spelling(page: Page) -> None:
    cases = VECTORS["short_codes"]
    good = [case for case in cases if case["code"]]
    codes = {case["hash"]: typed_row() for case in good}
    scans = [Scan(typed=case["typed"], lists=lists(codes=codes)) for case in cases if case["typed"].strip()]
    wanted = ["ok" if case["code"] else "format" for case in cases if case["typed"].strip()]
    assert wanted.count("ok") > 5
    answers = judge(page, *scans)
    assert [answer["reason"] for answer in answers] == wanted
    # The ledger keeps the one stored form.
    kept = [answer["code"]["text"] for answer in answers if answer["reason"] == "ok"]
    assert kept == [case["code"] for case in good]


def test_a_typed_code_is_judged_as_any_other(page: Page) -> None:
    def typed(changed: dict[str, Any] | None = None, **more: Any) -> Scan:
        return Scan(typed=CODE, lists=lists(codes={code_hash(CODE): typed_row(**(changed or {}))}, **more))

    scans = [
        typed(),
        Scan(typed=CODE),
        typed({"to": NOW // MINUTE - 10}),
        typed({"from": NOW // MINUTE + 11}),
        typed(revoked={PASS: ""}),
        typed(superseded={PASS: 1}),
        typed(used={PASS: [1, 1]}),
        typed({"flags": 8}),
    ]
    answers = judge(page, *scans)
    assert [answer["reason"] for answer in answers] == [
        "ok", "format", "expired", "too_early", "revoked", "superseded", "already_used_elsewhere", "ok",
    ]  # fmt: skip
    assert (answers[0]["code"]["kind"], answers[1]["variant"], answers[-1]["warn"]) == (
        "typed",
        "typed",
        ["id"],
    )


def test_terms_that_the_till_does_not_know_are_said(page: Page) -> None:
    [answer] = judge(page, Scan(lists=lists(terms={})))
    assert (answer["reason"], answer["terms"], answer["warn"]) == ("ok", None, ["terms"])


def test_a_group_of_shops_is_another_shop(page: Page) -> None:
    [answer] = judge(page, Scan(token={"scope_id": 2**31 + SHOP}))
    assert (answer["reason"], answer["isGroup"]) == ("wrong_shop", True)
