"""The ladder and its machine: which step needs which, and every edge of it, allowed and refused."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from itertools import pairwise, product

import pytest
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.accounts.models import Account
from o2o.conduct.models import SANCTION_STATES, STANDING, STEPS, Sanction
from o2o.kernel import checks
from o2o.kernel.errors import BadInput, NotAllowed, RuleBroken
from o2o.sanctions import rules
from tests.factories import make_shop
from tests.sanctions.town import GRAVE, Street, appealed, climb, impose, open_street

NOW = datetime(2026, 6, 3, 4, tzinfo=UTC)
DAY = timedelta(days=1)
LATER = NOW + DAY
WORDS = {"words": "The bill shows it."}


def test_every_step_needs_the_one_below(session: Session) -> None:
    street = open_street(session)
    for below, step in pairwise(STEPS):
        with pytest.raises(RuleBroken, match="step_missing"):
            impose(session, street, step, now=NOW)
        impose(session, street, below, now=NOW)
    assert impose(session, street, "delist", now=NOW).state == "in_force"


def test_a_grave_rule_may_begin_with_a_suspension_and_no_higher(session: Session) -> None:
    street = open_street(session)
    with pytest.raises(RuleBroken, match="step_missing"):
        impose(session, street, "delist", rule=GRAVE, now=NOW)
    assert impose(session, street, "suspend", rule=GRAVE, now=NOW).step == "suspend"
    assert impose(session, street, "delist", rule=GRAVE, now=NOW).step == "delist"


@pytest.mark.parametrize(("days", "counts"), [(364, True), (366, False)])
def test_what_ended_counts_for_a_year(session: Session, days: int, counts: bool) -> None:
    street = open_street(session)
    row = impose(session, street, "warn", now=NOW)
    assert row.ends_at is not None
    end = row.ends_at
    assert rules.pass_time(session, sanction_id=row.id, now=end)
    later = end + timedelta(days=days)
    if counts:
        assert impose(session, street, "limit", now=later).state == "in_force"
    else:
        with pytest.raises(RuleBroken, match="step_missing"):
            impose(session, street, "limit", now=later)


def test_what_was_lifted_never_counted(session: Session) -> None:
    street = open_street(session)
    row = impose(session, street, "warn", now=NOW)
    rules.lift(session, sanction_id=row.id, by=street.operator, now=NOW, **WORDS)
    with pytest.raises(RuleBroken, match="step_missing"):
        impose(session, street, "limit", now=NOW)


WRONG = [
    ({"rule": ""}, "rule", "rule"),
    ({"rule": "R9"}, "rule", "rule"),
    ({"step": "fine"}, "step", "step"),
    ({"rule": "R2", "step": "delist"}, "step", "step"),
    ({"rule": "R7", "step": "warn"}, "step", "step"),
    ({"evidence": " \n"}, "evidence", "evidence"),
    ({"evidence": "e" * 1001}, "too_long", "evidence"),
    ({"link": "https://evil.example/"}, "link", "link"),
    ({"link": "//evil.example/x"}, "link", "link"),
    ({"link": "/a b"}, "link", "link"),
    ({"link": "/" + "a" * 200}, "link", "link"),
    ({"days": 7}, "days", "days"),
    ({"step": "limit", "days": 0}, "days", "days"),
    ({"step": "limit", "days": 181}, "days", "days"),
]


@pytest.mark.parametrize(("wrong", "code", "field"), WRONG, ids=[str(number) for number in range(len(WRONG))])
def test_what_cannot_be_is_refused(session: Session, wrong: dict, code: str, field: str) -> None:
    street = open_street(session)
    with pytest.raises(BadInput, match=code) as refusal:
        impose(session, street, **{"step": "warn", "now": NOW, **wrong})
    assert refusal.value.params["field"] == field
    assert refusal.value.status == 422


@pytest.mark.parametrize("status", ["unclaimed", "proposed"])
def test_nobody_is_held_to_rules_nobody_agreed_to(session: Session, status: str) -> None:
    street = open_street(session)
    street.shop = make_shop(session, "没人的店", status=status)
    with pytest.raises(RuleBroken, match="unclaimed"):
        impose(session, street, now=NOW)
    street.shop = make_shop(session, "没了", status="gone")
    with pytest.raises(NotAllowed):
        impose(session, street, now=NOW)


def test_a_step_stands_once_and_the_same_again_is_it(session: Session) -> None:
    street = open_street(session)
    row = impose(session, street, now=NOW)
    assert impose(session, street, now=NOW + DAY).id == row.id
    for other in ({"by": street.second}, {"evidence": "Another day"}, {"rule": "R3"}):
        with pytest.raises(RuleBroken, match="step_stands"):
            impose(session, street, now=NOW, **other)


@pytest.mark.parametrize(
    ("step", "days", "length"),
    [("warn", None, 90), ("limit", None, 30), ("limit", 7, 7), ("suspend", None, None), ("suspend", 60, 60)],
    ids=str,
)
def test_how_long_a_step_stands(session: Session, step: str, days: int | None, length: int | None) -> None:
    street = open_street(session)
    if step != "warn":
        climb(session, street, STEPS[STEPS.index(step) - 1], now=NOW)
    row = impose(session, street, step, now=NOW, days=days)
    assert row.ends_at == (NOW + timedelta(days=length) if length else None)
    assert row.appeal_until == NOW + 14 * DAY


def in_state(session: Session, state: str) -> tuple[Street, Sanction]:
    """Bring a limit of seven days into a state by the verbs that lead there."""
    street = open_street(session)
    impose(session, street, "warn", now=NOW)
    row = impose(session, street, "limit", now=NOW, days=7)
    if state in ("appealed", "upheld"):
        appealed(session, street, row, now=NOW)
    if state == "upheld":
        uphold(session, street, row)
    if state == "lifted":
        lift(session, street, row)
    if state == "over":
        let_pass(session, street, row)
    assert row.state == state
    return street, row


def again(session: Session, street: Street, row: Sanction) -> None:
    """Try to bring it back into force; what ended is left, and a new step is a row of its own."""
    assert (impose(session, street, "limit", now=LATER, days=7).id == row.id) == (row.state in STANDING)


def object_(session: Session, street: Street, row: Sanction) -> None:
    appealed(session, street, row, now=LATER, words="Once more: it was the power cut.")


def uphold(session: Session, street: Street, row: Sanction) -> None:
    rules.decide(session, sanction_id=row.id, by=street.second, uphold=True, now=LATER, **WORDS)


def lift(session: Session, street: Street, row: Sanction) -> None:
    given = {"sanction_id": row.id, "by": street.second, "now": LATER, **WORDS}
    if row.state == "appealed":
        rules.decide(session, uphold=False, **given)
    else:
        rules.lift(session, **given)


def let_pass(session: Session, street: Street, row: Sanction) -> None:
    """Let its days end; where an objection is open, only the shop's own end ends it too."""
    if row.state == "appealed":
        rules.end_with_shop(session, shop_id=street.shop_id, now=NOW + 8 * DAY)
    else:
        rules.pass_time(session, sanction_id=row.id, now=NOW + 8 * DAY)


VERBS = {"in_force": again, "appealed": object_, "upheld": uphold, "lifted": lift, "over": let_pass}
EDGES = list(product(SANCTION_STATES, SANCTION_STATES))


@pytest.mark.parametrize(("start", "end"), EDGES, ids=["-".join(edge) for edge in EDGES])
def test_every_edge(session: Session, start: str, end: str) -> None:
    """Every way of the table is gone by its verb; every other is refused by it, and by the one door."""
    street, row = in_state(session, start)
    is_allowed = end in SANCTION_STATES[start]
    if not is_allowed:
        with pytest.raises(ValueError, match="never goes"):
            rules._move(row, end)
    # Bringing it back makes a new row, time does nothing, the same again is the same: all else is refused in words.
    is_refused = not is_allowed and (start != end or end == "appealed") and end not in ("in_force", "over")
    with pytest.raises(RuleBroken, match=r"^(appealed|decided)$") if is_refused else nullcontext():
        VERBS[end](session, street, row)
    assert row.state == (end if is_allowed else start)
    with travel(NOW + 8 * DAY if end == "over" else LATER, tick=False):
        assert checks.broken(session) == []


def test_an_appeal_is_the_owners_once_and_in_time(session: Session) -> None:
    street = open_street(session)
    row = impose(session, street, now=NOW)
    said = {"shop_id": street.shop.id, "sanction_id": row.id, "words": "It was the power cut."}
    for by in (street.manager, street.operator):
        with pytest.raises(NotAllowed):
            rules.appeal(session, by=by, now=NOW, **said)
    with pytest.raises(NotAllowed):
        rules.appeal(
            session, by=street.owner, now=NOW, **{**said, "shop_id": make_shop(session, "另一家").id}
        )
    with pytest.raises(NotAllowed):
        rules.appeal(session, by=street.owner, now=NOW, **{**said, "sanction_id": 987654})
    for words, code in ((" ", "words"), ("w" * 1001, "too_long")):
        with pytest.raises(BadInput, match=code):
            rules.appeal(session, by=street.owner, now=NOW, **{**said, "words": words})
    with pytest.raises(RuleBroken, match="appeal_over"):
        rules.appeal(session, by=street.owner, now=row.appeal_until, **said)
    last = row.appeal_until - timedelta(milliseconds=1)
    assert rules.appeal(session, by=street.owner, now=last, **said).appealed_at == last
    assert rules.appeal(session, by=street.owner, now=last + DAY, **said).appealed_at == last
    with pytest.raises(RuleBroken, match="appealed"):
        rules.appeal(session, by=street.owner, now=last, **{**said, "words": "And another thing"})


def test_who_imposed_decides_only_where_nobody_else_could(session: Session) -> None:
    street = open_street(session)
    row = appealed(session, street, impose(session, street, now=NOW), now=NOW)
    mine = {"sanction_id": row.id, "by": street.operator, "now": NOW, **WORDS}
    for uphold in (True, False):
        with pytest.raises(RuleBroken, match="own_sanction"):
            rules.decide(session, uphold=uphold, **mine)
    with pytest.raises(RuleBroken, match="appealed"):
        rules.lift(session, **mine)
    session.get_one(Account, street.second).erased_at = NOW
    session.flush()
    assert rules.decide(session, uphold=True, **mine).state == "upheld"
    assert rules.decide(session, uphold=True, **mine).decided_at == NOW
    with pytest.raises(RuleBroken, match="decided"):
        rules.decide(session, uphold=False, **mine)


def test_what_was_upheld_keeps_its_words_when_it_is_lifted(session: Session) -> None:
    street = open_street(session)
    row = appealed(session, street, impose(session, street, now=NOW), now=NOW)
    rules.decide(session, sanction_id=row.id, by=street.second, uphold=True, words="u" * 240, now=NOW + DAY)
    lifted = {"sanction_id": row.id, "by": street.second, "words": "w" * 240}
    assert rules.lift(session, now=NOW + 2 * DAY, **lifted).decision == f"{'u' * 240}\n{'w' * 240}"
    assert rules.lift(session, now=NOW + 3 * DAY, **lifted).decided_at == NOW + 2 * DAY
    for words, code in ((" ", "words"), ("w" * 241, "too_long")):
        with pytest.raises(BadInput, match=code):
            rules.lift(session, now=NOW, **{**lifted, "words": words})
    with pytest.raises(NotAllowed):
        rules.lift(session, now=NOW, **{**lifted, "sanction_id": 987654})
