"""The written rule: complete, the same on the page as in the code, and true to the numbers it names."""

import re
from typing import get_args

import pytest
from flask.testing import FlaskClient

from o2o.claims import evidence
from o2o.claims.fold import Cause
from o2o.conflicts import policy, queries
from o2o.conflicts.models import BEARERS, CAUSES
from o2o.redemption.rules import UNDO

EXPECTED = {
    ("same_scan", False, False): "nobody",
    ("one_showing_two_tills", False, False): "shop",
    ("presented_twice", False, False): "holder",
    ("two_phones", False, False): "review",
    ("copy_possible", False, False): "shop",
    ("stale_proof", True, False): "nobody",
    ("stale_proof", False, False): "shop",
    ("after_refund", False, True): "platform",
    ("after_refund", False, False): "shop",
    ("late_claim", False, False): "shop",
}


def test_every_cause_of_the_fold_is_in_the_rule() -> None:
    assert {rule.cause for rule in policy.RULES} == set(get_args(Cause)) == {*CAUSES, "same_scan"}
    # The order in which the fold tries them, same_scan first: what it collapses never loses.
    assert list(dict.fromkeys(rule.cause for rule in policy.RULES)) == list(get_args(Cause))
    assert {rule.bears for rule in policy.RULES} <= set(BEARERS) == set(policy.BEARERS)
    assert len({(rule.cause, rule.case) for rule in policy.RULES}) == len(policy.RULES) == len(EXPECTED)


@pytest.mark.parametrize("case", EXPECTED, ids=str)
def test_who_bears(case: tuple[str, bool, bool]) -> None:
    cause, held, excused = case
    rule = policy.rule_of(cause, held=held, excused=excused)
    assert rule.bears == EXPECTED[case]
    assert policy.rule_for(cause, rule.bears) == rule


def test_an_unknown_cause_is_no_rule() -> None:
    with pytest.raises(LookupError):
        policy.rule_of("bad luck")


def test_a_person_decides_what_the_rule_leaves_open_and_nothing_else() -> None:
    waiting = {rule.cause for rule in policy.RULES if policy.waits(rule.cause, rule.bears)}
    assert waiting == {"two_phones", "stale_proof"}
    covered = {rule.cause for rule in policy.RULES if policy.is_covered(rule.cause, rule.bears)}
    assert covered == {"presented_twice", "after_refund"}
    assert policy.is_covered("two_phones", "platform")
    assert not policy.is_covered("after_refund", "shop")


def test_the_numbers_in_the_words_are_those_of_the_code() -> None:
    showing = evidence.ONE_SHOWING * evidence.STEP_MS // 1000
    for cause in ("one_showing_two_tills", "presented_twice"):
        assert f"{showing} seconds" in policy.rule_of(cause).evidence
    hours = evidence.FRESH_LIST_MS // 3_600_000
    for excused in (True, False):
        assert f"{hours} hours" in policy.rule_of("after_refund", excused=excused).evidence
    assert f"{queries.LATEST.total_seconds() / 3600:.0f} hours" in policy.rule_of("late_claim").evidence


def test_the_public_page_prints_the_very_rows(client: FlaskClient) -> None:
    page = client.get("/about/offline", headers={"Accept-Language": "en"}).get_data(as_text=True)
    rows = re.findall(r'<article class="part" id="([a-z_-]+)">', page)
    assert rows == [f"{rule.cause}-{rule.case}" if rule.case else rule.cause for rule in policy.RULES]
    text = re.sub(r"\s+", " ", page).replace("&#39;", "'")
    for rule in policy.RULES:
        for words in (rule.name, rule.evidence, rule.follows, policy.BEARERS[rule.bears]):
            assert words in text
    assert f"{policy.COVER_CAP // 100}" in text
    for clock in (f"{UNDO.total_seconds() / 60:.0f} minutes", "30 seconds", "24 hours", "72 hours"):
        assert clock in text
    assert 'href="/about/offline"' in client.get("/about").get_data(as_text=True)
