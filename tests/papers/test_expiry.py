"""Until when a shop may sell: papers that end, terms and lines that come new; redeeming goes on."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.admission import rules as admission
from o2o.checklist import queries as asked
from o2o.checklist.rules import ensure
from o2o.kernel import checks, clock
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.papers import expiry
from o2o.papers import queries as answers
from o2o.papers import rules as papers
from o2o.papers.models import Submission
from o2o.passes import queries as passes
from o2o.redemption import rules as redemption
from o2o.requirements import rules as requirements
from tests.factories import make_account, make_order, make_pass, make_terms
from tests.onboarding.town import answer, decide, line, make_admitted, make_listing, make_operator
from tests.papers.town import LAST, START, admitted, publish

MIDNIGHT = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)  # the end of that day in the town


@pytest.fixture
def traveller() -> time_machine.Traveller:  # type: ignore[misc]
    with time_machine.travel(START, tick=False) as found:
        yield found


def i23(session: Session) -> list[str]:
    session.flush()
    return [row for row in checks.broken(session) if row.startswith("I23")]


def test_the_end_is_that_of_the_day_in_the_town(session: Session, traveller: time_machine.Traveller) -> None:
    _claim, shop = admitted(session)
    assert shop.sells_until == MIDNIGHT
    assert i23(session) == []
    shop.sells_until = MIDNIGHT + timedelta(days=1)
    assert len(i23(session)) == 1


def test_selling_stops_at_that_very_second_and_redeeming_does_not(
    session: Session, traveller: time_machine.Traveller
) -> None:
    _claim, shop = admitted(session)
    terms = make_terms(session, shop, price=0)
    held = make_pass(session, terms, "guest")
    staff = make_account(session, "wang").id
    traveller.move_to(MIDNIGHT - timedelta(seconds=1))
    assert make_order(session, terms, "anna", key="a").state == "paid"
    traveller.move_to(MIDNIGHT)
    with pytest.raises(RuleBroken):
        make_order(session, terms, "anna", key="b")
    given = {"text": passes.digits(held), "quantity": 1, "nonce": "nonce-of-wang-01", "now": clock.now()}
    assert redemption.redeem(session, shop_id=shop.id, staff_id=staff, **given).redemption_id


def test_a_renewal_takes_over_only_once_it_is_accepted(
    session: Session, traveller: time_machine.Traveller
) -> None:
    claim, shop = admitted(session)
    paper = answer(session, claim, "licence", expires_on=date(2028, 6, 30))
    assert (line(session, claim, "licence"), shop.sells_until) == ("pending", MIDNIGHT)
    decide(session, paper, "refused")
    assert (line(session, claim, "licence"), shop.sells_until) == ("rejected", MIDNIGHT)
    decide(session, paper, "accepted")
    assert shop.sells_until == datetime(2028, 6, 30, 16, tzinfo=UTC)
    assert i23(session) == []


def test_renewing_after_the_end_sells_again(session: Session, traveller: time_machine.Traveller) -> None:
    claim, shop = admitted(session)
    make_terms(session, shop)
    traveller.move_to(MIDNIGHT + timedelta(hours=1))
    assert line(session, claim, "licence") == "incomplete"
    assert not shop.sells(clock.now())
    decide(session, answer(session, claim, "licence", expires_on=date(2028, 6, 30)), "accepted")
    assert shop.sells(clock.now())
    assert shop.live


def test_waiving_takes_the_end_away(session: Session, traveller: time_machine.Traveller) -> None:
    claim, shop = admitted(session)
    row = asked.requirement(session, "licence")
    given = {"requirement_id": row.id, "reason": "state school", "by": make_operator(session)}
    papers.waive(session, claim_id=claim.id, now=clock.now(), **given)
    assert shop.sells_until is None


def test_new_terms_have_a_due_date_and_the_houses_own_none(
    session: Session, traveller: time_machine.Traveller
) -> None:
    claim, shop = admitted(session, date(2030, 1, 1))
    by_paper = shop.sells_until
    publish(session, 10)
    assert shop.sells_until == START + timedelta(days=10)
    assert line(session, claim, "terms") == "incomplete"
    publish(session, 40)
    assert shop.sells_until == START + timedelta(days=10)
    answer(session, claim, "terms")
    assert (line(session, claim, "terms"), shop.sells_until) == ("complete", by_paper)
    with pytest.raises(BadInput):
        publish(session, 0)


def test_a_gift_is_asked_only_by_the_operators_own_dates(
    session: Session, traveller: time_machine.Traveller
) -> None:
    shop = make_listing(session)
    shop.status = "claimed"
    ensure(session)
    account = make_account(session, "wang").id
    claim = admission.give(session, shop_id=shop.id, account_id=account, now=clock.now())
    assert shop.sells_until is None
    due = START + timedelta(days=60)
    requirements.set_requirement(session, key="licence", is_on=True, due_at=due, now=clock.now())
    assert shop.sells_until == due
    paper = answer(session, claim, "licence", expires_on=LAST)
    assert shop.sells_until == due
    decide(session, paper, "accepted")
    assert shop.sells_until == MIDNIGHT
    requirements.set_requirement(session, key="licence", is_on=False, now=clock.now())
    assert shop.sells_until is None
    with pytest.raises(BadInput):
        requirements.set_requirement(session, key="licence", is_on=True, due_at=START, now=clock.now())


def test_what_the_town_sees_for_itself_never_stops_a_shop(
    session: Session, traveller: time_machine.Traveller
) -> None:
    claim, shop = admitted(session)
    due = START + timedelta(days=1)
    requirements.set_requirement(session, key="hours", is_on=True, due_at=due, now=clock.now())
    shop.hours = None
    papers.weigh(session, shop_id=shop.id)
    assert (line(session, claim, "hours"), shop.sells_until) == ("incomplete", MIDNIGHT)


def test_the_desk_is_warned(session: Session, traveller: time_machine.Traveller) -> None:
    claim, shop = admitted(session, date(2026, 8, 31))
    assert answers.warnings(session, shop.id, clock.now()) == []
    traveller.move_to(datetime(2026, 8, 10, tzinfo=UTC))
    (one,) = answers.warnings(session, shop.id, clock.now())
    assert (one.requirement.key, one.is_over, one.state) == ("licence", False, "complete")
    answer(session, claim, "licence", expires_on=date(2028, 1, 1))
    (one,) = answers.warnings(session, shop.id, clock.now())
    assert one.state == "pending"
    traveller.move_to(datetime(2026, 9, 1, tzinfo=UTC))
    assert answers.warnings(session, shop.id, clock.now())[0].is_over


def test_reckoning_asks_the_same_number_of_statements_for_many(
    session: Session, traveller: time_machine.Traveller
) -> None:
    from tests.counting import counting

    counts = []
    for size in (1, 4):
        for number in range(size):
            make_admitted(session, make_listing(session, f"店{size}{number}"), f"wang{size}{number}")
        session.flush()
        session.expire_all()
        with counting() as asked:
            expiry.reckon(session)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 5
    assert session.scalars(select(Submission)).first() is not None
