"""Until when a shop may sell: papers that end, terms and lines that come new; redeeming goes on."""

from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write
from o2o.kernel.errors import BadInput, RuleBroken
from o2o.notifications.models import Message
from o2o.onboarding import chores, expiry, queries, rules
from o2o.onboarding.models import Claim, Submission
from o2o.passes import queries as passes
from o2o.redemption import rules as redemption
from o2o.shops.models import Shop
from tests.factories import make_account, make_order, make_pass, make_terms
from tests.onboarding.test_moves import told
from tests.onboarding.town import answer, decide, line, make_admitted, make_listing, make_operator

START = datetime(2026, 6, 1, 4, 0, tzinfo=UTC)  # noon in the town
LAST = date(2026, 6, 30)
MIDNIGHT = datetime(2026, 6, 30, 16, 0, tzinfo=UTC)  # the end of that day in the town


@pytest.fixture
def traveller() -> time_machine.Traveller:  # type: ignore[misc]
    with time_machine.travel(START, tick=False) as found:
        yield found


def admitted(session: Session, last: date = LAST) -> tuple[Claim, Shop]:
    """Let a shop in whose licence ends on a day."""
    shop = make_listing(session)
    return make_admitted_until(session, shop, last), shop


def make_admitted_until(session: Session, shop: Shop, last: date) -> Claim:
    claim = make_admitted(session, shop)
    paper = next(row for row in queries.trail(session, claim.id) if row.photo_id)
    paper.expires_on = last
    session.flush()
    rules.weigh(session, shop_id=shop.id)
    return claim


def i23(session: Session) -> list[str]:
    session.flush()
    return [row for row in checks.broken(session) if row.startswith("I23")]


def publish(session: Session, days: int) -> None:
    texts = {"text_zh": "新", "text_en": "new", "account_id": make_operator(session)}
    rules.publish_terms(session, **texts, due_at=clock.now() + timedelta(days=days), now=clock.now())


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
    row = queries.requirement(session, "licence")
    given = {"requirement_id": row.id, "reason": "state school", "by": make_operator(session)}
    rules.waive(session, claim_id=claim.id, now=clock.now(), **given)
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
    rules.ensure(session)
    account = make_account(session, "wang").id
    claim = rules.give(session, shop_id=shop.id, account_id=account, now=clock.now())
    assert shop.sells_until is None
    due = START + timedelta(days=60)
    rules.set_requirement(session, key="licence", is_on=True, due_at=due, now=clock.now())
    assert shop.sells_until == due
    paper = answer(session, claim, "licence", expires_on=LAST)
    assert shop.sells_until == due
    decide(session, paper, "accepted")
    assert shop.sells_until == MIDNIGHT
    rules.set_requirement(session, key="licence", is_on=False, now=clock.now())
    assert shop.sells_until is None
    with pytest.raises(BadInput):
        rules.set_requirement(session, key="licence", is_on=True, due_at=START, now=clock.now())


def test_what_the_town_sees_for_itself_never_stops_a_shop(
    session: Session, traveller: time_machine.Traveller
) -> None:
    claim, shop = admitted(session)
    due = START + timedelta(days=1)
    rules.set_requirement(session, key="hours", is_on=True, due_at=due, now=clock.now())
    shop.hours = None
    rules.weigh(session, shop_id=shop.id)
    assert (line(session, claim, "hours"), shop.sells_until) == ("incomplete", MIDNIGHT)


def test_owners_hear_thirty_seven_and_one_day_before_and_at_the_end_once_each(
    session: Session, traveller: time_machine.Traveller
) -> None:
    _claim, shop = admitted(session, date(2026, 8, 31))
    end = datetime(2026, 8, 31, 16, tzinfo=UTC)
    session.commit()
    heard = []
    for days in (40, 31, 30, 29, 8, 7, 2, 1, 0, -1):
        traveller.move_to(end - timedelta(days=days))
        for _ in range(2):
            chores.warn(session)
        begin_write(session)
        heard.append([kind for kind in told(session, "wang") if kind.startswith("papers.")])
        session.rollback()
    soon = "papers.soon"
    assert [len(kinds) for kinds in heard] == [0, 0, 1, 1, 1, 2, 2, 3, 4, 4]
    assert heard[-1] == [soon, soon, soon, "papers.over"]
    message = session.scalars(select(Message).where(Message.kind == soon)).first()
    assert message is not None
    assert (message.values["day"], message.link) == ("2026-08-31", f"/console/{shop.id}/admission")
    session.rollback()


def test_new_terms_are_told_at_once(session: Session, traveller: time_machine.Traveller) -> None:
    admitted(session, date(2030, 1, 1))
    publish(session, 60)
    session.commit()
    chores.warn(session)
    begin_write(session)
    assert told(session, "wang")[-1] == "papers.asked"


def test_the_desk_is_warned(session: Session, traveller: time_machine.Traveller) -> None:
    claim, shop = admitted(session, date(2026, 8, 31))
    assert queries.warnings(session, shop.id, clock.now()) == []
    traveller.move_to(datetime(2026, 8, 10, tzinfo=UTC))
    (one,) = queries.warnings(session, shop.id, clock.now())
    assert (one.requirement.key, one.is_over, one.state) == ("licence", False, "complete")
    answer(session, claim, "licence", expires_on=date(2028, 1, 1))
    (one,) = queries.warnings(session, shop.id, clock.now())
    assert one.state == "pending"
    traveller.move_to(datetime(2026, 9, 1, tzinfo=UTC))
    assert queries.warnings(session, shop.id, clock.now())[0].is_over


def test_a_change_too_large_for_one_go_is_finished_by_the_worker(
    session: Session, traveller: time_machine.Traveller
) -> None:
    shops = [admitted(session, date(2030, 1, 1))[1] for _ in range(1)]
    due = START + timedelta(days=5)
    rules.add_requirement(
        session, kind="attested", title_zh="新", title_en="new", due_at=due, now=clock.now(), weigh=0
    )
    assert [shop.sells_until == due for shop in shops] == [False]
    session.commit()
    assert (chores.weigh(session), chores.weigh(session)) == (1, 0)
    session.rollback()
    assert [shop.sells_until == due for shop in shops] == [True]


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
