"""Offers: publish, revise, pause, end, and every way a draft can be wrong."""

from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2o.capacity import rules as capacity
from o2o.kernel import clock
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.journal import Fact
from o2o.offers import queries, rules
from o2o.offers.draft import FAULTS
from o2o.offers.models import Offer, Terms
from o2o.shops.models import Shop
from tests.factories import make_shop, make_terms

PART = rules.Part("手冲咖啡", 2, 2500)
GOOD = {"title": "双人手冲", "contents": (PART,), "price": 3800, "valid_days": 30}
TODAY = date(2026, 3, 2)
BAD = [
    ("title_missing", {"title": "  "}),
    ("title_long", {"title": "长" * 81}),
    ("contents_missing", {"contents": ()}),
    ("contents_many", {"contents": (PART,) * 21}),
    ("part_text", {"contents": (rules.Part(" ", 1, 5000),)}),
    ("part_quantity", {"contents": (rules.Part("a", 0, 5000),)}),
    ("part_price", {"contents": (rules.Part("a", 1, -1),)}),
    ("notes_long", {"notes": "n" * 501}),
    ("price_range", {"price": -1}),
    ("price_above_parts", {"price": 5001}),
    ("uses_range", {"uses": 21}),
    ("uses_range", {"uses": 0}),
    ("validity_missing", {"valid_days": None}),
    ("validity_both", {"valid_until": TODAY}),
    ("valid_days_range", {"valid_days": 731}),
    ("dates_order", {"valid_days": None, "valid_from": date(2026, 5, 2), "valid_until": date(2026, 5, 1)}),
    ("dates_past", {"valid_days": None, "valid_until": TODAY - timedelta(days=1)}),
    ("dates_far", {"valid_days": None, "valid_until": TODAY + timedelta(days=731)}),
    ("weekdays_none", {"weekdays": 0}),
    ("hours_half", {"from_minute": 600}),
    ("hours_range", {"from_minute": 600, "to_minute": 600}),
    ("hours_range", {"from_minute": 600, "to_minute": 600 + 1441}),
    ("per_person_range", {"per_person": 0}),
    ("total_cap_range", {"total_cap": 1_000_001}),
    ("day_cap_range", {"day_cap": -5}),
]


@pytest.fixture(autouse=True)
def _clock():
    with time_machine.travel("2026-03-02T04:00:00Z", tick=False):
        yield


@pytest.mark.parametrize(("code", "change"), BAD)
def test_wrong_drafts_are_refused_with_a_code_and_a_field(session: Session, code: str, change: dict) -> None:
    shop = make_shop(session)
    with pytest.raises(RuleBroken) as refusal:
        rules.publish(session, shop_id=shop.id, draft=rules.Draft(**{**GOOD, **change}))
    assert (refusal.value.code, refusal.value.status) == (code, 422)
    assert refusal.value.params["field"] == FAULTS[code][0]
    assert refusal.value.sentence % refusal.value.params
    assert session.scalar(select(func.count()).select_from(Offer)) == 0


def test_every_fault_is_tried() -> None:
    assert {code for code, _ in BAD} == set(FAULTS)


def test_publishing_makes_the_shop_live_and_records_facts(session: Session) -> None:
    shop = make_shop(session)
    offer = rules.publish(session, shop_id=shop.id, draft=rules.Draft(**GOOD))
    terms = queries.current_terms(session, offer)
    assert (terms.version, terms.currency, terms.parts_price) == (1, "CNY", 5000)
    assert terms.contents == [["手冲咖啡", 2, 2500]]
    assert shop.live
    assert {"offer.changed", "shop.changed"} <= set(session.scalars(select(Fact.name)))


def test_an_unclaimed_listing_sells_nothing(session: Session) -> None:
    shop = make_shop(session, status="unclaimed")
    with pytest.raises(RuleBroken, match="unclaimed"):
        rules.publish(session, shop_id=shop.id, draft=rules.Draft(**GOOD))


def test_a_revision_leaves_the_old_terms_alone(session: Session) -> None:
    first = make_terms(session, make_shop(session))
    second = rules.revise(session, offer_id=first.offer_id, draft=rules.Draft(**{**GOOD, "price": 4500}))
    session.expire_all()
    assert (first.version, first.price, second.version, second.price) == (1, 3800, 2, 4500)
    assert session.get_one(Offer, first.offer_id).terms_id == second.id


def test_a_total_is_never_set_below_what_is_taken(session: Session) -> None:
    terms = make_terms(session, make_shop(session))
    claim = rules.claims(terms, account_id=1, quantity=7, now=clock.now(), timezone="Asia/Shanghai")
    capacity.hold_all(session, claims=claim, until=clock.now() + timedelta(minutes=10), key="k")
    with pytest.raises(RuleBroken, match="limit_below_sold"):
        rules.revise(session, offer_id=terms.offer_id, draft=rules.Draft(**{**GOOD, "total_cap": 6}))
    revised = rules.revise(session, offer_id=terms.offer_id, draft=rules.Draft(**{**GOOD, "total_cap": 7}))
    (found,) = queries.offers_on_sale(session, terms.shop_id)
    assert (revised.total_cap, found.left, found.sold_out) == (7, 0, True)


def test_what_is_left_is_the_smallest_limit(session: Session) -> None:
    terms = make_terms(session, make_shop(session), total_cap=50, day_cap=10, per_person=3)
    claims = rules.claims(terms, account_id=5, quantity=2, now=clock.now(), timezone="Asia/Shanghai")
    assert [claim.key for claim in claims] == [
        f"offer:{terms.offer_id}:total",
        f"offer:{terms.offer_id}:day:2026-03-02",
        f"offer:{terms.offer_id}:person:5",
    ]
    capacity.hold_all(session, claims=claims, until=clock.now() + timedelta(minutes=10), key="k")
    capacity.commit(session, key="k")
    best = queries.best_offers(session, [terms.shop_id])[terms.shop_id]
    assert (best.left, best.price, best.was) == (8, 3800, 5000)
    (listed,) = queries.offers_of(session, terms.shop_id)
    assert (listed.sold, listed.held) == (2, 0)


def test_the_card_shows_the_cheapest_that_is_not_sold_out(session: Session) -> None:
    shop = make_shop(session)
    cheap = make_terms(session, shop, title="尝鲜", price=100, total_cap=1)
    dear = make_terms(session, shop, title="双人")
    assert queries.best_offers(session, [shop.id])[shop.id].offer_id == cheap.offer_id
    claim = rules.claims(cheap, account_id=1, quantity=1, now=clock.now(), timezone="Asia/Shanghai")
    capacity.hold_all(session, claims=claim, until=clock.now() + timedelta(minutes=10), key="k")
    assert queries.best_offers(session, [shop.id])[shop.id].offer_id == dear.offer_id


def test_states_move_one_way_and_keep_live_true(session: Session) -> None:
    terms = make_terms(session, make_shop(session))
    shop = session.get_one(Shop, terms.shop_id)
    rules.pause(session, offer_id=terms.offer_id)
    rules.pause(session, offer_id=terms.offer_id)
    assert not shop.live
    rules.resume(session, offer_id=terms.offer_id)
    assert shop.live
    rules.end(session, offer_id=terms.offer_id)
    assert not shop.live
    for move in (rules.resume, rules.pause):
        with pytest.raises(RuleBroken, match="ended"):
            move(session, offer_id=terms.offer_id)
    with pytest.raises(RuleBroken, match="ended"):
        rules.revise(session, offer_id=terms.offer_id, draft=rules.Draft(**GOOD))
    with pytest.raises(NotAllowed):
        rules.end(session, offer_id=terms.offer_id + 99)


def test_fixed_dates_end_by_themselves(session: Session) -> None:
    terms = make_terms(session, make_shop(session), valid_days=None, valid_until=date(2026, 3, 3))
    shop = session.get_one(Shop, terms.shop_id)
    with time_machine.travel("2026-03-03T15:59:00Z", tick=False):
        assert len(queries.offers_on_sale(session, shop.id)) == 1
        assert rules.end_over(session, now=clock.now()) == 0
    with time_machine.travel("2026-03-03T16:00:00Z", tick=False):
        assert queries.offers_on_sale(session, shop.id) == []
        assert queries.best_offers(session, [shop.id]) == {}
        assert rules.end_over(session, now=clock.now()) == 1
    assert not shop.live
    assert session.get_one(Offer, terms.offer_id).state == "ended"


@pytest.mark.parametrize("before_use", [True, False])
@pytest.mark.parametrize("at_expiry", [True, False])
def test_the_refund_rule_is_said_in_words(before_use: bool, at_expiry: bool) -> None:
    draft = rules.Draft(**GOOD, uses=3, refund_before_use=before_use, refund_at_expiry=at_expiry)
    words = rules.refund_words(rules.as_terms(draft, currency="CNY"))
    assert len(words) == 3
    assert len(rules.refund_words(Terms(price=0))) == 1
