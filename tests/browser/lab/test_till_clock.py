"""The till's clock with no network: drifts, jumps, the hours and the window of a code."""

from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page

from o2o.offers.times import usable_at
from tests.browser.till_lab import DAY, HOUR, MINUTE, NOW, STEP, Scan, judge, lists, reasons

pytestmark = pytest.mark.browser
USABLE = "(cases) => cases.map(({ terms, at, zone }) => window.verdict.usableAt(terms, at, zone))"
CLOCK = "(cases) => cases.map(({ kept, local }) => window.verdict.clockOf(kept ?? undefined, local))"


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
