"""A shop's going: announced, taken back, carried out; money back, roles ended, the place on the map again."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.admission import rules as admission
from o2o.checkin.models import Poster
from o2o.kernel import checks, clock
from o2o.kernel.errors import NotAllowed, RuleBroken
from o2o.kernel.journal import Fact
from o2o.leaving import queries, rules
from o2o.leaving.models import Closing
from o2o.ledger.queries import balances, shop_book
from o2o.notifications.models import Message
from o2o.offers import rules as offers
from o2o.offers.models import Offer
from o2o.onboarding.models import Claim
from o2o.passes.models import Pass
from o2o.redemption import rules as till
from o2o.refunds import rules as refunds
from o2o.refunds.models import Refund
from o2o.shops import queries as shops
from o2o.shops import rules as shop_rules
from o2o.shops.models import Role, SpecialDay
from o2o.tills.models import Till, TillPin
from tests.factories import make_account, make_order, make_poster, make_role, make_shop
from tests.leaving.going import MORE, NOON, Leaver, again, the_closing, work
from tests.tills.phones import make_till

FORTNIGHT = timedelta(days=14)


def kinds(session: Session, account_id: int) -> list[str]:
    return list(
        session.scalars(select(Message.kind).where(Message.account_id == account_id).order_by(Message.id))
    )


def buy(session: Session, going: Leaver, key: str) -> None:
    make_order(session, going.terms, "late", key=key)


def test_it_sells_nothing_from_the_announcement_on_and_honours_what_it_sold(session: Session) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        row = going.announce()
        assert row.closes_at == NOON + FORTNIGHT
        assert not going.shop.live
        assert (going.shop.status, going.shop.closes_at) == ("claimed", row.closes_at)
        with pytest.raises(RuleBroken, match="not_on_sale"):
            buy(session, going, "late")
        with pytest.raises(RuleBroken, match="closing"):
            offers.publish(session, shop_id=going.shop.id, draft=draft())
        told = session.scalars(select(Message).where(Message.kind == "shop.closing")).one()
        assert (told.account_id, told.values["day"]) == (going.pass_.account_id, "2026-06-17")
    with travel(NOON + FORTNIGHT - MORE, tick=False):
        answer = till.redeem(
            session,
            shop_id=going.shop.id,
            staff_id=going.staff,
            pass_id=going.pass_.id,
            quantity=1,
            nonce="nonce-0001",
            now=clock.now(),
        )
        assert answer.is_ok


def draft() -> offers.Draft:
    part = offers.Part("手冲咖啡", 1, 2500)
    return offers.Draft(title="再来一杯", contents=(part,), price=1900, valid_days=30)


def test_announcing_twice_is_once(session: Session) -> None:
    going = Leaver(session)
    assert going.announce(days=3).id == going.announce(days=60).id
    assert session.scalar(select(func.count(Closing.id))) == 1
    assert kinds(session, going.pass_.account_id).count("shop.closing") == 1


def test_it_can_be_taken_back_until_the_hour(session: Session) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        first = going.announce()
    with travel(NOON + FORTNIGHT - MORE, tick=False):
        row = going.take_back()
        assert row is not None
        assert row.id == first.id
        assert going.take_back() is None
        assert going.shop.closes_at is None
        assert going.shop.live
        make_order(session, going.terms, "late")
        assert kinds(session, going.pass_.account_id)[-1] == "shop.stays"
        assert going.announce(days=1).id != first.id
    again(session)
    with travel(NOON + FORTNIGHT + timedelta(days=1), tick=False):
        with pytest.raises(RuleBroken, match="closing_now"):
            going.take_back()
        again(session)
        work(session)
        assert [row.closed_at is None for row in session.scalars(select(Closing).order_by(Closing.id))] == [
            True,
            False,
        ]


def test_at_the_hour_everything_open_is_paid_back_and_everybody_goes(session: Session) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        shop_id, guest = going.shop.id, going.pass_.account_id
        admission.give(session, shop_id=shop_id, account_id=going.owner, now=NOON)
        make_till(session, going.shop)
        session.add(
            TillPin(shop_id=shop_id, account_id=going.staff, salt="0", hash="1", rounds=1, set_at=NOON)
        )
        make_poster(session, going.shop)
        session.add(SpecialDay(shop_id=shop_id, day=NOON.date(), note="closed"))
        shop_rules.invite(session, shop_id=shop_id, kind="staff", name="Neu")
        shop_rules.edit_shop(session, shop_id=shop_id, about="Mine alone")
        going.sell("other")
        going.announce(days=1)
        again(session)
    with travel(NOON + timedelta(days=1), tick=False):
        work(session)
    assert checks.broken(session) == []
    closing = the_closing(session)
    session.expire_all()
    assert closing.closed_at == NOON + timedelta(days=1)
    assert set(session.scalars(select(Pass.state))) == {"refunded"}
    assert set(session.scalars(select(Refund.cause))) == {"platform"}
    assert not any(balances(session, shop_book(shop_id)).values())
    assert (going.shop.status, going.shop.about, going.shop.closes_at) == ("unclaimed", None, None)
    for table, column in ((Role, Role.ended_at), (Till, Till.revoked_at), (Poster, Poster.ended_at)):
        assert session.scalar(select(func.count()).select_from(table).where(column.is_(None))) == 0
    assert session.scalar(select(func.count()).select_from(TillPin)) == 0
    assert session.scalar(select(func.count()).select_from(SpecialDay)) == 0
    assert set(session.scalars(select(Offer.state))) == {"ended"}
    assert session.scalars(select(Claim.state)).one() == "closed"
    assert shops.open_invites(session, shop_id) == []
    assert kinds(session, guest)[-3:] == ["refund.requested", "refund.paid", "shop.closed"]
    assert kinds(session, going.owner)[-1] == "shop.closed"
    assert session.scalars(select(Fact.name).where(Fact.name.like("shop.clos%")).order_by(Fact.id)).all() == [
        "shop.closing",
        "shop.closed",
    ]
    with pytest.raises(NotAllowed):
        shops.owner_shop(session, account_id=going.owner, shop_id=shop_id)


def test_carrying_it_out_twice_changes_nothing(session: Session) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        going.announce(days=1)
        again(session)
    with travel(NOON + timedelta(days=1), tick=False):
        work(session)
        before = (session.scalar(select(func.count(Message.id))), session.scalar(select(func.max(Fact.id))))
        session.rollback()
        work(session)
        session.rollback()
        assert before == (
            session.scalar(select(func.count(Message.id))),
            session.scalar(select(func.max(Fact.id))),
        )


def test_only_an_owner_closes(session: Session) -> None:
    going = Leaver(session)
    stranger = make_account(session, "stranger").id
    other = make_role(session, make_shop(session, name="Other"), "elsewhere", kind="owner").account_id
    for account_id in (going.staff, stranger, other):
        with pytest.raises(NotAllowed):
            rules.announce(session, shop_id=going.shop.id, account_id=account_id, days=1, now=clock.now())
    going.announce()
    for account_id in (going.staff, stranger, other):
        with pytest.raises(NotAllowed):
            rules.take_back(session, shop_id=going.shop.id, account_id=account_id, now=clock.now())


@pytest.mark.parametrize("days", [-1, 0, 91, 10**6])
def test_days_have_bounds(session: Session, days: int) -> None:
    with pytest.raises(RuleBroken, match="bad_days"):
        Leaver(session).announce(days=days)


def test_nothing_happens_before_the_hour(session: Session) -> None:
    with travel(NOON, tick=False):
        row = Leaver(session).announce(days=1)
        assert rules.refund_some(session, closing_id=row.id, now=row.closes_at - MORE) == 0
        assert not rules.finish(session, closing_id=row.id, now=row.closes_at - MORE)
        assert rules.refund_some(session, closing_id=row.id, now=row.closes_at) == 1
        assert not rules.finish(session, closing_id=row.id, now=row.closes_at)


def test_many_passes_go_back_in_chunks(session: Session) -> None:
    going = Leaver(session)
    for number in range(4):
        going.sell(f"guest-{number}")
    row = going.announce(days=1)
    some = [rules.refund_some(session, closing_id=row.id, now=row.closes_at, most=2) for _ in range(4)]
    assert some == [2, 2, 1, 0]
    assert checks.broken(session) == []


def test_the_numbers_are_what_will_happen(session: Session) -> None:
    going = Leaver(session)
    going.sell("other")
    make_order(session, going.terms, "thinking", key="open")
    make_till(session, going.shop)
    found = queries.stakes(session, going.shop.id, "CNY")
    assert found == (1, 2, 2, 7600, 1, 2, 1, 0)
    refunds.request(session, pass_id=going.pass_.id, cause="guest", now=clock.now())
    assert queries.stakes(session, going.shop.id, "CNY")[1:4] == (1, 1, 3800)
