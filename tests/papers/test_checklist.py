"""A line's state is reckoned when it is read; the latest answer counts."""

from datetime import date, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from o2o.checklist import queries as asked
from o2o.checklist.models import Requirement
from o2o.kernel import clock
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.papers import queries as answers
from o2o.papers import rules as papers
from o2o.papers.models import Submission
from o2o.papers.queries import DONE, OPEN, state_of
from o2o.requirements import rules as requirements
from tests.factories import make_account
from tests.onboarding.town import (
    answer,
    decide,
    line,
    make_claim,
    make_listing,
    make_operator,
    refused,
)

TODAY = date(2026, 6, 1)


def row_of(**values: object) -> Requirement:
    return Requirement(**{"key": "own-1", "kind": "verified", "asks_expiry": False, **values})


def state(row: Requirement, is_met: bool = False, version: int = 1, **said: object) -> str:
    answered = Submission(**{"decision": None, **said}) if said else None
    return state_of(row, answered, is_met=is_met, version=version, today=TODAY)


def test_every_state_of_every_kind() -> None:
    assert state(row_of(kind="computed"), is_met=True) == "complete"
    assert state(row_of(kind="computed")) == "incomplete"
    assert state(row_of(kind="computed"), decision="waived") == "waived"
    assert state(row_of(kind="computed"), decision="accepted") == "incomplete"
    for kind, first in (("attested", "complete"), ("verified", "pending")):
        row = row_of(kind=kind)
        assert state(row) == "incomplete"
        assert state(row, text="x") == first
        assert state(row, decision="accepted") == "complete"
        assert state(row, decision="refused") == "rejected"
        assert state(row, decision="waived") == "waived"


def test_a_paper_holds_through_its_last_day() -> None:
    row = row_of(asks_expiry=True)
    for days, found in ((0, "complete"), (-1, "incomplete"), (400, "complete")):
        assert state(row, decision="accepted", expires_on=TODAY + timedelta(days=days)) == found
    assert state(row, decision="accepted") == "incomplete"
    assert state(row, decision="waived") == "waived"


def test_new_terms_ask_again_even_who_was_excused() -> None:
    row = row_of(key="terms", kind="attested")
    assert state(row, terms_version=1) == "complete"
    for decision in (None, "accepted", "waived"):
        assert state(row, version=2, terms_version=1, decision=decision) == "incomplete"
    assert state(row, version=2, terms_version=2) == "complete"


@given(
    st.sampled_from(["computed", "attested", "verified"]),
    st.booleans(),
    st.sampled_from([None, "accepted", "refused", "waived"]),
    st.one_of(st.none(), st.dates(TODAY - timedelta(days=3), TODAY + timedelta(days=3))),
    st.booleans(),
    st.booleans(),
)
def test_no_line_is_done_by_mistake(
    kind: str, is_met: bool, decision: str | None, day: date | None, asks: bool, is_answered: bool
) -> None:
    row = row_of(kind=kind, asks_expiry=asks)
    answered = Submission(decision=decision, expires_on=day) if is_answered else None
    found = state_of(row, answered, is_met=is_met, version=1, today=TODAY)
    assert found in (*OPEN, *DONE, "pending")
    if kind == "computed":
        assert (found == "complete") == is_met
    elif found == "complete":
        assert answered is not None
        assert decision != "refused"
        assert decision == "accepted" or kind == "attested"
        assert not (asks and day is None)
        assert day is None or day >= TODAY
    if found == "waived":
        assert decision == "waived"


def test_the_latest_answer_counts_and_the_older_are_the_trail(session: Session) -> None:
    claim = make_claim(session, make_listing(session))
    first = answer(session, claim, "licence")
    decide(session, first, "refused")
    assert line(session, claim, "licence") == "rejected"
    second = answer(session, claim, "licence")
    assert line(session, claim, "licence") == "pending"
    decide(session, second, "accepted")
    assert line(session, claim, "licence") == "complete"
    row = asked.requirement(session, "licence")
    trail = answers.trail(session, claim.id, requirement_id=row.id)
    assert [paper.decision for paper in trail] == ["accepted", "refused"]


def test_waiving_needs_a_reason_and_stays_on_record(session: Session) -> None:
    claim = make_claim(session, make_listing(session, hours=None))
    by = make_operator(session)
    for key in ("licence", "hours", "terms"):
        row = asked.requirement(session, key)
        given = {"claim_id": claim.id, "requirement_id": row.id, "by": by, "now": clock.now()}
        refused("no_reason", papers.waive, session, reason=" ", **given)
        paper = papers.waive(session, reason="A market stall", **given)
        assert line(session, claim, key) == "waived"
        assert (paper.account_id, paper.decided_by, paper.reason) == (by, by, "A market stall")


@pytest.mark.parametrize(
    ("key", "wrong", "field"),
    [
        ("identity", {"text": " "}, "text"),
        ("identity", {"text": "x" * 301}, "text"),
        ("licence", {"photo": None}, "photos"),
        ("licence", {"expires_on": None}, "expires_on"),
        ("licence", {"expires_on": date(2020, 1, 1)}, "expires_on"),
        ("licence", {"expires_on": date(2400, 1, 1)}, "expires_on"),
    ],
    ids=["no-text", "long-text", "no-photo", "no-day", "over", "never"],
)
def test_wrong_answers_name_their_field(session: Session, key: str, wrong: dict, field: str) -> None:  # type: ignore[type-arg]
    claim = make_claim(session, make_listing(session))
    with pytest.raises(BadInput) as refusal:
        answer(session, claim, key, **wrong)
    assert (refusal.value.params["field"], refusal.value.status) == (field, 422)
    assert not answers.trail(session, claim.id)


def test_the_last_day_is_a_day_in_the_town(session: Session) -> None:
    claim = make_claim(session, make_listing(session))
    with time_machine.travel("2026-06-01T17:00:00Z", tick=False):  # the second, 01:00 in the town
        with pytest.raises(BadInput):
            answer(session, claim, "licence", expires_on=date(2026, 6, 1))
        answer(session, claim, "licence", expires_on=date(2026, 6, 2))


def test_only_its_own_person_answers_and_only_what_is_asked(session: Session) -> None:
    claim = make_claim(session, make_listing(session))
    with pytest.raises(NotAllowed):
        answer(session, claim, "identity", account_id=make_account(session, "li").id)
    refused("computed", answer, session, claim, "hours")
    refused("terms_changed", answer, session, claim, "terms", terms_version=2)
    requirements.set_requirement(session, key="identity", is_on=False, now=clock.now())
    with pytest.raises(NotAllowed):
        answer(session, claim, "identity")


def test_a_line_is_not_answered_for_ever(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    from o2o.papers import answers as module

    monkeypatch.setattr(module, "MOST_TRIES", 2)
    claim = make_claim(session, make_listing(session))
    answer(session, claim, "identity")
    answer(session, claim, "identity")
    refused("too_often", answer, session, claim, "identity")


def test_a_decision_on_which_an_admitted_shop_relies_stands(session: Session) -> None:
    from tests.onboarding.town import make_admitted

    claim = make_admitted(session, make_listing(session))
    paper = next(row for row in answers.trail(session, claim.id) if row.photo_id)
    with pytest.raises(RuleBroken) as refusal:
        decide(session, paper, "refused")
    assert refusal.value.code == "decided"
