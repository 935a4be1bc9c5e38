"""Every way a claim may go, and every one it may not."""

from itertools import product

import pytest
from sqlalchemy.orm import Session

from o2o.kernel import clock, journal
from o2o.kernel.errors import RuleBroken
from o2o.kernel.journal import Fact
from o2o.onboarding import machine
from o2o.onboarding.models import CLAIM_STATES, HOLDING, Claim
from tests.factories import make_account
from tests.onboarding.town import make_listing

PAIRS = list(product(CLAIM_STATES, CLAIM_STATES))


def make(session: Session, state: str) -> Claim:
    shop = make_listing(session)
    row = Claim(shop_id=shop.id, account_id=make_account(session, "wang").id, state=state, way="claim")
    row.created_at = row.moved_at = clock.now()
    session.add(row)
    session.flush()
    return row


@pytest.mark.parametrize(("here", "there"), PAIRS, ids=[f"{a}-{b}" for a, b in PAIRS])
def test_every_edge(session: Session, here: str, there: str) -> None:
    row = make(session, here)
    if there in CLAIM_STATES[here]:
        machine.move(session, claim=row, to=there, now=clock.now(), reason=" because ")
        assert (row.state, row.reason) == (there, "because")
        assert session.query(Fact).filter_by(name="claim.moved").one().ids["to"] == there
        return
    with pytest.raises(RuleBroken) as refusal:
        machine.move(session, claim=row, to=there, now=clock.now())
    assert refusal.value.code == "no_way"
    assert row.state == here


def test_the_machine_is_that_of_the_catalogue() -> None:
    """features.md 3.7: pending, invited, onboarding, review, approved or rejected, approved and suspended."""
    ways = {(here, there) for here, ends in CLAIM_STATES.items() for there in ends}
    told = [
        ("pending", "invited"),
        ("invited", "onboarding"),
        ("onboarding", "ready_for_review"),
        ("ready_for_review", "approved"),
        ("ready_for_review", "onboarding"),
        ("ready_for_review", "rejected"),
        ("approved", "suspended"),
        ("suspended", "approved"),
    ]
    assert set(told) <= ways
    assert {there for _here, there in ways} <= set(CLAIM_STATES)
    assert not CLAIM_STATES["withdrawn"]
    assert not CLAIM_STATES["closed"]
    assert {"onboarding", "approved"} <= set(HOLDING)
    assert "pending" not in HOLDING


def test_a_state_nobody_knows_is_refused_by_the_table(session: Session) -> None:
    with pytest.raises(Exception, match="state_known"):
        make(session, "lost")
    session.rollback()
    assert journal.deliver(session) == 0
