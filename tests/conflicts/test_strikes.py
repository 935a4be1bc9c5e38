"""A strike can be disputed once, upheld where it was, and lifted; each door with its edges."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.accounts import registry
from o2o.conflicts import queries, strikes
from o2o.conflicts.models import Strike
from o2o.kernel.errors import BadInput, NotAllowed, Refusal, RuleBroken
from o2o.notifications.models import Message
from tests.conflicts.town import LATER, Counter
from tests.factories import make_account


@pytest.fixture
def counter(session: Session) -> Counter:
    made = Counter(session)
    made.twice()
    return made


def dispute(counter: Counter, said: str = "My sister had my phone", **more: int) -> Strike:
    given = {"strike_id": counter.strikes()[0].id, "account_id": counter.pass_.account_id, **more}
    return strikes.dispute(counter.session, said=said, now=LATER, **given)


def judge(counter: Counter, *, uphold: bool, why: str = "The codes are minutes apart") -> Strike:
    given = {"strike_id": counter.strikes()[0].id, "by": counter.operator.id, "now": LATER}
    return strikes.judge_strike(counter.session, uphold=uphold, why=why, **given)


def test_disputed_then_upheld_then_lifted(counter: Counter) -> None:
    row = dispute(counter)
    assert (row.state, row.said, row.said_at) == ("disputed", "My sister had my phone", LATER)
    assert dispute(counter, " My sister had my phone ").state == "disputed"
    assert queries.counts(counter.session) == (1, 0)
    assert judge(counter, uphold=True).state == "upheld"
    assert judge(counter, uphold=True).state == "upheld"
    assert queries.counts(counter.session) == (0, 0)
    row = judge(counter, uphold=False, why="We were wrong")
    assert (row.state, row.why, row.decided_by) == ("lifted", "We were wrong", counter.operator.id)
    told = select(Message.kind).where(Message.account_id == counter.pass_.account_id).order_by(Message.id)
    kinds = [kind for kind in counter.session.scalars(told) if kind.startswith("strike")]
    assert kinds == ["strike.given", "strike.upheld", "strike.lifted"]


def test_a_dispute_is_made_once_by_the_holder(counter: Counter) -> None:
    stranger = make_account(counter.session, "stranger").id
    with pytest.raises(NotAllowed):
        dispute(counter, account_id=stranger)
    with pytest.raises(NotAllowed):
        dispute(counter, strike_id=987654)
    dispute(counter)
    with pytest.raises(RuleBroken, match="disputed"):
        dispute(counter, "Something else")
    judge(counter, uphold=False)
    with pytest.raises(RuleBroken, match="disputed"):
        dispute(counter, "And another thing")


def test_what_was_lifted_cannot_be_disputed(counter: Counter) -> None:
    judge(counter, uphold=False)
    with pytest.raises(RuleBroken, match="disputed"):
        dispute(counter)


@pytest.mark.parametrize(("said", "code"), [("", "said"), (" \n", "said"), ("长" * 1001, "too_long")])
def test_words_have_a_length(counter: Counter, said: str, code: str) -> None:
    with pytest.raises(BadInput, match=code) as refused:
        dispute(counter, said)
    assert refused.value.status == 422
    with pytest.raises(BadInput, match="why" if code == "said" else code):
        judge(counter, uphold=False, why=said)
    assert dispute(counter, "长" * 1000).state == "disputed"


@pytest.mark.parametrize("first", [True, False])
def test_only_a_disputed_strike_is_upheld_and_a_lifted_one_stays(counter: Counter, first: bool) -> None:
    with pytest.raises(RuleBroken, match="decided"):
        judge(counter, uphold=True)
    dispute(counter)
    judge(counter, uphold=False)
    with pytest.raises(Refusal, match="decided"):
        judge(counter, uphold=first, why="Once more")
    with pytest.raises(NotAllowed):
        strikes.judge_strike(counter.session, strike_id=987654, by=1, uphold=first, why="x", now=LATER)


def test_what_a_person_lifted_does_not_come_back_by_itself(counter: Counter) -> None:
    judge(counter, uphold=False)
    row, strike = counter.conflicts()[0], counter.strikes()[0]
    strikes.follow(counter.session, row, counter.pass_.account_id, LATER)
    assert strike.state == "lifted"


def test_a_dispute_survives_evidence_that_comes_and_goes(counter: Counter) -> None:
    row, strike = counter.conflicts()[0], dispute(counter)
    for state, seen in (("gone", "lifted"), ("open", "disputed")):
        row.state = state
        strikes.follow(counter.session, row, counter.pass_.account_id, LATER)
        assert strike.state == seen
    assert strike.why is None


def test_the_list_shows_disputed_ones_first(counter: Counter) -> None:
    other = Counter(counter.session, guest="somebody", owner="other")
    other.twice()
    mine = dispute(counter)
    found, more = queries.strikes(counter.session, number=1)
    assert found[0].strike.id == mine.id
    assert [row.all_of_them for row in found] == [1, 1]
    assert not more
    own, _ = queries.strikes(counter.session, number=1, account_id=other.pass_.account_id)
    assert [row.strike.account_id for row in own] == [other.pass_.account_id]


def test_erasing_an_account_takes_its_words_and_leaves_the_strike(counter: Counter) -> None:
    dispute(counter)
    Counter(counter.session, owner="other").twice()
    registry.erase(counter.session, account_id=counter.pass_.account_id)
    counter.session.expire_all()
    assert [(row.said, row.said_at) for row in counter.strikes()] == [(None, None)] * 2
