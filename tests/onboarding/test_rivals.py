"""Several people want one shop; and shops that are given without a checklist."""

import time
from collections import Counter

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from o2o.accounts import registry
from o2o.admission import rules as admission
from o2o.checklist.rules import ensure
from o2o.kernel import clock, journal
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.onboarding import queries as claims
from o2o.onboarding import rules as onboarding
from o2o.onboarding import start
from o2o.onboarding.models import HOLDING, Claim
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import Shop
from tests.factories import make_account
from tests.onboarding.town import (
    accept_all,
    make_admitted,
    make_claim,
    make_listing,
    make_operator,
    make_ready,
    now_roles,
    refused,
    told,
)
from tests.racers import race


def test_the_oldest_who_waits_gets_the_turn(session: Session) -> None:
    shop = make_listing(session)
    first, second, third = (make_claim(session, shop, name) for name in ("wang", "li", "zhang"))
    assert [row.state for row in (first, second, third)] == ["onboarding", "pending", "pending"]
    assert now_roles(session, second) == set()
    onboarding.withdraw(session, claim_id=first.id, now=clock.now())
    assert [row.state for row in (first, second, third)] == ["withdrawn", "onboarding", "pending"]
    assert (now_roles(session, first), now_roles(session, second)) == (set(), {"claimant"})
    assert (told(session, "li"), told(session, "zhang")) == (["claim.next"], [])
    admission.reject(session, claim_id=second.id, reason="no", by=make_operator(session), now=clock.now())
    assert (third.state, told(session, "zhang")) == ("onboarding", ["claim.next"])
    refused("held", onboarding.retry, session, claim_id=second.id, now=clock.now())


def test_who_leaves_the_queue_or_is_turned_down_in_it_changes_nothing_else(session: Session) -> None:
    shop = make_listing(session)
    first, second, third = (make_claim(session, shop, name) for name in ("wang", "li", "zhang"))
    onboarding.withdraw(session, claim_id=second.id, now=clock.now())
    admission.reject(session, claim_id=third.id, reason="no", by=make_operator(session), now=clock.now())
    assert (first.state, now_roles(session, first)) == ("onboarding", {"claimant"})


def test_approval_ends_the_queue_and_says_so(session: Session) -> None:
    shop = make_listing(session)
    claim = make_ready(session, shop)
    rival = make_claim(session, shop, "li")
    accept_all(session, claim)
    admission.approve(session, claim_id=claim.id, by=make_operator(session), now=clock.now())
    assert (rival.state, told(session, "li")) == ("rejected", ["claim.taken"])
    refused("claimed", onboarding.retry, session, claim_id=rival.id, now=clock.now())


def test_after_closing_the_next_one_may_begin(session: Session) -> None:
    shop = make_listing(session)
    make_admitted(session, shop)
    shop.status = "unclaimed"
    admission.close(session, shop_id=shop.id, now=clock.now())
    assert make_claim(session, shop, "li").state == "onboarding"


def test_the_operator_invites(session: Session) -> None:
    shop = make_listing(session)
    claim = onboarding.prepare(session, shop_id=shop.id, now=clock.now())
    assert onboarding.prepare(session, shop_id=shop.id, now=clock.now()).id == claim.id
    assert (claim.state, claim.account_id) == ("pending", None)
    tokens = [onboarding.invite(session, claim_id=claim.id, now=clock.now()) for _ in range(2)]
    assert claim.state == "invited"
    wang, li = (make_account(session, name).id for name in ("wang", "li"))
    for token, account in zip(tokens, (wang, li), strict=True):
        shop_rules.accept_invite(session, token=token, account_id=account)
    session.commit()
    journal.deliver(session, everything=True)
    session.rollback()
    assert (claim.state, claim.account_id, claim.way) == ("onboarding", wang, "invite")
    assert shops.roles_of(session, li, shop.id) == set()
    assert claims.of_person(session, shop_id=shop.id, account_id=li).state == "pending"  # type: ignore[union-attr]


def test_an_invitation_waits_while_another_is_looked_at(session: Session) -> None:
    shop = make_listing(session)
    make_claim(session, shop)
    invited = onboarding.prepare(session, shop_id=shop.id, now=clock.now())
    refused("held", onboarding.invite, session, claim_id=invited.id, now=clock.now())
    onboarding.withdraw(session, claim_id=invited.id, now=clock.now())
    assert invited.state == "withdrawn"


def test_an_invitation_withdrawn_opens_nothing(session: Session) -> None:
    shop = make_listing(session)
    claim = onboarding.prepare(session, shop_id=shop.id, now=clock.now())
    token = onboarding.invite(session, claim_id=claim.id, now=clock.now())
    onboarding.withdraw(session, claim_id=claim.id, now=clock.now())
    wang = make_account(session, "wang").id
    with pytest.raises(RuleBroken) as refusal:
        shop_rules.accept_invite(session, token=token, account_id=wang)
    assert refusal.value.code == "invite_over"


def give(session: Session, shop: Shop, handle: str) -> None:
    """Give a shop away as the operator does, and let the fact arrive."""
    shop_rules.make_owner(session, shop_id=shop.id, account_id=make_account(session, handle).id)
    session.commit()
    journal.deliver(session, everything=True)
    begin_write(session)


def test_a_gift_admits_at_once(session: Session) -> None:
    shop = make_listing(session)
    give(session, shop, "wang")
    give(session, shop, "li")
    (claim,) = session.scalars(select(Claim))
    assert (claim.state, claim.way, shop.sells_until) == ("approved", "given", None)
    assert shop.sells(clock.now())


def test_a_gift_to_another_ends_the_claim_that_was_under_way(session: Session) -> None:
    shop = make_listing(session)
    claim, rival = make_claim(session, shop), make_claim(session, shop, "zhang")
    give(session, shop, "li")
    assert (claim.state, now_roles(session, claim)) == ("withdrawn", set())
    assert (rival.state, told(session, "wang")[-1]) == ("rejected", "claim.taken")
    held = claims.claim_of(session, shop.id)
    assert held is not None
    assert held.way == "given"


def test_a_gift_to_the_claimant_keeps_what_they_prepared(session: Session) -> None:
    shop = make_listing(session)
    claim = make_claim(session, shop)
    shop_rules.prepare_shop(session, shop_id=shop.id, account_id=claim.account_id or 0, about="自家拉面")
    give(session, shop, "wang")
    assert (shop.about, now_roles(session, claim)) == ("自家拉面", {"owner"})


def test_a_person_who_is_erased_leaves_the_shop_to_the_next(session: Session) -> None:
    shop = make_listing(session)
    claim, rival = make_claim(session, shop), make_claim(session, shop, "li")
    registry.erase(session, account_id=claim.account_id)
    session.commit()
    journal.deliver(session, everything=True)
    session.rollback()
    assert (claim.state, rival.state) == ("withdrawn", "onboarding")


def test_a_new_place_is_seen_by_its_proposer_only(session: Session) -> None:
    make_listing(session)
    account = make_account(session, "wang").id
    where = {"name": "新店", "category": "amenity/cafe", "lat": 39.993, "lng": 116.339, "now": clock.now()}
    claim = onboarding.propose(session, account_id=account, **where)
    shop = session.get_one(Shop, claim.shop_id)
    assert (shop.status, claim.state, now_roles(session, claim)) == ("proposed", "onboarding", {"claimant"})
    assert [row.id for row in claims.same_nearby(session, name="新店", lat=39.993, lng=116.339)] == []
    refused("far", onboarding.propose, session, account_id=account, **{**where, "lat": 10.0})
    refused(
        "category_unknown", onboarding.propose, session, account_id=account, **{**where, "category": "moon"}
    )
    onboarding.withdraw(session, claim_id=claim.id, now=clock.now())
    assert shop.status == "gone"


def test_the_same_name_nearby_is_asked_about(session: Session) -> None:
    shop = make_listing(session, "Old Wang's Noodles", name_zh="老王面馆", lat=39.992, lng=116.338)
    there = {"lat": 39.9925, "lng": 116.3385}
    for name in ("old wang’s  NOODLES", "老王面馆", "ＯＬＤ Wang's Noodles"):
        assert [row.id for row in claims.same_nearby(session, name=name, **there)] == [shop.id]
    assert not claims.same_nearby(session, name="老李面馆", **there)
    assert not claims.same_nearby(session, name="老王面馆", lat=39.9935, lng=116.338)


def rush(app: Flask, shop_id: int) -> Counter[str]:
    """Let eight people claim one shop at once."""
    people = []
    begin_write()
    for number in range(8):
        people.append(make_account(db.session, f"rival{number}").id)
    db.session.commit()

    def attempt(session: Session, number: int) -> None:
        begin_write(session)
        onboarding.claim(session, shop_id=shop_id, account_id=people[number], now=clock.now())
        session.commit()

    return race(app, attempt, times=len(people))


def holders(shop_id: int) -> int:
    db.session.rollback()
    rows = select(Claim).where(Claim.shop_id == shop_id, Claim.state.in_(HOLDING))
    return len(db.session.scalars(rows).all())


@pytest.fixture
def shop_id(app: Flask) -> int:
    begin_write()
    number = make_listing(db.session).id
    ensure(db.session)
    db.session.commit()
    return number


def test_of_many_at_once_one_holds(app: Flask, shop_id: int) -> None:
    assert rush(app, shop_id) == {"ok": 8}
    assert holders(shop_id) == 1


def test_without_the_shops_lock_the_table_alone_decides(
    app: Flask, shop_id: int, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Control: unlocked, and with the table's own guard gone, several hold it where writers run side by side."""
    whole, looked = shops.shop, start.queries.claim_of

    def slowly(session: Session, shop_id: int) -> Claim | None:
        found = looked(session, shop_id)
        time.sleep(0.05)
        return found

    begin_write()
    db.session.execute(text("DROP INDEX uq_claim_holding"))
    db.session.commit()
    monkeypatch.setattr(
        shops,
        "shop",
        lambda session, shop_id, lock=False, behind=False: whole(session, shop_id, behind=behind),
    )
    monkeypatch.setattr(start.queries, "claim_of", slowly)
    try:
        rush(app, shop_id)
        assert (holders(shop_id) > 1) == (database == "postgresql")
    finally:
        monkeypatch.undo()
        begin_write()
        db.session.execute(text("DELETE FROM shop_claim"))
        index = next(row for row in Claim.__table__.indexes if row.name == "uq_claim_holding")  # type: ignore[attr-defined]
        index.create(db.session.connection())
        db.session.commit()
