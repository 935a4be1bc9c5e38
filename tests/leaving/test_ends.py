"""How a closing ends: gone or back on the map, tills waited for, late money returned."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from time_machine import travel

from o2o.kernel import checks, clock
from o2o.kernel.db import begin_write
from o2o.orders import rules as orders
from o2o.passes.models import Pass
from o2o.payments import rules as payments
from o2o.shops import queries as shops
from o2o.tills.models import Till
from tests.factories import make_order, make_sanction
from tests.leaving.going import NOON, Leaver, again, the_closing, work
from tests.tills.phones import make_till


@pytest.mark.parametrize(
    ("osm", "steps"),
    [(None, ()), ("node/7", ("warn", "limit", "suspend", "delist"))],
    ids=["own", "delisted"],
)
def test_where_no_map_knows_the_place_it_is_gone(
    session: Session, osm: str | None, steps: tuple[str, ...]
) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session, osm_id=osm)
        for step in steps:
            make_sanction(session, going.shop, step=step)
        assert going.shop.status == ("delisted" if steps else "claimed")
        going.announce(days=1)
        again(session)
    with travel(NOON + timedelta(days=1), tick=False):
        work(session)
        session.refresh(going.shop)
        assert going.shop.status == "gone"
        assert checks.broken(session) == []


def test_the_next_import_brings_the_maps_words_back(session: Session) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        going.announce(days=1)
        again(session)
    with travel(NOON + timedelta(days=1), tick=False):
        work(session)
        session.refresh(going.shop)
        assert going.shop.osm_digest is None


def test_tills_that_are_offline_are_waited_for_three_days(session: Session) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        phone = make_till(session, going.shop)
        phone.synced_at = NOON
        going.announce(days=1)
        again(session)
    for hours in (24, 48, 95):
        with travel(NOON + timedelta(hours=hours), tick=False):
            work(session)
            assert the_closing(session).closed_at is None
            assert shops.works_at(session, going.staff, going.shop.id)
            assert session.scalars(select(Till.state)).one() == "active"
            session.rollback()
    with travel(NOON + timedelta(hours=97), tick=False):
        work(session)
        assert the_closing(session).closed_at is not None
        assert checks.broken(session) == []


def test_money_kept_at_expiry_goes_back_too(session: Session) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session)
        going.terms.refund_at_expiry = False
        session.flush()
        row = going.announce(days=40)
        again(session)
    with travel(row.closes_at - timedelta(days=5), tick=False):
        work(session)
        assert session.scalars(select(Pass.state)).one() == "expired"
        session.rollback()
    with travel(row.closes_at, tick=False):
        work(session)
        assert (session.scalars(select(Pass.state)).one(), the_closing(session).closed_at) == (
            "refunded",
            row.closes_at,
        )
        assert checks.broken(session) == []


def test_money_that_arrives_after_the_end_goes_back(session: Session) -> None:
    with travel(NOON, tick=False):
        going = Leaver(session, osm_id=None)
        order = make_order(session, going.terms, "late", key="slow")
        order, intent = orders.start_paying(
            session, account_id=order.account_id, order_id=order.id, now=NOON, provider="test"
        )
        payments.note_pending(session, intent_id=intent.id, opened=payments.Opened("slow", "/bank"))
        going.announce(days=1)
        again(session)
    with travel(NOON + timedelta(days=1), tick=False):
        work(session)
        session.refresh(going.shop)
        assert going.shop.status == "gone"
        session.rollback()
        begin_write(session)
        late = orders.capture(session, intent_id=intent.id, now=clock.now())
        assert late.state == "returned"
        assert checks.broken(session) == []
