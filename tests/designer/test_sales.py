"""The worst case of an offer that has sold: cases worked out by hand, with real orders and redemptions. In fen."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2o.designer import rules, worth
from o2o.designer.models import Plan
from o2o.kernel import clock
from o2o.kernel.errors import RuleBroken
from o2o.offers import rules as offers
from o2o.offers.models import Offer, Terms
from o2o.passes import rules as passes
from o2o.passes.models import Pass
from tests.factories import make_paid_order, make_shop

LUNCH = {
    "title": "双人手冲",
    "contents": (offers.Part("手冲咖啡", 2, 2500),),
    "price": 3800,
    "valid_days": 30,
}
COST = 2600


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel("2026-03-02T04:00:00Z", tick=False):
        yield


def known(act: Any, **given: Any) -> Any:
    """Carry it out, pressing once more where it is asked; return what was done and the figure, None for no question."""
    try:
        return act(**given), None
    except RuleBroken as refusal:
        if refusal.code != "under_cost":
            raise
        return None, refusal.params["worst"].figure


def open_offer(session: Session, *, fixed: int = 0, cost: int | None = COST, **change: Any) -> Offer:
    """Publish whatever it costs."""
    shop = make_shop(session)
    draft = offers.Draft(**{**LUNCH, **change})
    if cost is None:
        return offers.publish(session, shop_id=shop.id, draft=draft)
    offer = rules.prepare(session, shop_id=shop.id, draft=draft, costs=rules.Costs(cost=cost, fixed=fixed))
    with session.begin_nested() as before:
        _done, figure = known(rules.put_on_sale, session=session, offer_id=offer.id)
        if figure:
            before.rollback()
    return rules.put_on_sale(session, offer_id=offer.id, known=figure or "")


def sell(session: Session, offer: Offer, count: int, *, used: int = 0) -> list[Pass]:
    """Sell so many to somebody, of which some are redeemed."""
    terms = session.get_one(Terms, offer.terms_id)
    before = set(session.scalars(select(Pass.id)))
    make_paid_order(session, terms, quantity=count, key=f"order {len(before)}")
    fresh = list(session.scalars(select(Pass).where(Pass.id.not_in(before)).order_by(Pass.id)))
    for row in fresh[:used]:
        assert passes.spend(session, pass_id=row.id, quantity=row.uses_left, now=clock.now())
    return fresh


def revised(session: Session, offer: Offer, *, fixed: int = 0, cost: int = COST, **change: Any) -> str | None:
    """Ask for other terms; return the figure of the question, None where nothing is asked."""
    draft = offers.Draft(**{**LUNCH, **change})
    costs = rules.Costs(cost=cost, fixed=fixed)
    with session.begin_nested() as before:
        figure = known(rules.revise, session=session, offer_id=offer.id, draft=draft, costs=costs)[1]
        before.rollback()
    return figure


def resumed(session: Session, offer: Offer) -> str | None:
    """Pause and ask to sell again; return the figure of the question, None where nothing is asked."""
    offers.pause(session, offer_id=offer.id)
    with session.begin_nested() as before:
        figure = known(rules.resume, session=session, offer_id=offer.id)[1]
        before.rollback()
    return figure


def test_what_is_sold_counts_by_its_own_terms(session: Session) -> None:
    """20.00 − 26.00 = −6.00 × 12 not redeemed = −72.00; 22.00 − 26.00 = −4.00 × 30 unsold = −120.00."""
    offer = open_offer(session, price=2000, total_cap=50)
    sell(session, offer, 10, used=8)
    sell(session, offer, 10)
    assert revised(session, offer, price=2200, total_cap=50) == "all:19200"


def test_what_is_owed_at_a_profit_lessens_nothing(session: Session) -> None:
    """12 × (38.00 − 26.00) may never be redeemed; 30 × −6.00 = −180.00."""
    offer = open_offer(session, total_cap=50)
    sell(session, offer, 10, used=8)
    sell(session, offer, 10)
    assert revised(session, offer, price=2000, total_cap=50) == "all:18000"


def test_resuming_asks_what_can_still_be_lost(session: Session) -> None:
    """8 are redeemed and over; (12 + 30) × −6.00 = −252.00, where all fifty were −300.00."""
    offer = open_offer(session, price=2000, total_cap=50)
    assert session.get_one(Plan, offer.terms_id).loss_seen == 30000
    sell(session, offer, 10, used=8)
    sell(session, offer, 10)
    assert resumed(session, offer) == "all:25200"
    rules.resume(session, offer_id=offer.id, known="all:25200")
    assert offer.state == "on_sale"
    assert session.get_one(Plan, offer.terms_id).loss_seen == 25200


def test_sold_out_and_redeemed_has_nothing_to_lose(session: Session) -> None:
    offer = open_offer(session, price=2000, total_cap=10)
    sell(session, offer, 10, used=10)
    assert resumed(session, offer) is None


def test_sold_out_and_owed_is_asked(session: Session) -> None:
    """None left to sell, 4 × −6.00 = −24.00 to be redeemed."""
    offer = open_offer(session, price=2000, total_cap=10)
    sell(session, offer, 10, used=6)
    assert resumed(session, offer) == "all:2400"


def test_without_a_cap_there_is_no_bottom_whatever_was_sold(session: Session) -> None:
    offer = open_offer(session, price=2000)
    sell(session, offer, 10)
    assert resumed(session, offer) == "each:600"


@pytest.mark.parametrize(
    ("cap", "figure"),
    [
        (17, None),  # 200.00 − 10 × 12.00 = 80.00 to be covered; 7 × 12.00 = 84.00 cover it
        (16, "all:8000"),  # 6 × 12.00 = 72.00 do not: at worst −80.00
    ],
)
def test_redeemed_vouchers_have_covered_their_part(session: Session, cap: int, figure: str | None) -> None:
    offer = open_offer(session, fixed=20000, total_cap=100)
    sell(session, offer, 10, used=10)
    assert revised(session, offer, fixed=20000, total_cap=cap) == figure


def test_vouchers_not_redeemed_may_still_cover_it(session: Session) -> None:
    """10 owed and 6 unsold leave 16 × 12.00 = 192.00, if all are redeemed; at worst none is."""
    offer = open_offer(session, fixed=20000, total_cap=100)
    sell(session, offer, 10)
    assert revised(session, offer, fixed=19200, total_cap=16) is None
    assert revised(session, offer, fixed=19300, total_cap=16) == "all:19300"


def test_a_use_of_several_is_its_share(session: Session) -> None:
    """40.00 for 2 uses that cost 65.01: one use left brings 20.00 and costs 32.505, so 32.51: −12.51; 1 × −25.01."""
    offer = open_offer(session, price=4000, uses=2, cost=6501, total_cap=2)
    (row,) = sell(session, offer, 1)
    assert passes.spend(session, pass_id=row.id, quantity=1, now=clock.now())
    assert resumed(session, offer) == "all:3752"


def test_what_goes_back_to_the_buyer_is_not_owed(session: Session) -> None:
    """Of three one waits for its refund: 2 × −6.00; its place stays taken, 7 × −6.00 can be sold."""
    offer = open_offer(session, price=2000, total_cap=10)
    row = sell(session, offer, 3)[0]
    passes.begin_refund(session, pass_id=row.id, cause="guest")
    assert resumed(session, offer) == "all:5400"


def test_terms_that_never_had_a_plan_cost_what_is_said_now(session: Session) -> None:
    """5 × (20.00 − 26.00) + 5 × (25.00 − 26.00) = −35.00."""
    offer = open_offer(session, cost=None, price=2000, total_cap=10)
    sell(session, offer, 5)
    assert revised(session, offer, price=2500, total_cap=10) == "all:3500"


def test_each_version_costs_what_its_own_plan_said(session: Session) -> None:
    """5 × (20.00 − 30.00) as they were planned + 5 × (20.00 − 24.00) = −70.00."""
    offer = open_offer(session, price=2000, cost=3000, total_cap=10)
    sell(session, offer, 5)
    assert revised(session, offer, price=2000, cost=2400, total_cap=10) == "all:7000"


def test_today_is_partly_sold(session: Session) -> None:
    """Three days of 20 are 60, of which 5 went today: 55 × −4.00 − 5 × 6.00 = −250.00."""
    days = {"valid_days": None, "valid_until": date(2026, 3, 4), "day_cap": 20}
    offer = open_offer(session, price=2000, **days)
    sell(session, offer, 5)
    assert revised(session, offer, price=2200, **days) == "all:25000"


def test_another_offer_of_the_shop_counts_for_itself(session: Session) -> None:
    offer = open_offer(session, price=2000, total_cap=10)
    other = offers.publish(
        session, shop_id=offer.shop_id, draft=offers.Draft(**{**LUNCH, "price": 100, "total_cap": 9})
    )
    sell(session, other, 9)
    assert resumed(session, offer) == "all:6000"


RESULTS = st.integers(-500, 500)


@given(
    st.integers(-50, 50),
    st.integers(0, 6),
    st.integers(0, 6),
    RESULTS,
    st.lists(RESULTS, max_size=3),
    st.integers(0, 300),
)
def test_no_course_of_things_is_worse(
    left: int, cap: int, sold: int, earned: int, owed: list[int], fixed: int
) -> None:
    """Try every number sold and every set of versions redeemed: the worst of them is the worst case."""
    deal = worth.Deal(
        price=1000 + left,
        full=2000,
        cost=1000,
        fixed=fixed,
        total_cap=cap,
        sold=sold,
        earned=earned,
        owed=tuple(owed),
    )
    numbers = range(max(0, cap - sold) + 1)
    sums = [0]
    for one in owed:
        sums += [known + one for known in sums]
    courses = [number * left + owes - worth.uncovered(deal) for number in numbers for owes in sums]
    assert worth.worst(deal) == ("all", min(courses))
    if worth.is_under_cost(deal):
        assert worth.worst(deal).loss > 0
