"""One pass in many codes with no network: signed anew, printed, typed, spelt otherwise."""

from typing import Any

import pytest
from playwright.sync_api import Page

from o2o.kernel.tokens import code_hash
from tests.browser.till_lab import (
    CODE,
    MINUTE,
    NOW,
    PASS,
    STEP,
    Scan,
    judge,
    key_line,
    known,
    lists,
    reasons,
    typed_row,
)
from tests.passes.phone import HolderPhone
from tests.passes.vectors import VECTORS

pytestmark = pytest.mark.browser


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
