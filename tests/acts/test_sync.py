"""A till that hands in what it took makes one act a batch, and none when it only listens."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from o2o.acts.models import Act
from o2o.kernel import clock
from o2o.kernel.db import db
from o2o.redemption.models import Redemption
from tests.claims.test_views import message, post
from tests.claims.tillkit import Counter, TillPhone, open_counter
from tests.visitor import Visitor


@pytest.fixture
def counter(app: Flask) -> Counter:
    assert app
    return open_counter()


@pytest.fixture
def till(counter: Counter) -> TillPhone:
    return counter.till()


def acts() -> list[Act]:
    db.session.rollback()
    return list(db.session.scalars(select(Act).order_by(Act.id)))


def test_a_batch_is_one_act_with_what_came_of_it(client: Visitor, counter: Counter, till: TillPhone) -> None:
    client.sign_in("staff")
    for _ in range(2):
        till.redeem(counter.sell(), clock.now() - timedelta(hours=1))
    assert post(client, message(till, till.ledger)).status_code == 200
    (one,) = acts()
    assert (one.verb, one.role, one.shop_id, one.account_id) == (
        "claims.sync",
        "staff",
        till.shop,
        counter.staff,
    )
    assert one.detail == {"till": till.id, "entries": 2, "stored": 2}
    assert len(db.session.scalars(select(Redemption.id)).all()) == 2


def test_listening_and_repeating_are_no_acts(client: Visitor, counter: Counter, till: TillPhone) -> None:
    client.sign_in("staff")
    till.redeem(counter.sell(), clock.now() - timedelta(hours=1))
    for entries in (till.ledger, till.ledger, []):
        assert post(client, message(till, entries)).status_code == 200
    assert len(acts()) == 1


def test_what_is_refused_whole_is_no_act(client: Visitor, till: TillPhone) -> None:
    client.sign_in("stranger")
    assert post(client, message(till, [])).status_code == 404
    assert acts() == []
