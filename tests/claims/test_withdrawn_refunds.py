"""A refund that uses of before withdraw: what had lost to it is weighed without it, in whatever order it all came."""

from datetime import datetime, timedelta
from itertools import permutations

import pytest
from flask import Flask
from sqlalchemy import select
from time_machine import travel

from o2o.kernel import checks, clock
from o2o.kernel.db import db
from o2o.refunds.models import Refund
from tests.claims.test_effects import ask_back, buy, standings, taken
from tests.claims.tillkit import Entry, Sold, TillPhone, send


def use(till: TillPhone, sold: Sold, at: datetime) -> Entry:
    return till.redeem(sold, at, text=sold.bearer, drift=None)


@pytest.mark.parametrize("order", list(permutations(("late", "after"))))
def test_what_lost_to_a_refund_is_weighed_without_it(app: Flask, order: tuple[str, ...]) -> None:
    """The only use was taken before the refund and sent after 72 hours; another till sends a later one in time."""
    start = clock.now()
    with travel(start, tick=False) as now:
        sold, away, other = buy(uses=1)
        now.shift(timedelta(minutes=5))
        use(away, sold, clock.now())
        now.shift(timedelta(minutes=5))
        ask_back(sold)
        now.shift(timedelta(hours=1))
        use(other, sold, clock.now())
        now.move_to(start + timedelta(hours=72, minutes=6))
        for name in order:
            till = away if name == "late" else other
            send(till, till.ledger)
            assert checks.broken(db.session) == []
            db.session.rollback()
        assert (standings(away), standings(other)) == (["lost"], ["won"])
        assert db.session.scalars(select(Refund.state)).one() == "withdrawn"
        assert taken(sold) == (0, 1)
