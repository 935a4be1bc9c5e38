"""What steps do to shop, search, offers, orders, passes, guests' money; and what time and the worker undo."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.accounts.queries import account_by_handle
from o2o.conduct.models import STEPS, Sanction
from o2o.kernel import checks, clock, journal, worker
from o2o.kernel.db import begin_write, db
from o2o.kernel.errors import RuleBroken
from o2o.kernel.journal import Fact
from o2o.notifications.models import Message
from o2o.offers import rules as offers
from o2o.onboarding.models import Claim
from o2o.passes.models import Pass
from o2o.redemption import rules as redemption
from o2o.refunds import rules as refunds
from o2o.refunds.models import Refund
from o2o.sanctions import chores, queries, rules
from o2o.shops.models import Shop
from tests.factories import make_account, make_order, make_terms
from tests.redemption.counter import make_till
from tests.sanctions.town import Street, appealed, buy, climb, impose, open_street

NOW = datetime(2026, 6, 3, 4, tzinfo=UTC)
DAY = timedelta(days=1)
# Bound by its terms: not given back before it expires.
BOUND = {"refund_before_use": False, "refund_at_expiry": False}
WORDS = {"words": "Looked at it again."}
DRAFT = offers.Draft(
    title="双人套餐", contents=(offers.Part("手冲咖啡", 2, 2500),), price=3000, valid_days=30
)


def state(shop: Shop) -> tuple[str, str | None, bool]:
    return shop.status, shop.sanction, shop.live


def redeem(session: Session, pass_: Pass, nonce: str = "nonce-0001") -> bool:
    staff = account_by_handle(session, "staff")
    assert staff is not None
    given = {"shop_id": pass_.shop_id, "staff_id": staff.id, "now": clock.now()}
    return redemption.redeem(session, pass_id=pass_.id, quantity=1, nonce=nonce, **given).is_ok


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        ("warn", ("claimed", None, True)),
        ("limit", ("claimed", "limited", True)),
        ("suspend", ("claimed", "suspended", False)),
        ("delist", ("delisted", "suspended", False)),
    ],
    ids=STEPS,
)
def test_a_step_makes_of_a_shop_what_is_written(
    session: Session, step: str, expected: tuple[str, str | None, bool]
) -> None:
    street = open_street(session)
    row = climb(session, street, step)
    assert state(street.shop) == expected
    assert checks.broken(session) == []
    # The search hears of it when something changed, and when it is taken back.
    told = select(Fact.id).where(Fact.name == "shop.changed")
    assert (len(session.scalars(told).all()) > 1) == (step != "warn")
    rules.lift(session, sanction_id=row.id, by=street.operator, now=clock.now(), **WORDS)
    below = {"warn": None, "limit": None, "suspend": "limited", "delist": "suspended"}[step]
    assert street.shop.sanction == below
    assert street.shop.status == "claimed"
    assert checks.broken(session) == []


def test_the_claim_follows_and_comes_back(session: Session) -> None:
    street = open_street(session)
    claim = session.scalars(select(Claim)).one()
    assert claim.state == "approved"
    row = climb(session, street, "suspend")
    assert claim.state == "suspended"
    delisted = impose(session, street, "delist")
    rules.lift(session, sanction_id=row.id, by=street.operator, now=clock.now(), **WORDS)
    assert claim.state == "suspended"
    rules.lift(session, sanction_id=delisted.id, by=street.operator, now=clock.now(), **WORDS)
    assert claim.state == "approved"
    assert state(street.shop) == ("claimed", "limited", True)


def test_a_limited_shop_sells_what_it_sold(session: Session) -> None:
    street = open_street(session)
    climb(session, street, "limit")
    with pytest.raises(RuleBroken, match="held_back"):
        make_terms(session, street.shop)
    assert make_order(session, street.terms).state == "held"
    assert redeem(session, buy(session, street, "guest", "second"))


def test_a_suspended_shop_sells_nothing_and_honours_what_it_sold(session: Session) -> None:
    street = open_street(session, **BOUND)
    used, kept = buy(session, street, key="one"), buy(session, street, key="two")
    assert not refunds.may_ask(session, pass_=kept)
    climb(session, street, "suspend")
    with pytest.raises(RuleBroken, match="not_on_sale"):
        make_order(session, street.terms, key="three")
    with pytest.raises(RuleBroken, match="held_back"):
        offers.revise(session, offer_id=street.terms.offer_id, draft=DRAFT)
    assert redeem(session, used)
    refund = refunds.request(session, pass_id=kept.id, cause="guest", now=clock.now())
    assert (refund.amount, refund.cause) == (3800, "guest")
    assert checks.broken(session) == []


def test_terms_hold_again_once_the_suspension_is_lifted(session: Session) -> None:
    street = open_street(session, **BOUND)
    pass_ = buy(session, street)
    row = climb(session, street, "suspend")
    assert refunds.may_ask(session, pass_=pass_)
    rules.lift(session, sanction_id=row.id, by=street.operator, now=clock.now(), **WORDS)
    assert not refunds.may_ask(session, pass_=pass_)


def committed(app: Flask, step: str, sold: int = 0, **terms: object) -> tuple[Street, int]:
    """Climb to a step and commit; return the street and the last sanction's id."""
    begin_write()
    street = open_street(db.session, **terms)
    for number in range(sold):
        buy(db.session, street, f"guest-{number % 2}", f"order-{number}")
    row = climb(db.session, street, step)
    sanction_id = row.id
    db.session.commit()
    return street, sanction_id


def test_a_delisted_shops_passes_are_paid_back_in_chunks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    _street, sanction_id = committed(app, "delist", sold=5, **BOUND)
    whole = queries.owed
    monkeypatch.setattr(queries, "owed", lambda session: whole(session, most=2))
    done = [chores.settle_delisted(db.session) for _ in range(5)]
    assert done == [2, 2, 1, 0, 0]
    found = db.session.scalars(select(Refund)).all()
    assert {(row.cause, row.amount, row.state) for row in found} == {("platform", 3800, "requested")}
    assert len(found) == 5
    # Promised is not paid: guests still wait for their money.
    assert db.session.get_one(Sanction, sanction_id).settled_at is None
    assert checks.broken(db.session) == []
    db.session.rollback()
    begin_write()
    for row in found:
        refunds.release(db.session, refund_id=row.id, now=clock.now())
        refunds.pay(db.session, refund_id=row.id, provider_ref=f"back-{row.id}", now=clock.now())
    db.session.commit()
    assert chores.settle_delisted(db.session) == 0
    assert db.session.get_one(Sanction, sanction_id).settled_at is not None
    assert set(db.session.scalars(select(Pass.state))) == {"refunded"}
    assert checks.broken(db.session) == []


def test_what_a_till_took_offline_waits_for_it(app: Flask) -> None:
    """The money goes when every till has heard, as for any refund; until then the till still takes the pass."""
    street, _sanction = committed(app, "delist", sold=1)
    begin_write()
    make_till(db.session, db.session.get_one(Shop, street.shop.id))
    db.session.commit()
    assert chores.settle_delisted(db.session) == 1
    refund = db.session.scalars(select(Refund)).one()
    refund_id = refund.id
    begin_write()
    assert refunds.release(db.session, refund_id=refund_id, now=clock.now()) is None
    later = clock.now() + timedelta(hours=73)
    assert refunds.release(db.session, refund_id=refund_id, now=later) is not None
    db.session.rollback()


def test_what_is_used_or_lifted_meanwhile_is_left_alone(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    street, sanction_id = committed(app, "delist", sold=2)
    owed = queries.owed(db.session)
    db.session.rollback()
    begin_write()
    assert redeem(db.session, db.session.get_one(Pass, owed[0][1]))
    db.session.commit()
    monkeypatch.setattr(queries, "owed", lambda session: owed)
    assert chores.settle_delisted(db.session) == 1
    begin_write()
    rules.lift(db.session, sanction_id=sanction_id, by=street.operator, now=clock.now(), **WORDS)
    db.session.commit()
    assert chores.settle_delisted(db.session) == 0
    assert checks.broken(db.session) == []


def test_the_clock_ends_a_limit(app: Flask) -> None:
    with travel(NOW, tick=False):
        street, sanction_id = committed(app, "limit")
        shop_id = street.shop.id
    with travel(NOW + 30 * DAY - timedelta(seconds=1), tick=False):
        assert chores.pass_time(db.session) == 0
    with travel(NOW + 30 * DAY, tick=False):
        assert chores.pass_time(db.session) == 1
        assert db.session.get_one(Sanction, sanction_id).state == "over"
        assert state(db.session.get_one(Shop, shop_id)) == ("claimed", None, True)
        assert chores.pass_time(db.session) == 0
        kinds = set(db.session.scalars(select(Message.kind).where(Message.account_id == street.owner)))
        assert {"sanction.warn", "sanction.limit", "sanction.over"} <= kinds
        assert checks.broken(db.session) == []


def test_an_appeal_that_nobody_decides_lifts_it(app: Flask) -> None:
    with travel(NOW, tick=False):
        street, sanction_id = committed(app, "suspend")
        begin_write()
        appealed(db.session, street, db.session.get_one(Sanction, sanction_id))
        db.session.commit()
    with travel(NOW + 14 * DAY - timedelta(seconds=1), tick=False):
        assert chores.pass_time(db.session) == 0
    with travel(NOW + 14 * DAY, tick=False):
        assert chores.pass_time(db.session) == 1
        row = db.session.get_one(Sanction, sanction_id)
        assert (row.state, row.decided_by, row.decision) == ("lifted", None, "")
        assert db.session.get_one(Shop, row.shop_id).sanction == "limited"


def test_an_appeal_past_the_end_holds_nobody_back(app: Flask) -> None:
    with travel(NOW, tick=False):
        begin_write()
        street = open_street(db.session)
        impose(db.session, street, "warn")
        row = impose(db.session, street, "limit", days=3)
        appealed(db.session, street, row)
        sanction_id, shop_id = row.id, street.shop.id
        db.session.commit()
    with travel(NOW + 3 * DAY, tick=False):
        assert chores.pass_time(db.session) == 1
        assert db.session.get_one(Sanction, sanction_id).state == "appealed"
        assert db.session.get_one(Shop, shop_id).sanction is None
        assert chores.pass_time(db.session) == 0
        assert checks.broken(db.session) == []
        begin_write()
        given = {"sanction_id": sanction_id, "by": street.second, "now": clock.now()}
        rules.decide(db.session, uphold=True, **given, **WORDS)
        assert db.session.get_one(Shop, shop_id).sanction is None
        db.session.commit()
        assert chores.pass_time(db.session) == 1
        assert db.session.get_one(Sanction, sanction_id).state == "over"


def test_holders_and_the_desk_are_told_once(app: Flask) -> None:
    street, _sanction = committed(app, "suspend", sold=3)
    worker.run_due(db.session, everything=True)
    journal.deliver(db.session, everything=True)
    rows = db.session.execute(select(Message.account_id, Message.kind)).all()
    told = [tuple(row) for row in rows if row.kind.startswith(("sanction.", "shop."))]
    guests = [make_account(db.session, f"guest-{number}").id for number in range(2)]
    assert sorted(told) == sorted(
        [(person, f"sanction.{step}") for person in (street.owner, street.manager) for step in STEPS[:3]]
        + [(guest, "shop.suspend") for guest in guests]
    )


def test_reach_counts_what_is_open(session: Session) -> None:
    street = open_street(session)
    passes = [buy(session, street, key=f"o{number}") for number in range(3)]
    redeem(session, passes[0])
    assert tuple(queries.reach(session, street.shop.id)) == (1, 2, 7600)
